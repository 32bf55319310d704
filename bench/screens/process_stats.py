"""CPU time and memory of processes, as Linux tells them under /proc."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(process: Path) -> list[str]:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(pid: int) -> list[int]:
    """Direct children of *pid*."""
    return [
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdecimal() and (stat := _stat(process)) and int(stat[1]) == pid
    ]


def own_cpu_seconds(pid: int) -> float:
    """CPU time so far of *pid* alone; 0 when it has ended."""
    stat = _stat(Path(f"/proc/{pid}"))
    return (int(stat[11]) + int(stat[12])) / TICKS if stat else 0.0


def children_cpu_seconds(pid: int) -> float:
    """CPU time so far of *pid* and its children, those that have ended included."""
    stat = _stat(Path(f"/proc/{pid}"))
    ended = (int(stat[13]) + int(stat[14])) / TICKS if stat else 0.0
    return ended + sum(own_cpu_seconds(process) for process in [pid, *descendants(pid)])


def resident_megabytes(pid: int) -> float:
    """Memory of *pid* that is its own share (PSS), so that shared pages are not counted twice."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0.0
