"""
What is asked of the domains' databases when a plan is over, and which answers must be the same.

Each question gives rows. The first columns are whose or what it is (text), the others say what is said of it: numbers
are cents or quotas.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    domain: str
    sql: str


QUESTIONS: dict[str, Question] = {
    # What the world outside knows: the gateway's own books, and the banks'.
    "paid at banks": Question("wallet", "SELECT end_to_end_id, amount_minor FROM sandbox_payments"),
    "arrived at banks": Question(
        "wallet", "SELECT reference, amount_minor FROM sandbox_transfers WHERE status = 'SETTLED'"
    ),
    "given back by the gateway": Question(
        "wallet", "SELECT reference, amount_minor FROM sandbox_returns WHERE status = 'SETTLED'"
    ),
    "taken back by banks": Question(
        "wallet", "SELECT claim, amount_minor FROM sandbox_claims WHERE status = 'take_back'"
    ),
    "taxes at the state": Question(
        "wallet", "SELECT reference, amount_minor FROM sandbox_tax_slips WHERE paid_at IS NOT NULL"
    ),
    # What the wallet says of the same.
    "payments": Question("wallet", "SELECT end_to_end_id, amount_minor FROM gateway_payments"),
    "withdrawals": Question(
        "wallet", "SELECT replace(id::text, '-', ''), amount_minor FROM withdrawals WHERE status = 'SETTLED'"
    ),
    "returns": Question(
        "wallet", "SELECT replace(id::text, '-', ''), amount_minor FROM payment_returns WHERE status = 'SETTLED'"
    ),
    "claims": Question("wallet", "SELECT reference, taken_minor FROM money_claims WHERE status = 'PAID'"),
    "undone by staff": Question(
        "wallet",
        "SELECT t.id::text, sum(CASE e.side WHEN 'CREDIT' THEN e.amount_minor ELSE -e.amount_minor END)::bigint"
        " FROM ledger_transfers t JOIN ledger_entries e ON e.transfer_id = t.id"
        " JOIN ledger_accounts a ON a.id = e.account_id WHERE t.kind = 'REVERSAL' AND a.kind IN ('GATEWAY', 'BANK')"
        " GROUP BY t.id",
    ),
    "balances": Question(
        "wallet",
        "SELECT a.kind, sum(b.balance_minor)::bigint FROM ledger_balances b"
        " JOIN ledger_accounts a ON a.id = b.account_id GROUP BY a.kind",
    ),
    "wallets": Question(
        "wallet",
        "SELECT w.user_id::text, p.balance_minor, h.balance_minor, m.balance_minor FROM wallets w"
        " JOIN ledger_balances p ON p.account_id = w.available_id JOIN ledger_balances h ON h.account_id = w.held_id"
        " JOIN ledger_balances m ON m.account_id = w.processing_id",
    ),
    # Investing.
    "investments": Question(
        "marketplace",
        "SELECT id::text, investor_id::text, amount_minor FROM investments"
        " WHERE status IN ('CONFIRMED', 'ACTIVE', 'SETTLED')",
    ),
    "holds": Question(
        "wallet",
        "SELECT reference_id::text, user_id::text, amount_minor FROM holds WHERE status IN ('ACTIVE', 'CAPTURED')",
    ),
    "quotas lent": Question(
        "marketplace", "SELECT cpr_id::text, funded_quotas FROM offerings WHERE disbursed_at IS NOT NULL"
    ),
    "quotas held": Question(
        "marketplace",
        "SELECT p.cpr_id::text, sum(p.quota_count - p.sold_quotas)::bigint FROM quota_positions p"
        " JOIN offerings o ON o.id = p.offering_id"
        " WHERE o.disbursed_at IS NOT NULL AND p.ended_as IS DISTINCT FROM 'CANCELLED' GROUP BY p.cpr_id",
    ),
    "quotas paid for": Question("distribution", "SELECT cpr_id::text, quota_count FROM fundings"),
    "positions": Question(
        "marketplace",
        "SELECT id::text, investor_id::text, quota_count - sold_quotas FROM quota_positions"
        " WHERE ended_as IS DISTINCT FROM 'CANCELLED'",
    ),
    "holders": Question(
        "distribution",
        "SELECT p.id::text, p.investor_id::text,"
        " p.quota_count - coalesce(sum(s.quota_count), 0)::bigint FROM positions p"
        " LEFT JOIN quota_swaps s ON s.seller_position_id = p.id"
        " WHERE NOT EXISTS (SELECT FROM cancelled_investments c WHERE c.investment_id = p.investment_id)"
        " GROUP BY p.id",
    ),
    # Lending.
    "disbursed": Question("wallet", "SELECT cpr_id::text, farmer_id::text, principal_minor FROM disbursements"),
    "lent": Question(
        "contracts", "SELECT id::text, farmer_id::text, principal_minor FROM cprs WHERE disbursed_at IS NOT NULL"
    ),
    "funded": Question("distribution", "SELECT cpr_id::text, farmer_id::text, principal_minor FROM fundings"),
    "schedule": Question(
        "contracts",
        "SELECT i.id::text, i.due_on::text, i.principal_minor + i.interest_minor FROM installments i"
        " JOIN cprs c ON c.id = i.cpr_id WHERE c.disbursed_at IS NOT NULL",
    ),
    "schedule of the wallet": Question("wallet", "SELECT id::text, due_on::text, amount_minor FROM installments"),
    "schedule of the marketplace": Question(
        "marketplace", "SELECT id::text, due_on::text, amount_minor FROM installments"
    ),
    "schedule of distribution": Question(
        "distribution", "SELECT id::text, due_on::text, amount_minor FROM installments"
    ),
    # Repaying.
    "installments paid": Question(
        "wallet", "SELECT id::text, installment_id::text, amount_minor FROM installment_payments"
    ),
    "installments taken": Question(
        "contracts", "SELECT payment_id::text, installment_id::text, amount_minor FROM installment_payments"
    ),
    "installments split": Question(
        "distribution",
        "SELECT payment_id::text, installment_id::text, total_minor FROM distributions UNION ALL"
        " SELECT payment_id::text, installment_id::text, amount_minor FROM undistributed_payments",
    ),
    "payouts": Question(
        "distribution",
        "SELECT id::text, investor_id::text, net_minor, fee_minor, tax_minor FROM payouts WHERE gross_minor > 0",
    ),
    "payouts credited": Question(
        "wallet",
        "SELECT p.payout_id::text, p.user_id::text, p.net_minor, p.fee_minor, p.tax_minor FROM distribution_payouts p"
        " JOIN ledger_transfers t ON t.cause_id = p.payout_id AND t.kind = 'PAYOUT'",
    ),
    # Trading.
    "swaps": Question(
        "wallet",
        "SELECT id::text, seller_id::text, buyer_id::text, quota_count, price_minor, fee_minor, tax_minor"
        " FROM quota_swaps",
    ),
    "purchases": Question(
        "marketplace",
        "SELECT id::text, seller_id::text, buyer_id::text, quota_count, amount_minor, fee_minor, tax_minor"
        " FROM quota_purchases WHERE status = 'COMPLETED'",
    ),
    "swaps split by": Question("distribution", "SELECT id::text, quota_count, price_minor FROM quota_swaps"),
    "swaps made": Question("wallet", "SELECT id::text, quota_count, price_minor FROM quota_swaps"),
}

SAME = (
    ("paid at banks", "payments"),
    ("arrived at banks", "withdrawals"),
    ("given back by the gateway", "returns"),
    ("taken back by banks", "claims"),
    ("investments", "holds"),
    ("quotas lent", "quotas held"),
    ("quotas lent", "quotas paid for"),
    ("positions", "holders"),
    ("disbursed", "lent"),
    ("disbursed", "funded"),
    ("schedule", "schedule of the wallet"),
    ("schedule", "schedule of the marketplace"),
    ("schedule", "schedule of distribution"),
    ("installments paid", "installments taken"),
    ("installments paid", "installments split"),
    ("payouts", "payouts credited"),
    ("swaps", "purchases"),
    ("swaps made", "swaps split by"),
)
"""Pairs of questions with one answer: what is only in the first is lost, what is only in the second is there twice."""

EFFECTS: dict[str, Question] = {
    "Deposit": Question("wallet", "SELECT id::text FROM charges WHERE purpose = 'DEPOSIT'"),
    "Charge": Question("wallet", "SELECT id::text FROM charges WHERE purpose <> 'DEPOSIT'"),
    "InstallmentPayment": Question("wallet", "SELECT id::text FROM installment_payments WHERE method = 'WALLET'"),
    "Withdrawal": Question("wallet", "SELECT id::text FROM withdrawals"),
    "BankAccount": Question("wallet", "SELECT id::text FROM bank_accounts"),
    "MoneyProposal": Question("wallet", "SELECT id::text FROM staff_proposals"),
    "CreditRequest": Question("credit", "SELECT id::text FROM credit_requests"),
    "CPR": Question("contracts", "SELECT id::text FROM cprs WHERE status <> 'DRAFTED'"),
    "Investment": Question("marketplace", "SELECT id::text FROM investments"),
    "Offering": Question("marketplace", "SELECT DISTINCT offering_id::text FROM offering_decisions"),
    "Renegotiation": Question("contracts", "SELECT id::text FROM renegotiations"),
    "QuotaOffer": Question("marketplace", "SELECT id::text FROM quota_offers"),
    "QuotaPurchase": Question("marketplace", "SELECT id::text FROM quota_purchases"),
}
"""Where what people were told is there is to be found, by its type: all of it, and nothing else."""

UNFINISHED: dict[str, Question] = {
    "an investment waits for its hold": Question("marketplace", "SELECT id FROM investments WHERE status = 'PENDING'"),
    "a purchase waits for the wallet": Question(
        "marketplace", "SELECT id FROM quota_purchases WHERE status = 'PENDING'"
    ),
    "an offer keeps quotas for nobody": Question(
        "marketplace", "SELECT id FROM quota_offers WHERE reserved_quotas > 0"
    ),
    "a withdrawal is under way": Question("wallet", "SELECT id FROM withdrawals WHERE status IN ('REQUESTED', 'SENT')"),
    "a return is under way": Question("wallet", "SELECT id FROM payment_returns WHERE status IN ('REQUESTED', 'SENT')"),
    "a webhook has not arrived": Question("wallet", "SELECT id FROM sandbox_deliveries WHERE delivered_at IS NULL"),
    "a payment is not known": Question(
        "wallet",
        "SELECT end_to_end_id FROM sandbox_payments s WHERE NOT EXISTS"
        " (SELECT FROM gateway_payments p WHERE p.end_to_end_id = s.end_to_end_id)",
    ),
    "a payment is not split": Question(
        "wallet",
        "SELECT p.id FROM installment_payments p JOIN ledger_balances b ON b.account_id = p.clearing_id"
        " WHERE b.balance_minor <> 0",
    ),
    "a payout is not credited": Question("distribution", "SELECT id FROM payouts WHERE status = 'PENDING'"),
    "a CPR is being signed or registered": Question(
        "contracts", "SELECT id FROM cprs WHERE status IN ('SIGNING', 'SIGNED', 'REGISTERING', 'FUNDED')"
    ),
    "a notification is on its way": Question("notifications", "SELECT id FROM dispatches WHERE status = 'PENDING'"),
}
"""What is half done as long as there are rows."""

TOLD: dict[str, Question] = {
    "Boas-vindas à Peerseed": Question(
        "accounts", "SELECT id::text, '' FROM users WHERE email_confirmed_at IS NOT NULL"
    ),
    "Pedido recebido": Question("credit", "SELECT farmer_id::text, id::text FROM credit_requests"),
    "CPR assinada": Question("contracts", "SELECT farmer_id::text, id::text FROM cprs WHERE signed_at IS NOT NULL"),
    "Captação iniciada": Question("marketplace", "SELECT farmer_id::text, id::text FROM offerings"),
    "Captação concluída": Question(
        "marketplace", "SELECT farmer_id::text, id::text FROM offerings WHERE status IN ('FUNDED', 'CLOSED_PARTIAL')"
    ),
    "Crédito na carteira": Question("wallet", "SELECT farmer_id::text, cpr_id::text FROM disbursements"),
    "Seu dinheiro está trabalhando": Question(
        "marketplace",
        "SELECT DISTINCT investor_id::text, cpr_id::text FROM investments WHERE status IN ('ACTIVE', 'SETTLED')",
    ),
    "Depósito confirmado": Question(
        "wallet",
        "SELECT c.payer_id::text, c.id::text FROM gateway_payments p JOIN charges c ON c.id = p.charge_id"
        " WHERE p.outcome = 'CREDITED' AND c.purpose = 'DEPOSIT'",
    ),
    "Investimento confirmado": Question(
        "marketplace", "SELECT investor_id::text, id::text FROM investments WHERE confirmed_at IS NOT NULL"
    ),
    "Investimento não realizado": Question(
        "marketplace", "SELECT investor_id::text, id::text FROM investments WHERE status = 'REFUSED'"
    ),
    "Compra de cotas concluída": Question(
        "marketplace", "SELECT buyer_id::text, id::text FROM quota_purchases WHERE status = 'COMPLETED'"
    ),
    "Venda de cotas concluída": Question(
        "marketplace", "SELECT seller_id::text, id::text FROM quota_purchases WHERE status = 'COMPLETED'"
    ),
    "Compra de cotas não realizada": Question(
        "marketplace", "SELECT buyer_id::text, id::text FROM quota_purchases WHERE status = 'REFUSED'"
    ),
    "Pagamento recebido": Question(
        "contracts",
        "SELECT c.farmer_id::text, i.id::text FROM installments i JOIN cprs c ON c.id = i.cpr_id"
        " WHERE i.status = 'PAID'",
    ),
    "Parcela em atraso": Question(
        "contracts",
        "SELECT c.farmer_id::text, i.id::text FROM installments i JOIN cprs c ON c.id = i.cpr_id"
        " WHERE i.late_at IS NOT NULL",
    ),
    "CPR quitada": Question("contracts", "SELECT farmer_id::text, id::text FROM cprs WHERE status = 'SETTLED'"),
    "Rendimento creditado": Question(
        "distribution", "SELECT investor_id::text, id::text FROM payouts WHERE gross_minor > 0"
    ),
    "Saque solicitado": Question("wallet", "SELECT user_id::text, id::text FROM withdrawals"),
    "Saque enviado": Question("wallet", "SELECT user_id::text, id::text FROM withdrawals WHERE status = 'SETTLED'"),
    "Saque devolvido": Question("wallet", "SELECT user_id::text, id::text FROM withdrawals WHERE status = 'RETURNED'"),
}
"""By a notification's title: whom it must have told of what, once."""

NOTIFICATIONS = Question(
    "notifications", "SELECT title, user_id::text, coalesce(subject_id::text, '') FROM notifications"
)
WITHOUT_INBOX = frozenset({"wallet.send_withdrawal", "wallet.send_return"})
"""Queues whose handlers order by a name that the gateway knows again; what they do is judged by what is unfinished."""

RECORDED = "SELECT event_id::text, type FROM outbox"
HANDLED = "SELECT event_id::text, handler FROM inbox"
UNSENT = "SELECT event_id::text, type FROM outbox WHERE sent_at IS NULL"
