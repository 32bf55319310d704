"""An agreed schedule that the wallet says nothing about is found, and set going again."""

from datetime import timedelta

from sqlalchemy import text

from tests.fixtures.databases import sql_of_the_owner
from tests.subgraphs.contracts.contracts_builders import ANA, Contracts
from tests.subgraphs.contracts.renegotiating import consented, deliver, schedule_replaced

LIST = "{ contractsStuckSagas { nodes { id what waitsFor } } }"
RESUME = """mutation($id: ID!) {
  resumeContractsSaga(input: {id: $id, what: "RENEGOTIATION", reason: "the queue was lost"}) {
    __typename ... on StuckSaga { id } ... on Refusal { code } } }"""


async def test_a_renegotiation_waits_for_the_wallets_word(contracts: Contracts) -> None:
    contracts.scopes[ANA] = ("analyst", "admin")
    cpr_id, renegotiation_id = await consented(contracts)
    await sql_of_the_owner(contracts.subgraph.database, "UPDATE outbox SET sent_at = now()")
    assert (await contracts.ask(ANA, LIST))["contractsStuckSagas"]["nodes"] == []
    contracts.clock.instant += timedelta(minutes=5)
    assert (await contracts.ask(ANA, LIST))["contractsStuckSagas"]["nodes"] == [
        {
            "id": renegotiation_id,
            "what": "RENEGOTIATION",
            "waitsFor": ["wallet.schedule_replaced.v1", "wallet.schedule_kept.v1"],
        }
    ]
    resumed = (await contracts.ask(ANA, RESUME, id=renegotiation_id))["resumeContractsSaga"]
    assert resumed == {"__typename": "StuckSaga", "id": renegotiation_id}
    async with contracts.subgraph.database.read() as session:
        unsent = await session.scalars(text("SELECT type FROM outbox WHERE sent_at IS NULL ORDER BY id"))
        acts = await session.execute(text("SELECT action, actor_id FROM staff_acts"))
    assert list(unsent) == ["contracts.schedule_agreed.v1", "contracts.answer_awaited.v1"]
    assert [tuple(act) for act in acts] == [("RENEGOTIATION_RESUMED", ANA)]
    await deliver(contracts.subgraph, schedule_replaced(contracts, cpr_id, renegotiation_id))
    assert (await contracts.ask(ANA, LIST))["contractsStuckSagas"]["nodes"] == []
    refused = (await contracts.ask(ANA, RESUME, id=renegotiation_id))["resumeContractsSaga"]
    assert refused["code"] == "NotStuck"
