"""What credit does when facts arrive."""

import asyncio
from datetime import timedelta
from uuid import UUID

import stamina
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.core.services import Services
from subgraphs.credit.crud import read_models
from subgraphs.credit.domain import documents, gradings, scoring
from subgraphs.credit.domain.consents import TO_REQUEST
from subgraphs.credit.ports.bureau import BureauReport, BureauSubject, BureauUnavailable
from subgraphs.credit.schemas import events, heard
from subgraphs.shared.consents.follow import follow_consents
from subgraphs.shared.messaging.reactions import Delivery, Reactions
from subgraphs.shared.people import Person
from subgraphs.shared.standing.follow import follow_standing

log = structlog.get_logger()


def build_reactions(services: Services) -> Reactions:
    reactions = Reactions("credit")
    follow_standing(reactions)

    async def go_on_scoring(session: AsyncSession, farmer_id: UUID) -> None:
        await scoring.go_on_scoring(session, farmer_id, now=services.clock.now())

    follow_consents(reactions, TO_REQUEST, go_on=go_on_scoring)

    @reactions.on(events.RequestSubmitted, events.DocumentAdded, events.ScoringOverdue)
    async def score_request(
        delivery: Delivery[events.RequestSubmitted | events.DocumentAdded | events.ScoringOverdue],
    ) -> None:
        """One queue for all, so that a request's first score and the next ones come in their order."""
        request_id = delivery.payload.credit_request_id
        # A step of its own: the farmer sees SCORING while the bureau takes its time, however often that is tried.
        async with services.database.begin() as session:
            start = await scoring.start_scoring(
                session,
                request_id,
                again=isinstance(delivery.payload, events.DocumentAdded),
                report_age_max=timedelta(hours=services.settings.bureau_report_fresh_hours),
                now=services.clock.now(),
            )
        if start is None:
            return
        person = (await services.people.find([start.farmer_id])).get(start.farmer_id, Person())
        subject = BureauSubject(user_id=start.farmer_id, tax_id=person.tax_id)
        report = start.fitting_report(subject)
        if report is None:
            async with services.database.read() as session:
                if not await scoring.may_ask_bureau(session, start.farmer_id, now=services.clock.now()):
                    # It goes on when the consent comes (`go_on_scoring`).
                    log.info("the bureau may not be asked about the farmer", credit_request_id=str(request_id))
                    return
            report = await ask_bureau(services, subject)
        async with delivery.begin() as session:
            await scoring.record_score(session, request_id, report=report, now=services.clock.now())

    @reactions.on(heard.IdentityVerified, heard.IdentityVerifiedV1)
    async def note_identity(delivery: Delivery[heard.IdentityVerified]) -> None:
        async with delivery.begin() as session:
            await read_models.put_verified_applicant(session, user_id=delivery.payload.user_id, event=delivery.event)

    @reactions.on(heard.AccountClosed)
    async def forget_person(delivery: Delivery[heard.AccountClosed]) -> None:
        """What identifies the person goes; requests, scores and decisions stay under a bare id."""
        user_id, now = delivery.payload.user_id, services.clock.now()
        async with delivery.begin() as session:
            await read_models.put_closed_applicant(session, user_id=user_id, event=delivery.event)
            await documents.erase_documents_of(session, user_id, store=services.documents, now=now)

    @reactions.on(heard.CPRDrafted, heard.CPRRegistered)
    async def grade_cpr(delivery: Delivery[heard.CPRDrafted | heard.CPRRegistered]) -> None:
        payload = delivery.payload
        async with delivery.begin() as session:
            await gradings.grade_cpr(
                session,
                cpr_id=payload.cpr_id,
                credit_request_id=payload.credit_request_id,
                farmer_id=payload.farmer_id,
                registered_at=payload.registered_at if isinstance(payload, heard.CPRRegistered) else None,
            )

    @reactions.on(heard.CPRDefaulted, heard.CPRRecovered, heard.CPRSettled, heard.CPRRenegotiated)
    async def note_repayment(
        delivery: Delivery[heard.CPRDefaulted | heard.CPRRecovered | heard.CPRSettled | heard.CPRRenegotiated],
    ) -> None:
        payload, at = delivery.payload, delivery.event.time
        async with delivery.begin() as session:
            await read_models.put_repayment(
                session,
                cpr_id=payload.cpr_id,
                farmer_id=payload.farmer_id,
                defaulted_at=at if isinstance(payload, heard.CPRDefaulted) else None,
                recovered_at=at if isinstance(payload, heard.CPRRecovered) else None,
                settled_at=at if isinstance(payload, heard.CPRSettled) else None,
                renegotiated_at=at if isinstance(payload, heard.CPRRenegotiated) else None,
            )

    return reactions


async def ask_bureau(services: Services, subject: BureauSubject) -> BureauReport:
    """
    The bureau's report, asked for a few times with growing waits.

    Raises BureauUnavailable when it stays away; the message is then put off and comes back.
    """
    settings = services.settings
    attempts = stamina.retry_context(
        on=BureauUnavailable,
        attempts=settings.bureau_attempts,
        wait_initial=settings.bureau_retry_seconds,
        wait_max=settings.bureau_timeout_seconds,
        wait_jitter=settings.bureau_retry_seconds,
        timeout=None,
    )
    async for attempt in attempts:
        with attempt:
            try:
                async with asyncio.timeout(settings.bureau_timeout_seconds):
                    return await services.bureau.report(subject)
            except TimeoutError:
                raise BureauUnavailable("the bureau did not answer in time") from None
    raise AssertionError("the last attempt returns or raises")
