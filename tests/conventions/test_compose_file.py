"""docker-compose.yml, Dockerfile and .env.example: complete, without secrets, and in the code's own words."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from graphql import build_schema

from launch import compose_env
from launch.databases import DOMAINS, domain_urls
from launch.environment import ROOT_FIELD_RATES
from router.__main__ import main as run_router
from router.core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SECRETS = compose_env.complete({"DATABASE_ROLE_SECRET": "a secret of this test"})
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[?-])(?P<rest>[^}]*))?\}")


def interpolate(match: re.Match[str]) -> str:
    """As compose does: the variable's value, or the default after `:-`."""
    if match["kind"] == "-":
        return match["rest"]
    return SECRETS[match["name"]]


COMPOSED: dict[str, Any] = yaml.safe_load(VARIABLE.sub(interpolate, TEXT))
SERVICES: dict[str, dict[str, Any]] = COMPOSED["services"]
LONG_RUNNING = sorted(SERVICES.keys() - {"migrate", "queues"})


def test_there_is_a_service_for_every_part() -> None:
    assert set(SERVICES) == {"postgres", "rabbitmq", "migrate", "queues", "router", *DOMAINS}
    for domain in DOMAINS:
        assert SERVICES[domain]["command"] == ["python", "-m", "launch.subgraph", domain]


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_subgraph_reaches_its_own_database_with_its_own_role_only(domain: str) -> None:
    environment = SERVICES[domain]["environment"]
    admin = f"postgresql://postgres:{SECRETS['POSTGRES_PASSWORD']}@postgres:5432/postgres"
    urls = {name: value for name, value in environment.items() if "DATABASE" in name}
    own = domain_urls(admin, SECRETS["DATABASE_ROLE_SECRET"], domain).service
    assert urls == {f"{domain.upper()}_DATABASE_URL": own}
    assert SECRETS["POSTGRES_PASSWORD"] not in json.dumps(environment)
    assert SECRETS["DATABASE_ROLE_SECRET"] not in json.dumps(environment)


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_subgraph_gets_settings_that_it_reads(domain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SERVICES[domain]["environment"].items():
        monkeypatch.setenv(name, value)
    settings = getattr(import_module(f"subgraphs.{domain}.core.settings"), f"{domain.capitalize()}Settings")
    fields = set(settings.model_fields)
    given = {name.lower() for name in SERVICES[domain]["environment"] if name.startswith(f"{domain.upper()}_")}
    assert {name.removeprefix(f"{domain}_") for name in given} <= fields
    url = settings().database_url.get_secret_value()
    assert url == SERVICES[domain]["environment"][f"{domain.upper()}_DATABASE_URL"]


def test_the_job_that_migrates_needs_nothing_but_its_environment() -> None:
    command = [sys.executable, *SERVICES["migrate"]["command"][1:]]
    environment = {name: value for name, value in os.environ.items() if "DATABASE" not in name}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "Set DATABASE_URL, or ACCOUNTS_MIGRATION_DATABASE_URL.\n")
    wanted = {"DATABASE_URL", "DATABASE_ROLE_SECRET"}
    assert set(SERVICES["migrate"]["environment"]) == wanted


def test_the_router_finds_every_subgraph_of_the_supergraph(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SERVICES["router"]["environment"].items():
        monkeypatch.setenv(name, value)
    named = yaml.safe_load((ROOT / "schema" / "supergraph.yaml").read_text(encoding="utf-8"))["subgraphs"]
    assert SERVICES["router"]["command"] == ["python", "-m", "router", "serve"]
    started: list[Settings] = []
    monkeypatch.setattr("router.__main__.serve", started.append)
    assert run_router(SERVICES["router"]["command"][3:]) == 0
    (settings,) = started
    assert settings.supergraph_path == Path("/app/schema/supergraph.graphql")
    assert settings.subgraph_urls == {name: f"http://{name}:8000/graphql" for name in named}
    assert settings.jwks_url == "http://accounts:8000/.well-known/jwks.json"
    assert (settings.host, settings.port) == ("0.0.0.0", 4000)  # noqa: S104  # inside its container
    page = settings.graphiql
    assert (page.folder, page.operations) == (Path("/app/graphiql-page"), Path("/app/schema/operations"))
    assert page.token_url == "http://accounts:8000/oauth/token"


def test_root_fields_have_the_rates_of_a_local_run_and_exist() -> None:
    assert json.loads(SERVICES["router"]["environment"]["ROUTER_RATES__ROOT_FIELDS"]) == ROOT_FIELD_RATES
    mutation = build_schema((ROOT / "schema" / "supergraph.graphql").read_text(encoding="utf-8")).mutation_type
    assert mutation is not None
    assert {coordinates.removeprefix("Mutation.") for coordinates in ROOT_FIELD_RATES} <= mutation.fields.keys()


@pytest.mark.parametrize("domain", DOMAINS)
def test_services_agree_on_who_issues_tokens(domain: str) -> None:
    router, subgraph = SERVICES["router"]["environment"], SERVICES[domain]["environment"]
    assert subgraph["TOKEN_ISSUER"] == router["ROUTER_ISSUER"]
    assert subgraph["TOKEN_AUDIENCE"] == router["ROUTER_AUDIENCE"]
    assert subgraph["JWKS_URL"] == router["ROUTER_JWKS_URL"]


@pytest.mark.parametrize("service", LONG_RUNNING)
def test_every_service_says_whether_it_is_healthy_with_what_its_image_has(service: str) -> None:
    command = SERVICES[service]["healthcheck"]["test"]
    assert command[0] == "CMD"
    assert command[1] == {"postgres": "pg_isready", "rabbitmq": "rabbitmq-diagnostics"}.get(service, "python")


@pytest.mark.parametrize("service", [*DOMAINS, "router"])
def test_the_health_checks_are_python_that_asks_the_served_port(service: str) -> None:
    _, _, option, code = SERVICES[service]["healthcheck"]["test"]
    assert option == "-c"
    done = subprocess.run([sys.executable, "-c", f"import ast; ast.parse({code!r})"], check=False)
    assert done.returncode == 0
    port = SERVICES[service]["environment"].get("PORT") or SERVICES[service]["environment"]["ROUTER_PORT"]
    assert f"127.0.0.1:{port}/" in code


def test_the_order_of_starting_waits_for_facts() -> None:
    def conditions(service: str) -> dict[str, str]:
        return {name: wait["condition"] for name, wait in SERVICES[service].get("depends_on", {}).items()}

    assert conditions("migrate") == {"postgres": "service_healthy"}
    assert conditions("queues") == {"rabbitmq": "service_healthy"}
    for domain in DOMAINS:
        assert conditions(domain) == {
            "migrate": "service_completed_successfully",
            "queues": "service_completed_successfully",
        }
    assert conditions("router").keys() == set(DOMAINS)
    assert "restart" not in SERVICES["migrate"]
    assert "restart" not in SERVICES["queues"]


def test_no_secret_stands_in_the_file() -> None:
    for number, line in enumerate(TEXT.splitlines(), 1):
        for name, value in re.findall(r"^\s+(\w*(?:PASSWORD|PASS|SECRET)): (.+)$", line):
            assert VARIABLE.fullmatch(value), f"line {number}: {name}"
        for password in re.findall(r"://[^:/\s]+:(.+?)@\w+:\d", line):
            assert VARIABLE.fullmatch(password), f"line {number}"


def test_a_missing_secret_stops_the_start_and_says_what_to_do() -> None:
    required = {match["name"]: match["rest"] for match in VARIABLE.finditer(TEXT) if match["kind"] == "?"}
    assert set(required) == set(SECRETS)
    assert set(required.values()) == {"run `make compose-env` or see .env.example"}


def test_the_example_names_every_variable_and_gives_no_secret() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert compose_env.read_environment_file(example) == dict.fromkeys(SECRETS, "")
    optional = {match["name"]: match["rest"] for match in VARIABLE.finditer(TEXT) if match["kind"] == "-"}
    assert dict(re.findall(r"^#(\w+)=(.+)$", example, re.MULTILINE)) == optional


def test_made_secrets_differ_each_time_and_kept_ones_stay() -> None:
    first, second = compose_env.complete({}), compose_env.complete({})
    assert not set(first.values()) & set(second.values())
    assert len(set(first.values())) == len(first)
    assert compose_env.complete(first | {"WALLET_WEBHOOK_SECRET": ""}) | {"WALLET_WEBHOOK_SECRET": ""} == first | {
        "WALLET_WEBHOOK_SECRET": ""
    }


def test_the_environment_file_is_completed_without_touching_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compose_env, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["compose_env"])
    path = tmp_path / ".env"
    path.write_text("# mine\nROUTER_PORT=4100\nPOSTGRES_PASSWORD=kept\n")
    assert compose_env.main() == 0
    written = path.read_text()
    assert written.startswith("# mine\nROUTER_PORT=4100\nPOSTGRES_PASSWORD=kept\n")
    assert set(compose_env.read_environment_file(written)) == {"ROUTER_PORT", *SECRETS}
    assert compose_env.main() == 0
    assert path.read_text() == written


def test_a_new_environment_file_is_for_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose_env, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["compose_env"])
    assert compose_env.main() == 0
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


@pytest.mark.parametrize("service", ["migrate", "queues", "router", *DOMAINS])
def test_containers_may_do_little(service: str) -> None:
    assert SERVICES[service]["read_only"] is True
    assert SERVICES[service]["cap_drop"] == ["ALL"]
    assert SERVICES[service]["security_opt"] == ["no-new-privileges:true"]


def test_ports_are_published_to_this_machine_only() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_image_is_made_from_what_is_in_the_tree_and_runs_as_nobody_special() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    sources = [
        source for line in lines if line.startswith("COPY ") and "--from=" not in line for source in line.split()[1:-1]
    ]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[1] == "*"
    for source in sources:
        top = source.split("/")[0]
        assert f"!{top}/" in ignored or f"!{top}" in ignored
    assert "**/.env*" in ignored
    last_stage = lines[max(number for number, line in enumerate(lines) if line.startswith("FROM ")) :]
    users = [line for line in last_stage if line.startswith("USER ")]
    assert users == ["USER peerseed"]
    images = [line.split()[1] for line in lines if line.startswith("FROM ")]
    images += [service["image"] for service in SERVICES.values() if "build" not in service]
    assert all(re.search(r":\d", image) for image in images), "an image without a version"


def client_runs(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run([*command, "version"], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("command", [["docker", "compose"], ["docker-compose"]], ids=" ".join)
def test_the_client_accepts_the_file(command: list[str], tmp_path: Path) -> None:
    if not client_runs(command):
        pytest.skip(f"`{' '.join(command)}` is not on this machine")
    environment = tmp_path / "env"
    environment.write_text("".join(f"{name}={value}\n" for name, value in SECRETS.items()))
    clean = {name: value for name, value in os.environ.items() if name not in SECRETS}
    done = subprocess.run(
        [*command, "--env-file", str(environment), "config"],
        cwd=ROOT, env=clean, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == set(SERVICES)

    environment.write_text(environment.read_text().replace("WALLET_WEBHOOK_SECRET=", "UNUSED="))
    refused = subprocess.run(
        [*command, "--env-file", str(environment), "config"],
        cwd=ROOT, env=clean, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode != 0
    assert "run `make compose-env` or see .env.example" in refused.stderr
