"""Commands of messaging: dead letters, and the schemas of events."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from subgraphs.shared.logging import configure_logging
from subgraphs.shared.messaging import dead_letters
from subgraphs.shared.messaging.catalogue import discover
from subgraphs.shared.messaging.choose import transport_at
from subgraphs.shared.messaging.schema_export import export_schemas, stale_files
from subgraphs.shared.messaging.transport import TransportUnavailable


def main(arguments: Sequence[str] | None = None, out: TextIO = sys.stdout) -> int:
    """Run one command; answers the exit code (2: the command was not understood)."""
    parsed = _parser().parse_args(arguments)
    if parsed.command == "schemas":
        return _schemas(parsed.folder, check=parsed.check, out=out)
    if not parsed.transport:
        out.write("Name the broker with --transport or RABBITMQ_URL (or BROKER_DATABASE_URL).\n")
        return 2
    return asyncio.run(_dead_letters(parsed, out))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m subgraphs.shared.messaging", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    letters = commands.add_parser("dead-letters", help="list, show, replay or purge what could not be handled")
    letters.add_argument(
        "--transport",
        metavar="URL",
        default=os.environ.get("RABBITMQ_URL") or os.environ.get("BROKER_DATABASE_URL"),
        help="amqp://… or postgresql://… (default: RABBITMQ_URL, else BROKER_DATABASE_URL)",
    )
    dead_letters.add_arguments(letters)
    schemas = commands.add_parser("schemas", help="write the JSON Schema of every event, and asyncapi.json")
    schemas.add_argument("--folder", type=Path, default=Path("schema/events"))
    schemas.add_argument("--check", action="store_true", help="change nothing; fail when something would change")
    return parser


async def _dead_letters(parsed: argparse.Namespace, out: TextIO) -> int:
    try:
        transport = transport_at(parsed.transport)
    except ValueError as error:
        out.write(f"{error}\n")
        return 2
    try:
        await transport.start()
        return await dead_letters.run(transport, parsed, out)
    except TransportUnavailable as error:
        out.write(f"{error}\n")
        return 1
    finally:
        await transport.stop()


def _schemas(folder: Path, *, check: bool, out: TextIO) -> int:
    catalogue = discover()
    disagreements = catalogue.disagreements()
    out.writelines(f"{sentence}\n" for sentence in disagreements)
    change = stale_files if check else export_schemas
    changed = change(catalogue.published, catalogue.consumed, folder)
    out.writelines(f"{'stale' if check else 'written'}: {path}\n" for path in changed)
    return 1 if disagreements or (check and changed) else 0


if __name__ == "__main__":
    configure_logging(level="WARNING")
    sys.exit(main())
