"""docker-compose.yml, Dockerfile and .env.example: complete, without secrets, and in the code's own words."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from graphql import build_schema

from deploy import compose_secrets
from launch.databases import DOMAINS, domain_urls
from launch.environment import ROOT_FIELD_RATES
from launch.secret_files import read_secret_files
from subgraphs.shared.settings import SubgraphSettings
from trevo.__main__ import main as run_router
from trevo.config.limits import Limits
from trevo.config.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
CADDYFILE = (ROOT / "deploy" / "compose" / "Caddyfile").read_text(encoding="utf-8")
SECRETS = compose_secrets.complete({"database_role_secret": "a secret of this test"})
VARIABLE = re.compile(r"\$\{(?P<name>\w+):-(?P<default>[^}]*)\}")
COMPOSED: dict[str, Any] = yaml.safe_load(VARIABLE.sub(lambda match: match["default"], TEXT))
"""As compose reads it when nothing is set."""
SERVICES: dict[str, dict[str, Any]] = COMPOSED["services"]
OWN = sorted({"router", "migrate", "queues", *DOMAINS})
"""The services that are made from our image."""
LONG_RUNNING = sorted(SERVICES.keys() - {"migrate", "queues"})
RUN_SECRETS = "/run/secrets/"


def secrets_of(service: str) -> set[str]:
    given = SERVICES[service].get("secrets", [])
    return {secret if isinstance(secret, str) else secret["source"] for secret in given}


def seconds(text: str) -> float:
    return timedelta(seconds=int(text.removesuffix("s"))).total_seconds()


def test_there_is_a_service_for_every_part() -> None:
    assert set(SERVICES) == {"proxy", "postgres", "rabbitmq", "migrate", "queues", "router", *DOMAINS}
    for domain in DOMAINS:
        assert SERVICES[domain]["command"] == ["python", "-m", "launch.subgraph", domain]


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_subgraph_is_given_its_own_secrets_only(domain: str) -> None:
    own = {name for name in SECRETS if name.startswith(f"{domain}_")}
    asked_by = {name for name in SECRETS if name.endswith("_people_secret")} if domain == "accounts" else set()
    assert secrets_of(domain) == own | asked_by | {"rabbitmq_url"}
    administrator = SECRETS["database_url"]
    service = domain_urls(administrator, SECRETS["database_role_secret"], domain).service
    assert SECRETS[f"{domain}_database_url"] == service


@pytest.mark.parametrize("service", OWN)
def test_secrets_come_from_files_that_are_given_to_the_service(service: str) -> None:
    environment = SERVICES[service]["environment"]
    files = {name: value for name, value in environment.items() if str(value).startswith(RUN_SECRETS)}
    assert {value.removeprefix(RUN_SECRETS) for value in files.values()} == secrets_of(service)
    assert all(name.endswith("_FILE") and name[:-5].lower() == Path(value).name for name, value in files.items())
    secret_names = re.compile(r".*(?:PASSWORD|SECRET|DATABASE_URL|RABBITMQ_URL)$")
    assert [name for name in environment if secret_names.fullmatch(name)] == []


def test_only_the_migration_knows_the_administrator() -> None:
    holders = {name for name in SERVICES if secrets_of(name) & {"database_url", "database_role_secret"}}
    assert holders == {"migrate"}
    assert {name for name in SERVICES if "postgres_password" in secrets_of(name)} == {"postgres"}
    assert secrets_of("router") == set()


def test_every_secret_is_a_file_that_the_command_writes() -> None:
    assert {name: secret["file"] for name, secret in COMPOSED["secrets"].items()} == {
        name: f"./secrets/{name}" for name in set(SECRETS) - {"rabbitmq_password"}
    }


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_subgraph_gets_settings_that_it_reads(domain: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment = {}
    for name, value in SERVICES[domain]["environment"].items():
        if value.startswith(RUN_SECRETS):
            path = tmp_path / Path(value).name
            path.write_text(SECRETS[path.name])
            value = str(path)  # noqa: PLW2901  # the same file at another place
        environment[name] = value
    read_secret_files(environment)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = getattr(import_module(f"subgraphs.{domain}.core.settings"), f"{domain.capitalize()}Settings")
    fields = set(settings.model_fields)
    given = {
        name.lower() for name in environment if name.startswith(f"{domain.upper()}_") and not name.endswith("_FILE")
    }
    assert {name.removeprefix(f"{domain}_") for name in given} <= fields
    assert settings().database_url.get_secret_value() == SECRETS[f"{domain}_database_url"]


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_port_can_name_a_real_party_and_nothing_is_a_sandbox_unasked(
    domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = getattr(import_module(f"subgraphs.{domain}.core.settings"), f"{domain.capitalize()}Settings")
    ports = {f"{domain}_{name}".upper() for name, field in settings.model_fields.items() if field.default == "sandbox"}
    named = {name for name, value in SERVICES[domain]["environment"].items() if value == "sandbox"}
    assert named == ports
    monkeypatch.setenv("PEERSEED_SANDBOXES", SERVICES[domain]["environment"]["PEERSEED_SANDBOXES"])
    assert SubgraphSettings(database_url="postgresql://nobody@127.0.0.1/none").sandboxes is False


def test_the_job_that_migrates_needs_nothing_but_its_environment(tmp_path: Path) -> None:
    command = [sys.executable, *SERVICES["migrate"]["command"][1:]]
    bare = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)
    wanted = "Set DATABASE_URL, or ACCOUNTS_MIGRATION_DATABASE_URL and ACCOUNTS_DATABASE_URL.\n"
    assert (done.returncode, done.stderr) == (1, wanted)
    lost = {**bare, "DATABASE_URL_FILE": str(tmp_path / "nothing")}
    done = subprocess.run(command, cwd=ROOT, env=lost, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("DATABASE_URL_FILE names ")
    assert set(SERVICES["migrate"]["environment"]) == {"DATABASE_URL_FILE", "DATABASE_ROLE_SECRET_FILE"}


def test_the_router_finds_every_subgraph_of_the_supergraph(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SERVICES["router"]["environment"].items():
        monkeypatch.setenv(name, value)
    named = yaml.safe_load((ROOT / "schema" / "supergraph.yaml").read_text(encoding="utf-8"))["subgraphs"]
    assert SERVICES["router"]["command"] == ["python", "-m", "trevo", "serve"]
    started: list[Settings] = []
    monkeypatch.setattr("trevo.__main__.serve", started.append)
    assert run_router(SERVICES["router"]["command"][3:]) == 0
    (settings,) = started
    assert settings.supergraph_path == Path("/app/schema/supergraph.graphql")
    assert settings.subgraph_urls == {name: f"http://{name}:8000/graphql" for name in named}
    assert settings.jwks_url == "http://accounts:8000/.well-known/jwks.json"
    assert (settings.host, settings.port) == ("0.0.0.0", 4000)  # noqa: S104  # inside its container
    documents = settings.persisted_documents
    manifests = tuple(Path("/app/schema/persisted") / f"{form}.json" for form in ("apollo", "relay"))
    assert (documents.mode, documents.manifests) == ("allow", manifests)
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
    assert command[1] == {"postgres": "pg_isready", "rabbitmq": "rabbitmq-diagnostics", "proxy": "wget"}.get(
        service, "python"
    )


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
    assert conditions("proxy") == {"router": "service_healthy"}
    assert "restart" not in SERVICES["migrate"]
    assert "restart" not in SERVICES["queues"]


def test_no_secret_stands_in_the_file() -> None:
    assert re.findall(r"://[^:/\s]+:[^@\s]+@", TEXT) == []
    assert re.findall(r"^\s+\w*(?:PASSWORD|PASS|SECRET): .+$", TEXT, re.MULTILINE) == []


def test_the_example_names_every_setting_with_its_default() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    optional = {match["name"]: match["default"] for match in VARIABLE.finditer(TEXT)}
    assert dict(re.findall(r"^#(\w+)=(.*)$", example, re.MULTILINE)) == optional
    assert re.findall(r"^\w+=", example, re.MULTILINE) == []


def test_made_secrets_differ_each_time_and_kept_ones_stay() -> None:
    first, second = compose_secrets.complete({}), compose_secrets.complete({})
    assert not set(first.values()) & set(second.values())
    assert len(set(first.values())) == len(first)
    assert compose_secrets.complete(first) == first
    assert f"default_pass = {first['rabbitmq_password']}\n" in first["rabbitmq_conf"]
    assert first["rabbitmq_password"] in first["rabbitmq_url"]
    assert first["postgres_password"] in first["database_url"]


def test_the_folder_of_secrets_is_its_owners_and_is_completed_without_touching_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "secrets"
    monkeypatch.setattr(compose_secrets, "FOLDER", folder)
    folder.mkdir(mode=0o755)
    (folder / "postgres_password").write_text("kept")
    assert compose_secrets.main() == 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    written = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(written) == set(SECRETS)
    assert written["postgres_password"] == "kept"
    assert written["database_url"] == "postgresql://postgres:kept@postgres:5432/postgres"
    assert compose_secrets.main() == 0
    assert {path.name: path.read_text() for path in folder.iterdir()} == written
    ignored = [(ROOT / name).read_text(encoding="utf-8").splitlines() for name in (".gitignore", ".dockerignore")]
    assert all("/secrets/" in lines or "*" in lines for lines in ignored)


@pytest.mark.parametrize("service", ["proxy", *OWN])
def test_containers_may_do_little(service: str) -> None:
    assert SERVICES[service]["read_only"] is True
    assert SERVICES[service]["cap_drop"] == ["ALL"]
    assert SERVICES[service]["security_opt"] == ["no-new-privileges:true"]


def test_only_the_proxy_is_published_and_to_this_machine_unless_told_otherwise() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"proxy": ["127.0.0.1:4000:8080"]}
    assert all("network_mode" not in service for service in SERVICES.values())


def test_the_proxy_passes_on_the_graph_tokens_uploads_and_webhooks_and_nothing_else() -> None:
    matchers = dict(re.findall(r"^\t@(\w+) path (.+)$", CADDYFILE, re.MULTILINE))
    handled = re.findall(r"^\thandle @(\w+) \{\n\t\treverse_proxy (\S+)", CADDYFILE, re.MULTILINE)
    passed_on: dict[str, list[str]] = {}
    for name, backend in handled:
        passed_on.setdefault(backend, []).extend(matchers[name].split())
    assert passed_on == {
        "router:4000": ["/graphql", "/graphql/*", "/graphiql", "/graphiql/*"],
        "accounts:8000": [
            "/oauth/token",
            "/oauth/revoke",
            "/.well-known/jwks.json",
            "/.well-known/oauth-authorization-server",
            "/uploads",
            "/uploads/*",
            "/personal-data/accounts.json",
            "/audit-log/accounts.csv",
        ],
        "credit:8000": [
            "/credit/documents",
            "/credit/documents/*",
            "/personal-data/credit.json",
            "/audit-log/credit.csv",
        ],
        "wallet:8000": [
            "/wallet/statements/*",
            "/wallet/transfers.csv",
            "/wallet/transfers.pdf",
            "/personal-data/wallet.json",
            "/audit-log/wallet.csv",
            "/webhooks/pix",
        ],
        "distribution:8000": [
            "/personal-data/distribution.json",
            "/audit-log/distribution.csv",
            "/distribution/income-statements/*",
        ],
        "contracts:8000": [
            "/personal-data/contracts.json",
            "/audit-log/contracts.csv",
            "/webhooks/signature",
            "/webhooks/registry",
        ],
        "marketplace:8000": ["/personal-data/marketplace.json", "/audit-log/marketplace.csv"],
        "notifications:8000": ["/personal-data/notifications.json"],
    }
    assert len(handled) == len(matchers)
    assert CADDYFILE.rstrip().endswith("handle {\n\t\trespond 404\n\t}\n}")
    assert CADDYFILE.count("reverse_proxy") == len(handled)
    for forbidden in ("sandbox", "metrics", "introspect", "ready"):
        assert not any(forbidden in path for path in " ".join(matchers.values()).split())


def test_the_networks_are_apart() -> None:
    networks = {name: set(service["networks"]) for name, service in SERVICES.items()}
    assert networks["proxy"] == {"edge"}
    assert networks["router"] == {"edge", "graph"}
    assert networks["postgres"] == networks["rabbitmq"] == networks["migrate"] == networks["queues"] == {"data"}
    assert [name for name in DOMAINS if networks[name] != {"edge", "graph", "data"}] == []
    reachable = {backend.partition(":")[0] for backend in re.findall(r"reverse_proxy (\S+)", CADDYFILE)}
    assert all("edge" in networks[name] for name in reachable)
    assert {name for name, network in COMPOSED["networks"].items() if network.get("internal")} == {"graph", "data"}


def test_what_is_under_way_may_end() -> None:
    router = Limits().deadline_seconds
    assert seconds(SERVICES["router"]["stop_grace_period"]) > router
    grace = re.search(r"^\tgrace_period (\d+s)$", CADDYFILE, re.MULTILINE)
    assert grace
    assert seconds(grace.group(1)) > router
    assert seconds(SERVICES["proxy"]["stop_grace_period"]) > seconds(grace.group(1))
    for domain in DOMAINS:
        assert (
            seconds(SERVICES[domain]["stop_grace_period"]) > SubgraphSettings.model_fields["deadline_seconds"].default
        )


def test_the_whole_schema_is_not_told_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUTER_INTROSPECTION", SERVICES["router"]["environment"]["ROUTER_INTROSPECTION"])
    assert Settings().introspection is False


def test_every_image_is_named_by_its_digest() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    images = [line.split()[1] for line in lines if line.startswith("FROM ")]
    images += [service["image"] for service in SERVICES.values() if "build" not in service]
    assert len(images) == 6
    assert [image for image in images if not re.fullmatch(r"[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}", image)] == []


def test_a_caddy_takes_its_file() -> None:
    if shutil.which("caddy") is None:
        pytest.skip("`caddy` is not on this machine")
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(ROOT / "deploy/compose/Caddyfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


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


def test_the_image_has_what_its_commands_import(tmp_path: Path) -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    last_stage = lines[max(number for number, line in enumerate(lines) if line.startswith("FROM ")) :]
    for copied in (line.split()[1] for line in last_stage if line.startswith("COPY ") and "--from=" not in line):
        (tmp_path / copied.rstrip("/")).symlink_to(ROOT / copied)
    commands = {SERVICES[name]["command"][2] for name in OWN} | {"deploy.compose_secrets", "upkeep.republish"}
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    done = subprocess.run(
        [sys.executable, "-c", code, *commands], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def client_runs(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run([*command, "version"], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("command", [["docker", "compose"], ["docker-compose"]], ids=" ".join)
def test_the_client_accepts_the_file(command: list[str]) -> None:
    if not client_runs(command):
        pytest.skip(f"`{' '.join(command)}` is not on this machine")
    done = subprocess.run([*command, "config"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == set(SERVICES)
