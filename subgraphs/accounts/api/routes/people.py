"""
`POST /internal/people`: the other services ask who somebody is (`subgraphs/shared/people.py`).

It is served on the port of accounts' own process only. Whoever gets there still has to sign the question with a
secret that one service and accounts share; what is answered depends on which.
"""

import pydantic
from fastapi import APIRouter, Request, Response

from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import disclosures
from subgraphs.shared.people import ANSWER, PEOPLE_PATH, SERVICE_HEADER, Question
from subgraphs.shared.request_body import BadRequest, read_body
from subgraphs.shared.webhooks import ForgedWebhook, verify_webhook

QUESTION_BYTES_MAX = 8_192
"""A hundred ids take half of it."""

PRIVATE = {"Cache-Control": "no-store"}


def people_routes(services: Services) -> APIRouter:
    routes = APIRouter()

    @routes.post(PEOPLE_PATH)
    async def people(request: Request) -> Response:
        service = request.headers.get(SERVICE_HEADER, "")
        secret = services.settings.secret_of(service) if service in disclosures.GRANTED else None
        try:
            body = await read_body(request, QUESTION_BYTES_MAX)
            if secret is None:
                return Response(status_code=401)
            verify_webhook(secret, request.headers, body, now=services.clock.unmoved())
            question = Question.model_validate_json(body)
        except ForgedWebhook:
            return Response(status_code=401)
        except BadRequest as error:
            return Response(status_code=error.status)
        except pydantic.ValidationError:
            return Response(status_code=400)
        told = await disclosures.tell(services, service, question.user_ids)
        return Response(ANSWER.dump_json(told, exclude_none=True), headers=PRIVATE, media_type="application/json")

    return routes
