"""Folders that hold secrets are their owner's alone."""

import stat
from pathlib import Path

import pytest

from launch.home import FolderNotPrivate, Home
from launch.postgres import EmbeddedPostgres


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_home_is_closed_and_an_open_one_of_ours_is_closed_again(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    Home(folder).secrets()
    assert mode(folder) == 0o700
    folder.chmod(0o755)
    Home(folder)
    assert mode(folder) == 0o700
    assert mode(folder / "secrets.json") == 0o600


def test_the_checkouts_own_folder_is_closed_whatever_made_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("launch.home.ROOT", tmp_path)
    monkeypatch.delenv("PEERSEED_HOME", raising=False)
    tools = tmp_path / ".peerseed" / "tools"
    tools.mkdir(parents=True)
    tools.parent.chmod(0o755)
    assert mode(Home().folder) == 0o700


def test_an_open_folder_that_may_be_somebodys_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "projects"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "letter.txt").write_text("dear")
    with pytest.raises(FolderNotPrivate, match=f"Close it .chmod 700 {folder}., or set PEERSEED_HOME"):
        Home(folder)
    assert mode(folder) == 0o755


def test_a_folder_that_everybody_shares_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    with pytest.raises(FolderNotPrivate):
        Home(folder)
    assert mode(folder) == 0o1777


async def test_wide_open_data_is_closed_before_the_server_starts(tmp_path: Path) -> None:
    first = EmbeddedPostgres(tmp_path / "postgres", durable=False)
    await first.start()
    await first.stop()
    for path in (first.folder, first.folder / "data"):
        path.chmod(0o777)
    (first.folder / "password").chmod(0o644)
    again = EmbeddedPostgres(first.folder, durable=False)
    await again.start()
    await again.stop()
    assert [mode(first.folder / name) for name in (".", "data", "password")] == [0o700, 0o700, 0o600]
