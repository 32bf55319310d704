"""Whether a transport carries what an operation does."""

from trevo.errors import ClientError, RequestRefused, refuse
from trevo.operation.tree import Operation


def check_operation_type(operation: Operation, *, changes_nothing: bool, has_stream: bool) -> None:
    """
    Refuse what this transport does not carry.

    A GET request must not change anything (GraphQL over HTTP, 5.3): where *changes_nothing* a mutation is refused with
    status 405. A subscription needs a stream for its events; without one it is refused with status 406.
    """
    if operation.kind == "subscription" and not has_stream:
        message = (
            "A subscription is answered by a stream of events: send 'accept: text/event-stream' "
            "or 'accept: multipart/mixed;subscriptionSpec=1.0', or open a web socket with the subprotocol "
            "'graphql-transport-ws'."
        )
        raise refuse("SUBSCRIPTION_NEEDS_STREAM", message, status=406, is_transport=True)
    if changes_nothing and operation.kind == "mutation":
        error = ClientError("A GET request may only carry a query; send mutations by POST.", "MUTATION_NOT_ALLOWED")
        raise RequestRefused(error, status=405, is_transport=True, headers={"allow": "POST"})
