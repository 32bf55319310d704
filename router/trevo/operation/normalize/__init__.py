"""
Brings an operation, or the field set of a `@key`, into the one form that planning knows.

In order: `flatten` (spreads, conditions, fragments on abstract types; `type_expansion` says which interface fields
have to be asked for type by type), then `merge` (equal fields and fragments), then `add_contexts` (what fields take
from objects above them). `decide` takes conditions as given.
"""

from trevo.operation.normalize.add_contexts import add_contexts
from trevo.operation.normalize.decide import decide, undecided_variable
from trevo.operation.normalize.flatten import AliasError, DirectiveError, normalize_field_set, normalize_operation

__all__ = [
    "AliasError",
    "DirectiveError",
    "add_contexts",
    "decide",
    "normalize_field_set",
    "normalize_operation",
    "undecided_variable",
]
