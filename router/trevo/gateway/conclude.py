"""The last stage: extensions are told what goes back to a client, and may add to it."""

from trevo.extensions.extensions import Extensions
from trevo.extensions.told import ClientResponse
from trevo.gateway.result import Result


async def conclude(result: Result, extensions: Extensions, seconds: float) -> None:
    """
    Tell *extensions* of *result*, which took *seconds*, and take what they add to it.

    Also of what was refused before it could be read as a request. A subscription that has ended is no response. Of an
    answer in parts they are told before the last: too late for headers.
    """
    if result.ended is not None or result.is_concluded:
        return
    result.is_concluded = True
    response = ClientResponse(
        result.request,
        result.operation,
        result.operation_name,
        result.kind,
        result.outcome,
        result.data,
        (*result.errors, *result.later_errors),
        seconds,
        result.is_shared,
        result.parts,
    )
    await extensions.on_response(response)
    if response.headers:
        # What a refusal says (when to come again, how to sign in) is not an extension's to change.
        result.headers = {**response.headers, **result.headers}
    result.extensions = response.extensions
    if result.extensions or response.headers:
        result.seconds_kept = 0  # they may be about whoever asks, or theirs alone
    # It leads to the graph, which must not live for as long as somebody holds an answer.
    result.operation = None
