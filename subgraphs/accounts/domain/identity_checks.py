"""
Proving who somebody is: a selfie and a document, or of a company its articles, looked at by a verifier and, when it
is not sure, by an analyst.

    submitted ─▶ PENDING ──passed──▶ APPROVED
                    │ └───failed──▶ REJECTED
                    └───not sure──▶ IN_REVIEW ─analyst─▶ APPROVED · REJECTED · NEW_UPLOAD_REQUESTED

Every arrow is written down, with who drew it and why, in a record that only grows.
"""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import companies, registration, screening, uploads
from subgraphs.accounts.domain.refusals import (
    IdentityAlreadyVerified,
    IdentityCheckAlreadyDecided,
    IdentityCheckInProgress,
    IdentityCheckNotFound,
    OwnIdentityCheck,
    ScreeningHitsOpen,
    SessionEnded,
    TooManyAttempts,
    UploadNotFound,
)
from subgraphs.accounts.models.vocabulary import OPEN_CHECKS, AuditAction, CheckStatus, IdentityStatus
from subgraphs.accounts.ports.identity_verifier import Evidence, File, Finding, Representative, Verdict
from subgraphs.accounts.schemas import events
from subgraphs.shared.clock import business_date
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import Delivery
from subgraphs.shared.refusal import InvalidInput

VERIFIER_ATTEMPTS = 5
"""After that the analyst looks: a verifier that is down for long must not keep people out."""
REASON_CHARACTERS_MAX = 500


class Decision(StrEnum):
    """What an analyst can decide."""

    APPROVE = "APPROVE"
    """The identity is verified; not while entries of lists are open."""
    REJECT = "REJECT"
    """The identity is not proved; the person may try again."""
    REQUEST_NEW_UPLOAD = "REQUEST_NEW_UPLOAD"
    """Other files are wanted before it can be decided."""


_AFTER = {
    Decision.APPROVE: (CheckStatus.APPROVED, AuditAction.IDENTITY_APPROVED),
    Decision.REJECT: (CheckStatus.REJECTED, AuditAction.IDENTITY_REJECTED),
    Decision.REQUEST_NEW_UPLOAD: (CheckStatus.NEW_UPLOAD_REQUESTED, AuditAction.IDENTITY_NEW_UPLOAD_REQUESTED),
}
_FOUND = {
    Finding.PASSED: (CheckStatus.APPROVED, AuditAction.IDENTITY_PASSED),
    Finding.FAILED: (CheckStatus.REJECTED, AuditAction.IDENTITY_FAILED),
    Finding.UNSURE: (CheckStatus.IN_REVIEW, AuditAction.IDENTITY_REFERRED),
}
_STATUS_OF_PERSON = {
    CheckStatus.PENDING: IdentityStatus.PENDING,
    CheckStatus.IN_REVIEW: IdentityStatus.IN_REVIEW,
    CheckStatus.APPROVED: IdentityStatus.VERIFIED,
    CheckStatus.REJECTED: IdentityStatus.REJECTED,
    CheckStatus.NEW_UPLOAD_REQUESTED: IdentityStatus.NEW_UPLOAD_REQUESTED,
}


async def submit_check(
    services: Services, *, actor: Identity, document_id: UUID, selfie_id: UUID | None
) -> models.IdentityCheck:
    """
    Hand in a document and a selfie, or of a company its articles; the verifier is asked after the transaction.

    Sending the same two again while their check is open gives that check, as happens on a weak network. Refuses with
    IdentityAlreadyVerified, IdentityCheckInProgress, TooManyAttempts (a day's number is used up), UploadNotFound,
    InvalidInput (one file for both; a selfie that is no image, is missing, or is a company's).
    """
    if document_id == selfie_id:
        raise InvalidInput(
            field="selfieUploadId",
            reason="must be another upload than the document",
            reason_pt="Envie a selfie e o documento em arquivos separados.",
        )
    now = services.clock.now()
    async with services.database.begin() as session:
        user = await crud.users.lock_user(session, actor.user_id)
        if user is None or user.closed_at is not None:
            raise SessionEnded
        if user.identity_status == IdentityStatus.VERIFIED:
            raise IdentityAlreadyVerified
        if (open_check := await crud.identity_checks.find_open_check(session, user.id)) is not None:
            if (open_check.document_id, open_check.selfie_id) == (document_id, selfie_id):
                return open_check
            raise IdentityCheckInProgress(submitted_at=open_check.submitted_at)
        _check_selfie(user, selfie_id)
        await _limit(session, services, user.id)
        wanted = [document_id] if selfie_id is None else [document_id, selfie_id]
        found = await crud.identity_checks.lock_open_uploads(session, user.id, wanted)
        for upload_id in wanted:
            if upload_id not in found:
                raise UploadNotFound(upload_id=upload_id)
        if selfie_id is not None and found[selfie_id].media_type not in uploads.IMAGES:
            raise InvalidInput(
                field="selfieUploadId", reason="must be an image", reason_pt="A selfie precisa ser uma imagem."
            )
        for upload in found.values():
            upload.attached_at = now
        check = models.IdentityCheck(
            id=new_id(),
            user_id=user.id,
            status=CheckStatus.PENDING,
            document_id=document_id,
            selfie_id=selfie_id,
            submitted_at=now,
        )
        session.add(check)
        user.identity_status = IdentityStatus.PENDING
        submitted = events.IdentityCheckSubmitted(identity_check_id=check.id, user_id=user.id)
        outbox.record(session, submitted, occurred_at=now)
    return check


def _check_selfie(user: models.User, selfie_id: UUID | None) -> None:
    if user.is_company and selfie_id is not None:
        raise InvalidInput(
            field="selfieUploadId",
            reason="a company has no face; send its articles alone",
            reason_pt="A empresa não tem selfie. Envie só o contrato ou estatuto social.",
        )
    if not user.is_company and selfie_id is None:
        raise InvalidInput(
            field="selfieUploadId", reason="a photo of the face is needed too", reason_pt="Envie também uma selfie."
        )


async def _limit(session: AsyncSession, services: Services, user_id: UUID) -> None:
    now, day = services.clock.now(), timedelta(days=1)
    submitted = await crud.identity_checks.list_submitted_since(session, user_id, now - day)
    if len(submitted) >= services.settings.identity_checks_per_day:
        wait = submitted[-services.settings.identity_checks_per_day] + day - now
        raise TooManyAttempts(retry_after_seconds=-(-wait // timedelta(seconds=1)))


async def verify_submitted(services: Services, delivery: Delivery[events.IdentityCheckSubmitted]) -> None:
    """
    Ask the verifier and act on what it finds.

    It is asked outside of any transaction, and may be asked again for the same check. When it cannot be reached for
    several attempts, the analyst gets the check. Who does not fail is looked up on the lists, too; who may be on one is
    the analyst's, and the lists that could not be asked are the job's.
    """
    check_id = delivery.payload.identity_check_id
    found = await _evidence(services, check_id)
    if found is None:
        return
    user, evidence = found
    screened = None
    try:
        verdict = await services.identity_verifier.verify(evidence)
        if verdict.finding is not Finding.FAILED:
            screened = await screening.look_up(services, user)
    except Exception:
        if delivery.attempt < VERIFIER_ATTEMPTS:
            raise
        verdict = Verdict(Finding.UNSURE, "A verificação automática não está disponível.")
    async with delivery.begin() as session:
        check = await crud.identity_checks.lock_check(session, check_id)
        if check is None or check.status != CheckStatus.PENDING:
            return
        person = await crud.users.lock_user(session, check.user_id)
        now = services.clock.now()
        if screened and person and await screening.record(session, services, person, screened, now=now):
            # What an analyst reads of it the person does not: an entry may be of sanctions.
            verdict = Verdict(Finding.UNSURE, "Os dados precisam ser conferidos por uma pessoa.")
        status, action = _FOUND[verdict.finding]
        await _move(session, services, check, status=status, action=action, actor_id=None, reason=verdict.reason)


async def _evidence(services: Services, check_id: UUID) -> tuple[models.User, Evidence] | None:
    """Whose the open check is, and what it is about."""
    async with services.database.read() as session:
        check = await crud.identity_checks.find_check(session, check_id)
        if check is None or check.status != CheckStatus.PENDING:
            return None
        user = await crud.users.find_user(session, check.user_id)
        document = await crud.identity_checks.find_upload_with_content(session, check.document_id)
        selfie = None
        if check.selfie_id is not None:
            selfie = await crud.identity_checks.find_upload_with_content(session, check.selfie_id)
        today = business_date(services.clock.now())
        people = await crud.representations.list_people_of(session, [check.user_id], on=today)
    if user is None or user.closed_at is not None or document is None:
        return None
    return user, Evidence(
        check_id=check.id,
        full_name=user.full_name or "",
        tax_id=companies.cnpj_of(services, user) or registration.cpf_of(services, user) or "",
        document=_opened(services, *document),
        selfie=None if selfie is None else _opened(services, *selfie),
        representatives=tuple(
            Representative(person.full_name or "", registration.cpf_of(services, person) or "") for _, person in people
        ),
    )


def _opened(services: Services, upload: models.Upload, sealed: bytes | None) -> File:
    assert sealed is not None  # noqa: S101  # what a check that is still open rests on is not erased
    return File(upload.media_type, uploads.read_content(services, upload, sealed))


async def decide_check(
    services: Services, *, actor: Identity, check_id: UUID, decision: Decision, reason: str | None
) -> models.IdentityCheck:
    """
    An analyst's word on a check that the verifier was not sure of, or has not answered yet.

    Rejecting and asking for a new upload need a reason, which the person reads. Refuses with InvalidInput,
    IdentityCheckNotFound, OwnIdentityCheck, IdentityCheckAlreadyDecided, ScreeningHitsOpen.
    """
    tidy = " ".join((reason or "").split())
    if decision is not Decision.APPROVE and not tidy:
        raise InvalidInput(field="reason", reason="tell the person why", reason_pt="Informe o motivo para a pessoa.")
    if len(tidy) > REASON_CHARACTERS_MAX:
        raise InvalidInput(
            field="reason",
            reason=f"must have at most {REASON_CHARACTERS_MAX} characters",
            reason_pt=f"O motivo pode ter até {REASON_CHARACTERS_MAX} caracteres.",
        )
    async with services.database.begin() as session:
        check = await crud.identity_checks.lock_check(session, check_id)
        if check is None:
            raise IdentityCheckNotFound
        own = await crud.representations.find_open(session, company_id=check.user_id, person_id=actor.user_id)
        if check.user_id == actor.user_id or own is not None:
            raise OwnIdentityCheck
        if check.status not in OPEN_CHECKS:
            raise IdentityCheckAlreadyDecided(decided_at=check.decided_at or check.submitted_at)
        if decision is Decision.APPROVE and await screening.keeps_out(session, check.user_id):
            raise ScreeningHitsOpen
        status, action = _AFTER[decision]
        await _move(session, services, check, status=status, action=action, actor_id=actor.user_id, reason=tidy)
    return check


async def _move(
    session: AsyncSession,
    services: Services,
    check: models.IdentityCheck,
    *,
    status: CheckStatus,
    action: AuditAction,
    actor_id: UUID | None,
    reason: str,
) -> None:
    """Bring *check* to *status*, write down who did it and why, and tell the world if it is decided."""
    now = services.clock.now()
    check.status = status
    check.reason = reason or None
    check.decided_at = None if status in OPEN_CHECKS else now
    session.add(
        models.AuditEntry(
            id=new_id(),
            occurred_at=now,
            actor_id=actor_id,
            action=action,
            user_id=check.user_id,
            subject_id=check.id,
            reason=reason or None,
        )
    )
    user = await crud.users.lock_user(session, check.user_id)
    if user is None or user.closed_at is not None:
        return
    user.identity_status = _STATUS_OF_PERSON[status]
    if status == CheckStatus.APPROVED:
        outbox.record(session, events.IdentityVerified(user_id=user.id, person=user.person), occurred_at=now)
    elif status == CheckStatus.REJECTED:
        rejected = events.IdentityRejected(user_id=user.id, identity_check_id=check.id)
        outbox.record(session, rejected, occurred_at=now)
    elif status == CheckStatus.NEW_UPLOAD_REQUESTED:
        asked = events.IdentityUploadRequested(user_id=user.id, identity_check_id=check.id)
        outbox.record(session, asked, occurred_at=now)
