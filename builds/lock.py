"""
Write `poetry.lock` anew with Poetry, which is installed beside the project for it, then `router/requirements.txt`.

Where pip is told to use a mirror, Poetry is told the same at run time: a source in `pyproject.toml` would put the
mirror's address into the lock file.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

from builds.router_lock import PINNED, requirements_of_the_router

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".peerseed" / "tools" / "poetry"
POETRY = ("poetry==2.5.1", "poetry-plugin-pypi-mirror==0.6.5")


def main() -> int:
    if not (TOOLS / "bin" / "poetry").exists():
        print("installing Poetry …", flush=True)
        venv.create(TOOLS, with_pip=True, clear=True)
        subprocess.run([TOOLS / "bin" / "pip", "install", "--quiet", *POETRY], check=True)
    environment = dict(os.environ)
    ask = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    configured = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False
    ).stdout.strip()
    default = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    environment.setdefault("POETRY_PYPI_MIRROR_URL", configured or default)
    failed = subprocess.run([TOOLS / "bin" / "poetry", "lock"], cwd=ROOT, env=environment, check=False).returncode
    if not failed:
        PINNED.write_text(requirements_of_the_router(), encoding="utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(main())
