"""Parameters through the graph: two of the staff change them, and see what has been and what is to come."""

import uuid
from typing import Any

import pytest

from subgraphs.shared.subgraph import GraphQLRequest
from tests.subgraphs.wallet.staff_pairs import BRUNO
from tests.subgraphs.wallet.wallet_world import ANA, MARINA, WalletWorld

SHOWN = """__typename id rule validFrom status reason proposedBy decidedBy decisionReason
    rows { table values { name value } replaces { name value } }"""
BOOK = """query($rule: String) { walletParameters(rule: $rule) {
    rules problems rows { rule table validFrom validUntil isInForce values { name value } } } }"""
PROPOSALS = (
    f"""query($status: ProposalStatus) {{ walletParameterProposals(status: $status) {{ nodes {{ {SHOWN} }} }} }}"""
)
PROPOSE = f"""mutation($input: ProposeParametersInput!) {{ proposeWalletParameters(input: $input) {{
    __typename ... on ParameterProposal {{ {SHOWN} }} ... on Refusal {{ code }} ... on InvalidInput {{ field }} }} }}"""
APPROVE = f"""mutation($id: ID!) {{ approveWalletParameters(input: {{proposalId: $id}}) {{
    __typename ... on ParameterProposal {{ {SHOWN} }} ... on Refusal {{ code }} }} }}"""
REJECT = f"""mutation($id: ID!) {{ rejectWalletParameters(input: {{proposalId: $id, reason: "not agreed"}}) {{
    __typename ... on ParameterProposal {{ {SHOWN} }} ... on Refusal {{ code }} }} }}"""


def wanted(rate: str = "0.015", **changed: Any) -> dict[str, Any]:
    values = [{"name": "rate", "value": rate}, {"name": "note", "value": "as agreed"}]
    return {
        "rule": "secondary_fee_rates",
        "validFrom": "2026-12-01",
        "rows": [{"table": "secondary_fee_rates", "values": values}],
        "reason": "the board has agreed",
        "idempotencyKey": str(uuid.uuid4()),
    } | changed


async def ask(world: WalletWorld, query: str, by: uuid.UUID, scope: str, **variables: Any) -> Any:
    (answer,) = (await world.get(query, by, scope, **variables)).values()
    return answer


async def rates(world: WalletWorld) -> list[Any]:
    book = await ask(world, BOOK, ANA, "admin", rule="secondary_fee_rates")
    assert book["problems"] == []
    return [(row["validFrom"], row["validUntil"], row["isInForce"], row["values"][0]["value"]) for row in book["rows"]]


async def test_a_fee_is_raised_by_two_from_a_day_to_come(world: WalletWorld) -> None:
    assert await rates(world) == [("2020-01-01", None, True, "0.010000")]
    proposed = await ask(world, PROPOSE, ANA, "admin", input=wanted())
    assert (proposed["status"], proposed["validFrom"]) == ("OPEN", "2026-12-01")
    assert proposed["rows"][0]["replaces"][1] == {"name": "rate", "value": "0.010000"}
    assert (await ask(world, APPROVE, ANA, "approver", id=proposed["id"]))["code"] == "OwnProposal"
    done = await ask(world, APPROVE, BRUNO, "approver", id=proposed["id"])
    assert done == proposed | {"status": "APPROVED", "decidedBy": str(BRUNO)}
    assert await rates(world) == [
        ("2026-12-01", None, False, "0.015000"),
        ("2020-01-01", "2026-12-01", True, "0.010000"),
    ]
    world.clock.advance(days=8)
    assert [row[2] for row in await rates(world)] == [True, False]


async def test_proposals_are_listed_rejected_and_refused(world: WalletWorld) -> None:
    proposed = await ask(world, PROPOSE, ANA, "admin", input=wanted())
    assert (await ask(world, PROPOSALS, BRUNO, "approver", status="OPEN"))["nodes"] == [proposed]
    rejected = await ask(world, REJECT, BRUNO, "approver", id=proposed["id"])
    assert (rejected["status"], rejected["decisionReason"]) == ("REJECTED", "not agreed")
    assert (await ask(world, APPROVE, BRUNO, "approver", id=proposed["id"]))["code"] == "ProposalNotOpen"
    twice = [{"name": "rate", "value": "0.01"}, {"name": "rate", "value": "0.015"}, {"name": "note", "value": ""}]
    for changed, field in (
        ({"validFrom": "2026-11-23"}, "validFrom"),
        ({"rule": "ledger_entries"}, "rule"),
        ({"reason": "so"}, "reason"),
        ({"rows": [{"table": "secondary_fee_rates", "values": twice}]}, "rows"),
    ):
        refused = await ask(world, PROPOSE, ANA, "admin", input=wanted(**changed))
        assert (refused["code"], refused["field"]) == ("InvalidInput", field)
    assert await rates(world) == [("2020-01-01", None, True, "0.010000")]


@pytest.mark.parametrize("scope", ["analyst", "investor"])
@pytest.mark.parametrize(
    ("query", "variables"),
    [(BOOK, {}), (PROPOSALS, {}), (PROPOSE, {"input": wanted()}), (APPROVE, {"id": "x"}), (REJECT, {"id": "x"})],
)
async def test_parameters_are_the_administrators(
    world: WalletWorld, query: str, variables: dict[str, Any], scope: str
) -> None:
    answer = await world.ask(query, MARINA, scope, **variables)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_it_takes_a_fresh_proof(world: WalletWorld) -> None:
    stale = world.tokens.bearer(ANA, "admin", "approver", auth_time=0)
    for query, variables in ((PROPOSE, {"input": wanted()}), (APPROVE, {"id": str(MARINA)})):
        answer = await world.subgraph.execute(GraphQLRequest(query, variables, headers=stale))
        (refused,) = answer["data"].values()
        assert refused["code"] == "FreshProofRequired"
