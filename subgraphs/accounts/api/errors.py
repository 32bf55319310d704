"""Which refusal becomes which type of the graph: they have the same names."""

from subgraphs.accounts.api.types import refusals as types
from subgraphs.accounts.domain import refusals as domain
from subgraphs.shared.graphql.refusals import Refusal as RefusalType
from subgraphs.shared.refusal import Refusal

NOT_IN_THE_GRAPH = {domain.ScopeNotGranted}
"""Only the token endpoint can give it."""

REFUSAL_TYPES: dict[type[Refusal], type[RefusalType]] = {
    refusal: getattr(types, refusal.__name__)
    for refusal in vars(domain).values()
    if isinstance(refusal, type)
    and issubclass(refusal, Refusal)
    and refusal is not Refusal
    and refusal not in NOT_IN_THE_GRAPH
}
