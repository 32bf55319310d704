"""Which progressive overrides hold for whom."""

import asyncio

import pytest
import structlog

from tests.router.small_graph import served
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.main import create_app

SUPERGRAPH = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)
{ query: Query }
scalar join__FieldSet
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph {
  OLD @join__graph(name: "old", url: "http://old.invalid")
  NEW @join__graph(name: "new", url: "http://new.invalid")
}
type Query @join__type(graph: OLD) @join__type(graph: NEW) {
  word: String
    @join__field(graph: OLD, overrideLabel: "LABEL")
    @join__field(graph: NEW, override: "old", overrideLabel: "LABEL")
}
"""


def a_router(settings=None, label="beta", **options):
    def client(name):
        async def answer(_request):
            return {"data": {"word": name}}

        return InProcessSubgraphClient(name, answer, None)

    clients = {name: client(name) for name in ("old", "new")}
    text = SUPERGRAPH.replace("LABEL", label)
    return create_app(settings or Settings(), supergraph_text=text, clients=clients, **options).router


async def word(router, **headers):
    body = (await router.execute(GraphQLRequest("query Word { word }", headers=headers))).body
    return body["data"]["word"]


async def test_a_label_of_which_nobody_speaks_does_not_hold():
    assert await word(a_router(), **{"x-labels": "beta"}) == "old"


async def test_a_label_of_the_settings_holds_for_every_request():
    assert await word(a_router(Settings(active_override_labels=frozenset({"beta"})))) == "new"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [("beta", "new"), ("alpha,  beta", "new"), ("", "old"), ("Beta", "old"), ("alpha", "old")],
)
async def test_clients_name_labels_in_the_header_of_the_settings(sent, expected):
    router = a_router(Settings(override_labels_header="X-Labels"))
    assert await word(router, **{"x-labels": sent}) == expected
    assert await word(router) == "old"


async def test_a_page_of_another_origin_may_send_the_header():
    settings = Settings(override_labels_header="x-labels", cors_origins=("https://app.test",))
    app = create_app(settings, supergraph_text=SUPERGRAPH.replace("LABEL", "beta"))
    async with served(app) as there, there.client() as http:
        asked = {"origin": "https://app.test", "access-control-request-method": "POST"}
        headers = {**asked, "access-control-request-headers": "x-labels"}
        async with http.options("/graphql", headers=headers) as response:
            assert response.status == 200
            assert "x-labels" in response.headers["access-control-allow-headers"]


async def test_labels_that_the_graph_does_not_know_make_no_plans():
    router = a_router(Settings(override_labels_header="x-labels"))
    for sent in ("beta", "beta,other", "more,beta", "x", "y"):
        await word(router, **{"x-labels": sent})
    assert 'router_operation_cache_total{result="miss",stage="plan"} 2.0' in router.metrics.text().decode()


@pytest.mark.parametrize("label", ["percent(0)", "percent(100)"])
async def test_a_share_needs_nobody_to_speak_of_it(label):
    assert await word(a_router(label=label)) == ("new" if label == "percent(100)" else "old")


async def test_the_program_chooses_by_what_it_knows_of_a_request():
    def choose(request):
        assert (request.operation_name, request.operation_kind, request.identity) == ("Word", "query", None)
        return {"beta"} if request.headers.get("x-team") == "ours" else ()

    async def choose_later(request):
        return choose(request)

    for callable_ in (choose, choose_later):
        router = a_router(override_labels=callable_)
        assert [await word(router, **{"x-team": team}) for team in ("ours", "theirs")] == ["new", "old"]


def fails(_request):
    raise RuntimeError("out of order")


async def never(_request):
    await asyncio.Event().wait()


@pytest.mark.parametrize("choose", [fails, never])
async def test_where_the_program_cannot_choose_the_request_goes_on_as_before(choose, monkeypatch):
    monkeypatch.setattr("trevo.gateway.override_labels.CHOICE_SECONDS_MAX", 0.05)
    with structlog.testing.capture_logs() as logs:
        assert await word(a_router(override_labels=choose)) == "old"
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["override labels could not be chosen"]
