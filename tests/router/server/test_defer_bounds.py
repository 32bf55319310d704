"""Where `@defer` may stand, how much may be deferred, and what deferring costs the router."""

import re

import pytest

from tests.router.read_parts import MULTIPART, parts_of, put_together
from tests.router.server.deferring import NO_RATES, SLOW
from tests.router.server.http_client import code_of, post, serving
from trevo.config.limits import Limits
from trevo.config.settings import Settings


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('{ me { ... @defer(label: "a") { id } ... @defer(label: "a") { name } } }', "must be unique"),
        ("query ($l: String) { me { ... @defer(label: $l) { id } } }", "must be a static string"),
        ('mutation { ... @defer { rename(id: "u1", name: "x") { id } } }', "root mutation type"),
        ("subscription { reviewAdded { ... @defer { id } } }", "not supported on subscription"),
        ("{ me { name @defer } }", "may not be used on field"),
    ],
)
async def test_where_it_may_not_stand_it_is_refused(http, query, message):
    _, _, body = await post(http, {"query": query})
    assert code_of(body) == "GRAPHQL_VALIDATION_FAILED"
    assert message in body["errors"][0]["message"]


async def test_more_fragments_than_the_bound_are_refused():
    query = "{ me { ...F @defer } users { ...F @defer } } fragment F on User { ... @defer { email } }"
    async with serving(Settings(rates=NO_RATES, limits=Limits(deferrals_max=3))) as http:
        (refused,) = await parts_of(http, query)
        assert code_of(refused) == "QUERY_TOO_MANY_DEFERRALS"
        _, _, whole = await post(http, {"query": query})
        assert whole["data"]["me"] == {"email": "ada@example.org"}
    async with serving(Settings(rates=NO_RATES, limits=Limits(deferrals_max=4))) as http:
        assert put_together(await parts_of(http, query))["data"] == whole["data"]


async def test_more_places_than_the_bound_come_whole():
    query = "{ users { name ... @defer { reviews { id } } } }"
    async with serving(Settings(rates=NO_RATES, limits=Limits(deferred_places_max=1))) as http:
        (whole,) = await parts_of(http, query)
        _, headers, body = await post(http, {"query": query}, accept=f"{MULTIPART}, application/json")
    assert whole == {**body, "hasNext": False}
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert body["data"]["users"][1] == {"name": "Bob", "reviews": [{"id": "r2"}]}


async def test_a_fragment_that_is_spread_twice_is_one():
    query = "{ me { name ...F @defer ...F @defer } me { ...F @defer } } fragment F on User { reviews { id } }"
    async with serving(Settings(rates=NO_RATES, limits=Limits(deferrals_max=1))) as http:
        first, second = await parts_of(http, query)
    assert first["pending"] == [{"id": "0", "path": ["me"]}]
    assert second["completed"] == [{"id": "0"}]


async def test_where_more_conditions_than_may_be_decide_it_comes_whole():
    query = "query ($a: Boolean!, $b: Boolean!) { me { id @skip(if: $a) ... @defer(if: $b) { name } } }"
    variables = {"a": False, "b": True}
    async with serving(Settings(rates=NO_RATES, limits=Limits(deferring_conditions_max=1))) as http:
        whole = await parts_of(http, query, variables=variables)
    async with serving(Settings(rates=NO_RATES, limits=Limits(deferring_conditions_max=2))) as http:
        assert len(await parts_of(http, query, variables=variables)) == 2
    assert whole == [{"data": {"me": {"id": "u1", "name": "Ada"}}, "hasNext": False}]


async def test_where_no_condition_defers_nothing_is_planned_anew():
    query = "query ($a: Boolean!, $b: Boolean!) { me { id @skip(if: $a) ... @defer(if: $b) { name } } }"
    async with serving() as http:
        for skip in (False, True):
            await parts_of(http, query, variables={"a": skip, "b": False})
        figures = http.router.metrics.text()
    assert re.findall(rb'router_operation_cache_total.result="miss",stage="plan". (.*)', figures) == [b"1.0"]


async def test_no_program_is_written_for_what_comes_in_parts():
    async with serving(Settings(rates=NO_RATES, limits=Limits(compile_after_uses=1))) as http:
        for _ in range(3):
            await parts_of(http, SLOW)
        assert b'router_programs_total{result="written"}' not in http.router.metrics.text()


async def test_a_label_has_a_length():
    query = '{ me { ... @defer(label: "abcde") { id } } }'
    async with serving(Settings(rates=NO_RATES, limits=Limits(name_characters_max=4))) as http:
        (refused,) = await parts_of(http, query)
        assert code_of(refused) == "NAME_TOO_LONG"
        first, _ = await parts_of(http, query.replace("abcde", "abcd"))
        assert first["pending"][0]["label"] == "abcd"


async def test_variables_that_decide_it_count_as_conditions():
    settings = Settings(rates=NO_RATES, limits=Limits(conditions_max=1))
    query = "query ($a: Boolean!, $b: Boolean!) { me { id @skip(if: $a) ... @defer(if: $b) { name } } }"
    async with serving(settings) as http:
        _, _, body = await post(http, {"query": query, "variables": {"a": False, "b": False}})
    assert code_of(body) == "QUERY_TOO_MANY_CONDITIONS"


async def test_switched_off_there_is_no_such_directive():
    async with serving(Settings(rates=NO_RATES, defer=False)) as http:
        _, _, body = await post(http, {"query": SLOW}, accept=f"{MULTIPART}, application/json")
        assert body["errors"][0]["message"] == "Unknown directive '@defer'."
        status, _, _ = await post(http, {"query": "{ me { name } }"}, accept=MULTIPART)
        assert status == 406
