"""
Where a local Peerseed keeps what must survive a restart: `.peerseed/`, or the folder that `PEERSEED_HOME` names.

Nothing in it belongs into version control: the embedded database, the secrets made for this machine, and a note of
where the running product can be reached.
"""

import json
import os
import secrets
import stat
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SECRET_NAMES = (
    "DATABASE_ROLE_SECRET",
    "ACCOUNTS_KEY_ENCRYPTION_SECRET",
    "WALLET_WEBHOOK_SECRET",
    "WALLET_SEALING_SECRET",
    "WALLET_BOOKS_SECRET",
    "CONTRACTS_WEBHOOK_SECRET",
    "CONTRACTS_SEALING_SECRET",
    "CONTRACTS_PEOPLE_SECRET",
    "CREDIT_PEOPLE_SECRET",
    "DISTRIBUTION_PEOPLE_SECRET",
    "NOTIFICATIONS_PEOPLE_SECRET",
    "WALLET_PEOPLE_SECRET",
)
"""Settings for which a local run makes values of its own; a deployment names them in its environment."""


@dataclass(frozen=True)
class Addresses:
    """Where the running product listens, for `make demo` and for people."""

    pid: int
    graphql: str
    accounts: str
    """Base of accounts' own routes: `/oauth/token`."""
    wallet: str
    """Base of wallet's own routes: `/webhooks/pix`, `/sandbox/pix/pay`."""
    credit: str
    contracts: str
    database: str
    broker: str
    metrics: str = ""
    """Figures for Prometheus; empty where nobody is to read them."""
    clock: str = ""
    """The file that moves its time; empty where it goes by the machine's."""


class FolderNotPrivate(SystemExit):
    """A folder for secrets that others may look into, and that we may not simply close; the message says what to do."""


class FolderNotWritable(SystemExit):
    """A folder that we cannot make or write into; the message says what to do."""


OURS = frozenset({"secrets.json", "postgres", "lock", "password", "ready"})
"""Names by which a folder is known to be one of ours."""


def make_private(folder: Path, *, ours: bool = False) -> None:
    """
    Make *folder* where it is missing; close it to all but its owner where it is there.

    A folder that is not *ours*, and not recognisably so, may be somebody's for another purpose (`/tmp`, a home
    directory), so it is left as it is. Raises FolderNotPrivate, and FolderNotWritable for one that is not ours to write
    into.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        raise FolderNotWritable(
            f"{folder} cannot be written to by this user: make it yours (chown), or set PEERSEED_HOME to another "
            "folder."
        )
    status = folder.stat()
    if not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return
    names = {path.name for path in folder.iterdir()}
    stranger = names and not (ours or names & OURS)
    if status.st_uid != os.geteuid() or status.st_mode & stat.S_ISVTX or stranger:
        raise FolderNotPrivate(
            f"{folder} is open to other users and would hold secrets. "
            f"Close it (chmod 700 {folder}), or set PEERSEED_HOME to a folder of its own."
        )
    folder.chmod(0o700)


class Home:
    """The folder itself."""

    def __init__(self, folder: Path | None = None) -> None:
        named = os.environ.get("PEERSEED_HOME")
        self.folder = folder or (Path(named) if named else ROOT / ".peerseed")
        # In the checkout it may have been made by a command that keeps no secrets: tools are there too.
        make_private(self.folder, ours=self.folder == ROOT / ".peerseed")

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def clock(self) -> Path:
        """Says how far the product's time is ahead of the machine's (`upkeep.clock`)."""
        return self.folder / "clock"

    def secrets(self) -> dict[str, str]:
        """This machine's secrets, made on first use; the environment's come first."""
        path = self.folder / "secrets.json"
        kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        missing = [name for name in SECRET_NAMES if name not in kept]
        if missing:
            kept |= {name: secrets.token_urlsafe(32) for name in missing}
            half_written = path.with_suffix(".new")
            half_written.touch(mode=0o600)
            half_written.write_text(json.dumps(kept, indent=2))
            half_written.replace(path)  # a killed start must not leave half a file
        return {name: os.environ.get(name, kept[name]) for name in SECRET_NAMES}

    def note_addresses(self, addresses: Addresses) -> None:
        (self.folder / "running.json").write_text(json.dumps(asdict(addresses), indent=2))

    def forget_addresses(self) -> None:
        (self.folder / "running.json").unlink(missing_ok=True)

    def addresses(self) -> Addresses | None:
        """Where the product listens, if the process that said so still lives."""
        try:
            noted = Addresses(**json.loads((self.folder / "running.json").read_text()))
            os.kill(noted.pid, 0)
        except (FileNotFoundError, ValueError, TypeError, ProcessLookupError):
            return None
        return noted
