"""Any two requests: what is shared is what cannot be told apart, and each has its own answer."""

import random
from itertools import product

import orjson
import pytest

from tests.router.sharing.held import ask, at_once, sharing, told_in
from trevo.config.header_rules import HeaderRule, HeaderRules
from trevo.config.sharing import Sharing

QUERY = "query Mine($id: ID!, $also: Boolean! = true) { user(id: $id) { id name @include(if: $also) name } }"
RULES = HeaderRules(all=(HeaderRule(propagate="x-tenant"),), subgraphs={"users": (HeaderRule(remove="user-agent"),)})
SEEN = ("authorization", "accept_language", "x_tenant")
UNSEEN = ("cookie", "user_agent", "x_correlation_id")
PAIRS = 60


def a_request(drawn):
    """Few values, so that many pairs are the same in all that counts."""
    values = [None, None, "a-value-1", "A-Value-1"]
    headers = {name: drawn.choice(values) for name in (*SEEN, *UNSEEN)}
    variables = {"id": drawn.choice([1, "1", "1", "1"])}
    if drawn.random() < 0.3:
        variables["also"] = drawn.random() < 0.8
    address = drawn.choice(["203.0.113.1", "203.0.113.1", "203.0.113.2"])
    return {"address": address, "variables": variables, **{name: value for name, value in headers.items() if value}}


def nearly(request, drawn):
    """*request*, with one thing of another."""
    other = a_request(drawn)
    name = drawn.choice([*SEEN, *UNSEEN, "address", "variables"])
    changed = {key: value for key, value in request.items() if key != name}
    return changed | ({name: other[name]} if name in other else {})


def what_a_subgraph_sees(request):
    told = {name: value for name, value in request.items() if name in (*SEEN, "address")}
    # Its document has no condition: only the whole query depends on that.
    return orjson.dumps([told, request["variables"]["id"]], option=orjson.OPT_SORT_KEYS)


def is_same(one, other, *, fetches):
    also = [request["variables"].get("also", True) for request in (one, other)]
    return what_a_subgraph_sees(one) == what_a_subgraph_sees(other) and (fetches or also[0] == also[1])


@pytest.mark.parametrize(("queries", "fetches"), [each for each in product([True, False], repeat=2) if any(each)])
async def test_it_is_shared_if_and_only_if_nothing_that_counts_differs(queries, fetches):
    drawn = random.Random(f"{queries} {fetches}")
    counted = {"shared": 0, "apart": 0}
    async with sharing(sharing=Sharing(queries=queries, fetches=fetches), headers=RULES) as users:
        for _ in range(PAIRS):
            one = a_request(drawn)
            other = nearly(one, drawn)
            came, shared = len(users.came), users.shared
            first, second = await at_once(users, ask(QUERY, **one), ask(QUERY, **other))
            for body, request in ((first, one), (second, other)):
                headers, variables = told_in(body)
                assert headers.get("authorization") == request.get("authorization")
                assert headers.get("accept-language") == request.get("accept_language")
                assert headers.get("x-tenant") == request.get("x_tenant")
                assert headers["x-forwarded-for"] == request["address"]
                assert variables["id"] == request["variables"]["id"]
            same = is_same(one, other, fetches=fetches)
            assert (len(users.came) - came, users.shared - shared) == ((1, 1) if same else (2, 0)), (one, other)
            counted["shared" if same else "apart"] += 1
    assert counted["shared"] > 5
    assert counted["apart"] > 5
