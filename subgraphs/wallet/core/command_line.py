"""What the wallet's commands share: the database they look at."""

import os
import sys

from subgraphs.shared.database import Database
from subgraphs.shared.settings import ClockSettings


def open_database() -> Database:
    """The database that the environment names; ends the process with an explanation when it names none."""
    url = os.environ.get("WALLET_DATABASE_URL")
    if not url:
        sys.exit("Set WALLET_DATABASE_URL to the wallet's database (`make books` does it for a local run).")
    # A clock may have been moved where nothing is real, and nowhere else.
    return Database(url, pool_size=1, name="wallet-command", clock_moved=ClockSettings().sandboxes)
