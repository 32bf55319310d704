"""What a person sees while the product starts."""

import time
from pathlib import Path

from launch.home import Addresses
from launch.people import DEMO_PEOPLE
from subgraphs.shared.clock import MovableClock, told

_STARTED = time.monotonic()


def say(text: str) -> None:
    """One line of progress, with the seconds since the start."""
    print(f"[{time.monotonic() - _STARTED:5.1f} s] {text}", flush=True)


def banner(where: Addresses) -> str:
    """The words printed once everything is up."""
    width = max(len(person.email) for person in DEMO_PEOPLE)
    lines = [
        "",
        "  Peerseed is up.",
        f"    GraphQL    {where.graphql}",
        f"    GraphiQL   {where.graphql.removesuffix('/graphql')}/graphiql",
        f"    tokens     {where.accounts}/oauth/token",
        f"    database   {where.database}",
        f"    broker     {where.broker}",
        f"    metrics    {where.metrics}",
        *_time(where.clock),
        "    sign in with",
        *(f"      {person.email:<{width}}  {person.password}  ({person.about})" for person in DEMO_PEOPLE),
        "",
        "  Ctrl-C stops everything; the data stays.",
        "",
    ]
    return "\n".join(lines)


def _time(clock: str) -> list[str]:
    """The line for a product whose time can be moved."""
    return [f"    time       {told(MovableClock(Path(clock)).now())}; `make clock DAYS=30` moves it"] if clock else []
