"""Opening wallets, and whom they belong to."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.retention import RETAINED, Retention
from subgraphs.shared.standing import crud as standing
from subgraphs.shared.standing.tables import PersonStatus
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import chart, ledger, refusals


async def open_wallet(session: AsyncSession, user_id: UUID, *, now: datetime) -> None:
    """Give a person a wallet: three accounts of the ledger. One who has it keeps it."""
    available, held, processing = chart.available(user_id), chart.held(user_id), chart.processing(user_id)
    await ledger.open_accounts(session, available, held, processing)
    await crud.wallets.add_wallet(
        session,
        {
            "id": new_id(),
            "user_id": user_id,
            "available_id": available.id,
            "held_id": held.id,
            "processing_id": processing.id,
            "opened_at": now,
        },
    )


async def get_wallet(session: AsyncSession, user_id: UUID) -> models.Wallet:
    """The wallet of a person who asks for something. Refuses with WalletNotReady."""
    wallet = await crud.wallets.find_wallet_of(session, user_id)
    if wallet is None:
        raise refusals.WalletNotReady
    return wallet


async def lock_wallet_to_give_to(session: AsyncSession, user_id: UUID) -> models.Wallet:
    """
    The wallet of a person whose staff find money to be, locked: they do not leave meanwhile.

    Refuses with WalletNotReady and PersonCannotReceive (they have left).
    """
    wallet = await get_wallet(session, user_id)
    await ledger.lock_balances(session, [wallet.available_id])
    if await standing.find_status(session, user_id) is PersonStatus.CLOSED:
        raise refusals.PersonCannotReceive(user_id, refusals.WhyNotToReceive.CLOSED)
    return wallet


async def await_wallets(session: AsyncSession, user_ids: Collection[UUID]) -> dict[UUID, models.Wallet]:
    """
    The wallets of people of whom another domain speaks, by person.

    Raises NotYet while the sign-up of one of them is on its way.
    """
    found = await crud.wallets.list_wallets_of(session, user_ids)
    for user_id in user_ids:
        if user_id not in found:
            raise NotYet(f"no wallet of user {user_id} yet")
    return found


async def await_wallet(session: AsyncSession, user_id: UUID) -> models.Wallet:
    """As `await_wallets`, for one."""
    return (await await_wallets(session, [user_id]))[user_id]


async def remember_identity(session: AsyncSession, user_id: UUID, *, event: Event) -> None:
    """Note that accounts knows who a user is: from now on they may name a bank account."""
    await crud.wallets.put_verified(session, user_id=user_id, event=event)


async def leave_wallet(session: AsyncSession, user_id: UUID, *, event: Event, now: datetime) -> None:
    """
    Close the wallet of somebody who has left: what is in it, and all that still arrives, is in suspense.

    That they have left is written here too, before the money is looked at: whatever is credited meanwhile then either
    comes before, and is set aside with the rest, or finds the wallet closed.
    """
    await standing.put_status(session, user_id, PersonStatus.CLOSED, event=event)
    await ledger.set_aside(session, user_id, now=now)


async def forget_person(session: AsyncSession, user_id: UUID, *, event: Event, now: datetime) -> None:
    """
    Erase what says who a user was, when their account is closed (Lei 13.709/2018, art. 16).

    The ledger stays: it knows people by a number only, and the law on accounting keeps it. So does, sealed, where
    withdrawals went to. One that is under way still needs to know where it goes, so this waits for it (NotYet).
    """
    if await crud.withdrawals.has_in_flight(session, user_id):
        raise NotYet(f"a withdrawal of user {user_id} is under way")
    await crud.wallets.forget_verified(session, user_id, event=event)
    kept_for = RETAINED[Retention.WITHDRAWAL_DESTINATIONS].kept_for
    assert kept_for is not None  # noqa: S101  # the list says so
    await crud.bank_accounts.erase(session, user_id, at=now, kept_until=now + kept_for)
