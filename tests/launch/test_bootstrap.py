"""A Python that cannot make the environment hears what to do; what it lacks is not met half-way."""

import runpy
import sys
from pathlib import Path

import pytest

from launch import bootstrap


@pytest.fixture(autouse=True)
def _nothing_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(sys, "argv", ["launch/bootstrap.py"])


def test_a_python_without_a_part_of_its_library(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "find_spec", lambda name: None if name in ("ensurepip", "_ssl") else object())
    assert bootstrap.main() == 1
    minor = sys.version_info.minor
    assert capsys.readouterr().err == (
        "This Python has no ensurepip, ssl: install a whole one (Debian and Ubuntu: apt install "
        f"python3.{minor}-venv), or name another: make run PYTHON=python3.{minor}\n"
    )
    assert not bootstrap.ENVIRONMENT.exists()


def test_a_checkout_that_is_somebody_elses(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, **_options: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("venv.create", refuse)
    assert bootstrap.main() == 1
    assert capsys.readouterr() == (
        "making .venv …\n",
        f"{bootstrap.ENVIRONMENT} cannot be written to by this user: work in a checkout of your own.\n",
    )


def test_an_old_python_says_so_before_it_meets_what_it_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 12))
    monkeypatch.setattr(sys, "version", "3.10.12 (main)")
    monkeypatch.setitem(sys.modules, "tomllib", None)
    with pytest.raises(SystemExit) as raised:
        runpy.run_path(bootstrap.__file__)
    assert raised.value.code == ("Peerseed needs Python 3.11 or newer, and this is 3.10.12: make run PYTHON=python3.11")
