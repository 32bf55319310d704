"""Files that people send before they say what they are for; checked by what is in them."""

from dataclasses import dataclass, field
from uuid import UUID

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain.refusals import TooManyUploads
from subgraphs.accounts.models.vocabulary import AuditAction
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id
from subgraphs.shared.refusal import InvalidInput
from subgraphs.shared.scopes import Sight

_SIGNATURES = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
IMAGES = frozenset({"image/jpeg", "image/png"})

_USE = "upload"


@dataclass(frozen=True, slots=True)
class Content:
    media_type: str
    content: bytes = field(repr=False)


def media_type_of(content: bytes) -> str:
    """What *content* is by its first bytes. Refuses with InvalidInput what is neither PDF, JPEG nor PNG."""
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return media_type
    raise InvalidInput(
        field="file", reason="has to be a PDF, JPEG or PNG", reason_pt="Envie um arquivo PDF, JPG ou PNG."
    )


async def add_upload(services: Services, content: bytes, *, actor: Identity) -> models.Upload:
    """
    Keep a file for its owner until it is used, for a day at most.

    Refuses with InvalidInput (not a PDF, JPEG or PNG; too large; empty) and TooManyUploads.
    """
    if len(content) > services.settings.upload_bytes_max:
        megabytes = services.settings.upload_bytes_max / 2**20
        raise InvalidInput(
            field="file",
            reason=f"is larger than {megabytes:g} MB",
            reason_pt=f"O arquivo pode ter até {megabytes:g} MB.",
        )
    media_type = media_type_of(content)
    upload_id, now = new_id(), services.clock.now()
    upload = models.Upload(
        id=upload_id,
        user_id=actor.user_id,
        media_type=media_type,
        size_bytes=len(content),
        content_sealed=services.vault.seal(content, use=_USE, place=upload_id),
        created_at=now,
    )
    async with services.database.begin() as session:
        # Locked, so that uploads sent at once are counted one after the other.
        user = await crud.users.lock_user(session, actor.user_id)
        if user is None or user.closed_at is not None:
            raise InvalidInput(field="file", reason="has no owner", reason_pt="A conta não existe mais.")
        if await crud.identity_checks.count_open_uploads(session, user.id) >= services.settings.uploads_open_max:
            raise TooManyUploads(uploads_max=services.settings.uploads_open_max)
        session.add(upload)
    return upload


async def open_upload(services: Services, upload_id: UUID, *, actor: Identity) -> Content | None:
    """An upload's content, for its owner and for staff; that staff looked is written down. None for others."""
    async with services.database.begin() as session:
        found = await crud.identity_checks.find_upload_with_content(session, upload_id)
        if found is None:
            return None
        upload, sealed = found
        if sealed is None:
            return None
        if not actor.sees(upload.user_id, Sight.IDENTITY):
            return None
        if upload.user_id != actor.user_id:
            session.add(
                models.AuditEntry(
                    id=new_id(),
                    occurred_at=services.clock.now(),
                    actor_id=actor.user_id,
                    action=AuditAction.UPLOAD_VIEWED,
                    user_id=upload.user_id,
                    subject_id=upload.id,
                )
            )
    return Content(upload.media_type, read_content(services, upload, sealed))


def read_content(services: Services, upload: models.Upload, sealed: bytes) -> bytes:
    return services.vault.open(sealed, use=_USE, place=upload.id)
