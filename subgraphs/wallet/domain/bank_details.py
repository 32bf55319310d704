"""
What a bank account is, sealed: a stolen copy of the database must not say whose it is nor where money goes.

The bank's number, the branch, the account and its holder lie together in one sealed value; a fingerprint finds the same
account again.
"""

from dataclasses import dataclass
from uuid import UUID

import pydantic
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.vault import Vault
from subgraphs.wallet import crud, models

SEALED_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDetails:
    bank_code: str
    """Three digits, the clearing house's number of the bank."""
    branch: str
    account_number: str
    """With its check digit."""
    holder_name: str
    """As the bank knows them."""
    holder_cpf: str
    """Or the CNPJ of a company: what is sealed keeps the name that it was sealed with."""


_DETAILS = pydantic.TypeAdapter(BankDetails)


def seal(vault: Vault, account: models.BankAccount, details: BankDetails) -> None:
    """Give *account* its details, unreadable without the vault."""
    account.details_sealed = vault.seal(_DETAILS.dump_json(details), use="bank account", place=account.id)
    account.fingerprint = fingerprint(
        vault,
        account.user_id,
        bank_code=details.bank_code,
        branch=details.branch,
        account_number=details.account_number,
    )


def open_details(vault: Vault, account: models.BankAccount) -> BankDetails | None:
    """Bank, numbers and holder; None once they are erased."""
    if account.details_sealed is None:
        return None
    return _DETAILS.validate_json(vault.open(account.details_sealed, use="bank account", place=account.id))


def fingerprint(vault: Vault, user_id: UUID, *, bank_code: str, branch: str, account_number: str) -> bytes:
    """Equal for the same account of the same person."""
    return vault.fingerprint(f"{user_id} {bank_code} {branch} {account_number}", use="bank account")


async def seal_old(session: AsyncSession, vault: Vault) -> int:
    """Seal accounts from before they were sealed; how many there were. Nothing is left to do after the first time."""
    waiting = await crud.bank_accounts.lock_to_seal(session, limit=SEALED_AT_ONCE)
    for row in waiting:
        account = await crud.bank_accounts.get_bank_account(session, row.id)
        details = BankDetails(
            bank_code=row.bank_code,
            branch=row.branch,
            account_number=row.account_number,
            holder_name=row.holder_name,
            holder_cpf=row.holder_cpf,
        )
        seal(vault, account, details)
        await session.delete(row)
    return len(waiting)
