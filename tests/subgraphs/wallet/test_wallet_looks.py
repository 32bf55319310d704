"""Staff who see whose money it is have looked, and that is written down; everybody else's is not."""

import uuid
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.shared.graphql.paging import Cursor
from tests.fixtures.databases import sql_of_the_owner
from tests.subgraphs.wallet.pix_notices import deposit_txid
from tests.subgraphs.wallet.staff_pairs import BRUNO, approve, propose
from tests.subgraphs.wallet.test_wallet_staff import BOOKS, SUSPENDED, TRANSFERS, transfer_id
from tests.subgraphs.wallet.wallet_world import ANA, CARLOS, MARINA, SERGIO, WalletWorld

AMOUNTS = """query($filter: LedgerTransferFilter) {
  ledgerTransfers(filter: $filter) { nodes { id kind amount { amount } } } }"""
OWN = """query($id: ID!) { _entities(representations: [{__typename: "User", id: $id}]) {
  ... on User { wallet { available { amount } } } } }"""


async def looks(world: WalletWorld) -> list[tuple[uuid.UUID, uuid.UUID, str]]:
    """Who looked at whose, of what kind; every look names its request."""
    rows = await world.rows("SELECT actor_id, user_id, sight, correlation_id FROM staff_looks ORDER BY id")
    assert all(row.correlation_id for row in rows)
    return [(row.actor_id, row.user_id, row.sight) for row in rows]


async def test_entries_of_the_ledger_are_a_look_at_each_owner_once(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    await world.deposit(MARINA, 50_00)
    await world.person_with(CARLOS, 200_00)
    await world.get(TRANSFERS, ANA, "admin")
    assert await looks(world) == [(ANA, MARINA, "MONEY"), (ANA, CARLOS, "MONEY")]


async def test_amounts_without_owners_are_no_look(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    await world.get(AMOUNTS, ANA, "admin")
    await world.get(BOOKS, ANA, "admin")
    assert await looks(world) == []


async def test_looking_for_somebodys_transfers_is_a_look_whatever_is_found(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    await world.get(AMOUNTS, ANA, "admin", filter={"userId": str(MARINA)})
    assert await looks(world) == [(ANA, MARINA, "MONEY")]


async def test_a_payment_in_suspense_is_a_look_at_whose_charge_it_names(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    await world.arrive("x" * 30, 77_00)
    await world.get(SUSPENDED, ANA, "admin")
    assert await looks(world) == []
    await world.arrive(await deposit_txid(world), 99_00)
    await world.get(SUSPENDED, ANA, "admin")
    assert await looks(world) == [(ANA, MARINA, "MONEY")]


async def test_what_a_mutation_shows_is_a_look_as_well(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    proposed = await propose(world, "REVERSE_TRANSFER", await transfer_id(world, "DEPOSIT"))
    assert await looks(world) == [(ANA, MARINA, "MONEY")]
    await approve(world, proposed)
    assert await looks(world) == [(ANA, MARINA, "MONEY"), (BRUNO, MARINA, "MONEY")]


async def test_ones_own_wallet_is_no_look(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    await world.get(OWN, MARINA, id=str(MARINA))
    await world.get(TRANSFERS, MARINA, "admin", filter={"userId": str(MARINA)})
    assert await looks(world) == []


async def test_what_cannot_be_written_down_is_not_shown(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    await sql_of_the_owner(world.subgraph.database, "ALTER TABLE staff_looks ADD CHECK (sight <> 'MONEY')")
    answer = await world.ask(TRANSFERS, ANA, "admin")
    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["SERVICE_UNAVAILABLE"]
    assert (await world.get(AMOUNTS, ANA, "admin"))["ledgerTransfers"]["nodes"]


@pytest.mark.parametrize(
    "change", ["UPDATE staff_looks SET sight = 'INCOME'", "DELETE FROM staff_looks", "TRUNCATE staff_looks"]
)
async def test_looks_are_never_changed(world: WalletWorld, change: str) -> None:
    await world.person_with(MARINA, 100_00)
    await world.get(TRANSFERS, ANA, "admin")
    with pytest.raises(DBAPIError, match="permission denied"):
        async with world.begin() as session:
            await session.execute(text(change))
    with pytest.raises(DBAPIError, match="added, never changed"):
        await sql_of_the_owner(world.subgraph.database, change)


# ── reading what was written down ──

READ = """query($id: ID!, $side: LookSide! = AT, $first: Int, $after: String) {
  _entities(representations: [{__typename: "User", id: $id}]) { ... on User {
    moneyLooks(side: $side, first: $first, after: $after) {
      nodes { userId data lookedAt actorId correlationId } pageInfo { hasNextPage endCursor } } } } }"""


async def read(world: WalletWorld, asker: uuid.UUID, *scopes: str, of: uuid.UUID, **arguments: Any) -> Any:
    (user,) = (await world.get(READ, asker, *scopes, id=str(of), **arguments))["_entities"]
    return user["moneyLooks"]


async def test_a_person_reads_what_was_looked_at_and_when_but_not_who_it_was(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    await world.get(AMOUNTS, ANA, "admin", filter={"userId": str(MARINA)})
    assert (await read(world, MARINA, of=MARINA))["nodes"] == [
        {
            "userId": str(MARINA),
            "data": "MONEY",
            "lookedAt": "2026-11-23T12:00:00.000Z",
            "actorId": None,
            "correlationId": None,
        }
    ]
    assert await looks(world) == [(ANA, MARINA, "MONEY")]


async def test_an_administrator_reads_who_it_was_and_that_is_a_look_as_well(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    await world.get(AMOUNTS, ANA, "admin", filter={"userId": str(MARINA)})
    (look,) = (await read(world, SERGIO, "admin", of=MARINA))["nodes"]
    assert (look["actorId"], look["data"]) == (str(ANA), "MONEY")
    (written,) = await world.rows("SELECT correlation_id FROM staff_looks WHERE sight = 'MONEY'")
    assert look["correlationId"] == written.correlation_id
    assert await looks(world) == [(ANA, MARINA, "MONEY"), (SERGIO, MARINA, "LOOKS")]


async def test_what_one_of_the_staff_looked_at_is_read_page_by_page(world: WalletWorld) -> None:
    await world.open_wallets(MARINA, CARLOS)
    for person in (MARINA, CARLOS, MARINA):
        await world.get(AMOUNTS, ANA, "admin", filter={"userId": str(person)})
    page = await read(world, SERGIO, "admin", of=ANA, side="BY", first=2)
    assert [look["userId"] for look in page["nodes"]] == [str(MARINA), str(CARLOS)]
    assert page["pageInfo"]["hasNextPage"] is True
    rest = await read(world, SERGIO, "admin", of=ANA, side="BY", after=page["pageInfo"]["endCursor"])
    assert [look["userId"] for look in rest["nodes"]] == [str(MARINA)]
    assert rest["pageInfo"]["hasNextPage"] is False
    beyond = Cursor(at=world.clock.now(), id=uuid.UUID(int=2**128 - 1)).encode()
    assert len((await read(world, SERGIO, "admin", of=ANA, side="BY", after=beyond))["nodes"]) == 3


@pytest.mark.parametrize("scopes", [("investor",), ("analyst",), ()])
async def test_nobody_else_reads_looks(world: WalletWorld, scopes: tuple[str, ...]) -> None:
    await world.open_wallets(MARINA)
    await world.get(AMOUNTS, ANA, "admin", filter={"userId": str(MARINA)})
    assert await read(world, CARLOS, *scopes, of=MARINA) is None
    assert await read(world, CARLOS, *scopes, of=ANA, side="BY") is None
