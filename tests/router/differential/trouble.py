"""Trouble in subgraphs over sound data: requests that are not answered, entities and fields that fail."""

import random
from dataclasses import dataclass

from trevo.clients.subgraph_client import SubgraphRequest

REQUEST_FAILS = 0.12
ENTITY_FAILS = 0.05
FIELD_FAILS = 0.04


@dataclass(frozen=True)
class Trouble:
    """What fails depends only on *seed* and on what is asked, so that a case fails again in the same way."""

    seed: str

    def with_request(self, subgraph: str, request: SubgraphRequest) -> bool:
        return self._strikes(REQUEST_FAILS, subgraph, request.document, request.variables)

    def with_entity(self, subgraph: str, label: str) -> bool:
        return self._strikes(ENTITY_FAILS, subgraph, label)

    def with_field(self, subgraph: str, label: str, field_name: str) -> bool:
        return self._strikes(FIELD_FAILS, subgraph, label, field_name)

    def _strikes(self, share: float, *what: object) -> bool:
        return random.Random(f"{self.seed} {what}").random() < share
