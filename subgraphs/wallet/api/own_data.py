"""What the wallet keeps of a person, for their own file. The other side of a trade is another person's."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from subgraphs.shared.exports.own_data import OwnData, Part
from subgraphs.shared.reading import Reader
from subgraphs.wallet import crud
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.domain import bank_details
from subgraphs.wallet.models import Base

_ON_OWN_ACCOUNTS = "row.account_id IN (SELECT id FROM ledger_accounts WHERE owner_id = :person)"

PARTS = (
    Part("wallets", "user_id"),
    Part("verified_identities", "user_id", without=("version",)),
    Part("ledger_accounts", "owner_id"),
    Part("ledger_entries", where=_ON_OWN_ACCOUNTS),
    Part("holds", "user_id"),
    Part("charges", "payer_id"),
    Part("gateway_payments", where="row.charge_id IN (SELECT id FROM charges WHERE payer_id = :person)"),
    Part("installments", "farmer_id"),
    Part(
        "installment_payments",
        where="row.installment_id IN (SELECT id FROM installments WHERE farmer_id = :person)",
    ),
    Part("registered_cprs", "farmer_id"),
    Part("disbursements", "farmer_id"),
    Part("distribution_payouts", "user_id"),
    Part("quota_positions", "owner_id"),
    Part("quota_swaps", "seller_id", without=("buyer_id",)),
    Part("bank_accounts", "user_id"),
    Part("withdrawals", "user_id"),
    Part("payment_returns", "user_id"),
    Part("money_claims", "user_id"),
    Part("night_limits", "user_id"),
    Part("money_out_pauses", "user_id"),
    Part("unclaimed_credits", "user_id"),
    Part("staff_looks", "user_id", without=("actor_id", "correlation_id")),
)
LEFT_OUT = {
    "idempotency_keys": "names that the person's own app made",
    "staff_proposals": "what staff want to be done, who are the people named",
    "staff_acts": "what staff set going again, of nobody's data",
    "staff_actions": "what staff decided, of which a person sees the transfers that came of it",
}
"""Tables that name people and are not in their file, and why."""


def own_data(services: Services) -> OwnData:
    async def opened(session: Reader, person: UUID) -> dict[str, Any]:
        accounts = await crud.bank_accounts.list_kept_of(session, person)
        details = {str(account.id): bank_details.open_details(services.vault, account) for account in accounts}
        return {"bank_account_details": {key: asdict(value) for key, value in details.items() if value is not None}}

    return OwnData("wallet", Base.metadata, PARTS, opened)
