"""Values that are JSON, and that most libraries stumble over: they arrive, or spoil their own field alone."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from tests.router.conformance.test_conformance import HEADER
from tests.router.small_graph import raw_answer, served
from trevo.config.settings import Settings
from trevo.door import exact_json
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.result import encode_result
from trevo.gateway.router import Router
from trevo.main import plan_with_planner
from trevo.observability.tracing import begin_trace
from trevo.server.read_request import make_request, read_body

SUPERGRAPH = (
    HEADER % ""
    + """
scalar join__FieldSet
enum join__Graph {
  A @join__graph(name: "a", url: "http://a.invalid")
  B @join__graph(name: "b", url: "http://b.invalid")
}
scalar JSON @join__type(graph: A) @join__type(graph: B)
input By @join__type(graph: A) @oneOf { id: ID name: String }
type Query @join__type(graph: A) @join__type(graph: B) {
  deep: JSON @join__field(graph: A)
  other: Int @join__field(graph: A)
  echo(v: JSON): JSON @join__field(graph: A)
  text: String @join__field(graph: A)
  must: String! @join__field(graph: A)
  one(by: By!): String @join__field(graph: A)
  p: P @join__field(graph: A)
  many: [P] @join__field(graph: A)
  q: Q @join__field(graph: A)
}
type Q @join__type(graph: A, key: "code") @join__type(graph: B, key: "code") {
  code: ID @join__field(graph: A) @join__field(graph: B)
  b: String @join__field(graph: B)
}
type P @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID! @join__field(graph: A) @join__field(graph: B)
  big: JSON @join__field(graph: A) @join__field(graph: B, external: true)
  out: JSON @join__field(graph: B, requires: "big")
  b: String @join__field(graph: B)
}
"""
)
HALF = '"\\ud800"'

Answer = Callable[[dict[str, Any]], str]
Ask = Callable[..., Any]


@asynccontextmanager
async def asking(a: Answer, b: Answer | None = None) -> AsyncIterator[Ask]:
    """A router over two subgraphs that answer with the text that is made of the request."""

    def app(answer: Answer) -> Any:
        async def serve(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                return
            body = b""
            while (message := await receive()).get("more_body"):
                body += message["body"]
            await raw_answer(send, 200, answer(exact_json.loads(body + message["body"])).encode())

        return serve

    async with AsyncExitStack() as stack:
        there = {
            name: (await stack.enter_async_context(served(app(answer)))).origin
            for name, answer in (("a", a), ("b", b or (lambda _: "{}")))
        }
        router = Router(Settings(subgraph_urls=there), supergraph_text=SUPERGRAPH, make_planner=plan_with_planner)
        stack.push_async_callback(router.stop)

        async def ask(query: str, variables: str = "{}") -> Any:
            body = f'{{"query": {json.dumps(query)}, "variables": {variables}}}'
            request: GraphQLRequest = make_request(read_body(body.encode()), {}, look=str)
            result = await router.execute(request)
            return json.loads(encode_result(result, begin_trace({})))

        yield ask


def entity(text: str) -> Answer:
    return lambda _request: f'{{"data": {{"p": {text}}}}}'


def out_is_big(request: dict[str, Any]) -> str:
    (representation,) = next(iter(request["variables"].values()))
    return exact_json.dumps({"data": {"_entities": [{"out": representation["big"]}]}}).decode()


@pytest.mark.parametrize("depth", [252, 253, 254, 255, 500, 900])
async def test_a_deep_value_is_passed_on_beside_others(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    async with asking(lambda _: f'{{"data": {{"deep": {deep}, "other": 2}}}}') as ask:
        assert await ask("{ deep other }") == {"data": {"deep": json.loads(deep), "other": 2}}


@pytest.mark.parametrize(
    "value", ["[" * 400 + "]" * 400, "18446744073709551616", "-9223372036854775809", "[1, 99999999999999999999999]"]
)
async def test_what_another_subgraph_requires_arrives_as_it_was(value: str) -> None:
    async with asking(entity(f'{{"__typename": "P", "id": "1", "big": {value}}}'), out_is_big) as ask:
        assert await ask("{ p { out } }") == {"data": {"p": {"out": json.loads(value)}}}


async def test_a_whole_number_of_more_than_64_bits_is_kept_from_variable_to_answer() -> None:
    def echo(request: dict[str, Any]) -> str:
        return exact_json.dumps({"data": {"echo": request["variables"]["v"]}}).decode()

    async with asking(echo) as ask:
        for number in (2**64, -(2**63) - 1, 10**40):
            answer = await ask("query ($v: JSON) { echo(v: $v) }", f'{{"v": {number}}}')
            assert answer == {"data": {"echo": number}}
            assert type(answer["data"]["echo"]) is int


async def test_half_of_a_surrogate_pair_spoils_its_field_alone() -> None:
    async with asking(lambda _: f'{{"data": {{"text": {HALF}, "deep": {{"a": [{HALF}]}}, "other": 2}}}}') as ask:
        answer = await ask("{ text deep other }")
        assert answer["data"] == {"text": None, "deep": None, "other": 2}
        message = "The value holds half of a surrogate pair, which is no text."
        assert [(each["message"], each["path"], each["extensions"]) for each in answer["errors"]] == [
            (message, ["text"], {"code": "INVALID_VALUE", "service": "a"}),
            (message, ["deep"], {"code": "INVALID_VALUE", "service": "a"}),
        ]


async def test_half_of_a_pair_where_null_must_not_be_takes_the_object() -> None:
    async with asking(lambda _: f'{{"data": {{"must": {HALF}}}}}') as ask:
        answer = await ask("{ must }")
        assert (answer["data"], [each["path"] for each in answer["errors"]]) == (None, [["must"]])


async def test_nothing_is_computed_from_half_of_a_pair() -> None:
    async with asking(entity(f'{{"__typename": "P", "id": "1", "big": [{HALF}]}}'), out_is_big) as ask:
        answer = await ask("{ p { id out } }")
        assert answer["data"] == {"p": {"id": "1", "out": None}}
        assert [each["extensions"]["code"] for each in answer["errors"]] == ["INVALID_VALUE", "DEPENDENCY_FAILED"]


async def test_a_clients_half_of_a_pair_is_the_clients_error() -> None:
    async with asking(lambda _: "{}") as ask:
        answer = await ask("query ($v: JSON) { echo(v: $v) other }", f'{{"v": [{HALF}]}}')
        (error,) = answer["errors"]
        assert error["message"] == "Variable '$v' holds half of a surrogate pair, which is no text."
        assert error["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_what_a_subgraph_says_in_half_pairs_does_not_spoil_the_answer() -> None:
    error = f'{{"message": {HALF}, "path": ["text"], "extensions": {{"code": {HALF}}}}}'
    async with asking(lambda _: f'{{"data": {{"text": null, "other": 2}}, "errors": [{error}]}}') as ask:
        answer = await ask("{ text other }")
        assert answer["data"] == {"text": None, "other": 2}
        (error,) = answer["errors"]
        assert (error["message"], error["extensions"]["code"]) == ("\N{REPLACEMENT CHARACTER}", "SUBGRAPH_ERROR")


async def test_a_nullable_variable_at_a_one_of_field_is_refused() -> None:
    async with asking(lambda _: '{"data": {"one": "x"}}') as ask:
        answer = await ask("query ($n: String) { one(by: {name: $n}) }", '{"n": "x"}')
        assert "data" not in answer
        assert [each["extensions"]["code"] for each in answer["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]
        assert await ask("query ($n: String!) { one(by: {name: $n}) }", '{"n": "x"}') == {"data": {"one": "x"}}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ('{"__typename": "P"}', "KEY_MISSING"),
        ('{"__typename": "P", "id": null}', "KEY_MISSING"),
        ("{}", "KEY_MISSING"),
        ('{"__typename": "Nothing", "id": "1"}', "INVALID_TYPE"),
    ],
)
async def test_an_entity_that_cannot_be_asked_for_says_so(given: str, code: str) -> None:
    async with asking(entity(given)) as ask:
        answer = await ask("{ p { b } }")
        assert answer["data"] == {"p": {"b": None}}
        assert [(each["path"], each["extensions"]["code"]) for each in answer["errors"]] == [(["p", "b"], code)]


async def test_a_key_that_its_subgraph_declares_as_nullable_may_be_null_but_not_absent() -> None:
    async with asking(lambda _: '{"data": {"q": {"__typename": "Q", "code": null}}}') as ask:
        assert await ask("{ q { b } }") == {"data": {"q": {"b": None}}}
    async with asking(lambda _: '{"data": {"q": {"__typename": "Q"}}}') as ask:
        (error,) = (await ask("{ q { b } }"))["errors"]
        assert (error["path"], error["extensions"]["code"]) == (["q", "b"], "KEY_MISSING")


async def test_of_many_entities_without_a_key_the_client_sees_no_more_errors_than_of_others() -> None:
    many = ",".join(['{"__typename": "P"}'] * 1_000)
    async with asking(lambda _: f'{{"data": {{"many": [{many}]}}}}') as ask:
        answer = await ask("{ many { b } }")
        assert answer["data"] == {"many": [{"b": None}] * 1_000}
        assert {each["extensions"]["code"] for each in answer["errors"][:-1]} == {"KEY_MISSING"}
        assert len(answer["errors"]) == 101
        assert answer["errors"][-1]["extensions"]["code"] == "TOO_MANY_ERRORS"
