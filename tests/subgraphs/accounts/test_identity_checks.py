"""Proving who one is: the verifier's way, the analyst's way, and the record of both."""

import asyncio
from typing import Any

import aiohttp
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from subgraphs.accounts.models import AuditEntry, IdentityCheck
from subgraphs.accounts.models import Upload as UploadRow
from tests.subgraphs.accounts.evidence import DECIDE, JPEG, PDF, PNG, STATUS, SUBMIT, status_of, submit, upload
from tests.subgraphs.accounts.people import MARINA, Accounts, Person

ANA = MARINA | {"name": "Ana Ribeiro", "email": "ana@example.com", "cpf": "275.484.389-23", "phone": "+5531999990004"}
QUEUE = """query ($status: IdentityCheckStatus, $first: Int, $after: String) {
  identityChecks(status: $status, first: $first, after: $after) {
    nodes { id status user { fullName maskedCpf } document { mediaType path } selfie { mediaType sizeBytes erased }
            history { action actorId reason } }
    pageInfo { hasNextPage endCursor } } }"""
DEFAULT_QUEUE = "{ identityChecks { nodes { id } pageInfo { hasNextPage } } }"
ENTITIES = """query ($r: [_Any!]!) { _entities(representations: $r) {
  ... on IdentityCheck { id status history { action } } } }"""


async def decide(accounts: Accounts, analyst: Person, check_id: str, decision: str, reason: str | None = None) -> Any:
    wanted = {"identityCheckId": check_id, "decision": decision, "reason": reason}
    return await accounts.do(DECIDE, wanted, headers=analyst.bearer)


async def in_review(accounts: Accounts, client: aiohttp.ClientSession, person: Person) -> str:
    """A check that the verifier was not sure of."""
    check = await submit(accounts, client, person, PDF + b" SANDBOX:REVIEW")
    await accounts.run_errands()
    return str(check["id"])


async def test_a_good_document_passes(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await accounts.person()
    check = await submit(accounts, over_http, sergio)
    assert (check["__typename"], check["status"]) == ("IdentityCheck", "PENDING")
    assert await status_of(accounts, sergio) == "PENDING"
    await accounts.run_errands()
    assert await status_of(accounts, sergio) == "VERIFIED"
    assert await accounts.published("accounts.identity_verified.v2") == [{"user_id": sergio.id, "person": "NATURAL"}]


async def test_a_bad_document_fails_and_may_be_tried_again(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await accounts.person()
    await submit(accounts, over_http, sergio, PNG + b" SANDBOX:FAIL")
    await accounts.run_errands()
    me = await accounts.do(STATUS, headers=sergio.bearer)
    reason = "O rosto da selfie não corresponde ao do documento."
    assert me == {
        "identityStatus": "REJECTED",
        "identityCheck": {"status": "REJECTED", "reason": reason, "history": None},
    }
    (check_id,) = [
        fact["identity_check_id"] for fact in await accounts.published("accounts.identity_check_submitted.v1")
    ]
    assert await accounts.published("accounts.identity_rejected.v2") == [
        {"user_id": sergio.id, "identity_check_id": check_id}
    ]
    await submit(accounts, over_http, sergio)
    await accounts.run_errands()
    assert await status_of(accounts, sergio) == "VERIFIED"


async def test_a_doubtful_document_goes_to_the_analysts_queue(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, ana = await accounts.person(), await accounts.person("analyst", **ANA)
    check_id = await in_review(accounts, over_http, sergio)
    assert await status_of(accounts, sergio) == "IN_REVIEW"
    page = await accounts.do(QUEUE.replace("$status: IdentityCheckStatus, ", "").replace("status: $status, ", ""),
                             headers=ana.bearer)  # fmt: skip
    (node,) = page["nodes"]
    assert node | {"document": None} == {
        "id": check_id,
        "status": "IN_REVIEW",
        "user": {"fullName": "Sérgio Almeida", "maskedCpf": "***.982.247-**"},
        "document": None,
        "selfie": {"mediaType": "image/jpeg", "sizeBytes": len(JPEG), "erased": False},
        "history": [
            {
                "action": "IDENTITY_REFERRED",
                "actorId": None,
                "reason": "O documento precisa ser conferido por uma pessoa.",
            }
        ],
    }
    async with over_http.get(node["document"]["path"], headers=ana.bearer) as response:
        assert await response.read() == PDF + b" SANDBOX:REVIEW"


@pytest.mark.parametrize(
    ("decision", "reason", "check_status", "event"),
    [
        ("APPROVE", None, "APPROVED", "identity_verified.v2"),
        ("REJECT", "Documento vencido.", "REJECTED", "identity_rejected.v2"),
        ("REQUEST_NEW_UPLOAD", "Foto escura.", "NEW_UPLOAD_REQUESTED", "identity_upload_requested.v2"),
    ],
)
async def test_an_analyst_decides_and_it_is_written_down(  # noqa: PLR0917  # a table's columns
    accounts: Accounts,
    over_http: aiohttp.ClientSession,
    decision: str,
    reason: str | None,
    check_status: str,
    event: str,
) -> None:
    person_status = "VERIFIED" if decision == "APPROVE" else check_status
    sergio, ana = await accounts.person(), await accounts.person("analyst", **ANA)
    check_id = await in_review(accounts, over_http, sergio)
    accounts.clock.advance(hours=1)
    answer = await decide(accounts, ana, check_id, decision, reason)
    assert answer == {
        "__typename": "IdentityCheck",
        "id": check_id,
        "status": check_status,
        "reason": reason,
        "decidedAt": "2026-11-23T13:00:00.000Z",
        "user": {"identityStatus": person_status},
    }
    assert await status_of(accounts, sergio) == person_status
    (published,) = await accounts.published(f"accounts.{event}")
    more = {"person": "NATURAL"} if decision == "APPROVE" else {"identity_check_id": check_id}
    assert published == {"user_id": sergio.id, **more}
    async with accounts.services.database.read() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.occurred_at))).all()
    assert [(entry.action, entry.actor_id and str(entry.actor_id)) for entry in entries] == [
        ("IDENTITY_REFERRED", None),
        (f"IDENTITY_{check_status}", ana.id),
    ]
    assert [str(entry.subject_id) for entry in entries] == [check_id, check_id]


async def test_after_a_request_for_a_new_upload_the_person_submits_again(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, ana = await accounts.person(), await accounts.person("analyst", **ANA)
    check_id = await in_review(accounts, over_http, sergio)
    await decide(accounts, ana, check_id, "REQUEST_NEW_UPLOAD", "Foto escura.")
    assert (await submit(accounts, over_http, sergio))["status"] == "PENDING"


@pytest.mark.parametrize("decision", ["REJECT", "REQUEST_NEW_UPLOAD"])
async def test_a_no_needs_a_reason(accounts: Accounts, over_http: aiohttp.ClientSession, decision: str) -> None:
    sergio, ana = await accounts.person(), await accounts.person("analyst", **ANA)
    check_id = await in_review(accounts, over_http, sergio)
    for reason in (None, "   ", "x" * 501):
        answer = await decide(accounts, ana, check_id, decision, reason)
        assert answer == {"__typename": "InvalidInput", "field": "reason"}
    assert await status_of(accounts, sergio) == "IN_REVIEW"


async def test_a_check_is_decided_once(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio, ana = await accounts.person(), await accounts.person("analyst", **ANA)
    check_id = await in_review(accounts, over_http, sergio)
    answers = await asyncio.gather(
        decide(accounts, ana, check_id, "APPROVE"), decide(accounts, ana, check_id, "REJECT", "Documento vencido.")
    )
    assert sorted(answer["__typename"] for answer in answers) == ["IdentityCheck", "IdentityCheckAlreadyDecided"]
    verified = await accounts.published("accounts.identity_verified.v2")
    rejected = await accounts.published("accounts.identity_rejected.v2")
    assert len(verified) + len(rejected) == 1


async def test_nobody_decides_about_themselves(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    ana = await accounts.person("analyst", **ANA)
    check_id = await in_review(accounts, over_http, ana)
    assert await decide(accounts, ana, check_id, "APPROVE") == {"__typename": "OwnIdentityCheck"}
    assert await status_of(accounts, ana) == "IN_REVIEW"


async def test_a_check_that_is_not_there_is_not_decided(accounts: Accounts) -> None:
    ana = await accounts.person("analyst", **ANA)
    for check_id in ("00000000-0000-7000-8000-000000000000", "not-a-uuid"):
        assert await decide(accounts, ana, check_id, "APPROVE") == {"__typename": "IdentityCheckNotFound"}


@pytest.mark.parametrize("scope", ["farmer", "investor"])
async def test_queue_and_decision_are_for_staff(
    accounts: Accounts, over_http: aiohttp.ClientSession, scope: str
) -> None:
    sergio, marina = await accounts.person(), await accounts.person(scope, **MARINA)
    check_id = await in_review(accounts, over_http, sergio)
    queue = await accounts.ask(DEFAULT_QUEUE, headers=marina.bearer)
    decision = await accounts.ask(
        DECIDE, {"input": {"identityCheckId": check_id, "decision": "APPROVE"}}, headers=marina.bearer
    )
    assert [answer["errors"][0]["extensions"]["code"] for answer in (queue, decision)] == ["FORBIDDEN", "FORBIDDEN"]
    assert await status_of(accounts, sergio) == "IN_REVIEW"


async def test_the_entity_is_for_its_person_and_for_staff(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio, marina = await accounts.person(), await accounts.person("investor", **MARINA)
    ana = await accounts.person("analyst", **ANA)
    check_id = await in_review(accounts, over_http, sergio)
    wanted = {"r": [{"__typename": "IdentityCheck", "id": check_id}]}

    async def seen(headers: dict[str, str] | None) -> Any:
        return (await accounts.ask(ENTITIES, wanted, headers=headers))["data"]["_entities"]

    mine = {"id": check_id, "status": "IN_REVIEW", "history": None}
    assert await seen(None) == [None]
    assert await seen(marina.bearer) == [None]
    assert await seen(sergio.bearer) == [mine]
    assert await seen(ana.bearer) == [mine | {"history": [{"action": "IDENTITY_REFERRED"}]}]


async def test_the_queue_is_paged_with_those_waiting_longest_first(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    ana = await accounts.person("analyst", **ANA)
    waiting = []
    for who in ({}, MARINA):
        waiting.append(await in_review(accounts, over_http, await accounts.person(**who)))
        accounts.clock.advance(minutes=1)
    answer = await accounts.ask(QUEUE, {"status": "IN_REVIEW", "first": 1}, headers=ana.bearer)
    first = answer["data"]["identityChecks"]
    assert ([node["id"] for node in first["nodes"]], first["pageInfo"]["hasNextPage"]) == (waiting[:1], True)
    variables = {"status": None, "first": 1, "after": first["pageInfo"]["endCursor"]}
    second = (await accounts.ask(QUEUE, variables, headers=ana.bearer))["data"]["identityChecks"]
    assert ([node["id"] for node in second["nodes"]], second["pageInfo"]["hasNextPage"]) == (waiting[1:], False)
    empty = await accounts.ask(QUEUE, {"status": "APPROVED"}, headers=ana.bearer)
    assert empty["data"]["identityChecks"]["nodes"] == []


async def test_the_same_uploads_sent_again_are_the_same_check(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await accounts.person()
    wanted = {
        "documentUploadId": await upload(over_http, sergio, PNG),
        "selfieUploadId": await upload(over_http, sergio, JPEG),
    }
    answers = await asyncio.gather(*(accounts.do(SUBMIT, wanted, headers=sergio.bearer) for _ in range(2)))
    assert answers[0] == answers[1]
    assert len(await accounts.published("accounts.identity_check_submitted.v1")) == 1
    assert (await submit(accounts, over_http, sergio))["__typename"] == "IdentityCheckInProgress"


async def test_who_is_verified_submits_nothing_more(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await accounts.person()
    await submit(accounts, over_http, sergio)
    await accounts.run_errands()
    assert (await submit(accounts, over_http, sergio))["__typename"] == "IdentityAlreadyVerified"


async def test_only_ones_own_unused_uploads_count(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio, marina = await accounts.person(), await accounts.person(**MARINA)
    mine, selfie = await upload(over_http, sergio, PNG), await upload(over_http, sergio, JPEG)
    hers = await upload(over_http, marina, PNG)

    async def try_with(document: str, face: str) -> Any:
        wanted = {"documentUploadId": document, "selfieUploadId": face}
        return await accounts.do(SUBMIT, wanted, headers=sergio.bearer)

    assert await try_with(hers, selfie) == {"__typename": "UploadNotFound", "uploadId": hers}
    assert await try_with(mine, mine) == {"__typename": "InvalidInput", "field": "selfieUploadId"}
    assert await try_with(selfie, await upload(over_http, sergio, PDF)) == {
        "__typename": "InvalidInput",
        "field": "selfieUploadId",
    }
    assert (await try_with(mine, selfie))["status"] == "PENDING"


async def test_a_person_tries_five_times_a_day(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await accounts.person()
    for _ in range(5):
        await submit(accounts, over_http, sergio, PNG + b" SANDBOX:FAIL")
        await accounts.run_errands()
        accounts.clock.advance(hours=1)
    answer = await submit(accounts, over_http, sergio)
    assert answer == {"__typename": "TooManyAttempts", "retryAfterSeconds": 19 * 3600}
    accounts.clock.advance(hours=19)
    assert (await submit(accounts, over_http, sergio))["__typename"] == "IdentityCheck"


async def test_a_verifier_that_is_down_is_asked_again(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await accounts.person()
    await submit(accounts, over_http, sergio, PNG + b" SANDBOX:DOWN")
    for attempt in (1, 2):
        with pytest.raises(ConnectionError):
            await accounts.run_errands(attempt=attempt, again=attempt > 1)
        assert await status_of(accounts, sergio) == "PENDING"
    await accounts.run_errands(attempt=3, again=True)
    assert await status_of(accounts, sergio) == "VERIFIED"


async def test_a_verifier_that_stays_away_leaves_it_to_the_analyst(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await accounts.person()
    await submit(accounts, over_http, sergio, PNG + b" SANDBOX:DOWN")
    await accounts.run_errands(attempt=5)
    assert await status_of(accounts, sergio) == "IN_REVIEW"


async def test_a_late_verdict_changes_no_decision(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio, ana = await accounts.person(), await accounts.person("analyst", **ANA)
    check = await submit(accounts, over_http, sergio)
    await decide(accounts, ana, check["id"], "REJECT", "Documento vencido.")
    await accounts.run_errands()
    assert await status_of(accounts, sergio) == "REJECTED"
    assert await accounts.published("accounts.identity_verified.v2") == []


async def test_the_record_only_grows(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await accounts.person()
    await submit(accounts, over_http, sergio)
    await accounts.run_errands()
    for statement in (update(AuditEntry).values(reason="another"), delete(AuditEntry)):
        # Its role has no right to; the trigger behind that stops the owner, too.
        with pytest.raises(DBAPIError, match="permission denied"):
            async with accounts.services.database.begin() as session:
                await session.execute(statement)


async def test_the_database_allows_one_open_check(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await accounts.person()
    first = await submit(accounts, over_http, sergio)
    async with accounts.services.database.read() as session:
        row = await session.get_one(IdentityCheck, first["id"])
        uploads = (await session.scalars(select(UploadRow.id))).all()
    with pytest.raises(DBAPIError, match="uq_identity_checks_open"):
        async with accounts.services.database.begin() as session:
            session.add(
                IdentityCheck(
                    id=sergio.session_id,
                    user_id=row.user_id,
                    status="IN_REVIEW",
                    document_id=uploads[0],
                    selfie_id=uploads[1],
                    submitted_at=accounts.clock.now(),
                )
            )
