"""
`POST /uploads` takes a file, `GET /uploads/{id}` gives it back to its owner and to staff.

Files do not go through GraphQL: a photo would be a third larger as text, and would need a limit for requests that no
other request needs.
"""

from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.types import Message

from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import uploads
from subgraphs.accounts.domain.refusals import TooManyUploads
from subgraphs.shared.identity import Identity, InvalidToken, KeysUnavailable, TokenVerifier
from subgraphs.shared.refusal import InvalidInput
from subgraphs.shared.request_body import BadRequest, read_body
from subgraphs.shared.scopes import ROUTES

FORM_BYTES = 10_000
"""What the form adds to the file: its boundaries and the names of its parts."""

PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


class Refused(Exception):
    """An answer other than success."""

    def __init__(self, status: int, code: str, message: str, message_english: str) -> None:
        super().__init__(message_english)
        self.status = status
        self.body = {"code": code, "message": message, "messageEnglish": message_english}


def upload_routes(services: Services, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter()

    @routes.post("/uploads")
    async def upload(request: Request) -> Response:
        """Keep the part `file` of a multipart form: a PDF, JPEG or PNG."""
        try:
            identity = await _identify(verifier, request)
            if not identity.may(*ROUTES["POST /uploads"]):
                raise Refused(403, "FORBIDDEN", "Entre de novo para enviar arquivos.", "This token sends no files.")
            row = await uploads.add_upload(services, await _read_file(services, request), actor=identity)
        except Refused as refused:
            return _answer(refused.body, refused.status)
        except InvalidInput as refusal:
            status = 413 if "larger" in refusal.reason else 415
            return _answer(_told("InvalidInput", refusal.reason_pt, f"The file {refusal.reason}."), status)
        except TooManyUploads as refusal:
            return _answer(_told("TooManyUploads", *refusal.sentences()), 409)
        return _answer({"id": str(row.id), "mediaType": row.media_type, "sizeBytes": row.size_bytes}, 201)

    @routes.get("/uploads/{upload_id}")
    async def download(request: Request, upload_id: str) -> Response:
        """The file; not found for everybody who is neither its owner nor staff."""
        try:
            identity = await _identify(verifier, request)
        except Refused as refused:
            return _answer(refused.body, refused.status)
        found = await uploads.open_upload(services, wanted, actor=identity) if (wanted := _id(upload_id)) else None
        if found is None:
            return _answer(_told("UploadNotFound", "Arquivo não encontrado.", "There is no such upload."), 404)
        headers = {**PRIVATE, "Content-Disposition": "attachment"}
        return Response(found.content, headers=headers, media_type=found.media_type)

    return routes


async def _identify(verifier: TokenVerifier, request: Request) -> Identity:
    try:
        return await verifier.verify_header(request.headers.get("authorization"))
    except InvalidToken as error:
        raise Refused(401, "UNAUTHENTICATED", "Entre de novo.", str(error)) from None
    except KeysUnavailable:
        raise Refused(503, "SERVICE_UNAVAILABLE", "Tente de novo.", "Tokens cannot be verified; try again.") from None


async def _read_file(services: Services, request: Request) -> bytes:
    """The content of the form's part `file`, never more of it than the limit allows in memory."""
    too_large = InvalidInput(
        field="file",
        reason=f"is larger than {services.settings.upload_bytes_max} bytes",
        reason_pt="O arquivo é grande demais.",
    )
    try:
        body = await read_body(request, services.settings.upload_bytes_max + FORM_BYTES)
    except BadRequest:
        raise too_large from None

    async def whole_body() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        async with Request(request.scope, whole_body).form(max_files=1, max_fields=5) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise MultiPartException("")
            return await file.read()
    except (HTTPException, MultiPartException):
        raise Refused(
            400,
            "BAD_REQUEST",
            "Envie o arquivo no campo 'file' de um formulário.",
            "Send a multipart form with the file in the part 'file'.",
        ) from None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _told(code: str, message: str, message_english: str) -> dict[str, Any]:
    return {"code": code, "message": message, "messageEnglish": message_english}


def _answer(body: dict[str, Any], status: int) -> Response:
    headers = {**PRIVATE, "WWW-Authenticate": "Bearer"} if status == 401 else PRIVATE
    return Response(orjson.dumps(body), status, headers=headers, media_type="application/json")
