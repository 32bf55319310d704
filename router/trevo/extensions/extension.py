"""
What an extension is: a class with some of these hooks.

    request ─▶ on_arrival ─▶ identified ─▶ on_request ─▶ prepared ─▶ on_operation ─▶ planned ─▶ on_plan ─▶ on_fetch ─▶
    answer  ◀─ on_response ◀─ written ◀──────────────────────────────────────────────────────────────── after_fetch ◀─
    event   ◀─ on_event ◀──── written ◀──────────────────────────────────────────────────────────────── after_fetch ◀─

    new supergraph ─▶ on_supergraph ─▶ it is served

A hook that an extension does not have costs nothing. Several extensions are asked in the order of their list.
"""

# ruff: noqa: ARG002  # what a hook is told is for those who write one

from collections.abc import Awaitable

from trevo.extensions.told import (
    Arrival,
    ClientOperation,
    ClientRequest,
    ClientResponse,
    FetchOutcome,
    NewSupergraph,
    PlannedOperation,
    Reply,
    SubgraphFetch,
    SubscriptionEvent,
)


class Extension:
    """
    The base of all extensions: write the hooks that you need, each as a plain or an `async` function.

    Whatever is raised, except what a hook says that it may raise, is a fault of the extension: the log has it, the
    figure `router_extension_failures_total` counts it, and the router goes on as each hook says. An `async` hook that
    takes longer than `extensions.seconds_max` is such a fault too; a plain function cannot be stopped, so it must not
    wait for anything.
    """

    def on_arrival(self, arrival: Arrival) -> Awaitable[None] | None:
        """
        A request has come, a web socket begins, or an operation on it; nobody has looked whose it is.

        May change the headers that the router reads (`arrival.set_header`, `remove_header`), among them the token, and
        refuse by raising `trevo.errors.refuse(…)`. It is asked before rates are counted, so it has to be cheap.

        Where it fails: as `on_request`.
        """
        return None

    def on_request(self, request: ClientRequest) -> Reply | Awaitable[Reply | None] | None:
        """
        A request has come; it is known who asks, and nothing else has been looked at.

        May change the headers that go on to subgraphs (`request.set_header`, `remove_header`), refuse the request by
        raising `trevo.errors.refuse(…)`, or answer it by returning a `Reply`: then nothing more is asked of anybody.
        A request whose token was refused comes by here too (`request.refusal`), to be counted; it is refused after.

        Where it fails the client gets a masked error with the trace id: it may have been there to say no.
        """
        return None

    def on_operation(self, operation: ClientOperation) -> Awaitable[None] | None:
        """
        The operation is valid, its variables are read, its price is known; who may have what of it is not decided yet.

        May refuse it. Of a subscription once, when it begins. Where it fails: as `on_request`.
        """
        return None

    def on_plan(self, planned: PlannedOperation) -> Awaitable[None] | None:
        """
        It is known which subgraphs will be asked for what of it; none has been asked.

        May refuse it. Of a subscription once, when it begins. Where it fails: as `on_request`.
        """
        return None

    def on_fetch(self, fetch: SubgraphFetch) -> Awaitable[None] | None:
        """
        A subgraph is about to be asked, or listened to.

        May add headers (`fetch.set_header`), and keep the subgraph from being asked by raising
        `trevo.clients.subgraph_client.SubgraphFailed`: then what it should have brought is null with that error.

        Where it fails: likewise, with a masked error that has the trace id. The rest of the answer is as it would be.
        """
        return None

    def after_fetch(self, outcome: FetchOutcome) -> None:
        """
        A subgraph has answered, or has not. A plain function.

        May change nothing. Where it fails the answer is what it would have been.
        """

    def on_response(self, response: ClientResponse) -> Awaitable[None] | None:
        """
        The answer is written: data, errors, or a refusal. Not for a client that has gone away, nor for the events of a
        subscription (`on_event`).

        May add headers and `extensions` of the response (`response.set_header`, `response.extensions`), and change
        nothing else. Where it fails the answer goes out as it is: something may have been done for it already.
        """
        return None

    def on_event(self, event: SubscriptionEvent) -> Awaitable[None] | None:
        """
        One event of a subscription is written, and about to be sent.

        May add `extensions` (`event.extensions`), and change nothing else. Where it fails the event goes out without
        what it would have added. Events wait for it, one after another.
        """
        return None

    def on_supergraph(self, supergraph: NewSupergraph) -> None:
        """
        A supergraph has been read that could be served: the first, or a new one. A plain function, that runs in a
        thread, so it may take its time: `extensions.supergraph_seconds_max`, unless it is the first.

        May refuse it by raising `trevo.supergraph.SupergraphError`: then the old one stays, and without one the router
        does not start. Where it fails: likewise.
        """

    async def close(self) -> None:
        """The router stops: give back what is held."""
