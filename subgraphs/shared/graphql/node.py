"""
`Node`: what can be asked for by its id alone, whichever domain's it is.

A type is a `Node` in the subgraph that owns it, whose `resolve_references` says what there is and who sees it. The
root fields `node` and `nodes` are notifications' (`subgraphs/notifications/api/nodes.py`), which knows every type by
its key.
"""

import strawberry

from subgraphs.shared.graphql import descriptions


@strawberry.interface(description=descriptions.NODE)
class Node:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
