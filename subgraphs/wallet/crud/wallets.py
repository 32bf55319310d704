"""Wallets and the identities behind them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.read_models import put_newest
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of
from subgraphs.wallet.models import LedgerBalance, VerifiedIdentity, Wallet


@dataclass(frozen=True, slots=True)
class WalletBalances:
    """A wallet with what is on its three accounts."""

    wallet: Wallet
    available_minor: int
    held_minor: int
    processing_minor: int


async def add_wallet(session: AsyncSession, row: Mapping[str, Any]) -> None:
    """Make a wallet, unless the person has one."""
    await session.execute(upsert(Wallet).values(row).on_conflict_do_nothing())


async def find_wallet(session: Reader, wallet_id: UUID) -> Wallet | None:
    return await session.get(Wallet, wallet_id)


async def find_wallet_of(session: Reader, user_id: UUID) -> Wallet | None:
    found: Wallet | None = await session.scalar(select(Wallet).where(Wallet.user_id == user_id))
    return found


_OF_PEOPLE = select(Wallet).where(is_any_of(Wallet.user_id, "user_ids"))


async def list_wallets_of(session: AsyncSession, user_ids: Collection[UUID]) -> dict[UUID, Wallet]:
    """Wallets by the person's id."""
    found = await session.scalars(_OF_PEOPLE, {"user_ids": list(user_ids)})
    return {wallet.user_id: wallet for wallet in found}


_AVAILABLE, _HELD, _PROCESSING = (aliased(LedgerBalance) for _ in range(3))
_WITH_BALANCES = (
    select(Wallet, _AVAILABLE.balance_minor, _HELD.balance_minor, _PROCESSING.balance_minor)
    .join(_AVAILABLE, _AVAILABLE.account_id == Wallet.available_id)
    .join(_HELD, _HELD.account_id == Wallet.held_id)
    .join(_PROCESSING, _PROCESSING.account_id == Wallet.processing_id)
)
_OF_USERS = _WITH_BALANCES.where(is_any_of(Wallet.user_id, "user_ids"))
_BY_ID = _WITH_BALANCES.where(is_any_of(Wallet.id, "ids"))


async def list_balances_of_users(session: Reader, user_ids: Collection[UUID]) -> Sequence[WalletBalances]:
    return [WalletBalances(*row) for row in await session.execute(_OF_USERS, {"user_ids": user_ids})]


async def list_balances(session: Reader, wallet_ids: Collection[UUID]) -> Sequence[WalletBalances]:
    return [WalletBalances(*row) for row in await session.execute(_BY_ID, {"ids": wallet_ids})]


async def put_verified(session: AsyncSession, *, user_id: UUID, event: Event) -> None:
    await put_newest(session, VerifiedIdentity, {"user_id": user_id}, {"verified_at": event.time}, event=event)


async def find_verified_at(session: Reader, user_id: UUID) -> datetime | None:
    """Since when it is known who a user is; None before that, and once their account is closed."""
    row = await session.get(VerifiedIdentity, user_id)
    return row.verified_at if row else None


async def forget_verified(session: AsyncSession, user_id: UUID, *, event: Event) -> None:
    await put_newest(session, VerifiedIdentity, {"user_id": user_id}, {"verified_at": None}, event=event)
