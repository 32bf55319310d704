"""
Write `.env` for docker compose: fresh secrets, and the subgraphs' database passwords that follow from one of them.

    make compose-env                                            (Python on this machine)
    docker build -t peerseed . && docker run --rm peerseed python -m launch.compose_env --print > .env    (Docker only)

A value that `.env` already has stays: a database that was made with a password keeps it. Only what is missing is added.
"""

import argparse
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from launch.databases import DOMAINS, role_password
from launch.home import SECRET_NAMES

ROOT = Path(__file__).resolve().parent.parent
SECRETS = ("POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", *SECRET_NAMES)


def complete(kept: Mapping[str, str]) -> dict[str, str]:
    """Every secret that compose needs: what is *kept*, then what is missing, made anew."""
    values = {name: kept.get(name) or secrets.token_urlsafe(32) for name in SECRETS}
    for domain in DOMAINS:
        name = f"{domain.upper()}_DATABASE_PASSWORD"
        values[name] = kept.get(name) or role_password(values["DATABASE_ROLE_SECRET"], f"peerseed_{domain}")
    return values


def read_environment_file(text: str) -> dict[str, str]:
    """The NAME=value lines of *text*; comments and blank lines do not count."""
    lines = [line.strip() for line in text.splitlines()]
    pairs = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    return {name.strip(): value.strip() for name, value in pairs}


def main() -> int:
    parser = argparse.ArgumentParser(description="Write .env for docker compose")
    parser.add_argument("--print", action="store_true", dest="prints", help="print the lines instead of writing .env")
    prints: bool = parser.parse_args().prints
    path = ROOT / ".env"
    written = path.read_text(encoding="utf-8") if path.exists() and not prints else ""
    kept = read_environment_file(written)
    missing = {name: value for name, value in complete(kept).items() if not kept.get(name)}
    lines = "".join(f"{name}={value}\n" for name, value in missing.items())
    if prints:
        print(lines, end="")
        return 0
    if not missing:
        print(".env has everything that compose needs.")
        return 0
    path.touch(mode=0o600)
    path.write_text(f"{written.rstrip()}\n{lines}".lstrip(), encoding="utf-8")
    print(f"wrote {len(missing)} values into .env: {', '.join(missing)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
