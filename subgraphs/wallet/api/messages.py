"""What people read: summaries of activities, lines of a statement. Portuguese first, English beside it."""

from subgraphs.wallet.models import ClaimStatus, ReturnStatus, TransferKind, WithdrawalStatus

STATEMENT_LINES: dict[TransferKind, str] = {
    TransferKind.DEPOSIT: "Depósito por Pix",
    TransferKind.SURPLUS: "Pagamento em duplicidade ou fora do prazo, devolvido à carteira",
    TransferKind.SUSPENSE_RESOLVED: "Pagamento identificado após análise",
    TransferKind.PAYMENT_RETURN: "Pagamento devolvido a quem pagou",
    TransferKind.PAYMENT_RETURN_FAILED: "Devolução não concluída",
    TransferKind.CLAIM_BLOCK: "Bloqueio a pedido do banco de quem pagou",
    TransferKind.CLAIM_RELEASE: "Bloqueio encerrado",
    TransferKind.DEBT_PAID: "Pagamento de valor devolvido ao banco de quem pagou",
    TransferKind.HOLD: "Reserva para investimento",
    TransferKind.HOLD_RELEASE: "Reserva de investimento devolvida",
    TransferKind.DISBURSEMENT: "Crédito da CPR",
    TransferKind.INSTALLMENT_PAYMENT: "Pagamento de parcela",
    TransferKind.PAYOUT: "Recebimento de parcela",
    TransferKind.QUOTA_SWAP: "Compra ou venda de cotas",
    TransferKind.WITHDRAWAL: "Saque",
    TransferKind.WITHDRAWAL_RETURN: "Saque devolvido",
    TransferKind.REVERSAL: "Estorno",
}
"""What changes a person's available balance, in their words."""

TRANSFER_LINES: dict[TransferKind, str] = STATEMENT_LINES | {
    TransferKind.SUSPENSE: "Pagamento em análise",
    TransferKind.SUSPENSE_PAID_OUT: "Pagamento em análise pago pelo banco",
    TransferKind.PAYMENT_RETURN_SENT: "Devolução concluída",
    TransferKind.CLAIM_PAID: "Devolução ao banco de quem pagou",
    TransferKind.HOLD_CAPTURE: "Investimento confirmado",
    TransferKind.WITHDRAWAL_SENT: "Saque concluído",
    TransferKind.TAX_REMITTANCE: "Recolhimento de tributos",
    TransferKind.LATE_REMITTANCE: "Multa e juros de tributos",
    TransferKind.GATEWAY_SETTLEMENT: "Liquidação do provedor de pagamentos",
}
"""Every kind of transfer, for staff."""

CLAIM_SUMMARIES: dict[ClaimStatus, str] = {
    ClaimStatus.OPEN: "Banco de quem pagou pede {amount} de volta",
    ClaimStatus.PAID: "{amount} voltaram ao banco de quem pagou",
    ClaimStatus.REJECTED: "Pedido de devolução de {amount} recusado",
}

RETURN_SUMMARIES: dict[ReturnStatus, str] = {
    ReturnStatus.REQUESTED: "Devolução de {amount} solicitada",
    ReturnStatus.SENT: "Devolução de {amount} a caminho de quem pagou",
    ReturnStatus.SETTLED: "{amount} devolvidos a quem pagou",
    ReturnStatus.FAILED: "Devolução de {amount} não concluída",
}

WITHDRAWAL_SUMMARIES: dict[WithdrawalStatus, str] = {
    WithdrawalStatus.REQUESTED: "Saque de {amount} solicitado",
    WithdrawalStatus.SENT: "Saque de {amount} a caminho do banco",
    WithdrawalStatus.SETTLED: "Saque de {amount} concluído",
    WithdrawalStatus.RETURNED: "Saque de {amount} devolvido à carteira",
}
