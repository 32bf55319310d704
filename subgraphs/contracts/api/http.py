"""
Contracts' own routes: the providers' webhooks, and the sandbox providers' switchboard.

A provider sends again until it gets a 2xx: so what is proven and understood is answered with 200 even when it
changes nothing, and only what may become right later is refused.
"""

from typing import Any

import orjson
import pydantic
import structlog
from fastapi import APIRouter, Request, Response

from subgraphs.contracts.core.services import Services
from subgraphs.contracts.domain.provider_answers import UnknownOrder, take_message
from subgraphs.contracts.domain.signing import WrongDocument
from subgraphs.contracts.models import Party
from subgraphs.contracts.ports.sandbox_registry import SandboxRegistry
from subgraphs.contracts.ports.sandbox_signature import SandboxSignatureProvider
from subgraphs.contracts.ports.sandbox_webhooks import Misbehaviour, SandboxWebhooks
from subgraphs.contracts.schemas.webhooks import ProviderMessage, RegistryMessage, SignatureMessage
from subgraphs.shared.request_body import BadRequest, read_body
from subgraphs.shared.sandbox_routes import sandbox_router
from subgraphs.shared.webhooks import ForgedWebhook, verify_webhook

log = structlog.get_logger()

SIGNATURE_PATH, REGISTRY_PATH = "/webhooks/signature", "/webhooks/registry"


def build_routes(services: Services) -> list[APIRouter]:
    router = APIRouter()

    @router.post(SIGNATURE_PATH)
    async def signature(request: Request) -> Response:
        return await _take(request, services, Party.SIGNATURE, SignatureMessage)

    @router.post(REGISTRY_PATH)
    async def registry(request: Request) -> Response:
        return await _take(request, services, Party.REGISTRY, RegistryMessage)

    sandboxes = sandbox_router()
    if isinstance(services.signature_provider, SandboxSignatureProvider):
        _add_sandbox_route(sandboxes, "/sandbox/signature", services.signature_provider.webhooks)
    if isinstance(services.registry, SandboxRegistry):
        _add_sandbox_route(sandboxes, "/sandbox/registry", services.registry.webhooks)
    return [router, sandboxes]


async def _take(request: Request, services: Services, party: Party, message_type: type[ProviderMessage]) -> Response:
    settings, now = services.settings, services.clock.now()
    try:
        body = await read_body(request, settings.webhook_bytes_max)
        verify_webhook(settings.provider_secret(party), request.headers, body, now=services.clock.unmoved())
        message = message_type.model_validate_json(body)
        async with services.database.begin() as session:
            changed = await take_message(session, services.vault, party, message, now=now)
    except BadRequest as error:
        return _json(error.status, {"error": str(error)})
    except ForgedWebhook as error:
        log.warning("a webhook is not proven", party=party.value, reason=str(error))
        return _json(401, {"error": str(error)})
    except pydantic.ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        return _json(400, {"error": "the message cannot be read", "details": details})
    except UnknownOrder as error:
        return _json(404, {"error": str(error)})
    except WrongDocument as error:
        log.warning("a provider signed another document", reason=str(error))
        return _json(409, {"error": str(error)})
    return _json(200, {"changed": changed})


class MisbehaviourOrder(pydantic.BaseModel):
    """Spoil the next *times* orders."""

    misbehave: Misbehaviour
    times: int = pydantic.Field(default=1, ge=1, le=100)


def _add_sandbox_route(router: APIRouter, path: str, webhooks: SandboxWebhooks) -> None:
    @router.post(path)
    async def order(request: Request) -> Response:
        try:
            wanted = MisbehaviourOrder.model_validate_json(await read_body(request, 4_096))
        except BadRequest as error:
            return _json(error.status, {"error": str(error)})
        except pydantic.ValidationError:
            known = ", ".join(Misbehaviour)
            return _json(400, {"error": f'Send {{"misbehave", "times"}}; misbehave is one of {known}.'})
        webhooks.misbehave(wanted.misbehave, times=wanted.times)
        return Response(status_code=204)


def _json(status: int, document: dict[str, Any]) -> Response:
    return Response(orjson.dumps(document, default=str), status, media_type="application/json")
