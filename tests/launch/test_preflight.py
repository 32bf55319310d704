"""What would stop a start is one sentence that says what to do, before anything is begun."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from launch import preflight
from launch.home import Addresses, FolderNotWritable, Home


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture(autouse=True)
def _a_home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEERSEED_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("METRICS_PORT", raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/else")


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, ports: int) -> str:
    """What is said of why it cannot start."""
    monkeypatch.setattr("sys.argv", ["launch.preflight", str(ports)])
    assert preflight.main() == 1
    return capsys.readouterr().err


@pytest.mark.parametrize(("before", "ports"), [(0, 1), (7, 8)])
def test_a_taken_port(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, taken: int, before: int, ports: int
) -> None:
    """The last of those of the processes, too."""
    monkeypatch.setattr(preflight, "require_free", of_this_port(taken))
    monkeypatch.setenv("PORT", str(taken - before))
    assert said(capsys, monkeypatch, ports=ports) == (
        f"Port {taken} is taken: stop what listens there, or choose another, as in `make run PORT=5000`.\n"
    )


def of_this_port(port: int):
    """As `require_free`, of one of the ports: who has the others here, no test knows."""
    look = preflight.require_free
    return lambda wanted, home: look([each for each in wanted if each[1] == port], home)


def test_the_figures_have_ports_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    monkeypatch.setattr(preflight, "require_free", of_this_port(taken))
    monkeypatch.setenv("METRICS_PORT", str(taken))
    assert said(capsys, monkeypatch, ports=1) == (
        f"Port {taken} is taken: stop what listens there, or choose another, as in `make run METRICS_PORT=5000`.\n"
    )


@pytest.mark.parametrize("text", ["x", "0", "-1", "70000", "４０００"])
def test_what_is_no_port(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PORT", text)
    assert said(capsys, monkeypatch, ports=1) == (
        f"PORT={text} is no port: name one from 1 to 65535, as in `make run PORT=5000`.\n"
    )


def test_a_port_that_is_not_for_everybody(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_socket: socket.socket, _address: object) -> None:
        raise PermissionError

    monkeypatch.setattr(socket.socket, "bind", refuse)
    monkeypatch.setenv("PORT", "80")
    assert said(capsys, monkeypatch, ports=1) == (
        "Port 80 is for administrators alone: choose one above 1023, as in `make run PORT=5000`.\n"
    )


def test_the_product_itself_runs_already(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    where = Addresses(os.getpid(), "http://127.0.0.1:4000/graphql", *[""] * 6)
    Home().note_addresses(where)
    assert said(capsys, monkeypatch, ports=1) == (
        "Peerseed runs already, at http://127.0.0.1:4000/graphql: stop it first (Ctrl-C where it runs), or start "
        "another with a PEERSEED_HOME and a PORT of its own.\n"
    )


def test_user_namespaces_that_are_blocked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tool = tmp_path / "unshare"
    tool.write_text("#!/bin/sh\nexit 1\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(preflight, "require_free", lambda _wanted, _home: None)
    monkeypatch.delenv("DATABASE_URL")
    assert said(capsys, monkeypatch, ports=1) == (
        "PostgreSQL does not run as root, and user namespaces are blocked here. "
        "Run as another user, or set DATABASE_URL to a server.\n"
    )


def test_a_folder_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEERSEED_HOME", "/proc/peerseed")
    monkeypatch.setattr("sys.argv", ["launch.preflight", "1"])
    with pytest.raises(FolderNotWritable) as raised:
        preflight.main()
    assert raised.value.code == (
        "/proc/peerseed cannot be written to by this user: make it yours (chown), or set PEERSEED_HOME to another "
        "folder."
    )


def test_a_start_that_nothing_stops(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever `HOME` says: nothing is kept there."""
    monkeypatch.setenv("HOME", "")
    monkeypatch.setattr(preflight, "require_free", lambda _wanted, _home: None)
    monkeypatch.setattr("sys.argv", ["launch.preflight", "8"])
    assert preflight.main() == 0
    assert capsys.readouterr().err == ""
