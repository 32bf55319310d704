"""Bad input gets a clear answer that says what is wrong, with the status that HTTP has for it; and changes nothing."""

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import orjson
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from launch.environment import AUDIENCE, ISSUER
from story.people import PASSWORD, Person
from subgraphs.accounts.domain.signing_keys import Signer
from subgraphs.shared.webhooks import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign_webhook
from tests.end_to_end.gateway import DEPOSIT, available, new_charge, notice_of, notify, rows_of
from tests.fixtures.parts import Answer, Parts, ToldParts
from trevo.door.media_types import GRAPHQL_RESPONSE

pytestmark = [pytest.mark.attack, pytest.mark.timeout(300)]  # the first test tells the story

JSON = "application/json"


@pytest.fixture
def parts(told_parts: ToldParts) -> Parts:
    return told_parts.parts


@pytest.fixture
def marina(told_parts: ToldParts) -> Person:
    return told_parts.told.investors[0]


async def what_is_written(parts: Parts) -> dict[str, int]:
    """How much there is of what the requests of this file would write if they were taken."""
    return {
        **await rows_of(parts, "wallet", "charges", "gateway_payments", "ledger_entries", "outbox"),
        **await rows_of(parts, "accounts", "users", "sessions"),
    }


@pytest_asyncio.fixture
async def nothing_is_written(parts: Parts) -> AsyncIterator[None]:
    before = await what_is_written(parts)
    yield
    assert await what_is_written(parts) == before


# ── GraphQL over HTTP ──


def deposit(**changed: Any) -> dict[str, Any]:
    return {"query": DEPOSIT, "variables": {"amount": "10.00", "key": "bad-requests-1"}} | changed


NESTED = "{ me " + "{ creditRequests { nodes { farmer " * 9 + "{ id }" + " } } }" * 9 + " }"
FLAWED: dict[str, tuple[dict[str, Any], int, str]] = {
    "a body that is no JSON": ({"data": b'{"query": '}, 400, "BAD_REQUEST"),
    "a body that is not UTF-8": ({"data": b'{"query": "\xff"}'}, 400, "BAD_REQUEST"),
    "no body": ({"data": b""}, 400, "BAD_REQUEST"),
    "a batch": ({"json": [deposit()]}, 400, "BATCHING_NOT_SUPPORTED"),
    "no query": ({"json": {"variables": {}}}, 400, "BAD_REQUEST"),
    "a query that is a number": ({"json": {"query": 7}}, 400, "BAD_REQUEST"),
    "variables that are a list": ({"json": deposit(variables=[])}, 400, "BAD_REQUEST"),
    "a body beyond the limit": ({"data": b'{"query": "' + b" " * 1_000_001 + b'"}'}, 413, "REQUEST_TOO_LARGE"),
    "a form": ({"json": deposit(), "content_type": "application/x-www-form-urlencoded"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    "no content type": ({"json": deposit(), "content_type": ""}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    "an answer in XML": ({"json": deposit(), "accept": "application/xml"}, 406, "NOT_ACCEPTABLE"),
    "a syntax error": ({"json": {"query": "{ me { id }"}}, 400, "GRAPHQL_PARSE_FAILED"),
    "an unknown field": ({"json": {"query": "{ me { salary } }"}}, 400, "GRAPHQL_VALIDATION_FAILED"),
    "an unknown argument": ({"json": {"query": "{ me(id: 1) { id } }"}}, 400, "GRAPHQL_VALIDATION_FAILED"),
    "an unknown input field": (
        {"json": deposit(query=DEPOSIT.replace("idempotencyKey", "bonus: 1, idempotencyKey"))},
        400, "GRAPHQL_VALIDATION_FAILED",
    ),
    "the entities' door": (
        {"json": {"query": '{ _entities(representations: []) { __typename } }'}}, 400, "GRAPHQL_VALIDATION_FAILED",
    ),
    "a variable missing": ({"json": deposit(variables={"amount": "10.00"})}, 400, "BAD_USER_INPUT"),
    "a variable of another type": ({"json": deposit(variables={"amount": "10.00", "key": 7})}, 400, "BAD_USER_INPUT"),
    "a null that must not be": ({"json": deposit(variables={"amount": "1", "key": None})}, 400, "BAD_USER_INPUT"),
    "an unknown operation": ({"json": deposit(operationName="Withdraw")}, 400, "UNKNOWN_OPERATION_NAME"),
    "two operations and no name": ({"json": {"query": "query A { me { id } } query B { me { id } }"}}, 400,
                                   "OPERATION_NAME_REQUIRED"),
    "a subscription": ({"json": {"query": "subscription { me { id } }"}}, 400, "GRAPHQL_VALIDATION_FAILED"),
    "too deep": ({"json": {"query": NESTED}}, 400, "QUERY_TOO_DEEP"),
    "too many aliases": (
        {"json": {"query": f"{{ me {{ {' '.join(f'a{n}: id' for n in range(201))} }} }}"}},
        400, "QUERY_TOO_MANY_ALIASES",
    ),
    "too many root fields": (
        {"json": {"query": f"{{ {' '.join(f'a{n}: me {{ id }}' for n in range(51))} }}"}},
        400, "QUERY_TOO_MANY_ROOT_FIELDS",
    ),
    "too many tokens": ({"json": {"query": f"{{ me {{ {'id ' * 10_001} }} }}"}}, 400, "QUERY_TOO_MANY_TOKENS"),
    "too long": ({"json": {"query": f"{{ me {{ id }} }} #{' ' * 100_000}"}}, 400, "QUERY_TOO_LONG"),
}  # fmt: skip


async def send(parts: Parts, person: Person, request: dict[str, Any], *, part: str = "router") -> Answer:
    headers = {"accept": GRAPHQL_RESPONSE, "content_type": JSON} | request
    return await parts.post(f"{parts.bases[part]}/graphql", token=person.token, **headers)


@pytest.mark.parametrize("flaw", FLAWED)
async def test_a_flawed_request_is_refused(flaw: str, parts: Parts, marina: Person, nothing_is_written: None) -> None:
    request, status, code = FLAWED[flaw]
    answer = await send(parts, marina, request)
    assert (answer.status, answer.codes) == (status, [code]), answer.body
    assert "data" not in answer.body
    assert answer.body["errors"][0]["message"]


async def test_with_plain_json_a_well_formed_request_is_answered_200(parts: Parts, marina: Person) -> None:
    """GraphQL over HTTP, 6.4.1: such a client may take another status for a proxy's."""
    invalid = await send(parts, marina, {"json": {"query": "{ me { salary } }"}, "accept": JSON})
    malformed = await send(parts, marina, {"data": b"{", "accept": JSON})
    assert (invalid.status, invalid.codes) == (200, ["GRAPHQL_VALIDATION_FAILED"])
    assert (malformed.status, malformed.codes) == (400, ["BAD_REQUEST"])


async def test_a_mutation_needs_post(parts: Parts, marina: Person, nothing_is_written: None) -> None:
    variables = '{"amount": "10.00", "key": "bad-requests-2"}'
    answer = await parts.get(f"{parts.bases['router']}/graphql", token=marina.token, query=DEPOSIT, variables=variables)
    assert (answer.status, answer.codes, answer.headers["Allow"]) == (405, ["MUTATION_NOT_ALLOWED"], "POST")


async def test_another_method_is_refused(parts: Parts) -> None:
    async with parts.http.put(f"{parts.bases['router']}/graphql", json=deposit()) as response:
        assert (response.status, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("amount", [10.5, "ten", "1e999999999", "1e-999999999", "NaN", True, "1" * 41], ids=str)
async def test_an_amount_is_a_decimal_string(
    amount: object, parts: Parts, marina: Person, nothing_is_written: None
) -> None:
    answer = await send(parts, marina, {"json": deposit(variables={"amount": amount, "key": "bad-requests-3"})})
    assert answer.codes == ["BAD_USER_INPUT"], answer
    assert answer.body["data"] == {"createDeposit": None}
    assert "Decimal" in answer.body["errors"][0]["message"]


@pytest.mark.parametrize("amount", ["0", "-10.00", "10.001", "99999999999999.00"])
async def test_an_amount_out_of_bounds_is_a_typed_refusal(
    amount: str, parts: Parts, marina: Person, nothing_is_written: None
) -> None:
    answer = await send(
        parts, marina, {"json": deposit(variables={"amount": amount, "key": f"bad-requests-4 {amount}"})}
    )
    assert answer.status == 200
    assert answer.data["createDeposit"]["__typename"] in ("InvalidInput", "PaymentAmountOutOfRange")


# ── tokens ──


def claims_of(person: Person, **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": person.id, "iat": now, "exp": now + 600,
        "jti": str(uuid.uuid4()), "sid": str(uuid.uuid4()), "scope": "signed_in investor",
    }  # fmt: skip
    return {name: value for name, value in (claims | changed).items() if value is not None}


def signed(signer: Signer, claims: dict[str, Any], *, key: Ed25519PrivateKey | None = None, **header: str) -> str:
    return jwt.encode(claims, key or signer.private_key, algorithm="EdDSA", headers={"kid": signer.key_id} | header)


def part_of(document: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(document)).rstrip(b"=").decode()


def unsigned(signer: Signer, claims: dict[str, Any]) -> str:
    return f"{part_of({'alg': 'none', 'typ': 'JWT', 'kid': signer.key_id})}.{part_of(claims)}."


def signed_with_the_public_key(signer: Signer, claims: dict[str, Any]) -> str:
    """What a verifier would believe that took the published key for a shared secret."""
    text = f"{part_of({'alg': 'HS256', 'typ': 'JWT', 'kid': signer.key_id})}.{part_of(claims)}"
    public = signer.private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    mac = hmac.digest(public, text.encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def bad_tokens(signer: Signer, person: Person) -> dict[str, str]:
    good, now = claims_of(person), int(time.time())
    header, _, signature = signed(signer, good).split(".")
    return {
        "expired": signed(signer, claims_of(person, iat=now - 700, exp=now - 60)),
        "not valid yet": signed(signer, claims_of(person, nbf=now + 600)),
        "of another audience": signed(signer, claims_of(person, aud="another")),
        "of another issuer": signed(signer, claims_of(person, iss="https://accounts.elsewhere.example")),
        "without an expiry": signed(signer, claims_of(person, exp=None)),
        "without an audience": signed(signer, claims_of(person, aud=None)),
        "of nobody": signed(signer, claims_of(person, sub=None)),
        "forged": signed(signer, good, key=Ed25519PrivateKey.generate()),
        "with other claims": f"{header}.{part_of(good | {'scope': 'signed_in admin'})}.{signature}",
        "of an unknown key": signed(signer, good, kid="no-such-key"),
        "unsigned": unsigned(signer, good),
        "signed with the public key": signed_with_the_public_key(signer, good),
        "no token at all": "anything",
        "empty": "",
        "far too long": f"{header}.{'a' * 5_000}.{signature}",
    }


async def test_a_token_that_proves_nothing_is_refused_everywhere(
    parts: Parts, marina: Person, nothing_is_written: None
) -> None:
    signer = await parts.signer()
    assert (await parts.ask("{ me { id } }", token=signed(signer, claims_of(marina)))).data == {"me": {"id": marina.id}}
    for flaw, token in bad_tokens(signer, marina).items():
        for part in ("router", "wallet"):
            answer = await parts.ask(DEPOSIT, deposit()["variables"], token=token, part=part)
            assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"]), (flaw, part, answer)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        for url in (f"{parts.bases['accounts']}/uploads/{uuid.uuid4()}", f"{parts.bases['credit']}/credit/documents/1"):
            assert (await parts.get(url, token=token)).status == 401, (flaw, url)


async def test_a_token_of_somebody_who_cannot_exist_is_refused_by_whoever_knows_people(
    parts: Parts, marina: Person, nothing_is_written: None
) -> None:
    token = signed(await parts.signer(), claims_of(marina, sub="marina"))
    through_router = await parts.ask(DEPOSIT, deposit()["variables"], token=token)
    direct = await parts.ask(DEPOSIT, deposit()["variables"], token=token, part="wallet")
    assert (through_router.codes, through_router.body["data"]) == (["UNAUTHENTICATED"], {"createDeposit": None})
    assert (direct.codes, direct.status) == (["UNAUTHENTICATED"], 401)


async def test_another_scheme_is_refused(parts: Parts) -> None:
    answer = await parts.ask("{ me { id } }", authorization="Basic bWFyaW5hOng=")
    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])


# ── OAuth 2 ──

FORM = "application/x-www-form-urlencoded"
BAD_GRANTS: dict[str, tuple[str, dict[str, str], int, str]] = {
    "no grant type": ("username=a&password=b", {}, 400, "invalid_request"),
    "another grant": ("grant_type=client_credentials", {}, 400, "unsupported_grant_type"),
    "no password": ("grant_type=password&username=a", {}, 400, "invalid_request"),
    "a wrong password": ("grant_type=password&username=nobody@x.example&password=b", {}, 400, "invalid_grant"),
    "an unknown refresh token": ("grant_type=refresh_token&refresh_token=abc", {}, 400, "invalid_grant"),
    "an unknown scope": ("grant_type=password&username=a&password=b&scope=king", {}, 400, "invalid_scope"),
    "a parameter twice": ("grant_type=password&grant_type=password", {}, 400, "invalid_request"),
    "a body in JSON": ('{"grant_type": "password"}', {"content_type": JSON}, 400, "invalid_request"),
    "a client's secret": ("grant_type=password&client_secret=x", {}, 401, "invalid_client"),
    "a client's header": ("grant_type=password", {"authorization": "Basic YTpi"}, 401, "invalid_client"),
    "a body beyond the limit": ("a" * 10_001, {}, 413, "invalid_request"),
}


@pytest.mark.parametrize("flaw", BAD_GRANTS)
async def test_the_token_endpoint_tells_errors_as_oauth_does(flaw: str, parts: Parts, nothing_is_written: None) -> None:
    body, headers, status, error = BAD_GRANTS[flaw]
    url = f"{parts.bases['accounts']}/oauth/token"
    answer = await parts.post(url, data=body.encode(), **{"content_type": FORM, **headers})
    assert (answer.status, answer.body["error"]) == (status, error), answer
    assert answer.body["error_description"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in answer.headers) == ("authorization" in headers)


async def test_a_refresh_token_used_twice_ends_the_session(parts: Parts, marina: Person) -> None:
    url = f"{parts.bases['accounts']}/oauth/token"

    async def grant(form: str) -> Answer:
        return await parts.post(url, data=form.encode(), content_type=FORM)

    name, password = marina.email.replace("+", "%2B"), PASSWORD.replace("#", "%23")
    first = await grant(f"grant_type=password&username={name}&password={password}")
    assert first.status == 200, first
    second = await grant(f"grant_type=refresh_token&refresh_token={first.body['refresh_token']}")
    assert second.status == 200
    for used in (first, second):
        answer = await grant(f"grant_type=refresh_token&refresh_token={used.body['refresh_token']}")
        assert (answer.status, answer.body["error"]) == (400, "invalid_grant")


# ── webhooks ──

IN_SUSPENSE = "{ suspendedPayments(first: 100) { nodes { endToEndId txid amount { amount } } } }"


async def test_a_webhook_that_is_not_the_gateways_is_refused(parts: Parts, marina: Person) -> None:
    _, txid = await new_charge(parts, marina)
    before, balance = await what_is_written(parts), await available(parts, marina)
    body = orjson.dumps(notice_of(txid))
    hour_ago = sign_webhook(
        parts.environment["WALLET_WEBHOOK_SECRET"], body, now=datetime.now(UTC) - timedelta(hours=1)
    )
    of_other_body = sign_webhook(parts.environment["WALLET_WEBHOOK_SECRET"], b"{}", now=datetime.now(UTC))
    of_other_secret = sign_webhook("guessed", body, now=datetime.now(UTC))
    for headers in (hour_ago, of_other_body, of_other_secret, {TIMESTAMP_HEADER: "now"}, {SIGNATURE_HEADER: ""}):
        named = {name.replace("-", "_"): value for name, value in headers.items()}
        answer = await notify(parts, body, **named)
        assert (answer.status, list(answer.body)) == (401, ["error"]), answer
    for domain, path in (("wallet", "pix"), ("contracts", "signature"), ("contracts", "registry")):
        answer = await parts.post(f"{parts.bases[domain]}/webhooks/{path}", data=body, content_type=JSON)
        assert answer.status == 401, (path, answer)
    assert (await what_is_written(parts), await available(parts, marina)) == (before, balance)


NO_AMOUNTS = ("0", "-10.00", "10.001", "ten", "1e999999999", "1e-999999999")


async def test_a_webhook_that_makes_no_sense_is_refused(parts: Parts, marina: Person) -> None:
    _, txid = await new_charge(parts, marina)
    before = await what_is_written(parts)
    senseless = [
        b"", b"{", b"[]", b'"paid"', orjson.dumps({"type": "payment.imagined"}),
        *(orjson.dumps(notice_of(txid, amount=amount)) for amount in NO_AMOUNTS),
        orjson.dumps(notice_of(txid) | {"amount": 10.0}),
        orjson.dumps(notice_of(txid, paid_at="yesterday")),
        orjson.dumps(notice_of(txid + "; DROP TABLE charges")),
    ]  # fmt: skip
    for body in senseless:
        answer = await notify(parts, body)
        assert (answer.status, "error" in answer.body) == (400, True), (body, answer)
    assert (await notify(parts, b" " * 1_000_001)).status == 413
    assert await what_is_written(parts) == before


async def test_a_webhook_told_many_times_at_once_has_one_effect(parts: Parts, marina: Person) -> None:
    _, txid = await new_charge(parts, marina)
    before, balance = await rows_of(parts, "wallet", "gateway_payments"), await available(parts, marina)
    body = orjson.dumps(notice_of(txid))
    answers = await asyncio.gather(*(notify(parts, body) for _ in range(5)))
    answers.append(await notify(parts, body))
    assert [(answer.status, answer.body) for answer in answers] == [(200, {"status": "recorded"})] * 6
    assert await rows_of(parts, "wallet", "gateway_payments") == {"gateway_payments": before["gateway_payments"] + 1}
    assert await available(parts, marina) == balance + 10


@pytest.mark.parametrize(
    ("amount", "is_known"), [("10.00", False), ("9.99", True)], ids=["unknown txid", "wrong amount"]
)
async def test_money_that_cannot_be_placed_waits_in_suspense(
    amount: str, is_known: bool, parts: Parts, told_parts: ToldParts, marina: Person
) -> None:
    deposit_id, known_txid = await new_charge(parts, marina)
    balance, txid = await available(parts, marina), known_txid if is_known else secrets.token_hex(16)
    notice = notice_of(txid, amount=amount)
    assert (await notify(parts, orjson.dumps(notice))).status == 200
    assert await available(parts, marina) == balance
    shown = await parts.ask("query($id: ID!) { deposit(id: $id) { status } }", {"id": deposit_id}, token=marina.token)
    assert shown.data == {"deposit": {"status": "PENDING"}}
    suspended = (await parts.ask(IN_SUSPENSE, token=told_parts.told.admin.token)).data["suspendedPayments"]["nodes"]
    expected = {"endToEndId": notice["end_to_end_id"], "txid": txid, "amount": {"amount": amount}}
    assert [payment for payment in suspended if payment["endToEndId"] == notice["end_to_end_id"]] == [expected]
    books = (await parts.ask("{ booksCheck { balanced problems } }", token=told_parts.told.admin.token)).data
    assert books == {"booksCheck": {"balanced": True, "problems": []}}
