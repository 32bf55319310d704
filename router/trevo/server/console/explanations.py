"""
`/graphiql/explain`: how an operation comes to its plan, stage by stage, for whoever may see plans in answers.

    POST {"stage": "paths", "query": "{ me { name } }", "operationName": null, "variables": {}}
    200  what `trevo explain paths` prints

Nothing is executed, and no subgraph is asked. What is explained is the operation as whoever may have all of it asks it.
"""

import asyncio
from functools import partial
from typing import Any

import structlog

from trevo.config.shown_plans import ShownPlans
from trevo.errors import RequestRefused, refuse
from trevo.explain import STAGES, ExplainError, explain
from trevo.extensions.extensions import ExtensionFailed
from trevo.extensions.plans_in_answers import may_see_plans
from trevo.gateway.identify import identify
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.observability.tracing import begin_trace
from trevo.planner.errors import PlanningError
from trevo.planner.limits import PlanningLimits
from trevo.server.media_types import check_content_type
from trevo.server.read_request import bad_request, make_request, read_body
from trevo.server.receive import ClientGone, client_address, receive_body
from trevo.server.respond import respond
from trevo.serving.asgi import ASGIApp, Receive, Scope, Send
from trevo.serving.request_headers import read_headers

log = structlog.get_logger()

TEXT = "text/plain; charset=utf-8"
_NOT_KEPT = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def explanations(router: Router) -> ASGIApp:
    """The route. It explains one operation at a time: each may take as much work as a new operation."""
    one_at_a_time = asyncio.Lock()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[str, str] = {}
        try:
            with router.service.requests.admit():
                stage, request = await _read(scope, receive, router)
                await _check_sender(request, router)
                async with one_at_a_time:
                    status, text = 200, await _explain(stage, request, router)
        except RequestRefused as refusal:
            status, text, headers = refusal.status, f"{refusal}\n", refusal.headers
        except ClientGone:
            return
        except Exception:
            log.exception("an operation could not be explained")
            status, text = 500, "Something went wrong here; the log has it.\n"
        await respond(send, status, text.encode(), TEXT, {**_NOT_KEPT, **headers})

    return app


async def _read(scope: Scope, receive: Receive, router: Router) -> tuple[str, GraphQLRequest]:
    if scope["method"] != "POST":
        raise refuse("METHOD_NOT_ALLOWED", "Send the operation by POST.", status=405, headers={"allow": "POST"})
    headers = read_headers(scope)
    check_content_type(headers.get("content-type"))
    document: Any = read_body(await receive_body(scope, receive, headers, router.settings.limits))
    if isinstance(document, list):
        raise bad_request("One operation is explained at a time.")
    stage = document.get("stage")
    if stage not in STAGES:
        raise bad_request(f"'stage' must be one of {', '.join(STAGES)}.")
    look, address = router.service.documents.look, client_address(scope)
    return stage, make_request(document, headers, look=look, address=address, changes_nothing=True)


async def _check_sender(request: GraphQLRequest, router: Router) -> None:
    """Refuses who may not see plans, and as extensions do, rates among them."""
    shown: ShownPlans = router.settings.shown_plans
    try:
        sender = await identify(request, begin_trace(dict(request.headers)), router.service)
        reply = await router.extensions.on_request(sender)
    except ExtensionFailed:
        raise refuse("INTERNAL_SERVER_ERROR", "Something went wrong here; the log has it.", status=500) from None
    if sender.refusal is not None:
        raise sender.refusal
    if reply is not None or not may_see_plans(sender.identity, shown):
        raise refuse("FORBIDDEN", "You may not see how operations are planned.", status=403)


async def _explain(stage: str, request: GraphQLRequest, router: Router) -> str:
    engine, limits = router.engine, router.settings.limits
    # By this it is within all bounds on documents, and known to be valid.
    await engine.prepare(request.query, request.operation_name)
    work = partial(
        explain,
        stage,
        router.supergraph,
        request.query,
        variables=request.variables,
        operation_name=request.operation_name,
        limits=PlanningLimits(seconds_max=limits.planning_seconds_max),
    )
    try:
        return await asyncio.to_thread(work) + "\n"
    except (ExplainError, PlanningError) as error:
        raise refuse("NOT_EXPLAINED", str(error)) from error
    except RecursionError:
        raise refuse("QUERY_TOO_DEEP", "The query is nested too deeply to be planned.") from None
