"""Extensions by name: from a module, and from an installed distribution. The example and the document's are served."""

import asyncio
import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from tests.router.extensions.asking import ask, routing
from tests.router.server.guarded import GUARDED, bearer, settings
from tests.router.server.http_client import GRAPHQL, code_of, post, serving
from tests.router.server.test_tokens_over_http import publish
from tests.router.small_graph import SmallGraph
from trevo.__main__ import main
from trevo.config.extension_settings import ExtensionSettings
from trevo.config.settings import Settings
from trevo.errors import refuse
from trevo.extensions.extension import Extension

ROUTER = Path(__file__).resolve().parents[3] / "router"
EXAMPLE = ROUTER / "examples" / "extension"
SUPERGRAPH_FILE = str(Path(__file__).parents[1] / "small_graph.graphql")


class Closed(Extension):
    def on_request(self, _request):
        raise refuse("CLOSED", "Come back tomorrow.")


CLOSED = Closed()
NOTHING = "nothing"


def named(*names):
    return Settings(extensions=ExtensionSettings(load=names))


@pytest.mark.parametrize("name", ["Closed", "CLOSED"])
async def test_the_settings_name_one_in_a_module(name):
    async with routing(settings=named(f"{__name__}:{name}")) as router:
        assert code_of((await ask(router, "{ me { name } }")).body) == "CLOSED"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("no.such.module:Extension", "No module named 'no'"),
        (f"{__name__}:Missing", "has no attribute 'Missing'"),
        (f"{__name__}:NOTHING", "'str' object is not callable"),
        (f"{__name__}:SmallGraph", "is no Extension"),
        ("audit-trail", "no installed distribution announces it under trevo.extensions"),
    ],
)
async def test_what_cannot_be_loaded_is_told_at_the_start_and_by_check(name, reason, monkeypatch, capsys):
    with pytest.raises(ValueError, match=f"The extension {re.escape(name)} cannot be loaded: .*{reason}"):
        async with routing(settings=named(name)):
            pass
    monkeypatch.setenv("ROUTER_EXTENSIONS__LOAD", json.dumps([name]))
    assert main(["check", "--supergraph", SUPERGRAPH_FILE]) == 1
    assert reason in capsys.readouterr().err


def installed(distribution, place):
    """*distribution* as an installer leaves it: its modules, and what it says of itself."""
    told = tomllib.loads((distribution / "pyproject.toml").read_text(encoding="utf-8"))
    project = told["project"]
    for module in told["tool"]["setuptools"]["py-modules"]:
        shutil.copy(distribution / f"{module}.py", place)
    about = place / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir()
    about.joinpath("METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    groups = project["entry-points"].items()
    lines = [f"[{group}]\n" + "".join(f"{name} = {what}\n" for name, what in each.items()) for group, each in groups]
    about.joinpath("entry_points.txt").write_text("\n".join(lines))


@pytest.fixture
def audit_trail(tmp_path, monkeypatch):
    """The file that the example writes, once it is installed."""
    place = tmp_path / "site"
    place.mkdir()
    installed(EXAMPLE, place)
    monkeypatch.syspath_prepend(str(place))
    file = tmp_path / "changes.jsonl"
    monkeypatch.setenv("AUDIT_TRAIL_FILE", str(file))
    return file


RENAME = {"query": 'mutation { rename(id: "u1", name: "Eva") { name } }'}


async def test_the_example_is_served_once_it_is_installed_and_named(audit_trail):
    graph = SmallGraph()
    with_trail = settings(extensions=ExtensionSettings(load=["audit-trail"]))
    async with serving(with_trail, graph, supergraph_text=GUARDED, key_source=publish) as http:
        status, _, body = await post(http, RENAME, accept=GRAPHQL)
        assert (status, code_of(body)) == (401, "WHO_ARE_YOU")
        assert graph.users.requests == []
        _, headers, body = await post(http, RENAME, **bearer(), **{"x-correlation-id": "number-17"})
        await post(http, {"query": "{ me { id } }"}, **bearer())
    assert headers["x-audit-number"] == "number-17"
    assert body == {"data": {"rename": {"name": "Eva"}}, "extensions": {"auditNumber": "number-17"}}
    assert graph.users.requests[0].headers["x-audit-number"] == "number-17"
    assert "x-audit-number" not in graph.users.requests[1].headers
    lines = [json.loads(line) for line in (await asyncio.to_thread(audit_trail.read_text)).splitlines()]
    assert lines == [{"number": "number-17", "who": "u1", "what": ["Mutation.rename"], "outcome": "ok"}]


async def test_what_is_installed_is_not_used_without_being_named(audit_trail):
    async with serving(settings(), SmallGraph(), supergraph_text=GUARDED, key_source=publish) as http:
        _, headers, _ = await post(http, RENAME, **bearer())
    assert "x-audit-number" not in headers
    assert not audit_trail.exists()


async def test_the_documents_extension_does_what_the_document_says():
    (code, *_) = re.findall(
        r"```python\n(.*?)```", (ROUTER / "docs" / "extensions.md").read_text(encoding="utf-8"), re.DOTALL
    )
    written = {}
    exec(code, written)  # noqa: S102  # our own document
    graph = SmallGraph()
    async with routing(written["Tenants"]({"north": "n1"}), graph=graph) as router:
        refused = await ask(router, "{ me { name } }", headers={"x-tenant": "south"})
        served = await ask(router, "{ me { name } }", headers={"x-tenant": "north"})
    assert (code_of(refused.body), refused.status) == ("UNKNOWN_TENANT", 403)
    assert served.body == {"data": {"me": {"name": "Ada"}}, "extensions": {"cost": 1.0}}
    assert [request.headers["x-replica"] for request in graph.users.requests] == ["n1"]
