"""The audit log through the public endpoint and as files: whole, for administrators, and that they looked is known."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from tests.fixtures.parts import ToldParts
from tests.fixtures.told_things import Things

pytestmark = [pytest.mark.attack, pytest.mark.timeout(300)]  # the first test tells the story

DOMAINS = ("accounts", "credit", "contracts", "marketplace", "wallet", "distribution")
FIELDS = """nodes { id at actorId action subjectId personId detail reason correlationId }
    pageInfo { hasNextPage endCursor } actions csvPath"""


def query(domain: str) -> str:
    return f"""query($filter: AuditFilter, $first: Int, $after: String) {{
      {domain}AuditLog(filter: $filter, first: $first, after: $after) {{ {FIELDS} }} }}"""


async def read(told_parts: ToldParts, domain: str, token: str, **variables: Any) -> Any:
    answer = await told_parts.parts.ask(query(domain), variables, token=token)
    return answer.data[f"{domain}AuditLog"]


def rows_of(body: bytes) -> Iterator[list[str]]:
    yield from list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))[1:]


@pytest.mark.parametrize("domain", DOMAINS)
async def test_it_is_the_administrators(told_parts: ToldParts, things: Things, domain: str) -> None:
    cast, url = things.cast, f"{told_parts.parts.bases[domain]}/audit-log/{domain}.csv"
    for person in (cast.analyst, cast.farmer, cast.marina):
        answer = await told_parts.parts.ask(query(domain), token=person.token)
        assert answer.codes == ["FORBIDDEN"]
        assert (await told_parts.parts.get(url, token=person.token)).status == 403
    assert (await told_parts.parts.get(url)).status == 401
    assert (await told_parts.parts.get(f"{url}?everything=1", token=cast.admin.token)).status == 400
    assert (await told_parts.parts.get(f"{url}?actions=NONE", token=cast.admin.token)).status == 400
    answer = await told_parts.parts.ask(query(domain), {"filter": {"actions": ["NONE"]}}, token=cast.admin.token)
    assert answer.codes == ["BAD_USER_INPUT"]
    answer = await told_parts.parts.ask(query(domain), {"after": "bm93"}, token=cast.admin.token)
    assert answer.codes == ["BAD_USER_INPUT"]


async def test_a_decision_is_found_by_who_whom_and_what(told_parts: ToldParts, things: Things) -> None:
    cast = things.cast
    approved = {"actions": ["REQUEST_APPROVED"], "actorId": cast.analyst.id, "personId": cast.farmer.id}
    entry, *others = (await read(told_parts, "credit", cast.admin.token, filter=approved))["nodes"]
    assert {(each["actorId"], each["personId"], each["action"]) for each in (entry, *others)} == {
        (cast.analyst.id, cast.farmer.id, "REQUEST_APPROVED")
    }
    subject = {"subjectId": entry["subjectId"]}
    assert (await read(told_parts, "credit", cast.admin.token, filter=subject))["nodes"] == [entry]
    assert (await read(told_parts, "credit", cast.admin.token, filter=approved | {"to": "2020-01-01"}))["nodes"] == []


async def test_page_by_page_it_is_the_file(told_parts: ToldParts, things: Things) -> None:
    admin, found, after = things.cast.admin, [], None
    while True:
        page = await read(told_parts, "accounts", admin.token, first=2, after=after)
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(found) > 2
    assert len({entry["id"] for entry in found}) == len(found)
    assert page["csvPath"] == "/audit-log/accounts.csv"
    file = await told_parts.parts.get(told_parts.parts.bases["accounts"] + page["csvPath"], token=admin.token)
    assert file.status == 200
    assert [(row[1], row[2], row[4]) for row in rows_of(file.body)] == [
        (entry["action"], entry["actorId"] or "", entry["personId"] or "") for entry in found
    ]


async def test_whom_it_is_about_sees_that_it_was_read(told_parts: ToldParts, things: Things) -> None:
    cast = things.cast

    async def looks() -> int:
        database = told_parts.parts.database("credit")
        async with database.read() as session:
            found = await session.scalar(
                text("SELECT count(*) FROM staff_looks WHERE actor_id = :who AND user_id = :whose AND sight = 'LOOKS'"),
                {"who": cast.admin.id, "whose": cast.farmer.id},
            )
        await database.close()
        return int(found or 0)

    before = await looks()
    asked = {"personId": cast.farmer.id, "actions": ["REQUEST_APPROVED"]}
    page = await read(told_parts, "credit", cast.admin.token, filter=asked)
    assert await looks() == before + 1
    url = told_parts.parts.bases["credit"] + page["csvPath"]
    assert (await told_parts.parts.get(url, token=cast.admin.token)).status == 200
    assert await looks() == before + 2
