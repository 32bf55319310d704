"""Buckets in memory that processes share: taken from exactly, whoever takes, and never left locked."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from trevo.door.rates import Rate
from trevo.rates.rates_of_workers import WorkersStore, make_table

KEY = b"key of this test"
TAKER = """
import asyncio, sys
from trevo.rates.rates_of_workers import WorkersStore
from trevo.door.rates import Rate

async def main():
    store = WorkersStore(int(sys.argv[1]), 1000, b"key of this test")
    rate = Rate.parse("1000/day")
    print(sum([await store.take("person u1", rate, 1) == 0 for _ in range(600)]))

asyncio.run(main())
"""
DIES_WITH_A_ROW = """
import fcntl, os, signal, sys
fcntl.lockf(int(sys.argv[1]), fcntl.LOCK_EX)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def table():
    made = make_table(1000)
    yield made
    os.close(made)


def run(program, table):
    return subprocess.Popen([sys.executable, "-c", program, str(table)], pass_fds=[table], stdout=subprocess.PIPE)


async def test_a_bucket_is_empty_when_it_is_empty(table):
    store, rate = WorkersStore(table, 1000, KEY), Rate.parse("2/hour")
    assert [await store.take("a", rate, 1) for _ in range(2)] == [0, 0]
    assert 1795 < await store.take("a", rate, 1) <= 1800
    assert await store.take("b", rate, 2) == 0
    await store.close()


async def test_two_of_one_process_see_the_same(table):
    first, second = (WorkersStore(table, 1000, KEY) for _ in range(2))
    rate = Rate.parse("1/hour")
    assert await first.take("a", rate, 1) == 0
    assert await second.take("a", rate, 1) > 0


def test_processes_together_take_no_more_than_there_is(table):
    takers = [run(TAKER, table) for _ in range(3)]
    assert sum(int(taker.communicate(timeout=60)[0]) for taker in takers) == 1000


def test_a_process_that_dies_leaves_nothing_locked(table):
    dying = run(DIES_WITH_A_ROW, table)
    dying.communicate(timeout=60)
    assert dying.returncode == -signal.SIGKILL
    store = WorkersStore(table, 1000, KEY)
    assert asyncio.run(store.take("a", Rate.parse("1/hour"), 1)) == 0


async def test_the_fullest_makes_way():
    """Eight buckets have room; the ninth takes the place of the one that would be missed least."""
    table = make_table(8)
    store, rate = WorkersStore(table, 8, KEY), Rate.parse("10/hour")
    for number in range(8):
        await store.take(f"k{number}", rate, 10 if number else 1)
    await store.take("newcomer", rate, 10)
    assert await store.take("k1", rate, 1) > 0
    assert await store.take("newcomer", rate, 1) > 0
    assert await store.take("k0", rate, 10) == 0  # forgotten: it begins full
    os.close(table)
