"""Who sees what of contracts' entities: anonymous, a stranger, the owner, staff."""

from typing import Any
from uuid import UUID

from subgraphs.shared.ids import new_id
from tests.builders.statements import counted_statements
from tests.subgraphs.contracts.contracts_builders import ANA, MARINA, SERGIO, Contracts

EVERYBODY = (None, MARINA, SERGIO, ANA)


async def seen(contracts: Contracts, typename: str, selection: str, entity_id: object) -> list[Any]:
    return [(await contracts.entities(who, typename, selection, entity_id))[0] for who in EVERYBODY]


async def test_a_draft_is_its_farmers_and_staffs(contracts: Contracts) -> None:
    cpr_id = await contracts.drafted()
    shown = {"status": "DRAFTED"}
    assert await seen(contracts, "CPR", "status", cpr_id) == [None, None, shown, shown]


async def test_a_registered_cpr_is_for_everybody_who_is_signed_in(contracts: Contracts) -> None:
    cpr_id = await contracts.registered()
    shown = {"status": "REGISTERED"}
    assert await seen(contracts, "CPR", "status", cpr_id) == [None, shown, shown, shown]


async def test_document_and_request_stay_the_farmers_and_staffs(contracts: Contracts) -> None:
    cpr_id = await contracts.registered()
    request_id = str((await contracts.row(cpr_id)).credit_request_id)
    found = await seen(contracts, "CPR", "document creditRequest { id }", cpr_id)
    assert [cpr and cpr["creditRequest"] for cpr in found] == [None, None, {"id": request_id}, {"id": request_id}]
    assert [bool(cpr and cpr["document"]) for cpr in found] == [False, False, True, True]


async def test_an_installment_is_seen_with_its_cpr(contracts: Contracts) -> None:
    cpr_id = await contracts.drafted()
    first, *_ = await contracts.installments(cpr_id)
    shown = {"number": 1, "cpr": {"id": str(cpr_id)}}
    assert await seen(contracts, "Installment", "number cpr { id }", first.id) == [None, None, shown, shown]
    await contracts.sign(cpr_id)
    await contracts.work_off()
    assert await seen(contracts, "Installment", "number cpr { id }", first.id) == [None, shown, shown, shown]


async def test_a_persons_cprs_are_their_own(contracts: Contracts) -> None:
    cpr_id = await contracts.registered()
    hidden, shown = {"cprs": None}, {"cprs": {"nodes": [{"id": str(cpr_id)}]}}
    assert await seen(contracts, "User", "cprs { nodes { id } }", SERGIO) == [None, hidden, shown, shown]


async def test_a_requests_cpr_is_the_farmers_and_staffs(contracts: Contracts) -> None:
    cpr_id = await contracts.registered()
    request_id = (await contracts.row(cpr_id)).credit_request_id
    hidden, shown = {"cpr": None}, {"cpr": {"id": str(cpr_id)}}
    assert await seen(contracts, "CreditRequest", "cpr { id }", request_id) == [None, hidden, shown, shown]


async def test_root_fields_hide_what_is_not_the_askers(contracts: Contracts) -> None:
    cpr_id = await contracts.drafted()
    first, *_ = await contracts.installments(cpr_id)
    query = "query ($cpr: ID!, $installment: ID!) { cpr(id: $cpr) { id } installment(id: $installment) { id } }"
    ids = {"cpr": str(cpr_id), "installment": str(first.id)}
    assert await contracts.ask(MARINA, query, **ids) == {"cpr": None, "installment": None}
    assert await contracts.ask(SERGIO, query, cpr="nonsense", installment="nonsense") == {
        "cpr": None,
        "installment": None,
    }
    assert await contracts.ask(SERGIO, query, **ids) == {
        "cpr": {"id": str(cpr_id)},
        "installment": {"id": str(first.id)},
    }
    response = await contracts.execute(None, query, **ids)
    assert {error["extensions"]["code"] for error in response["errors"]} == {"UNAUTHENTICATED"}


async def test_a_batch_keeps_its_order_and_its_gaps(contracts: Contracts) -> None:
    cpr_ids = [await contracts.drafted() for _ in range(2)]
    asked: list[UUID] = [new_id(), cpr_ids[1], new_id(), cpr_ids[0], cpr_ids[1]]
    found = await contracts.entities(SERGIO, "CPR", "id", *asked)
    assert found == [None, {"id": str(cpr_ids[1])}, None, {"id": str(cpr_ids[0])}, {"id": str(cpr_ids[1])}]


async def test_a_persons_cprs_come_in_pages_the_newest_first(contracts: Contracts) -> None:
    ids = []
    for _ in range(3):
        ids.append(str(await contracts.drafted()))
        contracts.clock.advance(days=1)
    query = """
    query ($representations: [_Any!]!, $after: String) {
      _entities(representations: $representations) {
        ... on User { cprs(first: 2, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }
      }
    }
    """
    person = [{"__typename": "User", "id": str(SERGIO)}]
    first = (await contracts.ask(SERGIO, query, representations=person))["_entities"][0]["cprs"]
    assert ([node["id"] for node in first["nodes"]], first["pageInfo"]["hasNextPage"]) == ([ids[2], ids[1]], True)
    cursor = first["pageInfo"]["endCursor"]
    rest = (await contracts.ask(SERGIO, query, representations=person, after=cursor))["_entities"][0]["cprs"]
    assert ([node["id"] for node in rest["nodes"]], rest["pageInfo"]["hasNextPage"]) == ([ids[0]], False)


async def test_a_batch_is_one_statement_and_its_installments_another(contracts: Contracts) -> None:
    cpr_ids = [await contracts.drafted() for _ in range(3)]
    selection = "status progress { totalCount } nextInstallment { id } installments { id cpr { id } }"
    with counted_statements(contracts.subgraph.database) as statements:
        found = await contracts.entities(SERGIO, "CPR", selection, *cpr_ids)
    assert [cpr["progress"]["totalCount"] for cpr in found] == [12, 12, 12]
    assert len(statements) == 2
    ids = [installment["id"] for cpr in found for installment in cpr["installments"]]
    with counted_statements(contracts.subgraph.database) as statements:
        installments = await contracts.entities(SERGIO, "Installment", "number", *ids)
    assert [installment["number"] for installment in installments] == [*range(1, 13)] * 3
    assert len(statements) == 1
