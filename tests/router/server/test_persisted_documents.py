"""Documents that are named: by whom, over what, and what comes of names and texts that are not known."""

import asyncio

import orjson
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from tests.router.auth.test_identity import AUDIENCE, ISSUER, key_set, token
from tests.router.persisted.manifests import relay
from tests.router.persisted.test_automatic import needs_server, url  # noqa: F401  # a fixture
from tests.router.read_parts import Parts
from tests.router.server.http_client import GRAPHQL, JSON, code_of, get, post, serving
from tests.router.server.streams import ADDED, PROTOCOL, STREAM, a_review, added, socket_of
from tests.router.small_graph import END, SmallGraph
from trevo.config.persisted_documents import AutomaticDocumentSettings, PersistedDocumentSettings
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.gateway.request import DocumentName, GraphQLRequest
from trevo.persisted.manifest import hash_of

ME = "query Me { me { id } }"
NAMED = "query Named($id: ID!) { user(id: $id) { name } }"
RENAME = 'mutation Rename { rename(id: "u1", name: "Eva") { name } }'
TWO = "query A { me { id } } query B { me { name } }"
PARTS = "query Parts { me { id ... @defer { name } } }"
OF_ADA = {"data": {"me": {"id": "u1"}}}
OTHER = "query Other { users { id } }"
MANIFEST = {"me.v1": ME, "named": NAMED, "rename": RENAME, "two": TWO, "added": ADDED, "parts": PARTS}


@pytest.fixture
def manifest(tmp_path):
    path = tmp_path / "manifest.json"
    path.write_bytes(relay(MANIFEST))
    return path


def settings(manifest=None, mode="allow", *, automatic=False, **others):
    documents = PersistedDocumentSettings(
        mode=mode if manifest else "off",
        manifests=(manifest,) if manifest else (),
        automatic=AutomaticDocumentSettings(enabled=automatic is not False, **(automatic or {})),
        **{name: others.pop(name) for name in list(others) if name in PersistedDocumentSettings.model_fields},
    )
    return Settings(persisted_documents=documents, rates=Rates(enabled=False), **others)


def by_hash(text, *, query=None, hash_=None):
    named = {"version": 1, "sha256Hash": hash_ or hash_of(text)}
    return {"extensions": {"persistedQuery": named}} | ({"query": query} if query else {})


async def at(http, path, method="GET", *, body=None, accept=JSON, **parameters):
    sent = {"accept": accept} | ({"content-type": JSON} if body is not None else {})
    data = None if body is None else orjson.dumps(body)
    async with http.request(method, path, params=parameters, data=data, headers=sent) as response:
        text = await response.read()
        return response.status, orjson.loads(text) if text.startswith(b"{") else text


@pytest.mark.parametrize("name", ["me.v1", hash_of(ME), f"sha256:{hash_of(ME)}"])
async def test_a_document_is_named_by_its_id_or_its_hash_wherever_one_may_stand(manifest, name):
    async with serving(settings(manifest)) as http:
        assert (await post(http, {"documentId": name}))[2] == OF_ADA
        assert (await get(http, documentId=name))[2] == OF_ADA
        assert await at(http, f"/graphql/{name}") == (200, OF_ADA)
        assert await at(http, f"/graphql/{name}", "POST", body={}) == (200, OF_ADA)
        if not name.startswith("sha256:"):
            assert (await post(http, by_hash(ME, hash_=name)))[2] == OF_ADA
            extensions = orjson.dumps(by_hash(ME, hash_=name)["extensions"]).decode()
            assert (await get(http, extensions=extensions))[2] == OF_ADA


async def test_variables_and_the_operations_name_come_along(manifest):
    bob = {"data": {"user": {"name": "Bob"}}}
    async with serving(settings(manifest)) as http:
        assert await at(http, "/graphql/named", variables='{"id":"u2"}') == (200, bob)
        assert await at(http, "/graphql/named", "POST", body={"variables": {"id": "u2"}}) == (200, bob)
        assert (await post(http, {"documentId": "named", "operationName": "Named", "variables": {"id": "u2"}}))[
            2
        ] == bob
        assert (await get(http, documentId="two", operationName="B"))[2] == {"data": {"me": {"name": "Ada"}}}
        assert code_of((await post(http, {"documentId": "two"}))[2]) == "OPERATION_NAME_REQUIRED"
        assert (
            code_of((await post(http, {"documentId": "me.v1", "operationName": "You"}))[2]) == "UNKNOWN_OPERATION_NAME"
        )


async def test_a_get_changes_nothing_also_where_only_a_name_is_sent(manifest):
    async with serving(settings(manifest)) as http:
        assert code_of((await at(http, "/graphql/rename"))[1]) == "MUTATION_NOT_ALLOWED"
        assert (await get(http, documentId="rename"))[0] == 405
        assert await at(http, "/graphql/rename", "POST", body={}) == (200, {"data": {"rename": {"name": "Eva"}}})


async def test_events_and_parts_of_a_named_document(manifest):
    graph = SmallGraph()
    async with serving(settings(manifest), graph) as http:
        async with http.post("/graphql/added", json={"variables": {"of": "p1"}}, headers={"accept": STREAM}) as stream:
            await graph.reviews.until_listeners(1)
            graph.reviews.announce(a_review(), END)
            text = (await stream.read()).decode()
        assert orjson.loads(text.partition("data: ")[2].partition("\n")[0]) == added()
        accept = "multipart/mixed;incrementalSpec=v0.2"
        async with http.post("/graphql", json={"documentId": "parts"}, headers={"accept": accept}) as response:
            assert (await Parts(response).next())["data"] == {"me": {"id": "u1"}}


async def test_a_web_socket_takes_names(manifest):
    graph = SmallGraph()
    async with serving(settings(manifest), graph) as http, socket_of(http, protocols=(PROTOCOL,)) as socket:
        await socket.begin()
        await socket.send("subscribe", "1", {"documentId": "added", "variables": {"of": "p1"}})
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(), END)
        assert await socket.receive() == {"id": "1", "type": "next", "payload": added()}
        assert await socket.receive() == {"id": "1", "type": "complete"}
        await socket.send("subscribe", "2", {"documentId": "nobody"})
        refused = await socket.receive()
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "PERSISTED_QUERY_NOT_FOUND")
        await socket.send("subscribe", "3", by_hash(ME))
        assert (await socket.receive())["payload"] == OF_ADA
        assert await socket.receive() == {"id": "3", "type": "complete"}
        for number, named in (("4", by_hash(ME)), ("5", {"documentId": "me.v1"})):
            await socket.send("subscribe", number, {"query": "", **named})  # graphql-ws insists on a text
            assert (await socket.receive())["payload"] == OF_ADA
            assert await socket.receive() == {"id": number, "type": "complete"}


UNKNOWN = {
    "allow": "PERSISTED_QUERY_NOT_FOUND",
    "prefer": "PERSISTED_QUERY_NOT_FOUND",
    "only": "PERSISTED_QUERY_NOT_IN_LIST",
}


@pytest.mark.parametrize(("mode", "code"), UNKNOWN.items())
async def test_an_unknown_name_is_told_apart_from_a_text_that_may_not_be(manifest, mode, code):
    async with serving(settings(manifest, mode)) as http:
        for body in ({"documentId": "nobody"}, {"documentId": f"sha256:{hash_of(OTHER)}"}, by_hash(OTHER)):
            assert [(await post(http, body, accept=accept))[0] for accept in (JSON, GRAPHQL)] == [200, 404]
            assert code_of((await post(http, body))[2]) == code
        status, _, body = await post(http, {"query": OTHER}, accept=GRAPHQL)
        forbidden = (403, "QUERY_NOT_IN_SAFELIST")
        assert mode != "only" or (status, code_of(body)) == forbidden
        assert mode == "only" or body == {"data": {"users": [{"id": "u1"}, {"id": "u2"}]}}
        assert (await post(http, {"query": ME}))[2] == OF_ADA


async def test_clients_find_the_words_that_they_look_for(manifest):
    async with serving(settings(manifest)) as http:
        assert (await post(http, by_hash(OTHER)))[2]["errors"][0]["message"] == "PersistedQueryNotFound"
    async with serving() as http:
        assert (await post(http, by_hash(OTHER)))[2]["errors"][0]["message"] == "PersistedQueryNotSupported"
        assert (await post(http, by_hash(OTHER, query=ME)))[2] == OF_ADA


async def test_without_documents_there_is_no_path_for_them():
    async with serving() as http:
        assert await at(http, f"/graphql/{hash_of(ME)}") == (404, b"Not found")


@pytest.mark.parametrize(
    ("path", "body"),
    [("/graphql/me.v1", {"query": ME}), ("/graphql/me.v1", {"documentId": "named"}), ("/graphql/a%20b", {}),
     ("/graphql/", {}), ("/graphql/a/b", {}), ("/graphql/me.v1", {"documentId": ["me.v1"]}),
     ("/graphql/" + "a" * 257, {})],
)  # fmt: skip
async def test_a_path_that_names_none_or_two_is_a_bad_request(manifest, path, body):
    async with serving(settings(manifest)) as http:
        status, answer = await at(http, path, "POST", body=body)
        assert (status, code_of(answer)) == (400, "BAD_REQUEST")
        assert await at(http, "/graphql/me.v1", "POST", body={"documentId": "me.v1"}) == (200, OF_ADA)


async def test_the_first_words_of_a_prefix_are_no_document(manifest):
    async with serving(settings(manifest)) as http:
        assert await at(http, "/graphqlx") == (404, b"Not found")


async def test_with_only_a_text_is_known_to_the_letter(manifest):
    async with serving(settings(manifest, "only")) as http:
        for text in (f"{ME} ", ME.replace("Me", "me"), "{ __typename }", "not even graphql"):
            assert code_of((await post(http, {"query": text}))[2]) == "QUERY_NOT_IN_SAFELIST"
        assert http.router.metrics.text().count(b'router_documents_total{what="refused text"} 4.0') == 1


@pytest.mark.parametrize(
    ("claims", "passes"),
    [({"scope": "a graph:any"}, True), ({"scope": "graph"}, False), ({"roles": ["engineer"]}, True),
     ({"roles": "engineer other"}, True), ({"roles": ["engineers"]}, False), ({"roles": {"engineer": 1}}, False),
     ({"groups": ["engineer"]}, False), (None, False)],
)  # fmt: skip
async def test_named_scopes_and_roles_bypass_only(manifest, claims, passes):
    async def publish():
        return key_set()

    given = settings(
        manifest, "only", bypass_scopes={"graph:any"}, bypass_roles={"engineer"}, issuer=ISSUER, audience=AUDIENCE
    )
    headers = {} if claims is None else {"authorization": f"Bearer {token(**claims)}"}
    async with serving(given, key_source=publish) as http:
        status, _, _ = await post(http, {"query": OTHER}, accept=GRAPHQL, **headers)
        assert status == (200 if passes else 403)
        assert (await post(http, {"documentId": "me.v1"}, **headers))[2] == OF_ADA


async def test_the_claim_of_roles_is_a_setting(manifest):
    async def publish():
        return key_set()

    given = settings(
        manifest, "only", bypass_roles={"engineer"}, roles_claim="groups", issuer=ISSUER, audience=AUDIENCE
    )
    async with serving(given, key_source=publish) as http:
        bearer = f"Bearer {token(groups=['engineer'])}"
        assert (await post(http, {"query": OTHER}, accept=GRAPHQL, authorization=bearer))[0] == 200


async def test_with_prefer_each_unknown_text_is_told_once_for_each_client(manifest):
    given = settings(manifest, "prefer", client_version_header="x-version")
    with structlog.testing.capture_logs() as logs:
        async with serving(given) as http:
            for client in ("web", "web", "phone"):
                headers = {"apollographql-client-name": client, "x-version": "2"}
                await post(http, {"query": OTHER, "operationName": "Other"}, **headers)
            await post(http, {"query": OTHER})
            await post(http, {"query": ME})
            await post(http, {"documentId": "me.v1"})
            figures = http.router.metrics.text()
    told = [line for line in logs if line["event"] == "a document that no manifest has"]
    assert [(line["operation"], line["sha256"], line["client"], line["version"]) for line in told] == [
        ("Other", hash_of(OTHER), "web", "2"),
        ("Other", hash_of(OTHER), "phone", "2"),
        (None, hash_of(OTHER), None, None),
    ]  # fmt: skip
    for what, times in (("unknown text", 4), ("known text", 1), ("named", 1)):
        assert f'router_documents_total{{what="{what}"}} {times}.0'.encode() in figures


async def test_the_header_by_which_clients_say_who_they_are_is_a_setting(manifest):
    with structlog.testing.capture_logs() as logs:
        async with serving(settings(manifest, "prefer", client_name_header="x-app")) as http:
            await post(http, {"query": OTHER}, **{"x-app": "a" * 300})
    (told,) = [line for line in logs if line["event"] == "a document that no manifest has"]
    assert told["client"] == "a" * 100


# Documents that clients make known


async def test_a_document_that_was_sent_with_its_hash_can_be_named(manifest):
    async with serving(settings(automatic={})) as http:
        status, _, body = await post(http, by_hash(ME), accept=GRAPHQL)
        assert (status, code_of(body)) == (404, "PERSISTED_QUERY_NOT_FOUND")
        assert (await post(http, by_hash(ME, query=ME)))[2] == OF_ADA
        assert (await post(http, by_hash(ME)))[2] == OF_ADA
        assert (await post(http, {"documentId": f"sha256:{hash_of(ME)}"}))[2] == OF_ADA
        assert await at(http, f"/graphql/sha256:{hash_of(ME)}") == (200, OF_ADA)


async def test_it_can_be_made_known_over_get():
    async with serving(settings(automatic={})) as http:
        extensions = orjson.dumps(by_hash(ME)["extensions"]).decode()
        assert code_of((await get(http, extensions=extensions))[2]) == "PERSISTED_QUERY_NOT_FOUND"
        assert (await get(http, extensions=extensions, query=ME))[2] == OF_ADA
        assert (await get(http, extensions=extensions))[2] == OF_ADA


@pytest.mark.parametrize(
    "hash_", [hash_of(OTHER), hash_of(ME).upper(), hash_of(ME)[:-1], "a" * 64, "me", hash_of(f"{ME} ")]
)
async def test_a_wrong_hash_is_refused_and_nothing_becomes_known(manifest, hash_):
    graph = SmallGraph()
    async with serving(settings(automatic={}), graph) as http:
        for accept in (JSON, GRAPHQL):
            status, _, body = await post(http, by_hash(ME, query=ME, hash_=hash_), accept=accept)
            assert (status, code_of(body)) == (400, "PERSISTED_QUERY_HASH_MISMATCH")
        assert graph.users.requests == []
        assert code_of((await post(http, by_hash(ME, hash_=hash_)))[2]) == "PERSISTED_QUERY_NOT_FOUND"
        assert code_of((await post(http, by_hash(ME)))[2]) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize("text", ["{ nobody { id } }", "{ me {", "query A { me { id } } query B { me { id } }"])
async def test_what_would_be_refused_does_not_become_known(text):
    async with serving(settings(automatic={})) as http:
        refused = code_of((await post(http, by_hash(text, query=text)))[2])
        assert refused in {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "OPERATION_NAME_REQUIRED"}
        assert code_of((await post(http, by_hash(text)))[2]) == "PERSISTED_QUERY_NOT_FOUND"


async def test_nobody_gives_another_document_to_a_name_of_a_manifest(manifest):
    async with serving(settings(manifest, automatic={})) as http:
        for name in ("me.v1", hash_of(ME)):
            assert code_of((await post(http, by_hash(OTHER, query=OTHER, hash_=name)))[2]) == (
                "PERSISTED_QUERY_HASH_MISMATCH"
            )
            assert (await post(http, by_hash(ME, hash_=name)))[2] == OF_ADA
        assert (await post(http, by_hash(ME, query=ME, hash_="me.v1")))[2] == OF_ADA


async def test_a_manifest_whose_id_is_the_hash_of_another_text_stays_as_it_is(tmp_path):
    path = tmp_path / "odd.json"
    path.write_bytes(relay({hash_of(OTHER): ME}))
    async with serving(settings(path, automatic={})) as http:
        assert (await post(http, by_hash(OTHER, query=OTHER)))[2] == {"data": {"users": [{"id": "u1"}, {"id": "u2"}]}}
        assert (await post(http, by_hash(OTHER)))[2] == OF_ADA


async def test_names_nobody_knows_count_against_the_rate_of_who_sends_them():
    given = settings(automatic={}).model_copy(update={"rates": Rates(address="3/hour burst 3")})
    async with serving(given) as http:
        codes = [code_of((await post(http, by_hash(ME)))[2]) for _ in range(4)]
    assert codes == ["PERSISTED_QUERY_NOT_FOUND"] * 3 + ["RATE_LIMITED"]


@needs_server
async def test_what_one_router_is_sent_another_answers(url):  # noqa: F811
    given = settings(automatic={"store_url": url, "store_seconds_max": 30.0})
    graph = SmallGraph()
    async with serving(given) as one, serving(given, graph) as other:
        assert (await post(one, by_hash(ME, query=ME)))[2] == OF_ADA
        assert (await post(one, by_hash(RENAME, query=RENAME)))[2] == {"data": {"rename": {"name": "Eva"}}}
        assert (await post(other, by_hash(ME)))[2] == OF_ADA
        assert code_of((await at(other, f"/graphql/sha256:{hash_of(RENAME)}"))[1]) == "MUTATION_NOT_ALLOWED"
        assert (await post(other, by_hash(ADDED, query=ADDED)))[0] == 406
        async with socket_of(one) as socket:
            await socket.begin()
            await socket.send("subscribe", "1", by_hash(ADDED) | {"variables": {"of": "p1"}})
            await socket.send("complete", "1")
            await socket.send("subscribe", "2", by_hash(ME))
            assert await socket.receive() == {"id": "2", "type": "next", "payload": OF_ADA}
        assert [subgraph.listeners for subgraph in graph.subgraphs] == [{}, {}, {}, {}]


NAMES = st.text(max_size=300) | st.sampled_from(["me.v1", hash_of(ME), f"sha256:{hash_of(ME)}", "sha256:", "__proto__"])


async def test_any_name_is_answered_refused_or_no_name_at_all(manifest):
    """Whatever a client calls a document: never a fault, and never a document that it has not named."""
    async with serving(settings(manifest, "only")) as http:
        router = http.router

        @given(name=NAMES, is_hash=st.booleans())
        def found(name, is_hash):
            request = router.service.documents.filled(GraphQLRequest("", document=DocumentName(name, is_hash)))
            assert request.query == (ME if name in {"me.v1", hash_of(ME)} else MANIFEST.get(name, ""))

        await asyncio.to_thread(found)
        for name in ("../..", "a\x00b", "é", "%", "me.v1?x", '"'):
            status, _, body = await post(http, {"documentId": name})
            assert (status, code_of(body)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "document",
    [None, {}, [], 7, "", {"version": 1}, {"version": 1, "sha256Hash": 7}, {"version": "1", "sha256Hash": "ab"},
     {"version": 1, "sha256Hash": "a" * 300}],
)  # fmt: skip
async def test_odd_extensions_are_a_bad_request_or_none(manifest, document):
    async with serving(settings(manifest)) as http:
        status, _, body = await post(http, {"extensions": {"persistedQuery": document}})
        assert (status, code_of(body)) == (400, "BAD_REQUEST")


async def test_a_page_of_another_origin_may_name_documents(manifest):
    given = settings(manifest, cors_origins=("https://app.example.org",))
    async with (
        serving(given) as http,
        http.get("/graphql/me.v1", headers={"origin": "https://app.example.org"}) as response,
    ):
        assert response.headers["access-control-allow-origin"] == "https://app.example.org"


async def test_who_embeds_the_router_names_documents_too(manifest):
    async with serving(settings(manifest)) as http:
        result = await http.router.execute(GraphQLRequest("", document=DocumentName("me.v1", is_hash=False)))
    assert result.body == OF_ADA
