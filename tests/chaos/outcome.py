"""What a plan has come to: the answers of every database, the broker, the endpoint and `make books`, as data."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from launch.databases import DOMAINS
from launch.home import ROOT
from subgraphs.shared.database import Database
from subgraphs.shared.messaging.catalogue import passing_types
from tests.chaos.endpoint import InsistentClient, Player
from tests.chaos.journal import Journal
from tests.chaos.questions import (
    EFFECTS,
    HANDLED,
    NOTIFICATIONS,
    QUESTIONS,
    RECORDED,
    TOLD,
    UNFINISHED,
    UNSENT,
    Question,
)
from tests.chaos.stage import Stage

Row = tuple[Any, ...]

SEEN = "query Seen { me { wallet { available { amount } held { amount } processing { amount } } } }"


@dataclass
class Outcome:
    """Rows of each question by its name; how often each row was there."""

    answers: dict[str, Counter[Row]]
    effects: dict[str, set[str]]
    unfinished: dict[str, Counter[Row]]
    to_be_told: dict[str, Counter[Row]]
    told: Counter[Row]
    """Title, person, subject."""
    recorded: set[Row]
    """Events by id and type, but for those that nobody keeps."""
    handled: set[Row]
    """By event's id and queue."""
    unsent: list[Row]
    dead_letters: list[str]
    seen: Counter[Row]
    """What people see in their wallets: whose, available, held, processing, in cents."""
    books: str = ""
    """What `make books` says; nothing when they balance."""
    journal: Journal = field(default_factory=Journal)


async def look(stage: Stage, client: InsistentClient, players: Iterable[Player], journal: Journal) -> Outcome:
    databases = {domain: stage.database(domain) for domain in DOMAINS}
    try:

        async def rows(question: Question) -> Counter[Row]:
            return Counter(await _rows(databases[question.domain], question.sql))

        recorded = {
            row
            for domain, database in databases.items()
            for row in await _rows(database, RECORDED)
            if row[1] not in passing_types(domain)
        }
        handled = {row for database in databases.values() for row in await _rows(database, HANDLED)}
        async with stage.transport() as transport:
            dead = [f"{letter.id}: {letter.reason}" async for letter in transport.dead_letters.list()]
        return Outcome(
            answers={name: await rows(question) for name, question in QUESTIONS.items()},
            effects={name: {row[0] for row in await rows(question)} for name, question in EFFECTS.items()},
            unfinished={name: await rows(question) for name, question in UNFINISHED.items()},
            to_be_told={title: await rows(question) for title, question in TOLD.items()},
            told=await rows(NOTIFICATIONS),
            recorded=recorded,
            handled=handled,
            unsent=[row for database in databases.values() for row in await _rows(database, UNSENT)],
            dead_letters=dead,
            seen=Counter([await _seen(client, player) for player in players]),
            books=await check_books(stage),
            journal=journal,
        )
    finally:
        for database in databases.values():
            await database.close()


async def _rows(database: Database, sql: str) -> list[Row]:
    async with database.read() as session:
        return [tuple(row) for row in await session.execute(text(sql))]


async def _seen(client: InsistentClient, player: Player) -> Row:
    wallet = (await client.graphql(SEEN, token=player.token))["me"]["wallet"]
    cents = (int(Decimal(wallet[name]["amount"]) * 100) for name in ("available", "held", "processing"))
    return (player.id, *cents)


async def check_books(stage: Stage) -> str:
    """`make books` in a process of its own, as an operator runs it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "upkeep.books", cwd=ROOT, env={**os.environ, **stage.books_environment()},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return "" if process.returncode == 0 else said.decode()


async def find_unfinished(databases: Mapping[str, Database]) -> list[str]:
    """What is half done at the moment."""
    found = []
    for name, question in UNFINISHED.items():
        if rows := await _rows(databases[question.domain], question.sql):
            found.append(f"{name}: {[str(row[0]) for row in rows[:3]]}")
    return found
