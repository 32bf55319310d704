"""Documents of manifests are planned before anybody asks for them, and new manifests taken up while requests go on."""

import asyncio
from dataclasses import replace

import pytest
import structlog

from tests.router.persisted.manifests import relay
from tests.router.server.http_client import post, serving
from tests.router.server.test_reload import WITH_PHONE, make_router
from tests.router.small_graph import SUPERGRAPH, SmallGraph
from trevo.config.limits import Limits
from trevo.config.persisted_documents import PersistedDocumentSettings
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.gateway.engine import Engine
from trevo.gateway.request import DocumentName, GraphQLRequest
from trevo.persisted.manifest import ManifestFault

ME, NAMES = "query Me { me { id name } }", "query Names { users { name } }"
PHONES = "query Phones { users { phone } }"


def settings(path, *contents, limits=None, poll=0.0, **documents):
    for number, content in enumerate(contents):
        (path / f"{number}.json").write_bytes(relay(content))
    paths = tuple(path / f"{number}.json" for number in range(len(contents)))
    return Settings(
        persisted_documents=PersistedDocumentSettings(mode="allow", manifests=paths, **documents),
        limits=limits or Limits(),
        rates=Rates(enabled=False),
        supergraph_poll_seconds=poll,
    )


def named(name):
    return GraphQLRequest("", document=DocumentName(name, is_hash=False))


def worked_out(router):
    """How often an operation and a plan had to be worked out."""
    text = router.metrics.text().decode()
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    found = (
        lines.get(f'router_operation_cache_total{{result="miss",stage="{stage}"}}')
        or lines.get(f'router_operation_cache_total{{stage="{stage}",result="miss"}}', "0")
        for stage in ("document", "plan")
    )
    return tuple(int(float(each)) for each in found)


async def test_what_a_manifest_has_is_planned_before_the_first_request(tmp_path):
    async with serving(settings(tmp_path, {"me": ME}, {"names": NAMES})) as http:
        assert worked_out(http.router) == (2, 2)
        assert (await post(http, {"documentId": "me", "operationName": "Me"}))[2] == {
            "data": {"me": {"id": "u1", "name": "Ada"}}
        }
        assert (await post(http, {"query": NAMES}))[2] == {"data": {"users": [{"name": "Ada"}, {"name": "Bob"}]}}
        assert worked_out(http.router) == (2, 2)


async def test_of_a_document_with_several_operations_each_is_planned(tmp_path):
    router = make_router(SmallGraph(), settings(tmp_path, {"both": f"{ME} {NAMES}"}))
    with structlog.testing.capture_logs() as logs:
        await router.warm()
    assert (worked_out(router), logs) == ((3, 2), [])
    for name, data in (
        ("Me", {"me": {"id": "u1", "name": "Ada"}}),
        ("Names", {"users": [{"name": "Ada"}, {"name": "Bob"}]}),
    ):
        assert (await router.execute(replace(named("both"), operation_name=name))).data == data
    assert worked_out(router) == (3, 2)
    await router.stop()


async def test_it_is_kept_whatever_else_is_asked_once(tmp_path):
    many = {f"d{number}": f"query D{number} {{ me {{ id }} }}" for number in range(20)}
    router = make_router(SmallGraph(), settings(tmp_path, many, limits=Limits(cached_once_bytes_max=1)))
    await router.warm()
    await router.warm()
    assert worked_out(router) == (20, 20)
    for number in range(5):
        await router.execute(GraphQLRequest(f"query Once{number} {{ me {{ name }} }}"))
    for name in many:
        assert (await router.execute(named(name))).data == {"me": {"id": "u1"}}
    assert worked_out(router) == (25, 25)
    await router.stop()


async def test_no_more_is_planned_than_is_kept(tmp_path):
    many = {f"d{number}": f"query D{number} {{ me {{ id }} }}" for number in range(20)}
    router = make_router(SmallGraph(), settings(tmp_path, many, limits=Limits(operations_cached_max=3)))
    await router.warm()
    assert worked_out(router) == (3, 3)
    await router.stop()


async def test_a_new_graph_takes_over_when_its_plans_are_there(tmp_path, monkeypatch):
    router = make_router(SmallGraph(), settings(tmp_path, {"me": ME, "phones": PHONES}))
    old, seen = router.engine, []
    warm = Engine.warm

    async def noted(engine, text):
        seen.append((router.engine is old, engine is not old))
        return await warm(engine, text)

    monkeypatch.setattr(Engine, "warm", noted)
    assert await router.reload(WITH_PHONE)
    assert seen == [(True, True)] * 2
    before = worked_out(router)
    assert (await router.execute(named("me"))).data == {"me": {"id": "u1", "name": "Ada"}}
    assert worked_out(router) == before
    await router.stop()


@pytest.mark.parametrize(("seconds", "begun"), [(0, 0), (0.01, 1)])
async def test_a_graph_does_not_wait_for_plans_longer_than_set(tmp_path, monkeypatch, seconds, begun):
    router = make_router(SmallGraph(), settings(tmp_path, {"me": ME, "names": NAMES}, warm_seconds_max=seconds))
    texts = []

    async def never(_engine, text):
        texts.append(text)
        await asyncio.Event().wait()

    monkeypatch.setattr(Engine, "warm", never)
    old = router.engine
    assert await router.reload(WITH_PHONE)
    assert (router.engine is not old, texts) == (True, [ME][:begun])
    await router.stop()


async def test_what_the_graph_does_not_answer_is_told_and_stops_nothing(tmp_path, monkeypatch):
    router = make_router(SmallGraph(), settings(tmp_path, {"phones": PHONES, "names": NAMES, "me": ME}))
    warm = Engine.warm

    async def broken(engine, text):
        if text == NAMES:
            raise ZeroDivisionError
        return await warm(engine, text)

    monkeypatch.setattr(Engine, "warm", broken)
    with structlog.testing.capture_logs() as logs:
        await router.warm()
    assert worked_out(router) == (2, 1)
    told = {line["event"]: line for line in logs}
    assert "Cannot query field 'phone'" in told["the graph does not answer documents of the manifests"]["first"][0]
    assert told["the graph does not answer documents of the manifests"]["count"] == 1
    assert "a document of the manifests could not be planned" in told
    await router.stop()


async def test_new_manifests_are_taken_up_whole_or_not_at_all(tmp_path):
    router = make_router(SmallGraph(), settings(tmp_path, {"me": ME}, {"names": NAMES}))
    assert await router.reload_manifests()
    (tmp_path / "0.json").write_bytes(relay({"us": ME}))
    (tmp_path / "1.json").write_bytes(relay({"names": ""}))
    with structlog.testing.capture_logs() as logs:
        assert not await router.reload_manifests()
    assert [line["reason"] for line in logs] == [f"{tmp_path}/1.json: the document 'names' has no text"]
    assert (await router.execute(named("me"))).data == {"me": {"id": "u1", "name": "Ada"}}
    (tmp_path / "1.json").write_bytes(relay({"names": NAMES}))
    assert await router.reload_manifests()
    assert (await router.execute(named("us"))).data == {"me": {"id": "u1", "name": "Ada"}}
    assert (await router.execute(named("me"))).errors[0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    text = router.metrics.text()
    assert b'router_manifest_reloads_total{result="refused"} 1.0' in text
    assert b'router_manifest_reloads_total{result="ok"} 1.0' in text
    assert b"router_manifest_documents 2.0" in text
    await router.stop()


async def test_manifests_are_watched_also_where_the_graph_is_no_file(tmp_path):
    router = make_router(SmallGraph(), settings(tmp_path, {"me": ME}, poll=0.01))
    outcomes: asyncio.Queue[bool] = asyncio.Queue()
    reload = router.reload_manifests

    async def observed():
        outcomes.put_nowait(await reload())

    router.reload_manifests = observed
    await router.start()
    for content, outcome in ((relay({"us": ME}), True), (b"half a fi", False)):
        (tmp_path / "new.json").write_bytes(content)
        (tmp_path / "new.json").replace(tmp_path / "0.json")
        assert await asyncio.wait_for(outcomes.get(), 20) is outcome
        assert (await router.execute(named("us"))).data == {"me": {"id": "u1", "name": "Ada"}}
    await router.stop()


async def test_a_router_does_not_begin_with_a_bad_manifest(tmp_path):
    given = settings(tmp_path, {"me": ""})
    with pytest.raises(ManifestFault, match="the document 'me' has no text"):
        make_router(SmallGraph(), given)
    (tmp_path / "0.json").unlink()
    with pytest.raises(FileNotFoundError):
        make_router(SmallGraph(), given, text=SUPERGRAPH)


@pytest.mark.parametrize(
    ("said", "fault"),
    [({"mode": "allow"}, "'manifests' must name a file"),
     ({"mode": "only", "manifests": ["m.json"], "automatic": {"enabled": True}}, "'automatic.enabled' must be false"),
     ({"mode": "some"}, "Input should be 'off', 'allow', 'prefer' or 'only'")],
)  # fmt: skip
def test_settings_that_do_not_fit_are_told(said, fault):
    with pytest.raises(ValueError, match=fault):
        PersistedDocumentSettings(**said)


def test_a_bare_off_of_yaml_is_the_mode():
    assert PersistedDocumentSettings(mode=False).mode == "off"


@pytest.mark.parametrize(("bound", "most"), [("bytes_max", 40), ("documents_max", 1)])
async def test_manifests_have_the_bounds_set(tmp_path, bound, most):
    with pytest.raises(ManifestFault, match=f"more than {most}|larger than {most}"):
        make_router(SmallGraph(), settings(tmp_path, {"me": ME, "names": NAMES}, **{bound: most}))
