"""Money that staff move: one proposes, another approves, neither for themselves; the database holds them to it."""

import asyncio
import uuid
from typing import Any

import asyncpg
import pytest

from subgraphs.shared.subgraph import GraphQLRequest
from subgraphs.wallet.domain import books
from tests.subgraphs.wallet.pix_notices import deposit_txid
from tests.subgraphs.wallet.staff_pairs import APPROVE, BRUNO, PROPOSALS, PROPOSE, REJECT, approve, propose
from tests.subgraphs.wallet.tampering import tamper
from tests.subgraphs.wallet.test_wallet_staff import transfer_id
from tests.subgraphs.wallet.wallet_world import ANA, CARLOS, MARINA, WalletWorld


async def waiting(world: WalletWorld, amount_minor: int = 77_00) -> Any:
    """A payment in suspense that Ana proposes to give to Carlos."""
    await world.open_wallets(CARLOS)
    payment = await world.arrive(uuid.uuid4().hex, amount_minor)
    return await propose(world, "RESOLVE_SUSPENSE", payment.id, userId=CARLOS)


async def proposals(world: WalletWorld, by: uuid.UUID = ANA, scope: str = "admin", **wanted: Any) -> Any:
    return (await world.get(PROPOSALS, by, scope, **wanted))["moneyProposals"]


async def reject(world: WalletWorld, proposal: Any, by: uuid.UUID, scope: str = "approver", **more: str) -> Any:
    return (await world.get(REJECT, by, scope, id=proposal["id"], **more))["rejectMoneyProposal"]


async def test_nothing_moves_before_another_approves(world: WalletWorld) -> None:
    proposed = await waiting(world)
    assert (proposed["status"], proposed["proposedBy"], proposed["decidedBy"]) == ("OPEN", str(ANA), None)
    assert proposed["entries"] == [
        {"accountCode": f"available:{CARLOS}", "side": "CREDIT", "amount": {"amount": "77.00"}},
        {"accountCode": "suspense", "side": "DEBIT", "amount": {"amount": "77.00"}},
    ]
    assert await world.balances(CARLOS) == (0, 0, 0)
    done = await approve(world, proposed)
    assert done == proposed | {"status": "APPROVED", "decidedBy": str(BRUNO)}
    assert await world.balances(CARLOS) == (77_00, 0, 0)
    assert (await books.check_books(world.subgraph.database, now=world.clock.now())).problems == ()


async def test_nobody_approves_what_they_proposed(world: WalletWorld) -> None:
    proposed = await waiting(world)
    assert (await approve(world, proposed, by=ANA))["code"] == "OwnProposal"
    assert (await proposals(world))["nodes"] == [proposed]
    assert await world.balances(CARLOS) == (0, 0, 0)


async def test_each_needs_its_own_scope_and_a_fresh_proof(world: WalletWorld) -> None:
    proposed = await waiting(world)
    answer = await world.ask(APPROVE, BRUNO, "admin", id=proposed["id"])
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    wanted = {"kind": "REVERSE_TRANSFER", "subjectId": str(MARINA), "reason": "by mistake", "idempotencyKey": "k" * 8}
    answer = await world.ask(PROPOSE, BRUNO, "approver", input=wanted)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    stale = world.tokens.bearer(BRUNO, "admin", "approver", auth_time=0)
    for mutation, variables in ((APPROVE, {"id": proposed["id"]}), (PROPOSE, {"input": wanted})):
        answer = await world.subgraph.execute(GraphQLRequest(mutation, variables, headers=stale))
        (refused,) = answer["data"].values()
        assert refused["code"] == "FreshProofRequired"
    assert await world.balances(CARLOS) == (0, 0, 0)


async def test_nobody_acts_on_money_that_is_or_may_be_their_own(world: WalletWorld) -> None:
    await world.open_wallets(ANA, CARLOS, BRUNO)
    payment = await world.arrive("x" * 30, 77_00)
    assert (await propose(world, "RESOLVE_SUSPENSE", payment.id, userId=ANA))["code"] == "OwnMoney"
    to_bruno = await propose(world, "RESOLVE_SUSPENSE", payment.id, userId=BRUNO)
    assert (await approve(world, to_bruno))["code"] == "OwnMoney"
    # What came for a charge of Ana's is not for her to give to others.
    hers = await world.arrive(await deposit_txid(world, user_id=ANA), 99_00)
    assert (await propose(world, "RESOLVE_SUSPENSE", hers.id, userId=CARLOS))["code"] == "OwnMoney"
    await world.deposit(ANA, 10_00)
    assert (await propose(world, "REVERSE_TRANSFER", await transfer_id(world, "DEPOSIT")))["code"] == "OwnMoney"
    assert await world.scalar("SELECT count(*) FROM staff_actions") == 0
    assert await world.balances(ANA) == (10_00, 0, 0)


async def test_a_proposal_is_rejected_by_others_and_withdrawn_by_who_made_it(world: WalletWorld) -> None:
    first, second = await waiting(world), await waiting(world, 5_00)
    assert (await reject(world, first, BRUNO, reason="so"))["code"] == "InvalidInput"
    rejected = await reject(world, first, BRUNO)
    assert (rejected["status"], rejected["decidedBy"]) == ("REJECTED", str(BRUNO))
    assert rejected["decisionReason"] == "not what the bank wrote"
    assert await reject(world, first, BRUNO) == rejected
    assert (await approve(world, first, by=CARLOS))["code"] == "ProposalNotOpen"
    withdrawn = await reject(world, second, ANA, "admin")
    assert (withdrawn["status"], withdrawn["decidedBy"]) == ("WITHDRAWN", str(ANA))
    assert (await approve(world, second))["code"] == "ProposalNotOpen"
    assert await world.balances(CARLOS) == (0, 0, 0)


async def test_an_approval_sent_again_and_at_once_moves_the_money_once(world: WalletWorld) -> None:
    proposed = await waiting(world)
    others = [BRUNO, BRUNO, MARINA]
    answers = await asyncio.gather(*(approve(world, proposed, by=other) for other in others))
    assert sorted(answer.get("code", answer.get("status")) for answer in answers) in (
        ["APPROVED", "APPROVED", "ProposalNotOpen"],
        ["APPROVED", "ProposalNotOpen", "ProposalNotOpen"],
    )
    assert await world.balances(CARLOS) == (77_00, 0, 0)
    assert await world.scalar("SELECT count(*) FROM staff_actions") == 1


async def test_the_same_request_is_the_same_proposal_and_another_waits_its_turn(world: WalletWorld) -> None:
    await world.open_wallets(CARLOS, MARINA)
    payment = await world.arrive("x" * 30, 77_00)
    again = {"idempotencyKey": "proposal-0001"}
    first, second = await asyncio.gather(
        *(propose(world, "RESOLVE_SUSPENSE", payment.id, userId=CARLOS, **again) for _ in range(2))
    )
    assert first == second
    other = await propose(world, "RESOLVE_SUSPENSE", payment.id, userId=MARINA, **again)
    assert other["code"] == "IdempotencyKeyReused"
    other = await propose(world, "RESOLVE_SUSPENSE", payment.id, userId=MARINA, by=BRUNO)
    assert other["code"] == "ProposalPending"
    await reject(world, first, BRUNO)
    assert (await propose(world, "RESOLVE_SUSPENSE", payment.id, userId=MARINA))["status"] == "OPEN"
    assert await propose(world, "RESOLVE_SUSPENSE", payment.id, userId=CARLOS, **again) == first | {
        "status": "REJECTED",
        "decidedBy": str(BRUNO),
        "decisionReason": "not what the bank wrote",
    }


async def test_a_proposal_that_nobody_decides_on_expires(world: WalletWorld) -> None:
    proposed = await waiting(world)
    world.clock.advance(hours=72)
    assert [node["status"] for node in (await proposals(world))["nodes"]] == ["EXPIRED"]
    assert (await proposals(world, status="OPEN"))["nodes"] == []
    assert (await approve(world, proposed))["code"] == "ProposalNotOpen"
    assert (await reject(world, proposed, BRUNO))["code"] == "ProposalNotOpen"
    anew = await propose(world, "RESOLVE_SUSPENSE", proposed["subject"], userId=CARLOS)
    assert anew["status"] == "OPEN"
    assert [node["status"] for node in (await proposals(world, status="EXPIRED"))["nodes"]] == ["EXPIRED"]
    assert (await approve(world, anew))["status"] == "APPROVED"


async def test_proposals_are_listed_in_pages_the_newest_first_by_status(world: WalletWorld) -> None:
    made = []
    for amount in (1_00, 2_00, 3_00):
        made.append(await waiting(world, amount))
        world.clock.advance(minutes=1)
    await approve(world, made[1])
    page = await proposals(world, BRUNO, "approver", first=2)
    assert [node["amount"]["amount"] for node in page["nodes"]] == ["3.00", "2.00"]
    rest = await proposals(world, first=2, after=page["pageInfo"]["endCursor"])
    assert [node["amount"]["amount"] for node in rest["nodes"]] == ["1.00"]
    assert rest["pageInfo"]["hasNextPage"] is False
    for status, amounts in {"OPEN": ["3.00", "1.00"], "APPROVED": ["2.00"], "REJECTED": [], "WITHDRAWN": []}.items():
        nodes = (await proposals(world, status=status))["nodes"]
        assert [node["amount"]["amount"] for node in nodes] == amounts


async def test_what_would_move_otherwise_by_now_is_not_approved(world: WalletWorld) -> None:
    """One transfer of the fact has been undone meanwhile, as before two were asked for."""
    await world.person_with(MARINA, 100_00)
    proposed = await propose(world, "REVERSE_TRANSFER", await transfer_id(world, "DEPOSIT"))
    # Of the two transfers the second only passes on what the first brings back.
    assert (proposed["amount"], len(proposed["entries"])) == ({"amount": "100.00"}, 4)
    await world.request_investment(MARINA, 60_00, investment=uuid.UUID(int=0x101))
    refused = await approve(world, proposed)
    assert (refused["code"], refused["obstacle"]) == ("TransferNotReversible", "MONEY_MOVED_ON")
    assert await world.balances(MARINA) == (40_00, 60_00, 0)
    assert [node["status"] for node in (await proposals(world))["nodes"]] == ["OPEN"]


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("RESOLVE_SUSPENSE", {}, "userId"),
        ("RELEASE_UNCLAIMED", {}, "userId"),
        ("PAY_OUT_UNCLAIMED", {}, "bankReference"),
        ("PAY_OUT_UNCLAIMED", {"userId": CARLOS, "bankReference": "E-000001"}, "userId"),
        ("REVERSE_TRANSFER", {"userId": CARLOS}, "userId"),
        ("RESOLVE_SUSPENSE", {"userId": CARLOS, "bankReference": "E-000001"}, "bankReference"),
        ("RESOLVE_SUSPENSE", {"userId": CARLOS, "reason": "so"}, "reason"),
        ("RESOLVE_SUSPENSE", {"userId": CARLOS, "idempotencyKey": "short"}, "idempotencyKey"),
    ],
)
async def test_each_kind_is_told_what_it_needs_and_no_more(
    world: WalletWorld, kind: str, given: dict[str, Any], field: str
) -> None:
    refused = await propose(world, kind, MARINA, **given)
    assert (refused["code"], refused["field"]) == ("InvalidInput", field)


async def test_what_was_decided_alone_before_the_rule_of_two_is_left_as_it_is(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    for day in ("2019-12-31", "2020-01-01"):
        await tamper(
            owner,
            "staff_actions",
            f"INSERT INTO staff_actions VALUES (gen_random_uuid(), '{ANA}', 'REVERSE_TRANSFER', '{MARINA}', 'MED', "  # noqa: S608
            f"'{day} 12:00+00')",
        )
    alone = await world.scalar("SELECT id FROM staff_actions ORDER BY at DESC LIMIT 1")
    report = await books.check_books(world.subgraph.database, now=world.clock.now())
    assert report.problems == (
        f"decision {alone} (REVERSE_TRANSFER) is not what one of the staff proposed and another approved",
    )
