"""
Bank accounts: where withdrawals may go.

Only an account of the same CPF or CNPJ as the wallet's verified owner, and the bank itself has said so: a stolen
session must not be able to send money to anybody else.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import idempotency
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.people import Person
from subgraphs.shared.refusal import InvalidInput, Refusal
from subgraphs.wallet import crud, models
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.domain import bank_details, refusals
from subgraphs.wallet.domain.bank_details import BankDetails
from subgraphs.wallet.models import BankAccountType
from subgraphs.wallet.ports.payment_gateway import AccountHolder, GatewayUnavailable
from subgraphs.wallet.schemas import events


@dataclass(frozen=True, kw_only=True)
class RegisterBankAccount:
    user_id: UUID
    bank_code: str
    branch: str
    account_number: str
    account_type: BankAccountType
    idempotency_key: str

    def __post_init__(self) -> None:
        """Refuses with InvalidInput."""
        _check_digits("bankCode", self.bank_code, 3, 3, "o código do banco tem 3 dígitos")
        _check_digits("branch", self.branch, 1, 5, "a agência tem de 1 a 5 dígitos")
        number = self.account_number.replace("-", "")
        last_digit_may_be_x = number[:-1] + ("0" if number[-1:] in ("x", "X") else number[-1:])
        _check_digits(
            "accountNumber", last_digit_may_be_x, 2, 20, "o número da conta tem de 2 a 20 dígitos, com o verificador"
        )


def _check_digits(field: str, value: str, shortest: int, longest: int, rule_pt: str) -> None:
    if not (value.isascii() and value.isdecimal() and shortest <= len(value) <= longest):
        length = str(shortest) if shortest == longest else f"{shortest} to {longest}"
        raise InvalidInput(field=field, reason=f"must be of {length} digits", reason_pt=f"Confira os dados: {rule_pt}.")


async def register_bank_account(services: Services, command: RegisterBankAccount) -> models.BankAccount:
    """
    Add a bank account that the bank confirms to be the actor's own. One that is registered already is the same.

    The bank is asked outside any transaction, and not again for a key that was answered. Refuses with
    HolderNotVerified, BankAccountNotYours (also when there is no such account), TooManyBankAccounts,
    PaymentGatewayUnavailable and IdempotencyKeyReused. Raises PeopleUnavailable.
    """
    request = _request(services, command)
    async with services.database.read() as session:
        if earlier_id := await idempotency.find_answer(session, request):
            return await crud.bank_accounts.get_bank_account(session, earlier_id)
        verified_at = await crud.wallets.find_verified_at(session, command.user_id)
    holder: AccountHolder | Refusal
    try:
        holder = await _confirmed_holder(services, command, verified_at=verified_at)
    except Refusal as refused:
        holder = refused
    account_id = new_id()
    async with services.database.begin() as session:
        if earlier_id := await idempotency.claim(session, request, result_id=account_id, now=services.clock.now()):
            return await crud.bank_accounts.get_bank_account(session, earlier_id)
        if isinstance(holder, Refusal):
            raise holder
        account = await _add(session, services, command, holder, account_id=account_id, verified_at=verified_at)
        await idempotency.answer_with(session, request, result_id=account.id)
        return account


def _request(services: Services, command: RegisterBankAccount) -> idempotency.Request:
    # The key keeps a plain hash of this, which must not tell the numbers to whoever tries them all.
    content = {"account": _fingerprint(services, command).hex(), "type": command.account_type}
    return idempotency.Request("register_bank_account", command.user_id, command.idempotency_key, content)


def _fingerprint(services: Services, command: RegisterBankAccount) -> bytes:
    return bank_details.fingerprint(
        services.vault,
        command.user_id,
        bank_code=command.bank_code,
        branch=command.branch,
        account_number=command.account_number,
    )


async def _confirmed_holder(
    services: Services, command: RegisterBankAccount, *, verified_at: datetime | None
) -> AccountHolder:
    if verified_at is None:
        raise refusals.HolderNotVerified
    person = (await services.people.find([command.user_id])).get(command.user_id, Person())
    if person.full_name is None or person.tax_id is None:
        raise refusals.HolderNotVerified
    claimed = AccountHolder(name=person.full_name, tax_id=person.tax_id)
    try:
        holder = await services.gateway.find_holder(
            bank_code=command.bank_code,
            branch=command.branch,
            account_number=command.account_number,
            claimed=claimed,
        )
    except GatewayUnavailable as error:
        raise refusals.PaymentGatewayUnavailable from error
    if holder is None or holder.tax_id != claimed.tax_id:
        raise refusals.BankAccountNotYours
    return holder


async def _add(
    session: AsyncSession,
    services: Services,
    command: RegisterBankAccount,
    holder: AccountHolder,
    *,
    account_id: UUID,
    verified_at: datetime | None,
) -> models.BankAccount:
    now = services.clock.now()
    details = BankDetails(
        bank_code=command.bank_code,
        branch=command.branch,
        account_number=command.account_number,
        holder_name=holder.name,
        holder_cpf=holder.tax_id,
    )
    await crud.bank_accounts.lock_person(session, command.user_id)
    same = await crud.bank_accounts.find_same(
        session, user_id=command.user_id, fingerprint=_fingerprint(services, command)
    )
    if same is not None:
        if verified_at and same.registered_at < verified_at:  # confirmed again, for who they are known to be now
            same.registered_at = now
            bank_details.seal(services.vault, same, details)
        return same
    if await crud.bank_accounts.count_in_use(session, command.user_id) >= services.settings.bank_accounts_max:
        raise refusals.TooManyBankAccounts(maximum=services.settings.bank_accounts_max)
    account = models.BankAccount(
        id=account_id, user_id=command.user_id, account_type=command.account_type, registered_at=now
    )
    bank_details.seal(services.vault, account, details)
    session.add(account)
    registered = events.BankAccountRegistered(bank_account_id=account.id, user_id=account.user_id)
    outbox.record(session, registered, occurred_at=now)
    await session.flush()
    return account


async def remove_bank_account(
    session: AsyncSession, bank_account_id: UUID, *, user_id: UUID, now: datetime
) -> models.BankAccount:
    """Let no more withdrawals go to an account; those under way still do. Refuses with BankAccountNotFound."""
    account = await crud.bank_accounts.find_in_use(session, bank_account_id, user_id=user_id)
    if account is None:
        raise refusals.BankAccountNotFound(bank_account_id)
    account.removed_at = now
    await session.flush()
    return account
