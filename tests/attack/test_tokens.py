"""A token that proves nothing opens no door: not the router's, not any subgraph's, for no way of asking."""

import uuid

import pytest

from tests.attack.shapes import DOORS
from tests.end_to_end.test_bad_requests import bad_tokens, claims_of, signed
from tests.fixtures.attack import Attack
from tests.fixtures.parts import Answer, ToldParts

pytestmark = [pytest.mark.attack, pytest.mark.timeout(300)]

ASKED = {
    "a query": {"query": "{ __typename }"},
    "entities": {"query": '{ _entities(representations: [{__typename: "User", id: "1"}]) { __typename } }'},
    "events": {"query": "subscription { notificationReceived { id } }"},
}


def is_refused(answer: Answer) -> bool:
    if isinstance(answer.body, bytes):  # an event stream, whose one event is the refusal
        return answer.status == 200 and b"UNAUTHENTICATED" in answer.body and b'"data":null' in answer.body
    return "UNAUTHENTICATED" in answer.codes and answer.body.get("data") is None


@pytest.mark.parametrize("door", DOORS)
async def test_a_token_that_proves_nothing_opens_no_door(door: str, told_parts: ToldParts, attack: Attack) -> None:
    parts, marina = told_parts.parts, told_parts.told.investors[0]
    signer = await parts.signer()
    subject = f"tokens, {door}"
    for flaw, token in bad_tokens(signer, marina).items():
        for what, body in ASKED.items():
            accept = "text/event-stream" if what == "events" else "application/graphql-response+json"
            answer = await parts.post(f"{parts.bases[door]}/graphql", json=body, token=token, accept=accept)
            attack.cell(subject, f"{flaw}, {what}", is_refused(answer), answer)
    attack.check(subject)


@pytest.mark.parametrize("door", [door for door in DOORS if door != "router"])
async def test_nobody_believes_a_header_that_names_a_person(door: str, told_parts: ToldParts, attack: Attack) -> None:
    """What proxies of other houses set after they have looked at a token."""
    parts, marina = told_parts.parts, told_parts.told.investors[0]
    subject = f"identity headers, {door}"
    for name in (
        "x_user_id",
        "x_forwarded_user",
        "x_auth_request_user",
        "x_subject",
        "x_scope",
        "x_jwt_claims",
        "cookie",
    ):
        query = "query($of: [_Any!]!) { _entities(representations: $of) { __typename ... on User { id } } }"
        of = {"of": [{"__typename": "User", "id": marina.id}]}
        answer = await parts.ask(query, of, part=door, **{name: f"{marina.id} admin"})
        seen = answer.body.get("data") or {}
        attack.cell(subject, name, seen.get("_entities") in (None, [None]), answer)
    attack.check(subject)


async def test_scopes_that_a_token_claims_twice_or_oddly_are_not_more(told_parts: ToldParts, attack: Attack) -> None:
    """Signed by us and still odd: a scope is a word between spaces, and nothing else becomes one."""
    parts, marina = told_parts.parts, told_parts.told.investors[0]
    signer = await parts.signer()
    for scope in (
        "signed_in,admin",
        "signed_in\tadmin",
        "signed_in ADMIN",
        "signed_in admin\x00",
        "",
        ["admin"],
        {"a": 1},
    ):
        token = signed(signer, claims_of(marina, scope=scope, jti=str(uuid.uuid4())))
        answer = await parts.ask("{ users(first: 1) { nodes { id } } }", token=token)
        is_closed = answer.codes and set(answer.codes) <= {"FORBIDDEN", "UNAUTHENTICATED"}
        attack.cell("scopes", repr(scope), bool(is_closed), answer)
    attack.check("scopes")
