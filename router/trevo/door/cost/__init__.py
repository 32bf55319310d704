"""
What an operation will cost, told before it runs.

    query { offerings(first: 20) { nodes { id cpr { installments { dueOn } } } } }

    offerings             1 × (1 + 1500) = 1501
      nodes              20 × (1 + 74) = 1500            `first: 20`, handed down by `sizedFields: ["nodes"]`
        cpr               1 × (1 + 73) = 74
          installments   36 × (1 + 0) = 36               `@listSize(assumedSize: 36)`

An object costs 1, a leaf nothing, an input object 1; `@cost(weight:)` says otherwise. A list multiplies what is below
it by its size: by what the client asks for where the schema names such an argument (`@listSize(slicingArguments:)`),
else by what the schema assumes of it. That is the cost of the Federation 2.9 specification, which follows IBM's.

    rules.py      what a schema says of it
    pricing.py    one operation by these rules, worked out once: a tree of prices
    price.py      the tree: with a request's variables it gives the estimate, with a response what it came to
    text.py       the tree for people
"""

from trevo.door.cost.price import OperationPrice, check_cost
from trevo.door.cost.pricing import price_operation
from trevo.door.cost.rules import CostRules, ListSize, read_cost_rules
from trevo.door.cost.text import print_price

__all__ = [
    "CostRules",
    "ListSize",
    "OperationPrice",
    "check_cost",
    "price_operation",
    "print_price",
    "read_cost_rules",
]
