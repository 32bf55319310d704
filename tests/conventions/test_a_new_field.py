"""What the README says of adding a field, done word for word on a copy of the repository, ends green."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from builds.node import NodeFailed, find_node, install_packages
from builds.supergraph import COMPOSER, ROOT

LEFT_BEHIND = shutil.ignore_patterns(
    ".*_cache", ".git", ".hypothesis", ".peerseed", ".venv", "__pycache__", "node_modules"
)
LOOK_AT_IT = [
    "tests/conventions/test_descriptions.py",
    "tests/conventions/test_nulls.py",
    "tests/end_to_end/test_operation_plans.py::test_an_operation_is_planned_as_its_golden_plan_says[Notifications]",
]

FIELD = """
    @strawberry.field(description="Whether anything is unread. Null for others than the person.")
    async def has_unread(self, info: Info) -> bool | None:
        if not self._is_seen(info):
            return None
        return await info.context.loader(unread_counts_by_user).load(require_id(self.id)) > 0
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    try:
        install_packages(find_node(), COMPOSER)
    except NodeFailed as failure:
        pytest.skip(f"ADDING A FIELD NOT TESTED: {failure}")
    folder = tmp_path / "copy"
    shutil.copytree(ROOT, folder, ignore=LEFT_BEHIND)
    composer = folder / COMPOSER.relative_to(ROOT)
    (composer / "node_modules").symlink_to(COMPOSER / "node_modules")
    return folder


def done_in(copy: Path, *arguments: str, **settings: str) -> str:
    """What a command of the copy prints. It has to end well."""
    environment = {**os.environ, "PYTHONPATH": f"{copy}{os.pathsep}{copy / 'router'}", **settings}
    environment.pop("MEASURE_DOMAINS", None)  # a few tests go through little of what the domains decide
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


@pytest.mark.timeout(300)
def test_a_new_field_is_in_the_graph_and_in_a_screen(copy: Path) -> None:
    types = copy / "subgraphs/notifications/api/types/user.py"
    types.write_text(types.read_text().rstrip("\n") + "\n" + FIELD)
    assert done_in(copy, "builds.supergraph").endswith("composed 7 subgraphs into schema/supergraph.graphql\n")

    operation = copy / "schema/operations/Notifications.graphql"
    operation.write_text(operation.read_text().replace("unreadCount", "unreadCount hasUnread", 1))
    done_in(copy, "builds.operations")
    done_in(copy, "pytest", "-q", "-n", "0", *LOOK_AT_IT, UPDATE_PLANS="1")
    assert "hasUnread" in operation.with_suffix(".plan").read_text()
    assert "hasUnread" in (copy / "schema/persisted/apollo.json").read_text()
    done_in(copy, "ruff", "check", "subgraphs")
    done_in(copy, "ruff", "format", "--check", "subgraphs")
