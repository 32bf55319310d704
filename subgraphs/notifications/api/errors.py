"""Which refusal becomes which type of the graph."""

from subgraphs.notifications.api.types.preference import PreferenceFixed
from subgraphs.notifications.domain import refusals
from subgraphs.shared.graphql.refusals import Refusal as RefusalType
from subgraphs.shared.refusal import Refusal

REFUSAL_TYPES: dict[type[Refusal], type[RefusalType]] = {refusals.PreferenceFixed: PreferenceFixed}
