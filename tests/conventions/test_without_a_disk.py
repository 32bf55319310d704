"""What a killed run of tests has left in memory is removed by the next, and nothing else is."""

import os
from pathlib import Path

import pytest

from tests.fixtures import without_a_disk


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(without_a_disk, "MEMORY", tmp_path)
    return tmp_path


def a_folder(memory: Path, name: str) -> Path:
    folder = memory / name
    (folder / "data").mkdir(parents=True)
    return folder


def test_what_a_dead_run_left_is_removed(memory: Path) -> None:
    dead, lives = a_folder(memory, "peerseed-tests-dead"), a_folder(memory, "peerseed-tests-lives")
    being_made, strange = a_folder(memory, "peerseed-tests-made"), a_folder(memory, "somebodys")
    os.close(without_a_disk.locked(dead))
    os.close(without_a_disk.locked(strange))
    lock = without_a_disk.locked(lives)
    without_a_disk.remove_what_dead_runs_left()
    assert sorted(memory.iterdir()) == sorted([being_made, lives, strange])
    assert (lives / "data").is_dir()
    os.close(lock)
    without_a_disk.remove_what_dead_runs_left()
    assert sorted(memory.iterdir()) == sorted([being_made, strange])


def test_memory_that_is_to_be_had_is_reckoned_in_bytes() -> None:
    assert 2**20 < without_a_disk.available_bytes() < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
