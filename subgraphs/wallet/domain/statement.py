"""
The ledger in print: what people at a terminal and tests read.

    2026-11-23 09:00  DEPOSIT        available    +1,000.00     1,000.00
    2026-11-23 09:00  HOLD           available      -300.00       700.00
    2026-11-23 09:00  HOLD           held           +300.00       300.00

A line per entry: when, why, on which account, by how much, and the account's balance after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.shared.clock import BRASILIA
from subgraphs.shared.money import to_decimal
from subgraphs.shared.reading import Reader
from subgraphs.wallet import crud
from subgraphs.wallet.domain import refusals
from subgraphs.wallet.models import TransferKind

LINES_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    kind: TransferKind
    account: str
    signed_minor: int
    """Positive when the account's balance rose."""
    balance_minor: int


async def wallet_statement(session: Reader, user_id: UUID) -> str:
    """Everything that happened on a person's three accounts, and what is on them. Refuses with WalletNotReady."""
    wallet = await crud.wallets.find_wallet_of(session, user_id)
    if wallet is None:
        raise refusals.WalletNotReady
    names = {wallet.available_id: "available", wallet.held_id: "held", wallet.processing_id: "processing"}
    return await account_statement(session, names)


async def account_statement(session: Reader, names: Mapping[UUID, str]) -> str:
    """The same of any accounts, under the names given."""
    rows = await crud.ledger.list_history(session, list(names), limit=LINES_MAX)
    lines = [
        Line(
            at=transfer.occurred_at,
            kind=transfer.kind,
            account=names[account.id],
            signed_minor=entry.amount_minor if entry.side is account.normal_side else -entry.amount_minor,
            balance_minor=entry.balance_after_minor,
        )
        for entry, transfer, account in rows
    ]
    balances = await crud.ledger.list_balances(session, list(names))
    return print_statement(lines, {name: balances[account_id] for account_id, name in names.items()})


def print_statement(lines: Sequence[Line], balances: Mapping[str, int]) -> str:
    """The aligned text."""
    kind_width = max((len(line.kind.value) for line in lines), default=0)
    name_width = max(len(name) for name in balances)
    printed = [
        f"{line.at.astimezone(BRASILIA):%Y-%m-%d %H:%M}  {line.kind.value:<{kind_width}}  "
        f"{line.account:<{name_width}}  {_amount(line.signed_minor, sign='+'):>15}  {_amount(line.balance_minor):>15}"
        for line in lines
    ]
    indent = " " * (16 + 2 + kind_width)
    printed += [
        f"{indent}  {name:<{name_width}}  {'':>15}  {_amount(balance):>15}" for name, balance in balances.items()
    ]
    return "\n".join(printed) + "\n"


async def trial_balance(session: Reader) -> str:
    """Every account that has entries, with its balance on its side; both sides add up to the same."""
    rows = await crud.ledger.list_trial_balance(session)
    width = max((len(account.code) for account, _ in rows), default=0)
    printed = [f"{'account':<{width}}  {'debit':>15}  {'credit':>15}"]
    totals = {"DEBIT": 0, "CREDIT": 0}
    for account, balance in rows:
        side = account.normal_side if balance >= 0 else account.normal_side.opposite
        totals[side.value] += abs(balance)
        cells = [_amount(abs(balance)) if side.value == name else "" for name in totals]
        printed.append(f"{account.code:<{width}}  {cells[0]:>15}  {cells[1]:>15}")
    printed.append(f"{'':<{width}}  {_amount(totals['DEBIT']):>15}  {_amount(totals['CREDIT']):>15}")
    return "\n".join(line.rstrip() for line in printed) + "\n"


def _amount(minor: int, *, sign: str = "-") -> str:
    return f"{to_decimal(minor):{sign},}"
