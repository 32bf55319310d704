"""Objects with many contexts: a call goes once for each, and so many in one request that a server can bear it."""

from typing import Any

from tests.router.conformance.given_world import GivenStore
from tests.router.conformance.test_conformance import HEADER
from tests.router.differential.ask import ask
from tests.router.differential.read_world import read_world
from tests.router.differential.subgraph import make_subgraphs
from trevo.clients.subgraph_client import SubgraphRequest
from trevo.config.settings import Settings
from trevo.gateway.router import Router
from trevo.main import plan_with_planner

SUPERGRAPH = (
    HEADER % ""
    + """
enum join__Graph { SHOP @join__graph(name: "shop", url: "http://shop.invalid") }
type Query @join__type(graph: SHOP) { orders: [Order] }
type Order @join__type(graph: SHOP, key: "id") @context(name: "shop__order") { id: ID!  code: String  item: Item }
type Item @join__type(graph: SHOP, key: "id") {
  id: ID!
  price: String @join__field(
    graph: SHOP, contextArguments: [{context: "shop__order", name: "code", type: "String", selection: "{ code }"}]
  )
}
"""
)


async def test_more_contexts_than_go_together_go_in_further_requests() -> None:
    numbers = range(120)
    objects: dict[str, Any] = {
        "Query": {"orders": [f"Order {number}" for number in numbers]},
        "Item 0": {"id": "i0", "price": {"by": {f"c{number}": f"for c{number}" for number in numbers}}},
        **{f"Order {number}": {"id": str(number), "code": f"c{number}", "item": "Item 0"} for number in numbers},
    }
    shop = make_subgraphs(GivenStore(read_world(SUPERGRAPH), objects=objects))["shop"]
    client, calls = shop.client(), []
    send = client.send

    async def counted(request: SubgraphRequest) -> Any:
        calls.append(request.document.count("_entities("))
        return await send(request)

    client.send = counted  # type: ignore[method-assign]  # to see what is sent
    router = Router(Settings(), supergraph_text=SUPERGRAPH, clients={"shop": client}, make_planner=plan_with_planner)
    answer = await ask(router, "{ orders { item { price } } }", {})
    await router.stop()
    assert answer == {"data": {"orders": [{"item": {"price": f"for c{number}"}} for number in numbers]}}
    assert calls == [0, 50, 50, 20]
