"""What one request may cost: estimated before anything is asked, told to the client, the log and the metrics."""

import structlog

from tests.router.server.http_client import code_of, post, serving
from tests.router.small_graph import SUPERGRAPH, SmallGraph
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.door.cache import memory_of

LINKS = (
    '@link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)\n'
    '  @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", {name: "@listSize", as: "@sized"}])'
)
PRICED = (
    SUPERGRAPH.replace('@link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)', LINKS)
    .replace(
        "topProducts(first: Int = 5): [Product]",
        'topProducts(first: Int = 5): [Product] @sized(slicingArguments: ["first"])',
    )
    .replace("rename(id: ID!, name: String!): User", "rename(id: ID!, name: String!): User @cost(weight: 60)")
)
REVIEWS = "query ($n: Int) { topProducts(first: $n) { reviews { author { reviews { id } } } } }"
ONE_PRODUCT = 1 + 10 * (1 + 1 + 10)


def figures(metrics: str, name: str) -> float:
    return float(next(line for line in metrics.splitlines() if line.startswith(f"{name} ")).split()[-1])


async def test_a_list_inside_a_list_is_refused_before_any_subgraph_is_asked() -> None:
    graph = SmallGraph()
    settings = Settings(limits=Limits(cost_max=2 * ONE_PRODUCT))
    async with serving(settings, graph, supergraph_text=PRICED) as http:
        _, _, body = await post(http, {"query": REVIEWS, "variables": {"n": 2}})
        assert "errors" not in body
        asked = len(graph.products.requests)
        with structlog.testing.capture_logs() as logs:
            _, _, body = await post(http, {"query": REVIEWS, "variables": {"n": 3}})
        assert code_of(body) == "COST_ESTIMATED_TOO_EXPENSIVE"
        assert body["errors"][0]["extensions"]["cost"] == {"estimated": 3 * ONE_PRODUCT, "max": 2 * ONE_PRODUCT}
        assert "data" not in body
        assert len(graph.products.requests) == asked
        (line,) = [line for line in logs if line["event"] == "request"]
        assert (line["cost"], line["errors"]) == (3 * ONE_PRODUCT, ["COST_ESTIMATED_TOO_EXPENSIVE"])
        metrics = http.router.metrics.text().decode()
        assert figures(metrics, "router_operation_cost_estimated_count") == 2
        assert figures(metrics, "router_operation_cost_estimated_sum") == 5 * ONE_PRODUCT
        assert 'router_operation_cost_refused_total{code="COST_ESTIMATED_TOO_EXPENSIVE"} 1.0' in metrics


async def test_two_expensive_mutations_are_refused_before_the_first() -> None:
    graph = SmallGraph()
    async with serving(Settings(limits=Limits(cost_max=100)), graph, supergraph_text=PRICED) as http:
        one = 'a: rename(id: "u1", name: "Grace") { name }'
        _, _, body = await post(http, {"query": f'mutation {{ {one} b: rename(id: "u2", name: "Ada") {{ name }} }}'})
        assert code_of(body) == "COST_ESTIMATED_TOO_EXPENSIVE"
        assert graph.users.requests == []
        _, _, body = await post(http, {"query": f"mutation {{ {one} }}"})
        assert body["data"] == {"a": {"name": "Grace"}}


async def test_what_answers_came_to_is_counted_of_a_share_of_them() -> None:
    for share, counted in ((1.0, 1), (0.0, 0)):
        settings = Settings(limits=Limits(cost_measured_share=share))
        async with serving(settings) as http:
            _, _, body = await post(http, {"query": "{ topProducts(first: 2) { upc maker { id } } }"})
            metrics = http.router.metrics.text().decode()
            assert figures(metrics, "router_operation_cost_actual_count") == counted
            made = sum(product["maker"] is not None for product in body["data"]["topProducts"])
            assert figures(metrics, "router_operation_cost_actual_sum") == counted * (2 + made)


async def test_the_size_of_a_list_nobody_speaks_of_is_a_setting() -> None:
    for assumed in (10, 3):
        settings = Settings(limits=Limits(cost_max=1, list_size_assumed=assumed))
        async with serving(settings) as http:
            _, _, body = await post(http, {"query": "{ users { id } }"})
            assert body["errors"][0]["extensions"]["cost"] == {"estimated": assumed, "max": 1}


async def test_answers_to_introspection_are_weighed() -> None:
    """They are hundreds of times as long as the question, and as the variables that they were kept under."""
    question = "query Q%d { __schema { types { name fields { name type { name } args { name type { name } } } } } }"
    async with serving(Settings(limits=Limits(cached_bytes_max=2_000_000))) as http:
        cache = http.router.engine._cache
        weights = []
        for number in range(40):
            _, _, body = await post(http, {"query": question % number})
            assert "errors" not in body
            weights.append(cache.weight)
        answer = memory_of(body["data"]["__schema"])
        assert weights[1] - weights[0] > answer > 50 * len(question)
        assert 2_000_000 - 2 * (weights[1] - weights[0]) < weights[-1] <= 2_000_000
