"""
Secrets from files: `WALLET_DATABASE_URL_FILE=/run/secrets/…` gives `WALLET_DATABASE_URL` the file's content.

A secret in the environment of a process is seen by whoever may look at the process or at its container's description;
one in a file only by whoever may read the file. The settings that are secrets can come so: addresses with a password in
them, and secrets.
"""

import re
from collections.abc import MutableMapping
from pathlib import Path

SUFFIX = "_FILE"
_SECRET = re.compile(r"(?:[A-Z]+_)*(?:URL|SECRET|SECRET_PREVIOUS)")
"""Which settings are secrets. Others have names like these: `SSL_CERT_FILE` is a path, and is meant to be one."""
SECRET_BYTES_MAX = 64 * 1024


class SecretFileUnreadable(Exception):
    """A file that a setting names cannot be read; the message says which setting."""


def read_secret_files(environment: MutableMapping[str, str]) -> None:
    """
    Put the content of every named file into *environment*, without the line's end that editors add.

    A name that is set itself as well is a contradiction. Raises SecretFileUnreadable.
    """
    for name, path in list(environment.items()):
        setting = name.removesuffix(SUFFIX)
        if setting == name or not _SECRET.fullmatch(setting):
            continue
        if setting in environment:
            raise SecretFileUnreadable(f"Set {setting} or {name}, not both.")
        try:
            with Path(path).open(encoding="utf-8") as file:
                content = file.read(SECRET_BYTES_MAX + 1)
        except (OSError, UnicodeDecodeError) as error:
            raise SecretFileUnreadable(f"{name} names {path}, which cannot be read: {error}") from None
        if not content.strip() or len(content) > SECRET_BYTES_MAX:
            raise SecretFileUnreadable(f"{name} names {path}, which is empty or too long to be a secret.")
        environment[setting] = content.removesuffix("\n")
