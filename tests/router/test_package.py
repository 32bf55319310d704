"""The router's distribution says truly what it is and what it needs. (`make router-release` installs it alone.)"""

import ast
import json
import re
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import trevo
from builds.router import NOT_WANTED, PackageFault, judge_contents
from builds.router_lock import PINNED, requirements_of_the_router
from tests.router.server.guarded import GUARDED
from trevo.__main__ import main
from trevo.config.describe_settings import describe_settings
from trevo.config.settings import Settings

ROUTER = Path(__file__).resolve().parents[2] / "router"
PROJECT = tomllib.loads((ROUTER / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BY_NAME_ONLY = {"websockets"}
"""What uvicorn uses when it is there, and the router serves by."""


def test_its_version_is_everywhere_the_same() -> None:
    assert PROJECT["version"] == trevo.__version__
    assert f"\n## {trevo.__version__}\n" in (ROUTER / "CHANGELOG.md").read_text(encoding="utf-8")


def test_it_asks_for_what_it_imports_and_nothing_else() -> None:
    imported = set()
    for path in ROUTER.joinpath("trevo").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.split(".")[0])
    distributions = packages_distributions()
    foreign = imported - set(sys.stdlib_module_names) - {"trevo"}
    used = {distributions[module][0].lower().replace("_", "-") for module in foreign}
    asked_for = {Requirement(text).name.lower().replace("_", "-") for text in PROJECT["dependencies"]}
    assert used - {"pydantic-core"} == asked_for - BY_NAME_ONLY


def test_every_setting_says_what_it_means() -> None:
    described = list(describe_settings())
    assert [setting.variable for setting in described if not setting.meaning] == []
    assert len(described) == len({setting.variable for setting in described})


def test_settings_are_listed_as_they_would_be_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "ROUTER_PORT=4000" in lines
    assert 'ROUTER_FORWARDED_HEADERS=["authorization", "accept-language", "user-agent"]' in lines
    assert lines[lines.index("ROUTER_LIMITS__DEPTH_MAX=25") + 1].startswith("    ")
    assert "ROUTER_RATES__PERSON=1200/minute burst 200" in lines


def test_settings_have_a_json_schema_with_their_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings", "--json-schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["properties"]["port"]["description"] == "0: any that is free."
    assert schema["properties"]["port"]["anyOf"][0] == {"maximum": 65535, "minimum": 0, "type": "integer"}


def test_a_supergraph_is_checked_without_being_served(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["check", "--supergraph", str(ROUTER.parent / "schema" / "supergraph.graphql")]) == 0
    assert capsys.readouterr().out.startswith("It can be served: 7 subgraphs.\n  accounts  http://127.0.0.1:4001/")
    plain = tmp_path / "plain.graphql"
    plain.write_text("type Query { a: Int }")
    assert main(["check", "--supergraph", str(plain)]) == 1
    assert capsys.readouterr().err.startswith("This cannot be served: ")


YES = {"reader": bool}


def test_check_tells_of_rules_that_nobody_could_satisfy(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "guarded.graphql"
    path.write_text(GUARDED)

    def notes() -> list[str]:
        assert main(["check", "--supergraph", str(path)]) == 0
        return [line for line in capsys.readouterr().out.splitlines() if line.startswith("Note")]

    assert notes() == [
        "Note: the supergraph has rules about who may ask; without jwks_url everybody is anonymous",
        "Note: the supergraph asks policies that authorization.policies does not have: reader",
    ]
    monkeypatch.setenv("ROUTER_JWKS_URL", "https://issuer.test/keys")
    monkeypatch.setenv("ROUTER_AUTHORIZATION__POLICIES", f"{__name__}:YES")
    assert notes() == []
    monkeypatch.setenv("ROUTER_AUTHORIZATION__POLICIES", f"{__name__}:NO")
    assert main(["check", "--supergraph", str(path)]) == 1
    assert "has no attribute 'NO'" in capsys.readouterr().err


def test_a_setting_that_cannot_be_used_is_told_by_check(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROUTER_LIMITS__DEPTH_MAX", "none")
    assert main(["check", "--supergraph", str(ROUTER.parent / "schema" / "supergraph.graphql")]) == 1
    assert "limits.depth_max" in capsys.readouterr().err


def test_what_is_locked_for_it_is_what_the_lock_says_and_nothing_of_anybody_else() -> None:
    text = PINNED.read_text(encoding="utf-8")
    assert text == requirements_of_the_router(), "run `make lock`"
    names = {re.split(r"==|[ ;]", line)[0] for line in text.splitlines()[1:]}
    assert {Requirement(asked).name.lower() for asked in PROJECT["dependencies"]} <= names
    assert "cryptography" in names  # by an extra
    assert not names & {*NOT_WANTED, "argon2-cffi", "strawberry-graphql", "aio-pika", "pytest"}
    assert all("--hash=sha256:" in line for line in text.splitlines()[1:])


@pytest.mark.parametrize(
    "foreign", ["trevo/test_it.py", "tests/conftest.py", "trevo/page/index.html", "subgraphs/x.py"]
)
def test_a_wheel_with_more_than_the_router_is_refused(foreign: str, tmp_path: Path) -> None:
    def wheel(*names: str) -> Path:
        path = tmp_path / f"trevo-{len(names)}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, "")
        return path

    right = ("trevo/__init__.py", "trevo/py.typed", "trevo-1.dist-info/METADATA")
    judge_contents(wheel(*right))
    with pytest.raises(PackageFault, match="more than the router"):
        judge_contents(wheel(*right, foreign))


def test_its_image_is_made_of_a_release_by_hashes_and_runs_as_nobody_special(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (ROUTER / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    said = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    images = [rest.split()[0] for word, rest in said if word == "FROM"]
    assert [image for image in images if not re.fullmatch(r"python:[\w.-]+@sha256:[0-9a-f]{64}", image)] == []
    assert len(set(images)) == 1
    sources = [rest.split()[:-1] for word, rest in said if word == "COPY"]
    assert sources == [["requirements.txt", "trevo-*.whl"], ["--from=environment", "/opt/trevo"]]
    installs = [rest for word, rest in said if word == "RUN" and " install " in rest]
    assert len(installs) == 2
    assert all(" --no-deps " in rest and (" --require-hashes " in rest or " --no-index " in rest) for rest in installs)
    last_stage = said[max(number for number, (word, _) in enumerate(said) if word == "FROM") :]
    assert [rest for word, rest in last_stage if word == "USER"] == ["trevo"]
    assert [rest for word, rest in last_stage if word in ("ENTRYPOINT", "CMD")] == ['["trevo"]', '["serve"]']
    (environment,) = (dict(pair.split("=", 1) for pair in rest.split()) for word, rest in last_stage if word == "ENV")
    for name, value in environment.items():
        if name.startswith("ROUTER_"):
            monkeypatch.setenv(name, value)
    started: list[Settings] = []
    monkeypatch.setattr("trevo.__main__.serve", started.append)
    assert main(["serve"]) == 0
    (settings,) = started
    assert (settings.host, settings.port) == ("0.0.0.0", 4000)  # noqa: S104  # inside its container
    assert settings.supergraph_path == Path("/etc/trevo/supergraph.graphql")
    assert settings.graphiql is None


def test_what_is_merged_was_released() -> None:
    assert "\nmake router-release\n" in (ROUTER.parent / ".ci" / "run").read_text(encoding="utf-8")
