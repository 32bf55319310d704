"""Policies: callables of the program that say who may ask for what."""

import asyncio

import pytest
import structlog

from tests.router.server.guarded import bearer, guarded, is_ada, settings
from tests.router.server.http_client import code_of, post
from tests.router.small_graph import SmallGraph
from trevo.config.authorization_settings import AuthorizationSettings


async def test_a_policy_is_asked_once_for_each_request_that_it_matters_to():
    asked = []

    async def reader(request):
        asked.append(
            (request.identity.subject, request.headers["x-wish"], request.operation_name, request.operation_kind)
        )
        return request.headers["x-wish"] == "please"

    async with guarded(SmallGraph(), policies={"reader": reader}) as http:
        query = {"query": 'query Words { review(id: "r1") { id body } again: review(id: "r1") { id text: body } }'}
        _, _, body = await post(http, query, **bearer(), **{"x-wish": "please"})
        assert body == {"data": {"review": {"id": "r1", "body": "good"}, "again": {"id": "r1", "text": "good"}}}
        _, _, body = await post(http, query, **bearer(), **{"x-wish": "now"})
        assert body["data"] == {"review": {"id": "r1", "body": None}, "again": {"id": "r1", "text": None}}
        await post(http, {"query": "{ me { id email } }"}, **bearer())
    assert asked == [("u1", "please", "Words", "query"), ("u1", "now", "Words", "query")]


def raises(_request):
    raise RuntimeError("out of order")


async def never(_request):
    await asyncio.Event().wait()


async def waits_for_what_was_cancelled(_request):
    other = asyncio.get_running_loop().create_future()
    other.cancel()
    await other


@pytest.mark.parametrize(
    ("policies", "event"),
    [
        ({"reader": raises}, "policy failed"),
        ({"reader": never}, "policy failed"),
        ({"reader": waits_for_what_was_cancelled}, "policy failed: what it waited for was cancelled"),
        ({"reader": lambda _request: "yes"}, None),
        ({"reader": lambda _request: False}, None),
        ({}, "the supergraph names policies that nobody answers for: they say no"),
    ],
)
async def test_a_policy_that_does_not_say_yes_says_no(policies, event):
    made = settings(authorization=AuthorizationSettings(policy_seconds_max=0.05))
    with structlog.testing.capture_logs() as logs:
        async with guarded(SmallGraph(), made, policies=policies) as http:
            _, _, body = await post(http, {"query": '{ review(id: "r1") { id body } }'})
    assert body["data"] == {"review": {"id": "r1", "body": None}}
    told = [line["event"] for line in logs if line["log_level"] in {"warning", "error"}]
    assert told == ([event] if event else [])


async def test_a_plain_function_may_be_a_policy_and_the_deadline_is_a_bound_too():
    made = settings(authorization=AuthorizationSettings(policy_seconds_max=600))
    async with guarded(SmallGraph(), made, policies={"reader": lambda request: request.address is not None}) as http:
        _, _, body = await post(http, {"query": '{ review(id: "r1") { body } }'})
        assert body == {"data": {"review": {"body": "good"}}}
    async with guarded(SmallGraph(), made, policies={"reader": never}) as http:
        _, _, body = await post(http, {"query": '{ review(id: "r1") { body } }'}, **{"x-request-deadline-ms": "50"})
        assert code_of(body) == "UNAUTHORIZED_FIELD_OR_TYPE"


POLICIES = {"reader": is_ada}
NO_POLICIES = {"reader": "yes"}
TEXT = "reader"


async def test_policies_may_be_named_in_the_settings():
    named = settings(authorization=AuthorizationSettings(policies=f"{__name__}:POLICIES"))
    query = {"query": '{ review(id: "r1") { body } }'}
    async with guarded(SmallGraph(), named) as http:
        assert (await post(http, query, **bearer()))[2] == {"data": {"review": {"body": "good"}}}
        assert code_of((await post(http, query))[2]) == "UNAUTHORIZED_FIELD_OR_TYPE"
    # What the program itself gives goes first.
    async with guarded(SmallGraph(), named, policies={"reader": lambda _: True}) as http:
        assert (await post(http, query))[2] == {"data": {"review": {"body": "good"}}}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("no_such_module_at_all:POLICIES", "cannot be loaded: No module named 'no_such_module_at_all'"),
        (f"{__name__}:MISSING", f"cannot be loaded: module '{__name__}' has no attribute 'MISSING'"),
        (f"{__name__}:NO_POLICIES", "are not a mapping of names to callables."),
        (f"{__name__}:TEXT", "are not a mapping of names to callables."),
    ],
)
async def test_policies_that_cannot_be_had_end_the_start(name, reason):
    made = settings(authorization=AuthorizationSettings(policies=name))
    with pytest.raises(ValueError, match="The policies") as failure:
        async with guarded(SmallGraph(), made):
            pass
    assert str(failure.value) == f"The policies {name} {reason}"
