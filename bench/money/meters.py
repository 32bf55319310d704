"""What work takes: CPU by part, WAL, events; and, from the server's log, the statements of each transaction."""

import os
import re
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from bench.money.product import MoneyProduct
from bench.screens.process_stats import children_cpu_seconds, own_cpu_seconds
from launch.databases import DOMAINS

LOAD, PRODUCT, POSTGRES, BROKER = "load", "product", "PostgreSQL", "RabbitMQ"

PRODUCTS = (*DOMAINS, "peerseed messages")
"""Names by which the product's connections call themselves; others are the bench's own."""

_LINE = re.compile(r"^(?P<app>[^|]*)\|(?P<pid>\d+)\|LOG:  duration: \S+ ms  (?:statement|execute [^:]*): (?P<sql>.*)$")
_HEAD = re.compile(
    r"(?i)^\s*(?:WITH .*?)?(?P<verb>SELECT|INSERT INTO|UPDATE|DELETE FROM|SET|SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT)"
    r"(?P<rest>.*)$"
)
_TABLE = re.compile(r"(?i)\bFROM\s+(\w+)")


@dataclass(frozen=True)
class Reading:
    """Counters at one moment."""

    cpu: dict[str, float]
    """Seconds so far, by part."""
    wal: int
    """Bytes."""
    events: int


async def read(product: MoneyProduct) -> Reading:
    cpu = {
        LOAD: time.process_time(),
        PRODUCT: own_cpu_seconds(product.addresses.pid),
        POSTGRES: children_cpu_seconds(product.postmaster),
    }
    if os.environ.get("RABBITMQ_URL"):
        cpu[BROKER] = sum(map(own_cpu_seconds, _pids_of("beam.smp")))
    [(wal,)] = await product.ask("wallet", "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")
    events = 0
    for domain in DOMAINS:
        [(recorded,)] = await product.ask(domain, "SELECT count(*) FROM outbox")
        events += recorded
    return Reading(cpu, wal, events)


def _pids_of(name: str) -> Iterator[int]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and (comm := folder / "comm").exists() and comm.read_text().strip() == name:
            yield int(folder.name)


@dataclass(frozen=True)
class Transaction:
    """What one connection said from BEGIN to its end; or one statement alone."""

    app: str
    statements: tuple[str, ...]

    @property
    def summary(self) -> str:
        """Its statements without the details."""
        return ", ".join(_short(statement) for statement in self.statements if not _is_frame(statement))


class StatementLog:
    """The server's log of all statements. Those of triggers and functions are not in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._from = path.stat().st_size

    def transactions(self) -> list[Transaction]:
        """What was said since the log was opened, in the order of the ends."""
        found: list[Transaction] = []
        open_by_pid: dict[str, list[str]] = {}
        for app, pid, statement in self._statements():
            if app not in PRODUCTS:
                continue
            word = statement.strip(" ;").upper()
            if word.startswith("BEGIN"):
                open_by_pid[pid] = [statement]
            elif pid in open_by_pid:
                open_by_pid[pid].append(statement)
                if word in ("COMMIT", "ROLLBACK"):
                    found.append(Transaction(app, tuple(open_by_pid.pop(pid))))
            else:
                found.append(Transaction(app, (statement,)))
        return found

    def _statements(self) -> Iterator[tuple[str, str, str]]:
        with self._path.open(errors="replace") as log:
            log.seek(self._from)
            sql: list[str] = []
            said: tuple[str, str] | None = None
            for line in log:
                if line.startswith("\t") and said:
                    sql.append(line.strip())
                    continue
                if said:
                    yield (*said, " ".join(sql))
                match = _LINE.match(line)
                said, sql = ((match["app"], match["pid"]), [match["sql"].strip()]) if match else (None, [])
            if said:
                yield (*said, " ".join(sql))


@asynccontextmanager
async def logged(product: MoneyProduct) -> AsyncIterator[StatementLog]:
    """All statements are logged while the block runs, which itself costs the server something."""
    admin = await asyncpg.connect(product.admin_url)
    try:
        await admin.execute("ALTER SYSTEM SET log_line_prefix = '%a|%p|'")
        await admin.execute("ALTER SYSTEM SET log_min_duration_statement = 0")
        await admin.execute("SELECT pg_reload_conf()")
        yield StatementLog(product.home.postgres / "server.log")
        await admin.execute("ALTER SYSTEM RESET log_min_duration_statement")
        await admin.execute("SELECT pg_reload_conf()")
    finally:
        await admin.close()


def count_statements(transactions: list[Transaction]) -> int:
    return sum(len(transaction.statements) for transaction in transactions)


def count_by_domain(transactions: list[Transaction]) -> dict[str, int]:
    """Statements, the most first."""
    counts: Counter[str] = Counter()
    for transaction in transactions:
        counts[transaction.app.removeprefix("peerseed ")] += len(transaction.statements)
    return dict(counts.most_common())


def alike(transactions: list[Transaction]) -> list[tuple[Transaction, int]]:
    """One of each kind with how many there were, by application."""
    kinds: dict[tuple[str, str], list[Transaction]] = defaultdict(list)
    for transaction in transactions:
        kinds[transaction.app, transaction.summary].append(transaction)
    return [(same[0], len(same)) for _, same in sorted(kinds.items())]


def _is_frame(statement: str) -> bool:
    return statement.strip(" ;").upper().startswith(("BEGIN", "COMMIT", "ROLLBACK"))


def _short(statement: str) -> str:
    match = _HEAD.match(statement)
    if match is None:
        return statement[:40]
    verb, rest = match["verb"].split()[0].lower(), match["rest"]
    table = _TABLE.search(rest) if verb == "select" else re.match(r"\s*(\w+)", rest)
    return f"{verb} {table[1]}" if table else f"{verb}{rest[:30]}"
