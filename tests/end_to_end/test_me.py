"""`me`: every domain names whose token it is, all alike, so that a screen begins where its fields are."""

import uuid

import jwt
import pytest

from launch.databases import DOMAINS
from launch.home import ROOT
from subgraphs.shared import scopes
from subgraphs.shared.scopes import Sight
from tests.end_to_end.asking import ARGUMENTS, fields_of, selection_of
from tests.end_to_end.test_scopes import ALL_SCOPES, token_with
from tests.fixtures.parts import ToldParts
from tests.fixtures.told_things import Things

pytestmark = [pytest.mark.attack, pytest.mark.timeout(300)]  # the first test tells the story

OWN = {
    "credit": ("creditRequests { nodes { id } }", Sight.CREDIT),
    "contracts": ("cprs { nodes { id } }", Sight.CONTRACTS),
    "marketplace": ("portfolio { activeCount }", Sight.INVESTMENTS),
    "wallet": ("bankAccounts { id }", Sight.MONEY),
    "distribution": ("payouts { nodes { id } }", Sight.INCOME),
    "notifications": ("unreadCount", Sight.INBOX),
}
"""A field that a domain adds to people, and what it shows."""
OWNERS_ONLY = Sight.MONEY
"""Staff see what the books say of somebody's money, never the wallet itself."""


@pytest.mark.parametrize("domain", DOMAINS)
async def test_a_domain_names_whose_token_it_is(domain: str, told_parts: ToldParts, things: Things) -> None:
    for person in (things.cast.farmer, things.cast.marina, things.cast.admin):
        answer = await told_parts.parts.ask("{ me { __typename id } }", token=person.token, part=domain)
        assert answer.data == {"me": {"__typename": "User", "id": person.id}}


async def test_a_token_of_nobody_opens_nothing(told_parts: ToldParts, things: Things) -> None:
    signer = await told_parts.parts.signer()
    claims = jwt.decode(things.cast.stranger.token, options={"verify_signature": False}) | {"sub": str(uuid.uuid4())}
    token = jwt.encode(claims, signer.private_key, algorithm="EdDSA", headers={"kid": signer.key_id})
    answer = await told_parts.parts.ask("{ me { id } }", token=token, part="accounts")
    assert (answer.body["data"], answer.codes) == ({"me": None}, ["UNAUTHENTICATED"])
    answer = await told_parts.parts.ask("{ me { wallet { id } bankAccounts { id } } }", token=token, part="wallet")
    assert answer.data == {"me": {"wallet": None, "bankAccounts": []}}


@pytest.mark.parametrize("part", ["domain", "router"])
async def test_what_a_token_is_not_for_is_forbidden_and_nothing_else_is_lost(
    part: str, told_parts: ToldParts, things: Things
) -> None:
    signer = await told_parts.parts.signer()
    for scope in ALL_SCOPES:
        token = token_with(signer, things.cast.stranger.token, scope)
        for domain, (field, sight) in OWN.items():
            asked_at = part if part == "router" else domain
            answer = await told_parts.parts.ask(f"{{ me {{ id {field} }} }}", token=token, part=asked_at)
            opens = {*scopes.OWN_SIGHTS[sight], *(() if sight is OWNERS_ONLY else scopes.SIGHTS[sight])}
            assert answer.codes == ([] if scope in opens else ["FORBIDDEN"]), (scope, domain, answer.body)
            assert answer.body["data"]["me"]["id"] == things.cast.stranger.id


@pytest.mark.parametrize("domain", [name for name in OWN if not set(ALL_SCOPES) <= set(scopes.DOMAINS[name])])
async def test_whom_a_domain_gives_no_entities_it_tells_nothing_of_themselves(
    domain: str, told_parts: ToldParts, things: Things
) -> None:
    signer = await told_parts.parts.signer()
    fields = {name: each for name, each in fields_of(domain, "User").items() if name != "id"}
    selections = " ".join(f"{name}{ARGUMENTS.get(name, '')}{selection_of(each.type)}" for name, each in fields.items())
    for scope in set(ALL_SCOPES) - set(scopes.DOMAINS[domain]):
        token = token_with(signer, things.cast.stranger.token, scope)
        answer = await told_parts.parts.ask(f"{{ me {{ id {selections} }} }}", token=token, part=domain)
        assert answer.body["data"]["me"] == dict.fromkeys(fields) | {"id": things.cast.stranger.id}
        assert answer.codes == ["FORBIDDEN"] * len(fields), (scope, answer.body)


async def test_a_screen_that_has_nothing_of_accounts_is_whole_without_it(told_parts: ToldParts, things: Things) -> None:
    screens = {
        name: (ROOT / "schema" / "operations" / f"{name}.graphql").read_text() for name in ("Wallet", "Notifications")
    }
    whole = {}
    for name, document in screens.items():
        whole[name] = (await told_parts.parts.ask(document, token=things.cast.marina.token)).data
    async with told_parts.parts.frozen("accounts"):
        for name, document in screens.items():
            answer = await told_parts.parts.ask(document, token=things.cast.marina.token)
            assert answer.data == whole[name]
