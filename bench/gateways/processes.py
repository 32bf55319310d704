"""Processes under measurement: where they run, and what they and their children have used."""

import asyncio
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.screens.process_stats import TICKS, descendants, resident_megabytes

CORES = sorted(os.sched_getaffinity(0))
GATEWAY_CORE = CORES[-1]
"""A gateway has it for itself; the subgraphs and the clients have the others."""
TWO_CORES = CORES[-2:]
OTHER_CORES = CORES[:-1] or CORES

_ON_CORES = "import os, sys; os.sched_setaffinity(0, eval(sys.argv[1])); os.execvp(sys.argv[2], sys.argv[2:])"


async def start(
    command: Sequence[str], *, cores: Sequence[int], folder: Path, log: Path, environment: Mapping[str, str]
) -> asyncio.subprocess.Process:
    """*command* on *cores*, in a process group of its own."""
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-c", _ON_CORES, str(set(cores)), *command, cwd=folder, env={**os.environ, **environment},
            stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> list[int]:
    """*pid* and all processes that descend from it."""
    return [pid, *(member for child in descendants(pid) for member in family(child))]


def cpu_seconds(pid: int) -> float:
    """CPU time so far of *pid* and its descendants."""
    total = 0
    for member in family(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(field) for field in fields[11:15])  # its own, and of children that have ended
    return total / TICKS


def megabytes(pid: int) -> float:
    """Memory of *pid* and its descendants, shared pages counted once."""
    return sum(resident_megabytes(member) for member in family(pid))
