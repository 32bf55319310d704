"""The statement in the graph: newest first, by days in Brasília, by kind, page by page."""

from typing import Any

import pytest

from subgraphs.wallet.api.messages import STATEMENT_LINES
from subgraphs.wallet.api.types.statement import StatementKind
from subgraphs.wallet.schemas import heard
from tests.subgraphs.wallet.wallet_world import MARINA, WalletWorld, number

STATEMENT = """query($user: [_Any!]!, $from: Date, $to: Date, $kinds: [StatementKind!], $first: Int, $after: String) {
  _entities(representations: $user) {
    ... on User { wallet { statement(from: $from, to: $to, kinds: $kinds, first: $first, after: $after) {
      nodes { kind description occurredAt amount { amount } balanceAfter { amount } reference }
      pageInfo { hasNextPage endCursor }
    } } }
  }
}"""


async def statement(world: WalletWorld, **arguments: Any) -> Any:
    user = [{"__typename": "User", "id": str(MARINA)}]
    data = await world.get(STATEMENT, MARINA, user=user, **arguments)
    return data["_entities"][0]["wallet"]["statement"]


def amounts(page: Any) -> list[str]:
    return [node["amount"]["amount"] for node in page["nodes"]]


async def three_days(world: WalletWorld) -> None:
    """A deposit on the 23rd, a hold on the 24th late in the evening, its release on the 25th."""
    await world.person_with(MARINA, 500_00)
    world.clock.advance(days=1, hours=14)  # 23:00 in Brasília, 02:00 of the 25th in UTC
    await world.request_investment(MARINA, 200_00, investment=number(0x101))
    world.clock.advance(hours=2)
    await world.tell(heard.InvestmentCancelled(investment_id=number(0x101)))


async def test_the_newest_comes_first_with_the_balance_after_it(world: WalletWorld) -> None:
    await three_days(world)
    page = await statement(world)
    assert page["nodes"][:2] == [
        {
            "kind": "HOLD_RELEASE",
            "description": "Reserva de investimento devolvida",
            "occurredAt": "2026-11-25T04:00:00.000Z",
            "amount": {"amount": "200.00"},
            "balanceAfter": {"amount": "500.00"},
            "reference": str(number(0x101)),
        },
        {
            "kind": "HOLD",
            "description": "Reserva para investimento",
            "occurredAt": "2026-11-25T02:00:00.000Z",
            "amount": {"amount": "-200.00"},
            "balanceAfter": {"amount": "300.00"},
            "reference": str(number(0x101)),
        },
    ]
    assert amounts(page) == ["200.00", "-200.00", "500.00"]
    assert page["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ({"from": "2026-11-24"}, ["200.00", "-200.00"]),
        ({"to": "2026-11-24"}, ["-200.00", "500.00"]),
        ({"from": "2026-11-24", "to": "2026-11-24"}, ["-200.00"]),
        ({"from": "2026-11-26"}, []),
    ],
)
async def test_days_are_days_in_brasilia(world: WalletWorld, days: dict[str, str], expected: list[str]) -> None:
    await three_days(world)
    assert amounts(await statement(world, **days)) == expected


async def test_kinds_restrict_the_statement(world: WalletWorld) -> None:
    await three_days(world)
    assert amounts(await statement(world, kinds=["DEPOSIT", "HOLD"])) == ["-200.00", "500.00"]
    assert amounts(await statement(world, kinds=[])) == []


async def test_pages_follow_each_other_while_new_entries_come(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    for reais in range(1, 6):
        await world.deposit(MARINA, reais * 100)
    first = await statement(world, first=2)
    await world.deposit(MARINA, 600)
    second = await statement(world, first=2, after=first["pageInfo"]["endCursor"])
    third = await statement(world, first=2, after=second["pageInfo"]["endCursor"])
    assert [amounts(page) for page in (first, second, third)] == [["5.00", "4.00"], ["3.00", "2.00"], ["1.00"]]
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second, third)] == [True, True, False]


@pytest.mark.parametrize(("arguments", "problem"), [({"first": 101}, "`first`"), ({"after": "?"}, "`after`")])
async def test_a_page_that_cannot_be_is_the_client_s_error(
    world: WalletWorld, arguments: dict[str, Any], problem: str
) -> None:
    await world.open_wallets(MARINA)
    user = [{"__typename": "User", "id": str(MARINA)}]
    answer = await world.ask(STATEMENT, MARINA, user=user, **arguments)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert problem in answer["errors"][0]["message"]


def test_every_kind_of_the_statement_has_its_line() -> None:
    assert {kind.transfer_kind for kind in StatementKind} == set(STATEMENT_LINES)
