"""Whatever a subgraph calls an object above a `@fromContext`: it spoils no more than what is taken from there."""

from typing import Any

import pytest

from tests.router.program.both_forms import Answering, answered

TYPES = """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
  orders: [Order_] @join__field(graph: A)
  name: String @join__field(graph: A)
}
interface Order_ @join__type(graph: A) { item: Item }
type Order implements Order_ @join__implements(graph: A, interface: "Order_") @join__type(graph: A, key: "id")
  @context(name: "a__order")
{ id: ID! code: String item: Item }
type Other implements Order_ @join__implements(graph: A, interface: "Order_") @join__type(graph: A, key: "id")
{ id: ID! item: Item }
type Item @join__type(graph: A, key: "id") {
  id: ID!
  price: String @join__field(
    graph: A, contextArguments: [{context: "a__order", name: "code", type: "String", selection: "{ code }"}]
  )
}
"""


class Shop(Answering):
    async def send(self, request: Any) -> Any:
        if "_entities" not in request.document:
            return await Answering(self.root).send(request)
        names = [name for name in request.variables if "representations" in name]
        keys = ["_entities"] if len(names) == 1 else [f"_e{number}" for number in range(len(names))]
        given = dict(zip(keys, names, strict=True))
        root = {key: [{"price": "p"} for _ in request.variables[name]] for key, name in given.items()}
        return await Answering(root).send(type(request)(request.document, {}))


@pytest.mark.parametrize("type_name", [[], {}, 7, True, None, "", "Nobody"])
async def test_what_is_no_name_is_none_of_the_types(type_name: Any) -> None:
    orders = [
        {"__typename": "Order", "code": "a", "item": {"id": "1"}},
        {"__typename": type_name, "code": "b", "item": {"id": "2"}},
    ]
    shop = Shop({"name": "n", "orders": orders})
    result = await answered(
        TYPES, {"a": shop, "b": Answering(), "c": Answering()}, "{ name orders { item { price } } }"
    )
    assert result.body["data"]["name"] == "n"
    assert result.body["data"]["orders"][0] == {"item": {"price": "p"}}
    assert {tuple(each["path"][:2]) for each in result.body["errors"]} == {("orders", 1)}
