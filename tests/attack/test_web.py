"""What browsers, proxies and hand-made HTTP may send to the doors of the house."""

import asyncio
from urllib.parse import urlsplit

import pytest

from tests.attack.shapes import DOORS
from tests.fixtures.attack import Attack
from tests.fixtures.parts import ToldParts

pytestmark = [pytest.mark.attack, pytest.mark.timeout(300)]

EVIL = "https://evil.example"

SIMPLE_REQUESTS = {
    "plain text": "text/plain",
    "a form": "application/x-www-form-urlencoded",
    "a form in parts": "multipart/form-data; boundary=x",
    "JSON that says it is text": "text/plain; application/json",
    "nothing": "",
}
"""What a page of another origin can send without asking first (Fetch standard, CORS-safelisted request)."""


@pytest.mark.parametrize("door", DOORS)
async def test_another_sites_page_can_send_nothing_that_is_executed(
    door: str, told_parts: ToldParts, attack: Attack
) -> None:
    parts, subject = told_parts.parts, f"cross-site requests, {door}"
    for name, media_type in SIMPLE_REQUESTS.items():
        body = b'{"query": "mutation { __typename }"}'
        answer = await parts.post(f"{parts.bases[door]}/graphql", data=body, content_type=media_type, origin=EVIL)
        attack.cell(subject, name, answer.status == 415, answer)
        attack.cell(
            subject, f"{name}: not readable", "access-control-allow-origin" not in _lower(answer.headers), answer
        )
    answer = await parts.get(f"{parts.bases[door]}/graphql", query="mutation { __typename }")
    attack.cell(subject, "a mutation by GET", answer.status == 405, answer)
    preflight = {
        "origin": EVIL,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
    }
    async with parts.http.options(f"{parts.bases[door]}/graphql", headers=preflight) as response:
        allowed = response.headers.get("access-control-allow-origin")
        attack.cell(subject, "a preflight", allowed not in ("*", EVIL), allowed)
    attack.check(subject)


def _lower(headers: object) -> set[str]:
    return {str(name).lower() for name in headers}  # type: ignore[attr-defined]


PATHS = (
    "/../../../../etc/passwd", "/graphiql/../../../../etc/passwd", "/graphiql/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/graphiql/..%2f..%2f..%2fetc%2fpasswd", "/graphiql/....//....//etc/passwd", "/uploads/..%2f..%2fsecrets.json",
    "/credit/documents/..%2f..%2f..%2fetc%2fpasswd", "//etc/passwd", "/graphiql/%00/etc/passwd", "/.env",
    "/.git/config", "/docs", "/openapi.json", "/redoc", "/debug", "/server-status", "/actuator/env",
)  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
async def test_no_path_leads_out_of_what_is_served(door: str, told_parts: ToldParts, attack: Attack) -> None:
    subject = f"paths, {door}"
    for path in PATHS:
        answer = await _raw(told_parts, door, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        status = _status(answer)
        attack.cell(subject, path, status in (400, 401, 404, 405) and b"root:" not in answer, answer[:200])
    attack.check(subject)


QUERY = b'{"query": "{ __typename }"}'
POST = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
HAND_MADE = {
    "two lengths": POST + b"Content-Length: 27\r\nContent-Length: 3\r\n\r\n" + QUERY,
    "a length and chunks": POST
    + b"Content-Length: 27\r\nTransfer-Encoding: chunked\r\n\r\n1b\r\n"
    + QUERY
    + b"\r\n0\r\n\r\n",
    "a negative length": POST + b"Content-Length: -1\r\n\r\n" + QUERY,
    "a length that is no number": POST + b"Content-Length: 0x1b\r\n\r\n" + QUERY,
    "an enormous length": POST + b"Content-Length: 99999999999999999999\r\n\r\n" + QUERY,
    "a chunk beyond all numbers": POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    "an unknown coding": POST + b"Transfer-Encoding: banana\r\nContent-Length: 27\r\n\r\n" + QUERY,
    "a header with a NUL": POST + b"X: a\x00b\r\nContent-Length: 27\r\n\r\n" + QUERY,
    "a folded header": POST + b"X: a\r\n b\r\nContent-Length: 27\r\n\r\n" + QUERY,
    "a space before the colon": POST + b"Content-Length : 27\r\n\r\n" + QUERY,
    "no protocol": b"GET /graphql\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "HTTP/2 without asking": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "only line breaks": b"\r\n" * 1000,
    "a method of 100 KB": b"X" * 100_000 + b" / HTTP/1.1\r\n\r\n",
    "a target of 1 MB": b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "tracing": b"TRACE /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n\r\n",
    "a tunnel": b"CONNECT 10.0.0.1:22 HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n",
    "an absolute target": b"GET http://evil.example/graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
}


@pytest.mark.parametrize("door", DOORS)
async def test_what_is_not_http_is_refused_and_hurts_nobody(door: str, told_parts: ToldParts, attack: Attack) -> None:
    subject = f"hand-made HTTP, {door}"
    for name, sent in HAND_MADE.items():
        answer = await _raw(told_parts, door, sent)
        statuses = [line for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
        is_once = len(statuses) <= 1  # two answers to one request would be somebody else's second one
        attack.cell(
            subject, name, is_once and not any(line.startswith(b"HTTP/1.1 5") for line in statuses), answer[:300]
        )
        attack.cell(subject, f"{name}: no echo of secrets", b"Bearer secret" not in answer, answer[:300])
        alive = await told_parts.parts.ask("{ __typename }", part=door)
        attack.cell(subject, f"after {name}", alive.body == {"data": {"__typename": "Query"}}, alive)
    attack.check(subject)


async def _raw(told: ToldParts, door: str, sent: bytes) -> bytes:
    """What comes back for these bytes until the other side closes, or says no more."""
    where = urlsplit(told.parts.bases[door])
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    received = b""
    try:
        writer.write(sent)
        await writer.drain()
        async with asyncio.timeout(1.5):
            while chunk := await reader.read(65_536):
                received += chunk
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.close()
    return received


def _status(answer: bytes) -> int | None:
    line = answer.partition(b"\r\n")[0].split()
    return int(line[1]) if len(line) > 1 and line[1].isdigit() else None
