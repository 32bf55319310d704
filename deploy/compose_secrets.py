"""
Write `secrets/` for docker compose: one file per secret, with fresh values and what follows from them.

    make compose-secrets                                                      (Python on this machine)
    docker build -t peerseed . && docker run --rm -u "$(id -u)" -v "$PWD/secrets:/app/secrets" peerseed \\
        python -m deploy.compose_secrets                                      (Docker only)

A file that is there stays: a database that was made with a password keeps it. Only what is missing is added. The
folder is its owner's alone; the files in it can be read by whoever can reach them, because each container reads the
ones given to it as a user of its own.
"""

import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from launch.databases import DOMAINS, domain_urls
from launch.home import SECRET_NAMES

FOLDER = Path(__file__).resolve().parent.parent / "secrets"

CHOSEN = ("postgres_password", "rabbitmq_password", *(name.lower() for name in SECRET_NAMES))
"""Made up; all others follow from these."""


def complete(kept: Mapping[str, str]) -> dict[str, str]:
    """Every secret by its file's name: what is *kept*, then what is missing, made anew."""
    values = {name: kept.get(name) or secrets.token_urlsafe(32) for name in CHOSEN}
    administrator = f"postgresql://postgres:{values['postgres_password']}@postgres:5432/postgres"
    following = {
        "database_url": administrator,
        "rabbitmq_url": f"amqp://peerseed:{values['rabbitmq_password']}@rabbitmq:5672/",
        "rabbitmq_conf": f"default_user = peerseed\ndefault_pass = {values['rabbitmq_password']}\n",
    }
    for domain in DOMAINS:
        service = domain_urls(administrator, values["database_role_secret"], domain).service
        following[f"{domain}_database_url"] = service
    return values | {name: kept.get(name) or value for name, value in following.items()}


def main() -> int:
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    FOLDER.chmod(0o700)
    kept = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir() if path.is_file()}
    missing = {name: value for name, value in complete(kept).items() if not kept.get(name)}
    for name, value in missing.items():
        path = FOLDER / name
        path.write_text(value, encoding="utf-8")
        path.chmod(0o644)
    if missing:
        print(f"wrote {len(missing)} secrets into {FOLDER.name}/: {', '.join(sorted(missing))}")
    else:
        print(f"{FOLDER.name}/ has everything that compose needs.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
