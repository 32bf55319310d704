"""
The ledger's verbs: open accounts, lock what is on them, post transfers.

A transfer moves money between accounts by entries, each a positive number of cents on one side; debits equal
credits. Every verb of the wallet that moves money ends in `post`, and so does what holds for all of them: nothing is
credited to the wallet of somebody who has closed their account.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.clock import business_date
from subgraphs.shared.ids import new_id
from subgraphs.shared.money import round_half_up
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain.chart import PERSON_DEBTS, PLATFORM, SUSPENSE, Account, available
from subgraphs.wallet.domain.chart import claim as claim_account
from subgraphs.wallet.models import ClaimStatus, Side, TransferKind

OWNER_HAS_LEFT = "the account of the wallet's owner is closed"


@dataclass(frozen=True, slots=True)
class Leg:
    """One entry to be."""

    account_id: UUID
    side: Side
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer to be posted."""

    kind: TransferKind
    cause_id: UUID
    """Money moves once for a kind and a cause: the database refuses a second."""
    reference_id: UUID
    legs: tuple[Leg, ...]
    reverses_id: UUID | None = None
    id: UUID = field(default_factory=new_id)

    def __post_init__(self) -> None:
        difference = sum(leg.amount_minor * (1 if leg.side is Side.DEBIT else -1) for leg in self.legs)
        if difference or any(leg.amount_minor <= 0 for leg in self.legs):
            raise ValueError(f"a {self.kind} transfer of {self.legs} does not balance")


def debit(account_id: UUID, amount_minor: int) -> tuple[Leg, ...]:
    """A debit; none at all for zero, so that a fee or tax of nothing leaves no entry."""
    return (Leg(account_id, Side.DEBIT, amount_minor),) if amount_minor else ()


def credit(account_id: UUID, amount_minor: int) -> tuple[Leg, ...]:
    return (Leg(account_id, Side.CREDIT, amount_minor),) if amount_minor else ()


def move(
    amount_minor: int,
    *,
    debit: UUID,
    credit: UUID,
    kind: TransferKind,
    cause_id: UUID,
    reference_id: UUID | None = None,
) -> Transfer:
    """
    *amount_minor* from one account to another.

    What people have is what the platform owes them: a debit lowers it, a credit raises it.
    """
    legs = (Leg(debit, Side.DEBIT, amount_minor), Leg(credit, Side.CREDIT, amount_minor))
    return Transfer(kind=kind, cause_id=cause_id, reference_id=reference_id or cause_id, legs=legs)


async def open_accounts(session: AsyncSession, *accounts: Account) -> None:
    """Open what is not open yet."""
    rows = [
        {
            "id": account.id,
            "code": account.code,
            "kind": account.kind,
            "normal_side": account.normal_side,
            "may_go_negative": False,
            "owner_id": account.owner_id,
        }
        for account in sorted(accounts, key=lambda account: account.id)
    ]
    await crud.ledger.add_accounts(session, rows)


async def lock_balances(session: AsyncSession, account_ids: Iterable[UUID]) -> dict[UUID, int]:
    """
    What is on these accounts, and will be until this transaction ends.

    Ask once for all accounts of people that the transaction moves money on: locks are taken in id order, and a second
    call could go against it.
    """
    return await crud.ledger.lock_balances(session, account_ids)


async def post(session: AsyncSession, *transfers: Transfer, now: datetime) -> None:
    """
    Write *transfers*, in this order.

    All accounts are locked first, in id order, so that transactions that meet on them wait for each other instead
    of deadlocking. The database keeps the balances and refuses what would bring a person's below zero.

    What would be credited to the available money of somebody who has closed their account goes to suspense instead,
    and is noted. That is asked under the locks which closing takes as well (`set_aside`): so it holds whatever comes
    first. What is credited to somebody of whom a payer's bank wants money back pays for that first.
    """
    accounts = {leg.account_id for transfer in transfers for leg in transfer.legs}
    # The platform's ids are the highest: locked after all others, they are still locked in order.
    await crud.ledger.lock_balances(session, accounts - PLATFORM)
    credited = {leg.account_id for transfer in transfers for leg in transfer.legs if leg.side is Side.CREDIT}
    closed = await crud.unclaimed.list_of_closed(session, credited - PLATFORM)
    unclaimed = _unclaimed_credits(transfers, closed)
    transfers = tuple(_redirected(transfer, closed) for transfer in transfers) if closed else transfers
    accounts = {leg.account_id for transfer in transfers for leg in transfer.legs}
    await crud.ledger.lock_balances(session, accounts & PLATFORM)
    await _write(session, transfers, now=now)
    if unclaimed:
        await crud.unclaimed.add_credits(session, unclaimed)
    if credited - PLATFORM - closed.keys():
        await _collect(session, transfers, credited - PLATFORM - closed.keys(), now=now)


async def _collect(session: AsyncSession, transfers: Sequence[Transfer], credited: Set[UUID], *, now: datetime) -> None:
    """
    Take of what *transfers* have *credited* what claims of payers' banks on these people still want.

    A part of each credit by a dated rule, the oldest claim first, and no more than is there; where it came for a debt,
    of what *transfers* leave of it. The claims' accounts are only moved on under the lock of their person's, which is
    taken.
    """
    claims = await crud.claims.lock_collecting(session, credited, at=now)
    if not claims:
        return
    percent = (await crud.money_out.get_parameters(session, business_date(now)))["claims_collect_percent"]
    left = {}
    for account_id in {account_id for _, account_id in claims}:
        legs = (leg for transfer in transfers for leg in transfer.legs if leg.account_id == account_id)
        raised = sum(leg.amount_minor if leg.side is Side.CREDIT else -leg.amount_minor for leg in legs)
        is_there = await crud.ledger.get_balance(session, account_id)
        left[account_id] = min(is_there, round_half_up(Decimal(max(raised, 0) * percent) / 100))
    collections = []
    for claim, account_id in claims:
        amount = min(left[account_id], wanted_by(claim))
        if amount:
            left[account_id] -= amount
            collections.append(collection_transfer(session, claim, account_id, amount, now=now))
    await session.flush()
    if collections:
        await _write(session, collections, now=now)


def wanted_by(claim: models.MoneyClaim) -> int:
    """What is still to be taken of its person for a claim."""
    if claim.status is ClaimStatus.OPEN:
        return claim.amount_minor - claim.blocked_minor
    return claim.debt_minor


def collection_transfer(
    session: AsyncSession, claim: models.MoneyClaim, available_id: UUID, amount_minor: int, *, now: datetime
) -> Transfer:
    """Record that so much is taken for a locked claim; the transfer that does it, for the caller to post."""
    pays_debt = claim.status is not ClaimStatus.OPEN
    collection = models.ClaimCollection(
        id=new_id(), claim_id=claim.id, pays_debt=pays_debt, amount_minor=amount_minor, collected_at=now
    )
    session.add(collection)
    if pays_debt:
        claim.debt_minor -= amount_minor
    else:
        claim.blocked_minor += amount_minor
    return move(
        amount_minor,
        debit=available_id,
        credit=PERSON_DEBTS if pays_debt else claim_account(claim.id).id,
        kind=TransferKind.DEBT_PAID if pays_debt else TransferKind.CLAIM_BLOCK,
        cause_id=collection.id,
        reference_id=claim.id,
    )


async def set_aside(session: AsyncSession, user_id: UUID, *, now: datetime) -> None:
    """Bring what is left in the wallet of somebody who has closed their account to suspense; noted as all such is."""
    account_id = available(user_id).id
    balances = await crud.ledger.lock_balances(session, [account_id])
    left = balances.get(account_id, 0)
    if not left:
        return
    transfer = move(left, debit=account_id, credit=SUSPENSE, kind=TransferKind.SUSPENSE, cause_id=user_id)
    await post(session, transfer, now=now)
    await crud.unclaimed.add_credits(session, [_unclaimed(transfer, user_id, left)])


def _redirected(transfer: Transfer, closed: Mapping[UUID, UUID]) -> Transfer:
    return replace(
        transfer,
        legs=tuple(
            replace(leg, account_id=SUSPENSE) if leg.side is Side.CREDIT and leg.account_id in closed else leg
            for leg in transfer.legs
        ),
    )


def _unclaimed_credits(transfers: Iterable[Transfer], closed: Mapping[UUID, UUID]) -> list[dict[str, UUID | int | str]]:
    return [
        _unclaimed(transfer, closed[leg.account_id], leg.amount_minor)
        for transfer in transfers
        for leg in transfer.legs
        if leg.side is Side.CREDIT and leg.account_id in closed
    ]


def _unclaimed(transfer: Transfer, user_id: UUID, amount_minor: int) -> dict[str, UUID | int | str]:
    return {
        "id": new_id(),
        "transfer_id": transfer.id,
        "user_id": user_id,
        "amount_minor": amount_minor,
        "reason": OWNER_HAS_LEFT,
    }


async def _write(session: AsyncSession, transfers: Sequence[Transfer], *, now: datetime) -> None:
    transfer_rows = [
        {
            "id": transfer.id,
            "kind": transfer.kind,
            "cause_id": transfer.cause_id,
            "reference_id": transfer.reference_id,
            "reverses_id": transfer.reverses_id,
            "occurred_at": now,
        }
        for transfer in transfers
    ]
    entry_rows = [
        {
            "id": new_id(),
            "transfer_id": transfer.id,
            "account_id": leg.account_id,
            "side": leg.side,
            "amount_minor": leg.amount_minor,
        }
        for transfer in transfers
        for leg in transfer.legs
    ]
    await crud.ledger.add_transfers(session, transfer_rows, entry_rows)
