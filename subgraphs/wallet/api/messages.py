"""What people read: refusals, summaries of activities, lines of a statement. Portuguese first, English beside it."""

from subgraphs.shared import refusal
from subgraphs.shared.graphql.refusals import Message
from subgraphs.wallet.domain import refusals
from subgraphs.wallet.domain.reversals import ReversalObstacle
from subgraphs.wallet.models import ClaimStatus, ReturnStatus, TransferKind, WithdrawalStatus

OBSTACLES: dict[str, tuple[str, str]] = {
    ReversalObstacle.REVERSED_ALREADY: ("já foi estornado", "it has been undone already"),
    ReversalObstacle.ENDS_OTHERWISE: (
        "este tipo de operação se encerra de outra forma (reserva liberada, saque devolvido, cota vendida)",
        "what is of this kind ends otherwise (a hold is released, a withdrawal returned, a quota sold)",
    ),
    ReversalObstacle.NOT_SETTLED: (
        "o provedor de pagamentos ainda não repassou o valor ao banco",
        "the gateway has yet to pass the money on to the bank",
    ),
    ReversalObstacle.MONEY_MOVED_ON: ("o dinheiro já seguiu adiante", "the money has moved on"),
}

WHY_NOT_TO_RECEIVE: dict[str, tuple[str, str]] = {
    refusals.WhyNotToReceive.CLOSED: ("a conta está encerrada", "the account is closed"),
    refusals.WhyNotToReceive.NOT_VERIFIED: ("a identidade não está verificada", "the identity is not verified"),
}

REFUSALS: dict[type[refusal.Refusal], Message] = {
    refusals.WalletNotReady: Message(
        pt="Sua carteira está sendo aberta. Tente de novo em instantes.",
        en="Your wallet is being opened. Try again in a moment.",
    ),
    refusals.InsufficientFunds: Message(
        pt="Saldo insuficiente: há {available_minor} disponíveis e a operação é de {requested_minor}.",
        en="Insufficient funds: {available_minor} is available and the operation is of {requested_minor}.",
    ),
    refusals.PaymentAmountOutOfRange: Message(
        pt="O valor precisa ficar entre {minimum_minor} e {maximum_minor} por operação.",
        en="The amount must be between {minimum_minor} and {maximum_minor} per operation.",
    ),
    refusals.InstallmentNotOwed: Message(
        pt="Não encontramos esta parcela entre as suas.",
        en="We find no such installment among yours.",
    ),
    refusals.NothingOwed: Message(
        pt="Não encontramos esta CPR entre as suas, ou nada mais é devido.",
        en="We find no such CPR among yours, or nothing more is owed.",
    ),
    refusals.InstallmentAlreadyPaid: Message(
        pt="Esta parcela já está paga.",
        en="This installment is paid already.",
    ),
    refusals.HolderNotVerified: Message(
        pt="Confirme sua identidade antes de cadastrar uma conta bancária ou sacar.",
        en="Have your identity verified before you register a bank account or withdraw.",
    ),
    refusals.BankAccountNotYours: Message(
        pt="A conta bancária precisa existir e ser do mesmo CPF ou CNPJ da sua carteira.",
        en="The bank account must exist and belong to the same CPF or CNPJ as your wallet.",
    ),
    refusals.BankAccountNotFound: Message(
        pt="Não encontramos esta conta bancária entre as suas.",
        en="We find no such bank account among yours.",
    ),
    refusals.TooManyBankAccounts: Message(
        pt="Você já tem {maximum} contas bancárias cadastradas; remova uma antes.",
        en="You have {maximum} bank accounts already; remove one first.",
    ),
    refusals.PaymentGatewayUnavailable: Message(
        pt="O serviço de pagamentos não respondeu. Nada foi perdido: tente de novo.",
        en="The payment service did not answer. Nothing is lost: send the same request again.",
    ),
    refusals.TransferNotFound: Message(pt="Transferência não encontrada.", en="There is no such transfer."),
    refusals.TransferNotReversible: Message(
        pt="Não é possível estornar: {obstacle}.",
        en="This cannot be undone: {obstacle}.",
        words={"obstacle": OBSTACLES},
    ),
    refusals.OwnMoney: Message(
        pt="Ninguém propõe nem aprova o que movimenta valores que são ou podem ser seus.",
        en="Nobody proposes or approves what moves money that is, or may be, their own.",
    ),
    refusals.ProposalOutdated: Message(
        pt="O que seria movimentado mudou desde a proposta: rejeite-a e proponha de novo.",
        en="What would move has changed since it was proposed: reject it, and propose anew.",
    ),
    refusals.PaymentNotInSuspense: Message(
        pt="Não há pagamento em análise com este número.", en="There is no payment in suspense with this id."
    ),
    refusals.PaymentNotReturnable: Message(
        pt="Deste pagamento podem ser devolvidos {left_minor}.",
        en="Of this payment {left_minor} can go back.",
    ),
    refusals.UnclaimedCreditNotOpen: Message(
        pt="Este crédito não existe ou já teve destino.",
        en="There is no such credit, or it has been settled before.",
    ),
    refusals.PersonCannotReceive: Message(
        pt="Esta pessoa não pode receber o valor: {why}.",
        en="This person cannot receive the money: {why}.",
        words={"why": WHY_NOT_TO_RECEIVE},
    ),
    refusals.BankReferenceUsed: Message(
        pt="O pagamento {bank_reference} já foi lançado.",
        en="The payment {bank_reference} is entered already.",
    ),
    refusals.CoolingOff: Message(
        pt="Por segurança, até {until:%d/%m %H:%M} (UTC) podem sair mais {left_minor}.",
        en="For your safety, {left_minor} more may leave until {until:%Y-%m-%d %H:%M} UTC.",
    ),
    refusals.NightLimitExceeded: Message(
        pt="O seu limite noturno é de {limit_minor}; nesta noite podem sair mais {left_minor}.",
        en="Your limit for a night is {limit_minor}; {left_minor} more may leave in this one.",
    ),
}

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
