"""Whatever stands in whatever argument is taken, or refused as the client's mistake; it is never our fault."""

import json
from typing import Any

import pytest
import pytest_asyncio

from story import people
from story.narrator import Narrator
from story.people import PASSWORD, SIGN_IN, Person
from tests.attack.inputs import HOSTILE, IN_SHORT, SCHEMA, Place, places
from tests.fixtures.attack import Attack
from tests.fixtures.parts import Answer, Parts, ToldParts

pytestmark = [pytest.mark.attack, pytest.mark.timeout(1800)]

FIELDS = sorted({place.field for place in places(SCHEMA)})
ENDS_SESSIONS = ("UNAUTHENTICATED",)
OURS = ("INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT")


class Attacker:
    """Somebody verified and without money, who signs in again when an attack has ended their session."""

    def __init__(self, told: ToldParts, person: Person) -> None:
        self._told = told
        self._person = person

    async def send(self, place: Place, value: Any) -> Answer:
        answer = await self._as(self._person, place, value)
        if answer.codes == ["UNAUTHENTICATED"]:
            await self._sign_in_again()
            answer = await self._as(self._person, place, value)
        return await self._as(self._told.told.admin, place, value) if answer.codes == ["FORBIDDEN"] else answer

    async def _as(self, person: Person, place: Place, value: Any) -> Answer:
        # The standard library writes a lone surrogate as an escape, as an attacker would; ours refuses to.
        body = json.dumps({"query": place.document, "variables": place.with_value(value)}).encode()
        parts: Parts = self._told.parts
        url = f"{parts.bases['router']}/graphql"
        return await parts.post(url, data=body, token=person.token, content_type="application/json")

    async def _sign_in_again(self) -> None:
        form = {"email": self._person.email, "password": PASSWORD}
        answer = await self._told.client.graphql(SIGN_IN, {"input": form})
        self._person.token = people.expect(answer["signIn"], "SignedIn")["accessToken"]


@pytest_asyncio.fixture(scope="module")
async def attacker(told_parts: ToldParts) -> Attacker:
    person = await people.sign_up(told_parts.client, Narrator(), "Iara Souza", "FARMER", "INVESTOR")
    return Attacker(told_parts, person)


def is_handled(answer: Answer) -> bool:
    if answer.status not in (200, 400, 413) or not isinstance(answer.body, dict):
        return False
    text = json.dumps(answer.body)
    return not any(code in OURS for code in answer.codes) and "Traceback" not in text and "sqlalchemy" not in text


@pytest.mark.parametrize("field", FIELDS)
async def test_no_value_of_an_argument_is_our_fault(field: str, attacker: Attacker, attack: Attack) -> None:
    subject = f"inputs, {field}"
    for place in (place for place in places(SCHEMA) if place.field == field):
        for name, value in HOSTILE.items():
            if attack.full or name in IN_SHORT:
                answer = await attacker.send(place, value)
                attack.cell(subject, f"{'.'.join(place.path)} is {name}", is_handled(answer), answer)
                assert "Set-Cookie" not in answer.headers
    attack.check(subject)
