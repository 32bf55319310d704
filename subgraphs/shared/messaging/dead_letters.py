"""
What operators do with messages that could not be handled.

    python -m subgraphs.shared.messaging dead-letters list
    python -m subgraphs.shared.messaging dead-letters show wallet.place_hold/0193…
    python -m subgraphs.shared.messaging dead-letters replay --queue wallet.place_hold
    python -m subgraphs.shared.messaging dead-letters purge wallet.place_hold/0193…

Look, mend the cause, replay; purge only what must never take effect.
"""

import argparse
from collections.abc import Iterable
from typing import Any, TextIO

import orjson

from subgraphs.shared.logging import mask_text
from subgraphs.shared.messaging.event import Event, MalformedEvent
from subgraphs.shared.messaging.transport import DeadLetter, Transport

LIST_LIMIT = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands and their choices."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="one line each, oldest first")
    listing.add_argument("--queue", help="only this handler's, such as wallet.place_hold")
    listing.add_argument("--limit", type=int, default=LIST_LIMIT, help=f"at most so many (default {LIST_LIMIT})")
    showing = actions.add_parser("show", help="everything about some of them")
    showing.add_argument("ids", nargs="+", metavar="id")
    for name, help_text in (("replay", "deliver them again, as if new"), ("purge", "delete them for good")):
        action = actions.add_parser(name, help=help_text)
        action.add_argument("ids", nargs="*", metavar="id")
        action.add_argument("--queue", help="all of this handler's")
        action.add_argument("--all", action="store_true", help="all there are")


async def run(transport: Transport, arguments: argparse.Namespace, out: TextIO) -> int:
    """Carry out the command on a started *transport*; answers the exit code."""
    match arguments.action:
        case "list":
            return await _list(transport, arguments, out)
        case "show":
            return await _show(transport, frozenset(arguments.ids), out)
        case _:
            return await _replay_or_purge(transport, arguments, out)


async def _list(transport: Transport, arguments: argparse.Namespace, out: TextIO) -> int:
    letters = [letter async for letter in transport.dead_letters.list(queue=arguments.queue, limit=arguments.limit)]
    out.writelines(f"{_line(letter)}\n" for letter in letters)
    more = ", perhaps more (--limit)" if len(letters) == arguments.limit else ""
    out.write(f"{len(letters)} dead letter(s){more}\n")
    return 0


async def _show(transport: Transport, ids: frozenset[str], out: TextIO) -> int:
    found: set[str] = set()
    for queue in sorted({identifier.partition("/")[0] for identifier in ids}):
        async for letter in transport.dead_letters.list(queue=queue, limit=10_000):
            if letter.id in ids:
                found.add(letter.id)
                out.write(_page(letter))
    return _report_missing(ids - found, out)


async def _replay_or_purge(transport: Transport, arguments: argparse.Namespace, out: TextIO) -> int:
    if sum((bool(arguments.ids), bool(arguments.queue), arguments.all)) != 1:
        out.write("Say which: one or more ids, or --queue NAME, or --all.\n")
        return 2
    ids = frozenset(arguments.ids) or None
    if arguments.action == "replay":
        count = await transport.dead_letters.replay(queue=arguments.queue, ids=ids)
        out.write(f"{count} replayed\n")
    else:
        count = await transport.dead_letters.purge(queue=arguments.queue, ids=ids)
        out.write(f"{count} deleted\n")
    return 0 if count or ids is None else 1


def _report_missing(missing: Iterable[str], out: TextIO) -> int:
    absent = sorted(missing)
    out.writelines(f"no such dead letter: {identifier}\n" for identifier in absent)
    return 1 if absent else 0


def _line(letter: DeadLetter) -> str:
    died_at = letter.died_at.strftime("%Y-%m-%d %H:%M:%SZ") if letter.died_at else "unknown time"
    reason = mask_text(letter.reason).partition("\n")[0][:100]
    return f"{died_at}  {letter.id}  {letter.attempts} attempt(s)  {reason}"


def _page(letter: DeadLetter) -> str:
    rows = {
        "id": letter.id,
        "handler": letter.queue,
        "died": letter.died_at.isoformat() if letter.died_at else "unknown",
        "attempts": letter.attempts,
        "reason": mask_text(letter.reason),
    }
    head = "".join(f"{name + ':':<11}{value}\n" for name, value in rows.items())
    return f"{head}\n{_body(letter.body)}\n\n"


def _body(body: bytes) -> str:
    try:
        Event.decode(body)
        document: Any = orjson.loads(body)
    except MalformedEvent as error:
        return f"({error})\n{body[:2_000]!r}"
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()
