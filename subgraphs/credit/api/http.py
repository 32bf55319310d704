"""
Credit's own routes: documents in and out, and the sandbox bureau's switchboard.

`POST /credit/documents` takes a multipart form (`creditRequestId`, `kind`, `file`). Errors are JSON with the
refusal's code and its message in both languages.
"""

from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson
import pydantic
from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from subgraphs.credit.api.types.document import CreditDocument
from subgraphs.credit.core.services import Services
from subgraphs.credit.crud import documents as rows
from subgraphs.credit.domain import documents
from subgraphs.credit.models import DocumentKind
from subgraphs.credit.ports.sandbox_bureau import Misbehaviour, Profile, SandboxBureau
from subgraphs.credit.schemas.commands import AddDocument
from subgraphs.shared import staff_looks
from subgraphs.shared.correlation import correlation_id
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.identity import Identity, InvalidToken, KeysUnavailable, TokenVerifier
from subgraphs.shared.refusal import InvalidInput, Refusal
from subgraphs.shared.request_body import BadRequest, read_body, refuse_compressed
from subgraphs.shared.sandbox_routes import sandbox_router
from subgraphs.shared.scopes import ROUTES, Sight

FORM_BYTES_MAX = 16_384
"""What a form may weigh beside its file."""


def build_routes(services: Services, *, verifier: TokenVerifier) -> list[APIRouter]:
    routes = [_document_routes(services, verifier)]
    if isinstance(services.bureau, SandboxBureau):
        routes.append(_sandbox_routes(services.bureau))
    return routes


def _document_routes(services: Services, verifier: TokenVerifier) -> APIRouter:
    router = APIRouter()

    @router.post("/credit/documents")
    async def upload(request: Request) -> Response:
        try:
            actor = await _identify(request, verifier)
            if not actor.may(*ROUTES["POST /credit/documents"]):
                return _error(
                    403, "FORBIDDEN", "Só quem pede o crédito envia documentos.", "This token sends no files."
                )
            command = await _read_upload(request, services.settings.document_bytes_max)
            async with services.database.begin() as session:
                document = await documents.add_document(
                    session, command, actor=actor, store=services.documents, now=services.clock.now()
                )
        except BadRequest as error:
            return _error(error.status, "BAD_REQUEST", str(error), str(error))
        except Refusal as refusal:
            return _refused(refusal)
        shown = CreditDocument.from_model(document)
        return _json(
            201,
            {
                "id": shown.id,
                "creditRequestId": str(document.credit_request_id),
                "kind": shown.kind.value,
                "fileName": shown.file_name,
                "mediaType": shown.media_type,
                "sizeBytes": shown.size_bytes,
                "path": shown.path,
            },
        )

    @router.get("/credit/documents/{document_id}")
    async def download(request: Request, document_id: str) -> Response:
        try:
            actor = await _identify(request, verifier)
        except BadRequest as error:
            return _error(error.status, "BAD_REQUEST", str(error), str(error))
        async with services.database.read() as session:
            document = await rows.find_document(session, require_id(document_id))
            seen = document and actor.sees(document.farmer_id, Sight.CREDIT)
            content = await services.documents.get(session, document.id) if document and seen else None
        if document is not None and content is not None and document.farmer_id != actor.user_id:
            async with services.database.begin() as session:
                await staff_looks.write_down(
                    session,
                    [(document.farmer_id, Sight.CREDIT)],
                    actor_id=actor.user_id,
                    at=services.clock.now(),
                    correlation_id=correlation_id.get() or "",
                )
        if document is None or content is None:
            return _error(404, "NOT_FOUND", "Documento não encontrado.", "There is no such document.")
        headers = {
            "content-disposition": f"attachment; filename*=UTF-8''{quote(document.file_name)}",
            "x-content-type-options": "nosniff",
            "cache-control": "private, no-store",
        }
        return Response(content, media_type=document.media_type, headers=headers)

    return router


async def _identify(request: Request, verifier: TokenVerifier) -> Identity:
    try:
        return await verifier.verify_header(request.headers.get("authorization"))
    except InvalidToken as error:
        raise BadRequest(401, str(error)) from None
    except KeysUnavailable:
        raise BadRequest(503, "Tokens cannot be verified at the moment; try again.") from None


class UploadTooLarge(MultiPartException):
    """More bytes than a form may have. The parser cleans up after exceptions of its own kind only."""


async def _read_upload(request: Request, file_bytes_max: int) -> AddDocument:
    """The upload in *request*. Raises BadRequest for what is no such form, InvalidInput for wrong values in it."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise BadRequest(415, "Send the document as multipart/form-data.")
    body = _bounded(request, file_bytes_max + FORM_BYTES_MAX)
    try:
        form = await MultiPartParser(request.headers, body, max_files=1, max_fields=4).parse()
    except UploadTooLarge as error:
        raise BadRequest(413, error.message) from None
    except MultiPartException as error:
        raise BadRequest(400, f"The form cannot be read: {error.message}") from None
    try:
        return await _document_in(form, file_bytes_max)
    finally:
        await form.close()


async def _bounded(request: Request, bytes_max: int) -> AsyncGenerator[bytes, None]:
    refuse_compressed(request.headers.get("content-encoding"))
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > bytes_max:
            raise UploadTooLarge(f"The upload is larger than {bytes_max} bytes.")
        yield chunk


async def _document_in(form: FormData, file_bytes_max: int) -> AddDocument:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise InvalidInput(field="file", reason="The form has no file.", reason_pt="Falta o arquivo.")
    content = await file.read(file_bytes_max + 1)
    if len(content) > file_bytes_max:
        raise BadRequest(413, f"The file is larger than {file_bytes_max} bytes.")
    return AddDocument(
        credit_request_id=_form_id(form),
        kind=_form_kind(form),
        file_name=file.filename or "",
        content=content,
    )


def _form_id(form: FormData) -> UUID:
    return require_id(form.get("creditRequestId"))


def _form_kind(form: FormData) -> DocumentKind:
    try:
        return DocumentKind(str(form.get("kind", "")))
    except ValueError:
        kinds = ", ".join(DocumentKind)
        raise InvalidInput(
            field="kind", reason=f"The kind has to be one of {kinds}.", reason_pt=f"O tipo precisa ser um de {kinds}."
        ) from None


class ProfileOrder(pydantic.BaseModel):
    """Make somebody a kind of person: *subject* is a CPF, a CNPJ or a user's id."""

    subject: str
    profile: Profile


class MisbehaviourOrder(pydantic.BaseModel):
    """Fail the next *times* questions."""

    misbehave: Misbehaviour
    times: int = pydantic.Field(default=1, ge=1, le=100)


def _sandbox_routes(bureau: SandboxBureau) -> APIRouter:
    router = sandbox_router()

    @router.post("/sandbox/bureau")
    async def order(request: Request) -> Response:
        try:
            body = await read_body(request, FORM_BYTES_MAX)
            wanted: ProfileOrder | MisbehaviourOrder = pydantic.TypeAdapter(
                ProfileOrder | MisbehaviourOrder
            ).validate_json(body)
        except BadRequest as error:
            return _error(error.status, "BAD_REQUEST", str(error), str(error))
        except pydantic.ValidationError:
            needed = 'Send {"subject", "profile"} or {"misbehave", "times"}.'
            return _error(400, "BAD_REQUEST", needed, needed)
        if isinstance(wanted, ProfileOrder):
            bureau.set_profile(wanted.subject, wanted.profile)
        else:
            bureau.misbehave(wanted.misbehave, times=wanted.times)
        return Response(status_code=204)

    return router


def _refused(refusal: Refusal) -> Response:
    portuguese, english = refusal.sentences()
    code = type(refusal).__name__
    status = {"CreditRequestNotFound": 404, "InvalidInput": 400}.get(code, 409)
    details = {"field": refusal.field} if isinstance(refusal, InvalidInput) else {}
    return _error(status, code, portuguese, english, **details)


def _error(status: int, code: str, message: str, message_english: str, **details: Any) -> Response:
    response = _json(status, {"code": code, "message": message, "messageEnglish": message_english, **details})
    if status == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response


def _json(status: int, document: dict[str, Any]) -> Response:
    return Response(orjson.dumps(document), status, media_type="application/json")
