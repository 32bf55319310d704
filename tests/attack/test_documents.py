"""No document, however it grows, costs more than a request may: the largest that is let in is measured."""

from dataclasses import dataclass

import pytest

from tests.attack.inputs import SCHEMA
from tests.attack.shapes import SHAPES, Shape
from tests.fixtures.attack import Attack, spending
from tests.fixtures.parts import Answer, ToldParts
from tests.fixtures.told_things import Things

pytestmark = [pytest.mark.attack, pytest.mark.timeout(900)]

LARGEST = 16_384
CPU_SECONDS_MAX = {"anonymous": 0.25, "signed in": 1.0}
"""Of the whole product, for one request."""
MEASUREMENTS_MAX = 4


@dataclass(frozen=True)
class Trial:
    """A shape at a door, by somebody."""

    shape: Shape
    door: str
    asker: str | None

    def __str__(self) -> str:
        return f"{self.shape.name}, {self.door}, {self.asker or 'anonymous'}"


async def send(told: ToldParts, things: Things, trial: Trial, n: int, *, nth: int = 0) -> Answer:
    """The *nth* of the same has another text, so that no cache knows it."""
    query, variables = trial.shape.grow(n)
    query += f"\n# {nth}" * (nth > 0)
    variables |= {name: things.ids[thing] for name, thing in trial.shape.values.items()}
    token = getattr(things.cast, trial.asker).token if trial.asker else None
    return await told.parts.ask(query, variables, token=token, part=trial.door)


async def seconds_of(told: ToldParts, things: Things, trial: Trial, n: int, asker: str) -> float:
    """
    CPU seconds of the whole product for *n* of *trial*.

    Eight processes have chores of their own that fall into one measurement or another; what the request itself costs is
    in each. So what looks too dear is sent again, never the same text twice, and the smallest figure counts.
    """
    measured: list[float] = []
    while not measured or (min(measured) > CPU_SECONDS_MAX[asker] and len(measured) < MEASUREMENTS_MAX):
        async with spending(told.parts) as spent:
            await send(told, things, trial, n, nth=len(measured))
        measured.append(spent.seconds)
    return min(measured)


REFUSALS = frozenset(type_.name for type_ in SCHEMA.get_implementations(SCHEMA.type_map["Refusal"]).objects)


def is_let_in(answer: Answer) -> bool:
    """Whether it was executed: what is refused before has no data, or says at each field that it is a refusal."""
    data = answer.body.get("data") if answer.status == 200 and isinstance(answer.body, dict) else None
    values = data.values() if data else ()
    return any(not isinstance(value, dict) or value.get("__typename") not in REFUSALS for value in values)


def is_clean(answer: Answer) -> bool:
    return isinstance(answer.body, dict) and "INTERNAL_SERVER_ERROR" not in answer.codes


TRIALS = [Trial(shape, door, asker) for shape in SHAPES for door in shape.doors for asker in shape.askers]


@pytest.mark.parametrize("trial", TRIALS, ids=str)
async def test_what_grows_is_refused_before_it_is_dear(
    trial: Trial, told_parts: ToldParts, things: Things, attack: Attack
) -> None:
    subject = f"documents, {trial.door}"

    async def is_taken(n: int) -> bool:
        answer = await send(told_parts, things, trial, n)
        attack.cell(subject, f"{trial} × {n}", is_clean(answer), answer)
        return is_let_in(answer)

    let_in, refused = 0, 1
    while await is_taken(refused):
        assert refused < LARGEST, f"{trial} × {refused} is not refused"
        let_in, refused = refused, refused * 2
    while refused - let_in > max(1, let_in // 8):
        middle = (let_in + refused) // 2
        let_in, refused = (middle, refused) if await is_taken(middle) else (let_in, middle)
    attack.check(subject)
    if attack.full:
        # Beyond the bound, too: refusing must not be dear either.
        for size in sorted({let_in, refused, 16 * refused} - {0}):
            asker = "anonymous" if trial.asker is None else "signed in"
            attack.cost(asker, f"{trial} × {size}", await seconds_of(told_parts, things, trial, size, asker))


def test_nothing_that_was_let_in_was_dear(attack: Attack) -> None:
    """Measured by the attack in full, which has the machine to itself."""
    for asker, most in CPU_SECONDS_MAX.items():
        seconds, what = attack.dearest.get(asker, (0.0, ""))
        attack.cell("cost", asker, seconds <= most, f"{seconds:.2f} CPU seconds for {what}")
    attack.check("cost")
