"""
Check the books: `python -m subgraphs.wallet.books [--keep FILE | --since FILE]`.

Reads the database that `WALLET_DATABASE_URL` names, and the lists of the gateway and the tax collector where
the wallet's settings are in the environment as well. Ends with 1 when something is wrong.

By itself it checks all, and changes nothing. `--keep` notes in the ledger how far all is well, and writes a signed
digest of that into a file, to be kept elsewhere. `--since` asks whether the ledger still goes on from such a digest,
and checks what has come since.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.open_clock import open_clock
from subgraphs.shared.ports import SandboxNotAskedFor
from subgraphs.wallet.check_books import Order, check
from subgraphs.wallet.core.command_line import open_database
from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.domain.books import BooksReport, check_books
from subgraphs.wallet.domain.places import (
    DIGEST_BYTES_MAX,
    BooksKey,
    Start,
    UnusablePlace,
    read_digest,
    write_digest,
)
from subgraphs.wallet.models import VerifiedPlace
from subgraphs.wallet.ports.open_gateway import open_gateway
from subgraphs.wallet.ports.open_tax_collector import open_tax_collector

P = TypeVar("P")
NO_KEY = (
    "There is no key to sign or verify a digest with: set WALLET_BOOKS_SECRET, with the wallet's other settings "
    "(`make books` does it for a local run)."
)


async def main(arguments: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(prog="python -m subgraphs.wallet.books", description="Check the books.")
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--keep", type=Path, metavar="FILE", help="write a signed digest of all that is well")
    one.add_argument("--since", type=Path, metavar="FILE", help="check what has come since such a digest")
    asked = parser.parse_args(arguments)
    database, settings = open_database(), _settings()
    try:
        if asked.keep:
            return await _keep(asked.keep, settings, clock_moved=database.clock_moved)
        start = _read_start(asked.since, settings) if asked.since else None
        return _tell(await _check(database, settings, start))
    except UnusablePlace as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        if error.filename is None:  # the database's, which the caller explains, and not a file's
            raise
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return 1
    finally:
        await database.close()


async def _check(database: Database, settings: WalletSettings | None, start: Start | None) -> BooksReport:
    clock = open_clock()
    return await check_books(
        database,
        now=clock.now(),
        gateway=_opened(open_gateway, settings, database, clock),
        tax_collector=_opened(open_tax_collector, settings, database, clock),
        start=start,
    )


async def _keep(file: Path, settings: WalletSettings | None, *, clock_moved: bool) -> int:
    """As the daily check, and what that verified into *file* as well."""
    if settings is None or settings.books_secret is None:
        raise UnusablePlace(NO_KEY)
    _must_be_new(file)
    report = await check(Order(settings, open_clock().now(), clock_moved=clock_moved))
    if report.place is None:
        sys.stderr.write(f"{file} is not written: only books that balance, looked at as a whole, are signed\n")
        return _tell(report) or 1
    _write(file, report.place)
    _tell(report)
    sys.stdout.write(f"signed digest {report.place.number} is in {file}, by the key {report.place.key}\n")
    return 0


def _must_be_new(file: Path) -> None:
    if file.exists():
        raise UnusablePlace(f"{file} is there already: name another file, an older digest may be of use yet")


def _write(file: Path, place: VerifiedPlace) -> None:
    with file.open("x", encoding="utf-8") as opened:
        opened.write(write_digest(place))


def _read_start(file: Path, settings: WalletSettings | None) -> Start:
    key = BooksKey.from_settings(settings) if settings else None
    if key is None:
        raise UnusablePlace(NO_KEY)
    with file.open("rb") as opened:
        content = opened.read(DIGEST_BYTES_MAX)
    return Start(read_digest(content.decode(errors="replace")), key)


def _settings() -> WalletSettings | None:
    try:
        return WalletSettings()
    except ValidationError:
        return None


def _opened(open_port: Callable[..., P], settings: WalletSettings | None, database: Database, clock: Clock) -> P | None:
    """The party that the wallet's settings name, where they are in the environment."""
    if settings is None:
        return None
    try:
        return open_port(settings, database, clock=clock)
    except SandboxNotAskedFor:
        return None


def _tell(report: BooksReport) -> int:
    sys.stdout.write(describe(report))
    return 0 if report.balanced else 1


def describe(report: BooksReport) -> str:
    """For people at a terminal."""
    verdict = "the books balance" if report.balanced else f"{len(report.problems)} problems"
    looked_at = f"{report.entries} entries"
    if (since := report.since) is not None:
        new = report.entries - since.entries
        looked_at += f", of which {new} came since {since.verified_at:%Y-%m-%d %H:%M} UTC (digest {since.number})"
    lines = [f"{looked_at}: {verdict}", f"digest of all chains: {report.digest}"]
    lines += [f"- {problem}" for problem in report.problems]
    return "\n".join([*lines, *(f"not looked at: {what}" for what in report.not_asked)]) + "\n"


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
