"""Lists of sanctions and of politically exposed people: asked at verification, and again when there are newer ones."""

from datetime import date
from typing import Any

import aiohttp
import asyncpg
import pytest
from sqlalchemy import text

from subgraphs.accounts.domain import screening
from subgraphs.accounts.models.vocabulary import ScreeningList
from subgraphs.accounts.ports.sandbox_screener import EXPOSED, SANCTIONED, SandboxScreener
from subgraphs.accounts.ports.screener import Match, ScreenerUnavailable
from tests.subgraphs.accounts.evidence import DECIDE, PDF, STATUS, status_of, submit
from tests.subgraphs.accounts.people import MARINA, SERGIO, Accounts, Person

ANA = MARINA | {"name": "Ana Ribeiro", "email": "ana@example.com", "cpf": "275.484.389-23", "phone": "+5531999990004"}
CPF = "52998224725"
SANCTIONED_NAME = {"name": "Sérgio Sancionado Almeida"}
EXPOSED_NAME = {"name": "Sérgio Exposto Almeida"}
HITS = """query ($status: ScreeningHitStatus, $first: Int, $after: String) {
  screeningHits(status: $status, first: $first, after: $after) {
    nodes { id kind listName entry listDate status lockedOutAt decidedAt decidedBy reason user { id fullName } }
    pageInfo { hasNextPage endCursor } } }"""
OPEN_HITS = "{ screeningHits { nodes { id } } }"
DECIDE_HIT = """mutation ($input: DecideScreeningHitInput!) { decideScreeningHit(input: $input) {
  __typename ... on ScreeningHit { id status reason lockedOutAt } ... on InvalidInput { field }
  ... on ScreeningHitAlreadyDecided { decidedAt } } }"""
REACTIVATE = """mutation ($input: ReactivateUserInput!) { reactivateUser(input: $input) { __typename } }"""


def screener(accounts: Accounts) -> SandboxScreener:
    found = accounts.services.screener
    assert isinstance(found, SandboxScreener)
    return found


async def rows(accounts: Accounts, question: str) -> list[tuple[Any, ...]]:
    async with accounts.services.database.read() as session:
        return [tuple(row) for row in await session.execute(text(question))]


async def hits(accounts: Accounts, analyst: Person, status: str | None = "OPEN") -> list[Any]:
    answer = await accounts.ask(HITS, {"status": status}, headers=analyst.bearer)
    nodes: list[Any] = answer["data"]["screeningHits"]["nodes"]
    return nodes


async def decide_hit(accounts: Accounts, analyst: Person, hit_id: str, decision: str, reason: str = "olhei") -> Any:
    wanted = {"screeningHitId": hit_id, "decision": decision, "reason": reason}
    return await accounts.do(DECIDE_HIT, wanted, headers=analyst.bearer)


async def approve(accounts: Accounts, analyst: Person, check_id: str) -> Any:
    return await accounts.do(DECIDE, {"identityCheckId": check_id, "decision": "APPROVE"}, headers=analyst.bearer)


async def test_who_is_on_no_list_is_verified(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await accounts.person()
    await submit(accounts, over_http, sergio)
    await accounts.run_errands()
    assert await status_of(accounts, sergio) == "VERIFIED"
    assert await rows(accounts, "SELECT list_date FROM screenings") == [(date(2026, 1, 1),)]
    assert await rows(accounts, "SELECT * FROM screening_hits") == []


@pytest.mark.parametrize(("name", "match"), [(SANCTIONED_NAME, SANCTIONED), (EXPOSED_NAME, EXPOSED)])
async def test_who_may_be_on_a_list_is_the_analysts_and_is_not_told_why(
    accounts: Accounts, over_http: aiohttp.ClientSession, name: dict[str, str], match: Any
) -> None:
    sergio, ana = await accounts.person(**name), await accounts.person("analyst", **ANA)
    await submit(accounts, over_http, sergio)
    await accounts.run_errands()
    me = await accounts.do(STATUS, headers=sergio.bearer)
    assert me["identityStatus"] == "IN_REVIEW"
    assert me["identityCheck"]["reason"] == "Os dados precisam ser conferidos por uma pessoa."
    (hit,) = await hits(accounts, ana)
    assert (hit.pop("id"), hit.pop("lockedOutAt")) != (None, "")
    assert hit == {
        "kind": match.kind.value,
        "listName": match.list_name,
        "entry": match.entry,
        "listDate": "2026-01-01",
        "status": "OPEN",
        "decidedAt": None,
        "decidedBy": None,
        "reason": None,
        "user": {"id": sergio.id, "fullName": name["name"]},
    }


async def test_nobody_is_approved_before_the_entries_are_decided_about(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, ana = await accounts.person(**EXPOSED_NAME), await accounts.person("analyst", **ANA)
    check = await submit(accounts, over_http, sergio)
    await accounts.run_errands()
    assert (await approve(accounts, ana, check["id"]))["__typename"] == "ScreeningHitsOpen"
    assert await status_of(accounts, sergio) == "IN_REVIEW"
    (hit,) = await hits(accounts, ana)
    decided = await decide_hit(accounts, ana, hit["id"], "CONFIRM", "  é vereadora  ")
    assert decided == {
        "__typename": "ScreeningHit", "id": hit["id"], "status": "CONFIRMED", "reason": "é vereadora",
        "lockedOutAt": None,
    }  # fmt: skip
    assert (await approve(accounts, ana, check["id"]))["status"] == "APPROVED"
    assert await status_of(accounts, sergio) == "VERIFIED"


async def test_who_is_under_sanctions_is_not_approved_and_is_locked_out(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, ana = await accounts.person(**SANCTIONED_NAME), await accounts.person("analyst", **ANA)
    check = await submit(accounts, over_http, sergio)
    await accounts.run_errands()
    (hit,) = await hits(accounts, ana)
    assert (await decide_hit(accounts, ana, hit["id"], "CONFIRM"))["status"] == "CONFIRMED"
    assert (await approve(accounts, ana, check["id"]))["__typename"] == "ScreeningHitsOpen"
    assert (await accounts.sign_in())["code"] == "AccountSuspended"
    wanted = {"userId": sergio.id, "reason": "pediu"}
    admin = await accounts.signed_in(ANA["email"], "admin")
    assert await accounts.do(REACTIVATE, wanted, headers=admin.bearer) == {"__typename": "UnderSanctions"}


async def test_an_entry_that_is_cleared_is_never_asked_about_again(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, ana = await accounts.person(**SANCTIONED_NAME), await accounts.person("analyst", **ANA)
    check = await submit(accounts, over_http, sergio)
    await accounts.run_errands()
    (hit,) = await hits(accounts, ana)
    await decide_hit(accounts, ana, hit["id"], "CLEAR", "outra data de nascimento")
    assert (await approve(accounts, ana, check["id"]))["status"] == "APPROVED"
    screener(accounts).list_date = date(2026, 11, 24)
    assert await screening.screen_again(accounts.services) == 1
    assert await hits(accounts, ana) == []
    assert await status_of(accounts, sergio) == "VERIFIED"


async def verified(accounts: Accounts, over_http: aiohttp.ClientSession) -> Person:
    sergio = await accounts.person()
    await submit(accounts, over_http, sergio)
    await accounts.run_errands()
    return sergio


async def test_newer_lists_lock_out_who_may_be_under_sanctions_until_an_analyst_clears_it(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    await verified(accounts, over_http)
    ana = await accounts.person("analyst", **ANA)
    sandbox = screener(accounts)
    sandbox.listed[CPF] = SANCTIONED
    assert await screening.screen_again(accounts.services) == 0  # the lists are those of before
    sandbox.list_date = date(2026, 11, 24)
    assert await screening.screen_again(accounts.services) == 1
    assert await screening.screen_again(accounts.services) == 0
    assert (await accounts.sign_in())["code"] == "AccountSuspended"
    assert len(await accounts.published("accounts.user_suspended.v1")) == 1
    (hit,) = await hits(accounts, ana)
    assert hit["lockedOutAt"] == "2026-11-23T12:00:00.000Z"
    accounts.clock.advance(hours=1)
    assert (await decide_hit(accounts, ana, hit["id"], "CLEAR"))["status"] == "CLEARED"
    assert (await accounts.sign_in())["__typename"] == "SignedIn"
    assert len(await accounts.published("accounts.user_reactivated.v1")) == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_whom_one_of_two_entries_locked_out_is_let_in_by_the_last_that_is_cleared(
    accounts: Accounts, over_http: aiohttp.ClientSession, order: tuple[int, int]
) -> None:
    await verified(accounts, over_http)
    ana = await accounts.person("analyst", **ANA)
    sandbox = screener(accounts)
    for day, entry in ((24, SANCTIONED), (25, Match(ScreeningList.SANCTIONS, "CSNU 1267", "QDi.002"))):
        sandbox.listed[CPF], sandbox.list_date = entry, date(2026, 11, day)
        assert await screening.screen_again(accounts.services) == 1
    found = sorted(await hits(accounts, ana), key=lambda hit: str(hit["entry"]))
    first, last = (found[place] for place in order)
    await decide_hit(accounts, ana, first["id"], "CLEAR")
    assert (await accounts.sign_in())["code"] == "AccountSuspended"
    await decide_hit(accounts, ana, last["id"], "CLEAR")
    assert (await accounts.sign_in())["__typename"] == "SignedIn"


async def test_one_that_another_reason_locked_out_stays_so_when_the_entry_is_cleared(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http)
    ana = await accounts.person("admin", "analyst", **ANA)
    suspend = "mutation ($input: SuspendUserInput!) { suspendUser(input: $input) { __typename } }"
    await accounts.do(suspend, {"userId": sergio.id, "reason": "fraude"}, headers=ana.bearer)
    sandbox = screener(accounts)
    sandbox.listed[CPF], sandbox.list_date = SANCTIONED, date(2026, 11, 24)
    await screening.screen_again(accounts.services)
    (hit,) = await hits(accounts, ana)
    assert hit["lockedOutAt"] is None
    await decide_hit(accounts, ana, hit["id"], "CLEAR")
    assert (await accounts.sign_in())["code"] == "AccountSuspended"


async def test_an_exposed_person_goes_on_while_an_analyst_looks(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    await verified(accounts, over_http)
    ana = await accounts.person("analyst", **ANA)
    sandbox = screener(accounts)
    sandbox.listed[CPF], sandbox.list_date = EXPOSED, date(2026, 11, 24)
    await screening.screen_again(accounts.services)
    assert [hit["kind"] for hit in await hits(accounts, ana)] == ["PEP"]
    assert (await accounts.sign_in())["__typename"] == "SignedIn"


async def test_a_screener_that_is_away_at_verification_is_asked_again_and_then_by_the_job(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, ana = await accounts.person(), await accounts.person("analyst", **ANA)
    check = await submit(accounts, over_http, sergio)
    screener(accounts).unavailable_calls = 2
    with pytest.raises(ScreenerUnavailable):
        await accounts.run_errands(attempt=1)
    assert await status_of(accounts, sergio) == "PENDING"
    await accounts.run_errands(attempt=5, again=True)
    assert await status_of(accounts, sergio) == "IN_REVIEW"
    assert (await approve(accounts, ana, check["id"]))["status"] == "APPROVED"
    assert await rows(accounts, "SELECT * FROM screenings") == []
    assert await screening.screen_again(accounts.services) == 1
    assert len(await rows(accounts, "SELECT * FROM screenings")) == 1


async def test_a_run_that_ends_early_is_gone_on_with(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    await verified(accounts, over_http)
    sandbox = screener(accounts)
    sandbox.list_date = date(2026, 11, 24)
    sandbox.unavailable_calls = 1
    with pytest.raises(ScreenerUnavailable):
        await screening.screen_again(accounts.services)
    assert await screening.screen_again(accounts.services) == 1


async def test_who_failed_is_not_looked_up(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await accounts.person(**SANCTIONED_NAME)
    await submit(accounts, over_http, sergio, PDF + b" SANDBOX:FAIL")
    await accounts.run_errands()
    assert await rows(accounts, "SELECT * FROM screenings") == []


async def test_a_decision_is_made_once_with_a_reason_by_somebody_else(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, ana = await accounts.person(**EXPOSED_NAME), await accounts.person("analyst", **ANA)
    await submit(accounts, over_http, sergio)
    await accounts.run_errands()
    (hit,) = await hits(accounts, ana)
    sergio_as_analyst = await accounts.signed_in(SERGIO["email"], "analyst")
    for analyst, reason, refusal in (
        (ana, " ", {"__typename": "InvalidInput", "field": "reason"}),
        (ana, "x" * 501, {"__typename": "InvalidInput", "field": "reason"}),
        (sergio_as_analyst, "eu mesmo", {"__typename": "OwnIdentityCheck"}),
    ):
        assert await decide_hit(accounts, analyst, hit["id"], "CLEAR", reason) == refusal
    unknown = "00000000-0000-4000-8000-000000000001"
    assert await decide_hit(accounts, ana, unknown, "CLEAR") == {"__typename": "ScreeningHitNotFound"}
    assert [one["status"] for one in await hits(accounts, ana, None)] == ["OPEN"]
    assert (await decide_hit(accounts, ana, hit["id"], "CLEAR"))["status"] == "CLEARED"
    assert await decide_hit(accounts, ana, hit["id"], "CONFIRM") == {
        "__typename": "ScreeningHitAlreadyDecided",
        "decidedAt": "2026-11-23T12:00:00.000Z",
    }
    assert await rows(
        accounts, "SELECT action, reason FROM audit_entries WHERE action LIKE 'SCREENING%' ORDER BY id"
    ) == [
        ("SCREENING_HIT", "PEP CGU 2026-0001"),
        ("SCREENING_CLEARED", "olhei"),
    ]


async def test_what_was_found_and_decided_stays(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio, ana = await accounts.person(**EXPOSED_NAME), await accounts.person("analyst", **ANA)
    await submit(accounts, over_http, sergio)
    await accounts.run_errands()
    (hit,) = await hits(accounts, ana)
    await decide_hit(accounts, ana, hit["id"], "CLEAR")
    for change in ("status = 'OPEN', decided_at = NULL, decided_by = NULL, reason = NULL", "reason = 'outro'"):
        with pytest.raises(Exception, match="stays as it is") as caught:
            async with accounts.services.database.begin() as session:
                await session.execute(text(f"UPDATE screening_hits SET {change}"))  # noqa: S608  # one of two above
        assert isinstance(caught.value.__cause__.__cause__, asyncpg.RestrictViolationError)  # type: ignore[union-attr]


async def test_looking_at_the_queue_is_a_look_at_each_person(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, ana = await accounts.person(**EXPOSED_NAME), await accounts.person("analyst", **ANA)
    await submit(accounts, over_http, sergio)
    await accounts.run_errands()
    await accounts.ask(OPEN_HITS, headers=ana.bearer)
    found = await rows(accounts, "SELECT actor_id::text, user_id::text, sight FROM staff_looks")
    assert found == [(ana.id, sergio.id, "IDENTITY")]
