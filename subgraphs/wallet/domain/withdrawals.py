"""
Withdrawals: money on its way to a person's own bank account.

    available ──request──▶ processing ──settled──▶ gateway ──▶ bank
        ▲                      │                      │
        └───────returned───────┴──────────────────────┘

The gateway is told by a reaction to our own event, so that a request is answered at once and never lost. Whatever
order its answers come in, one that says "returned" is the last word: a bank may send money back that had arrived.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import idempotency
from subgraphs.shared.ids import new_id
from subgraphs.shared.jobs import one_by_one
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.wallet import crud, models
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.domain import bank_details, chart, ledger, money_out, refusals, wallets
from subgraphs.wallet.domain.charges import check_amount
from subgraphs.wallet.models import TransferKind, WithdrawalStatus
from subgraphs.wallet.ports.payment_gateway import (
    Destination,
    GatewayRefused,
    OutcomeStatus,
    PixOutOrder,
)
from subgraphs.wallet.schemas import events

OVERDUE = timedelta(minutes=5)
"""A withdrawal that has not ended by then is asked about: longer than the gateway usually takes."""
ASKED_AT_ONCE = 50
STOPPED = "Você parou as saídas da carteira."
"""Why a withdrawal came back that its owner called back."""


@dataclass(frozen=True, kw_only=True)
class RequestWithdrawal:
    user_id: UUID
    bank_account_id: UUID
    amount_minor: int
    idempotency_key: str


async def request_withdrawal(
    session: AsyncSession, command: RequestWithdrawal, *, settings: WalletSettings, now: datetime
) -> models.Withdrawal:
    """
    Take money out of a wallet's available balance and on its way.

    A repeated key answers with the first. Refuses with PaymentAmountOutOfRange, HolderNotVerified, BankAccountNotFound
    (also when it is another person's), InsufficientFunds, CoolingOff, NightLimitExceeded, WalletNotReady and
    IdempotencyKeyReused.
    """
    request = idempotency.Request(
        "request_withdrawal",
        command.user_id,
        command.idempotency_key,
        {"amount": command.amount_minor, "bank_account": command.bank_account_id},
    )
    withdrawal_id = new_id()
    if earlier_id := await idempotency.claim(session, request, result_id=withdrawal_id, now=now):
        earlier = await crud.withdrawals.find_withdrawal(session, earlier_id)
        assert earlier is not None  # noqa: S101  # committed together with its key
        return earlier
    check_amount(
        command.amount_minor, minimum_minor=settings.withdrawal_minor_min, maximum_minor=settings.withdrawal_minor_max
    )
    wallet = await wallets.get_wallet(session, command.user_id)
    bank_account = await _own_bank_account(session, command)
    balances = await ledger.lock_balances(session, (wallet.available_id, wallet.processing_id))
    available = balances[wallet.available_id]
    if available < command.amount_minor:
        raise refusals.InsufficientFunds(available_minor=available, requested_minor=command.amount_minor)
    await money_out.check_withdrawal(session, bank_account, amount_minor=command.amount_minor, now=now)
    withdrawal = models.Withdrawal(
        id=withdrawal_id,
        user_id=command.user_id,
        wallet_id=wallet.id,
        bank_account_id=bank_account.id,
        amount_minor=command.amount_minor,
        status=WithdrawalStatus.REQUESTED,
        requested_at=now,
    )
    session.add(withdrawal)
    transfer = ledger.move(
        withdrawal.amount_minor,
        debit=wallet.available_id,
        credit=wallet.processing_id,
        kind=TransferKind.WITHDRAWAL,
        cause_id=withdrawal.id,
    )
    await ledger.post(session, transfer, now=now)
    outbox.record(session, events.WithdrawalRequested.model_validate(_facts(withdrawal)), occurred_at=now)
    return withdrawal


async def _own_bank_account(session: AsyncSession, command: RequestWithdrawal) -> models.BankAccount:
    verified_at = await crud.wallets.find_verified_at(session, command.user_id)
    if verified_at is None:
        raise refusals.HolderNotVerified
    account = await crud.bank_accounts.find_in_use(session, command.bank_account_id, user_id=command.user_id)
    # Verified anew, a person may have another CPF than the one that the bank confirmed.
    if account is None or account.registered_at < verified_at:
        raise refusals.BankAccountNotFound(command.bank_account_id)
    return account


def _facts(withdrawal: models.Withdrawal) -> dict[str, UUID | int]:
    return {
        "withdrawal_id": withdrawal.id,
        "user_id": withdrawal.user_id,
        "amount_minor": withdrawal.amount_minor,
    }


async def send_withdrawal(services: Services, withdrawal_id: UUID) -> None:
    """
    Order the gateway to send a withdrawal's money. May be repeated: the gateway knows orders by their reference.

    An order that it will never take brings the money back. Raises GatewayUnavailable, to be tried again, and NotYet
    while the account's details still have to be sealed.
    """
    database, now = services.database, services.clock.now()
    async with database.begin() as session:
        withdrawal = await crud.withdrawals.lock_withdrawal(session, withdrawal_id)
        if withdrawal is None or withdrawal.status is not WithdrawalStatus.REQUESTED:
            return
        account = await crud.bank_accounts.get_bank_account(session, withdrawal.bank_account_id)
        details = bank_details.open_details(services.vault, account)
        if details is None:
            raise NotYet(f"the bank account of withdrawal {withdrawal_id} is not sealed yet")
        # Written before the gateway is asked: whoever wants it back from here on cannot know whether it has the order.
        withdrawal.ordered_at = withdrawal.ordered_at or now
    order = PixOutOrder(
        reference=withdrawal.id.hex,
        amount_minor=withdrawal.amount_minor,
        destination=Destination(
            bank_code=details.bank_code,
            branch=details.branch,
            account_number=details.account_number,
            account_type=account.account_type.value,
            holder_name=details.holder_name,
            holder_tax_id=details.holder_cpf,
        ),
    )
    try:
        await services.gateway.send_pix(order)
    except GatewayRefused as error:
        async with database.begin() as session:
            await return_withdrawal(session, withdrawal_id, reason=str(error), now=now)
        return
    async with database.begin() as session:
        sent = await crud.withdrawals.lock_withdrawal(session, withdrawal_id)
        # Its end may have been told before we get to write that it was sent.
        if sent is not None and sent.status is WithdrawalStatus.REQUESTED:
            sent.status, sent.sent_at = WithdrawalStatus.SENT, now


async def stop_money_out(
    session: AsyncSession, user_id: UUID, *, reason: str, since: datetime, now: datetime
) -> datetime:
    """
    Let nothing leave a person's wallet, what was asked for and not yet ordered included; until when.

    The pause counts *since* what was the reason for it, which we may be told of later.

    What the gateway was asked to send cannot be called back.
    """
    if await crud.wallets.find_wallet_of(session, user_id) is not None:
        # Whoever is asking for a withdrawal at this moment has this lock: either it is found here, or finds the pause.
        await ledger.lock_balances(session, (chart.available(user_id).id, chart.processing(user_id).id))
    until = await money_out.pause(session, user_id, reason=reason, now=since)
    for withdrawal in await crud.withdrawals.lock_not_ordered(session, user_id):
        if withdrawal.requested_at < until:
            await return_withdrawal(session, withdrawal.id, reason=STOPPED, now=now)
    return until


async def settle_withdrawal(session: AsyncSession, withdrawal_id: UUID, *, now: datetime) -> bool:
    """The money has arrived. False when that is known, or the money came back; and for withdrawals not known."""
    withdrawal = await crud.withdrawals.lock_withdrawal(session, withdrawal_id)
    if withdrawal is None or withdrawal.status not in crud.withdrawals.IN_FLIGHT:
        return False
    withdrawal.status, withdrawal.ended_at = WithdrawalStatus.SETTLED, now
    sent = ledger.move(
        withdrawal.amount_minor,
        debit=chart.processing(withdrawal.user_id).id,
        credit=chart.GATEWAY,
        kind=TransferKind.WITHDRAWAL_SENT,
        cause_id=withdrawal.id,
    )
    paid = ledger.move(
        withdrawal.amount_minor,
        debit=chart.GATEWAY,
        credit=chart.BANK,
        kind=TransferKind.GATEWAY_SETTLEMENT,
        cause_id=withdrawal.id,
    )
    await ledger.post(session, sent, paid, now=now)
    outbox.record(session, events.WithdrawalSettled.model_validate(_facts(withdrawal)), occurred_at=now)
    return True


async def return_withdrawal(session: AsyncSession, withdrawal_id: UUID, *, reason: str, now: datetime) -> bool:
    """The money did not arrive, or was sent back. False when that is known; and for withdrawals not known."""
    withdrawal = await crud.withdrawals.lock_withdrawal(session, withdrawal_id)
    if withdrawal is None or withdrawal.status is WithdrawalStatus.RETURNED:
        return False
    available = chart.available(withdrawal.user_id).id
    had_arrived = withdrawal.status is WithdrawalStatus.SETTLED
    back = ledger.move(
        withdrawal.amount_minor,
        debit=chart.BANK if had_arrived else chart.processing(withdrawal.user_id).id,
        credit=available,
        kind=TransferKind.WITHDRAWAL_RETURN,
        cause_id=withdrawal.id,
    )
    await ledger.post(session, back, now=now)
    withdrawal.status, withdrawal.ended_at, withdrawal.return_reason = WithdrawalStatus.RETURNED, now, reason
    returned = events.WithdrawalReturned.model_validate({**_facts(withdrawal), "reason": reason})
    outbox.record(session, returned, occurred_at=now)
    return True


async def ask_about_overdue(services: Services) -> int:
    """
    Learn the end of withdrawals that should have ended; answers for how many it is known now.

    For webhooks that never came, and for orders that never reached the gateway: those are sent again.
    """
    database, now = services.database, services.clock.now()
    async with database.read() as session:
        overdue = await crud.withdrawals.list_in_flight(session, requested_before=now - OVERDUE, limit=ASKED_AT_ONCE)
    learned = 0

    async def ask(withdrawal_id: UUID) -> None:
        nonlocal learned
        outcome = await services.gateway.find_outcome(withdrawal_id.hex)
        if outcome is None:
            await send_withdrawal(services, withdrawal_id)
        elif outcome.status is not OutcomeStatus.PENDING:
            async with database.begin() as session:
                if outcome.status is OutcomeStatus.SETTLED:
                    await settle_withdrawal(session, withdrawal_id, now=now)
                else:
                    await return_withdrawal(session, withdrawal_id, reason=outcome.reason or "", now=now)
            learned += 1

    overdue_ids = [withdrawal.id for withdrawal in overdue]
    await one_by_one("ask about withdrawals", overdue_ids, ask)
    return learned
