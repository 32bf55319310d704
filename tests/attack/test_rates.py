"""Who asks without pause is told to wait, and nobody else is."""

import asyncio

import pytest

from tests.fixtures.attack import Attack
from tests.fixtures.parts import Answer, ToldParts

pytestmark = [pytest.mark.attack, pytest.mark.timeout(300)]

GUARDED = "guarded router"
"""The router of `told_parts` counts nothing, since its tests ask more than anybody may."""


async def burst(told: ToldParts, count: int, query: str, token: str | None = None) -> list[Answer]:
    return await asyncio.gather(*(told.parts.ask(query, token=token, part=GUARDED) for _ in range(count)))


async def test_bursts_are_cut_and_their_neighbours_are_not(told_parts: ToldParts, attack: Attack) -> None:
    await told_parts.parts.start_another_router(GUARDED, ROUTER_RATES__ENABLED="true")
    (marina, carlos), admin = told_parts.told.investors[:2], told_parts.told.admin
    guess = 'mutation { signIn(input: {email: "nobody@x.example", password: "Wrong#2026"}) { __typename } }'
    for name, count, query, person in (
        ("a person's burst", 1_000, "{ __typename }", marina),
        ("guesses at passwords", 300, guess, None),
    ):
        answers = await burst(told_parts, count, query, person.token if person else None)
        refused = [answer for answer in answers if answer.status == 429]
        attack.cell("rates", name, bool(refused), f"{count} of {count} were answered")
        for answer in refused:
            is_told = answer.codes == ["RATE_LIMITED"] and int(answer.headers["Retry-After"]) > 0
            attack.cell("rates", f"{name}: told when to come back", is_told, answer)
        for neighbour in (carlos, admin):
            answer = await told_parts.parts.ask("{ me { id } }", token=neighbour.token, part=GUARDED)
            attack.cell(
                "rates", f"{name}: {neighbour.name}", answer.body == {"data": {"me": {"id": neighbour.id}}}, answer
            )
    attack.check("rates")
