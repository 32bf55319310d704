"""Subscriptions that a new supergraph does not answer any more are told why, and end; the others go on."""

import pytest

from tests.router.server.guarded import GUARDED, bearer
from tests.router.server.guarded import settings as with_tokens
from tests.router.server.http_client import serving
from tests.router.server.open_subscriptions import NAMELESS, TRANSPORTS, by_events, code_and_reason, until_gone_over
from tests.router.server.streams import a_review
from tests.router.server.test_tokens_over_http import publish
from tests.router.small_graph import SUPERGRAPH


@TRANSPORTS
async def test_who_asks_for_what_is_gone_is_told_so_and_the_others_go_on(graph, subscribed):
    others = "subscription { reviewAdded { body } }"
    async with serving(graph=graph) as http, subscribed(http) as take, subscribed(http, others) as take_other:
        await graph.reviews.until_listeners(2)
        assert await http.router.reload(NAMELESS)
        assert (await take())["errors"] == [
            {
                "message": "The graph has changed, and this subscription is not valid any more: "
                "Cannot query field 'name' on type 'User'.",
                "locations": [{"line": 1, "column": 68}],
                "extensions": {"code": "SUPERGRAPH_CHANGED", "reason": "GRAPHQL_VALIDATION_FAILED"},
            }
        ]
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1))
        assert await take_other() == {"data": {"reviewAdded": {"body": "words 1"}}}
        figures = http.router.metrics.text().decode()
    assert 'router_subscriptions_ended_total{reason="graph changed"} 1.0\n' in figures
    assert 'router_subscriptions_replanned_total{stream="kept"} 1.0\n' in figures


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("reviewAdded(of: ID): Review", "reviewAdded(of: Int): Review", "GRAPHQL_VALIDATION_FAILED"),
        ("  subscription: Subscription\n", "", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_other_reasons(graph, before, after, reason):
    async with serving(graph=graph) as http, by_events(http) as take:
        await graph.reviews.until_listeners(1)
        assert await http.router.reload(SUPERGRAPH.replace(before, after))
        assert code_and_reason(await take()) == ("SUPERGRAPH_CHANGED", reason)
        assert await take() == "complete"
        await graph.reviews.until_listeners(0)


async def test_a_rule_that_is_new_holds_for_what_is_open(graph):
    made, needed = with_tokens(), "subscription { reviewNeeded { id } }"
    asking = serving(made, graph, key_source=publish)
    async with asking as http, by_events(http, needed) as take, by_events(http, needed, **bearer()) as take_signed_in:
        await graph.reviews.until_listeners(2)
        assert await http.router.reload(GUARDED)
        assert code_and_reason(await take()) == ("SUPERGRAPH_CHANGED", "UNAUTHORIZED_FIELD_OR_TYPE")
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1))
        assert await take_signed_in() == {"data": {"reviewNeeded": {"id": "new1"}}}


async def test_a_rule_that_is_new_leaves_out_what_it_is_about(graph):
    asking = serving(with_tokens(), graph, key_source=publish)
    async with asking as http, by_events(http, "subscription { reviewAdded { id author { name email } } }") as take:
        await graph.reviews.until_listeners(1)
        assert await http.router.reload(GUARDED)
        await until_gone_over(http)
        graph.reviews.announce(a_review(1))
        body = await take()
    assert body["data"] == {"reviewAdded": {"id": "new1", "author": {"name": "Ada", "email": None}}}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["UNAUTHORIZED_FIELD_OR_TYPE"]
