"""A part that gets on is waited for, however long; one that gets nowhere is not."""

import asyncio
import os
import socket
from itertools import count
from pathlib import Path

import pytest

from launch import split
from launch.home import Home

LISTENS = """
import sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[2])); self.end_headers(); self.wfile.write(b"as ever")
HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        free: int = found.getsockname()[1]
    return free


async def wait_for(folder: Path, program: str, port: int, *arguments: str) -> None:
    processes = split.Processes(Home(folder))
    await processes.start("part", "-c", program, str(port), *arguments)
    try:
        await processes.until_ready("part", f"http://127.0.0.1:{port}/ready")
    finally:
        await processes.stop()


async def test_one_that_works_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """It has worked a tick more whenever it is looked at, though no time at all may pass without one."""
    ticks = count()
    monkeypatch.setattr(split, "work_of", lambda _pid: str(next(ticks)))
    monkeypatch.setattr(split, "STALLED_SECONDS", 0)
    await wait_for(tmp_path / "home", "import time; time.sleep(0.2)\n" + LISTENS, port, "200")


async def test_one_that_does_nothing_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setattr(split, "work_of", lambda _pid: "1 1")
    monkeypatch.setattr(split, "STALLED_SECONDS", 0.01)
    home = tmp_path / "home"
    with pytest.raises(split.ProcessEnded) as raised:
        await wait_for(home, "import time; time.sleep(600)", port)
    assert str(raised.value) == f"part is not ready, and has got nowhere for 0.01 s; see {home}/logs/part.log"


async def test_one_that_says_the_same_for_ever_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    """Answering costs it work, which is no progress."""
    monkeypatch.setattr(split, "STALLED_SECONDS", 0)
    monkeypatch.setattr(split, "work_of", lambda _pid: str(asyncio.get_running_loop().time()))
    with pytest.raises(split.ProcessEnded, match="part is not ready, and has got nowhere for 0 s"):
        await wait_for(tmp_path / "home", LISTENS, port, "503")


async def test_one_that_ends_is_told_at_once(tmp_path: Path, port: int) -> None:
    with pytest.raises(split.ProcessEnded, match="part ended at its start"):
        await wait_for(tmp_path / "home", "raise SystemExit(1)", port)


async def test_what_a_process_has_worked_grows() -> None:
    before = split.work_of(os.getpid())
    user, system = (int(each) for each in before.split())
    assert user + system > 0
    assert split.work_of(2**22 + 1) == ""
