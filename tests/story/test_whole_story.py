"""
`make demo`: the whole story with the people whose sign-ins are printed, who have something on every screen afterwards.

It is told twice to one product: the second telling tidies up what the first one left.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)
from sqlalchemy import text

from launch.databases import DOMAINS
from launch.home import ROOT, Home
from launch.people import DEMO_PEOPLE
from launch.privileges import TABLES
from seeding.product import seed, what_is_unheard
from seeding.told import CannotCopy
from story import books, people
from story.client import Client
from story.narrator import Narrator
from story.people import Person, expect
from story.screens import USED_BY, person_of
from story.telling import Told, tell_on
from tests.builders.renegotiation import ANSWER, PROPOSE, VOTE
from tests.fixtures.copies import copied, differences, seen_in_copy, without_its_own
from tests.fixtures.phone import AS_WRITTEN, FOR_CACHES, ask_as_phone, target_of
from tests.fixtures.product import Product, running
from tests.fixtures.screens import OPERATIONS, answer_of
from tests.fixtures.sold_quotas import key

EMPTY_WHILE_ALL_IS_WELL = {
    "BackOffice": {"deadLetters.nodes"},
    "TransactionDashboard": {"booksCheck.problems"},
}


@dataclass
class World:
    home: Home
    product: Product
    client: Client
    told: Told

    def person(self, name: str) -> Person:
        (found,) = [person for person in self.told.everybody if person.email == f"{name}@demo.peerseed.example"]
        return found


@pytest_asyncio.fixture(scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("demo")
    product = Product(folder)
    async with running(product) as addresses:
        client = Client(addresses)
        world = World(Home(folder), product, client, await tell_on(client, Narrator()))
        try:
            yield world
        finally:
            await world.client.close()


def empty_places(document: DocumentNode, data: dict[str, Any], *, but: set[str]) -> list[str]:
    """Lists and objects that *document* selects and *data* shows nowhere; of those in a list one is enough."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    (operation,) = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]

    def fields(selection: SelectionSetNode) -> Iterator[FieldNode]:
        for node in selection.selections:
            match node:
                case FieldNode():
                    yield node
                case FragmentSpreadNode():
                    yield from fields(fragments[node.name.value].selection_set)
                case InlineFragmentNode():
                    yield from fields(node.selection_set)

    def walk(selection: SelectionSetNode, objects: list[dict[str, Any]], path: str) -> Iterator[str]:
        for field in fields(selection):
            name = (field.alias or field.name).value
            place = f"{path}{name}"
            values = [value for one in objects if (value := one[name]) is not None]
            found = [item for value in values for item in (value if isinstance(value, list) else [value])]
            is_container = field.selection_set is not None or any(isinstance(value, list) for value in values)
            if is_container and not found and place not in but:
                yield place
            if field.selection_set is not None and found:
                yield from walk(field.selection_set, found, f"{place}.")

    return list(walk(operation.selection_set, [data], ""))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
async def test_a_screen_shows_its_person_something_in_every_place(path: Path, world: World) -> None:
    answer = await answer_of(world.client, world.told, path)
    well = EMPTY_WHILE_ALL_IS_WELL.get(path.stem, set())
    assert empty_places(parse(path.read_text()), answer, but=well) == []


@pytest.mark.timeout(400)
async def test_every_screen_is_looked_at_by_one_of_the_printed_people(world: World) -> None:
    lookers = {person_of(world.told, operation).email for operation in USED_BY}
    assert lookers <= {person.email for person in DEMO_PEOPLE}


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("text", "bytes_max"), [(AS_WRITTEN, 1_000), (FOR_CACHES, 1_100)], ids=["as written", "for caches"]
)
async def test_the_first_screen_of_a_phone_fits_a_kilobyte(text: str, bytes_max: int, world: World) -> None:
    """With all that it shows of payouts and of what happened. Who asks what everything is has another tenth."""
    answer, size = await ask_as_phone(world.client, world.person("marina").token, target_of(text))
    me, offerings = answer["data"]["me"], answer["data"]["offerings"]["nodes"]
    assert [len(me["payouts"]["nodes"]), len(me["activities"]["nodes"]), len(offerings)] == [3, 5, 1]
    assert size < bytes_max


def test_a_place_that_is_empty_everywhere_is_named() -> None:
    document = parse("{ me { cprs { id nextInstallment { charge { pix } } } tags } }")
    none = {"me": {"cprs": [{"id": "1", "nextInstallment": {"charge": None}}, {"id": "2", "nextInstallment": None}]}}
    none["me"]["tags"] = []
    assert empty_places(document, none, but=set()) == ["me.cprs.nextInstallment.charge", "me.tags"]
    assert empty_places(document, none, but={"me.tags"}) == ["me.cprs.nextInstallment.charge"]


@pytest.mark.timeout(400)
async def test_it_can_be_told_to_the_same_product_again(world: World) -> None:
    before = world.told
    world.told = await tell_on(world.client, Narrator())
    assert world.told.farmer.id == before.farmer.id
    assert world.told.offering_id != before.offering_id


LATE = """{ me { cprs(first: 5) { nodes { id annualRate principal { amount }
  nextInstallment { id number lateCharges { total { amount } } } } } } }"""
RENEGOTIATED = """query ($id: ID!) { cpr(id: $id) { schedules { version }
  renegotiations { id status installments { number principal { amount } } votes { consenting } }
  installments { number status scheduleVersion } } }"""


@pytest.mark.timeout(400)
async def test_a_late_cpr_gets_a_new_schedule_that_farmer_and_holders_agree_on(world: World) -> None:
    """After the story, by those whom it concerns: staff proposes, the farmer agrees by a fresh proof, holders vote."""
    client, farmer, marina, ana = world.client, world.person("sergio"), world.person("marina"), world.person("ana")
    nodes = (await client.graphql(LATE, token=farmer.token))["me"]["cprs"]["nodes"]
    late = next(cpr for cpr in nodes if (cpr["nextInstallment"] or {}).get("lateCharges"))
    terms = {
        "cprId": late["id"], "annualRate": late["annualRate"], "termMonths": 18, "amortisation": "SAC",
        "lateDiscount": "1", "reason": "A colheita atrasou.", "idempotencyKey": key("proposal"),
    }  # fmt: skip
    proposed = expect(
        (await client.graphql(PROPOSE, {"input": terms}, token=ana.token))["proposeRenegotiation"], "Renegotiation"
    )
    assert proposed["principal"] == late["principal"]  # nothing of it was paid
    answer = {"renegotiationId": proposed["id"], "agrees": True, "idempotencyKey": key("answer")}
    agreed = await client.graphql(ANSWER, {"input": answer}, token=farmer.token)
    assert agreed["answerRenegotiation"] == {
        "__typename": "Renegotiation", "id": proposed["id"], "status": "VOTING",
    }  # fmt: skip

    async def seen() -> dict[str, Any]:
        cpr: dict[str, Any] = (await client.graphql(RENEGOTIATED, {"id": late["id"]}, token=farmer.token))["cpr"]
        return cpr

    async def holders_known() -> bool:
        return (await seen())["renegotiations"][0]["votes"] is not None

    async def in_force() -> bool:
        return bool((await seen())["renegotiations"][0]["status"] == "IN_FORCE")

    await client.until("the holders being known", holders_known)
    vote = {"renegotiationId": proposed["id"], "consents": True, "idempotencyKey": key("vote")}
    voted = await client.graphql(VOTE, {"input": vote}, token=marina.token)  # who holds two thirds
    assert voted["voteOnRenegotiation"]["__typename"] == "Renegotiation"
    await client.until("the new schedule being in force", in_force)
    cpr = await seen()
    assert [schedule["version"] for schedule in cpr["schedules"]] == [1, 2]
    assert [(row["number"], row["status"], row["scheduleVersion"]) for row in cpr["installments"]] == [
        (number, "SCHEDULED", 2) for number in range(13, 31)
    ]
    principal = sum(Decimal(row["principal"]["amount"]) for row in cpr["renegotiations"][0]["installments"])
    assert principal == Decimal(late["principal"]["amount"])
    await books.books_balance(client, Narrator(), world.person("admin"))


COPIES = 3
FILLED = (
    "accounts.users", "contracts.cprs", "contracts.installments", "distribution.payouts", "marketplace.offerings",
    "notifications.notifications", "wallet.ledger_entries", "wallet.quota_swaps", "wallet.sandbox_payments",
)  # fmt: skip
EVERYBODYS = {"offerings", "secondaryOffers"}
"""Of a screen, the lists that are the same for all."""
STAFF = {"analyst", "admin"}


async def row_counts(product: Product) -> Counter[str]:
    """Of each domain's tables."""
    counts: Counter[str] = Counter()
    for domain in DOMAINS:
        database = product.database(domain)
        async with database.read() as session:
            for table in TABLES[domain]:
                rows = await session.scalars(text(f'SELECT count(*) FROM "{table}"'))  # noqa: S608  # our own names
                counts[f"{domain}.{table}"] = rows.one()
        await database.close()
    return counts


async def stop_when_quiet(world: World) -> None:
    async def is_quiet() -> bool:
        return await what_is_unheard(world.product.urls()) is None

    await world.client.until("all that was told being heard", is_quiet)
    await world.client.close()
    await world.product.stop()


@pytest.mark.timeout(600)
async def test_copies_are_as_good_as_what_was_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The last of these: the product is stopped, filled with copies of all the above, and started again.

    Each person of a copy signs in with the told password, and sees what the told one sees.
    """
    for name in ("DATABASE_URL", "RABBITMQ_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(CannotCopy, match="Stop it first"):
        await seed(world.home, COPIES)
    answers = {path: await answer_of(world.client, world.told, path) for path in OPERATIONS}
    before = await row_counts(world.product)
    await stop_when_quiet(world)

    first = await seed(world.home, COPIES - 1)
    second = await seed(world.home, COPIES)
    third = await seed(world.home, COPIES)

    # What is there is left alone, and a run goes on from it.
    assert {rows for place, rows in third.rows.items() if rows} == set()
    assert {place: 2 * rows for place, rows in second.rows.items()} == first.rows
    assert min(second.rows[place] for place in FILLED) > 0

    world.client = Client(await world.product.start())
    added = await row_counts(world.product) - before
    filled = Counter(first.rows) + Counter(second.rows)
    assert {place: added[place] for place in filled} == dict(filled)

    checked = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "upkeep.books", cwd=ROOT, env={**os.environ, "PEERSEED_HOME": str(world.home.folder)},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said = (await checked.communicate())[0].decode()
    assert (checked.returncode, said.splitlines()[0].split(": ")[1]) == (0, "the books balance"), said

    for cast in world.told.everybody:
        await people.sign_in(world.client, cast)
    told = await copied(world.client, world.told, COPIES)
    for path, answer in answers.items():
        seen = await answer_of(world.client, told, path)
        if USED_BY[path.stem] in STAFF:
            continue
        expected = seen_in_copy(world.told, COPIES, answer)
        mine = [{name: part for name, part in one.items() if name not in EVERYBODYS} for one in (expected, seen)]
        assert list(differences(*map(without_its_own, mine))) == [], path.stem

    # What people of copies have done since is theirs, and no more of the story.
    await stop_when_quiet(world)
    fourth = await seed(world.home, COPIES + 1)
    assert {place: fourth.rows[place] for place in FILLED} == {place: second.rows[place] for place in FILLED}
