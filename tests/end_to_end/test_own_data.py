"""What is kept of a person, as files for them: whole, theirs alone, and after a fresh proof."""

import json
from typing import Any

import pytest

from story.people import Person
from subgraphs.shared.scopes import DOMAINS
from tests.fixtures.parts import ToldParts
from tests.fixtures.sold_quotas import prove_again
from tests.fixtures.told_things import Things

pytestmark = [pytest.mark.attack, pytest.mark.timeout(300)]  # the first test tells the story

PATHS = "query { me { id personalDataPaths } }"
OTHERS = "query($id: ID!) { user(id: $id) { id personalDataPaths } }"


async def file_of(told_parts: ToldParts, domain: str, person: Person) -> dict[str, Any]:
    """The domain's file, had by the person within minutes of proving who they are."""
    await prove_again(told_parts.client, person)
    answer = await told_parts.parts.get(url_of(told_parts, domain), token=person.token)
    assert answer.status == 200
    body: dict[str, Any] = answer.body
    return body


def url_of(told_parts: ToldParts, domain: str) -> str:
    return f"{told_parts.parts.bases[domain]}/personal-data/{domain}.json"


@pytest.mark.parametrize("domain", DOMAINS)
async def test_a_person_has_what_each_domain_keeps_of_them_and_nobody_elses_id(
    told_parts: ToldParts, things: Things, domain: str
) -> None:
    cast, kept = things.cast, 0
    for person in (cast.marina, cast.farmer):
        body = await file_of(told_parts, domain, person)
        assert (body["domain"], body["person"]) == (domain, person.id)
        kept += sum(len(rows) for rows in body["data"].values())
        others = {cast.farmer.id, cast.marina.id, cast.carlos.id, cast.stranger.id, cast.analyst.id, cast.admin.id}
        text = json.dumps(body["data"])
        assert [other for other in others - {person.id} if other in text] == []
    assert kept


async def test_a_file_is_had_with_a_token_of_ones_own(told_parts: ToldParts) -> None:
    for domain in DOMAINS:
        assert (await told_parts.parts.get(url_of(told_parts, domain))).status == 401


async def test_accounts_file_has_the_tax_id_in_clear_and_no_secret(told_parts: ToldParts, things: Things) -> None:
    body = await file_of(told_parts, "accounts", things.cast.marina)
    (user,) = body["data"]["users"]
    assert body["data"]["tax_id"].isdigit()
    assert user["email"] == things.cast.marina.email
    assert not {"password_hash", "cpf_sealed", "cpf_fingerprint", "email_key"} & set(user)


async def test_the_paths_are_told_to_oneself_alone(told_parts: ToldParts, things: Things) -> None:
    cast = things.cast
    shown = (await told_parts.parts.ask(PATHS, token=cast.marina.token)).data["me"]
    assert shown["personalDataPaths"] == [f"/personal-data/{domain}.json" for domain in DOMAINS]
    for reader in (cast.stranger, cast.admin):
        other = (await told_parts.parts.ask(OTHERS, {"id": cast.marina.id}, token=reader.token)).data["user"]
        assert other["personalDataPaths"] is None
