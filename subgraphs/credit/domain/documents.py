"""Documents of a request: taken while it is undecided, and each asks for a new score."""

import hashlib
import re
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.crud import documents as rows
from subgraphs.credit.crud import policies
from subgraphs.credit.crud import requests as request_rows
from subgraphs.credit.domain import refusals
from subgraphs.credit.domain.document_formats import find_media_type
from subgraphs.credit.models import Document
from subgraphs.credit.ports.document_store import DocumentStore
from subgraphs.credit.schemas import events
from subgraphs.credit.schemas.commands import AddDocument
from subgraphs.shared.clock import business_date
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.refusal import InvalidInput

FILE_NAME_MAX = 120


async def add_document(
    session: AsyncSession, command: AddDocument, *, actor: Identity, store: DocumentStore, now: datetime
) -> Document:
    """
    Keep a document of the farmer's own request and have the request scored anew.

    The same content sent again is the document already there: weak networks repeat uploads.

    Refuses with CreditRequestNotFound (also when it is somebody else's), RequestDecided, TooManyDocuments, and
    InvalidInput for content that is no PDF, JPEG or PNG.
    """
    media_type = find_media_type(command.content)
    if media_type is None:
        raise InvalidInput(
            field="file",
            reason="The file is not a whole PDF, JPEG or PNG.",
            reason_pt="O arquivo precisa ser um PDF, JPG ou PNG completo.",
        )
    request = await request_rows.lock_request(session, command.credit_request_id)
    if request is None or request.farmer_id != actor.user_id:
        raise refusals.CreditRequestNotFound(credit_request_id=command.credit_request_id)
    sha256 = hashlib.sha256(command.content).hexdigest()
    if same := await rows.find_same_document(session, request.id, sha256):
        return same
    if not request.is_open:
        raise refusals.RequestDecided(status=request.status)
    policy = await policies.get_policy(session, business_date(now))
    if await rows.count_documents(session, request.id) >= policy.documents_max:
        raise refusals.TooManyDocuments(documents_max=policy.documents_max)

    document = Document(
        id=new_id(),
        credit_request_id=request.id,
        farmer_id=request.farmer_id,
        kind=command.kind,
        file_name=clean_name(command.file_name),
        media_type=media_type,
        size_bytes=len(command.content),
        sha256=sha256,
        uploaded_at=now,
    )
    session.add(document)
    await store.put(session, document.id, command.content)
    added = events.DocumentAdded(
        credit_request_id=request.id, farmer_id=request.farmer_id, document_id=document.id, kind=document.kind
    )
    outbox.record(session, added, occurred_at=now)
    return document


def clean_name(file_name: str) -> str:
    """A name to show to people: no path, no control characters, not endless."""
    last_part = re.split(r"[/\\]", file_name)[-1]
    visible = "".join(character for character in last_part if character.isprintable()).strip()
    return visible[-FILE_NAME_MAX:] or "documento"


async def erase_documents_of(session: AsyncSession, farmer_id: UUID, *, store: DocumentStore, now: datetime) -> int:
    """
    Delete the contents of all documents of a person whose account is closed (LGPD, art. 18 VI); how many.

    That a document was there, and on which score it counted, stays: decisions have to remain explicable (art. 20).
    """
    kept = [row for row in await rows.lock_documents_of(session, farmer_id) if row.erased_at is None]
    for row in kept:
        await store.erase(session, row.id)
        row.file_name, row.erased_at = "", now
    return len(kept)
