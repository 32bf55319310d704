"""What time itself calls for."""

from uuid import UUID

from subgraphs.contracts.core.services import Services
from subgraphs.contracts.crud import provider_orders, renegotiations
from subgraphs.contracts.domain import activation, consent, lateness, provider_answers, registration, reminders
from subgraphs.contracts.domain.provider_requests import chase_providers
from subgraphs.shared.jobs import Job, one_by_one


def build_jobs(services: Services) -> list[Job]:
    async def announce_due_installments() -> None:
        async with services.database.begin() as session:
            await reminders.announce_due_installments(session, now=services.clock.now())

    async def note_lateness() -> None:
        # Two transactions: a CPR's lock comes before those of its installments wherever both are taken.
        async with services.database.begin() as session:
            await lateness.note_late_installments(session, now=services.clock.now())
        async with services.database.begin() as session:
            await lateness.note_defaults(session, now=services.clock.now())

    async def cancel_unregistered_cprs() -> None:
        async with services.database.begin() as session:
            await registration.cancel_unregistered(session, now=services.clock.now())

    async def tell_terms() -> None:
        async with services.database.begin() as session:
            await activation.tell_terms(session, now=services.clock.now())

    async def close_renegotiations() -> None:
        now = services.clock.now()
        async with services.database.begin() as session:
            over = await renegotiations.list_open_since(session, now)

        async def close(renegotiation_id: UUID) -> None:
            async with services.database.begin() as session:
                await consent.close_if_over(session, renegotiation_id, now=now)

        await one_by_one("close_renegotiations", over, close)

    async def chase_silent_providers() -> None:
        await chase_providers(services)

    async def keep_answers() -> None:
        async with services.database.begin() as session:
            await provider_orders.erase_kept(session, until=services.clock.now())
        while True:
            async with services.database.begin() as session:
                if not await provider_answers.seal_old_answers(session, services.vault):
                    return

    every = services.settings.jobs_every_seconds
    return [
        Job("announce_due_installments", every, announce_due_installments),
        Job("note_lateness", every, note_lateness),
        Job("cancel_unregistered_cprs", every, cancel_unregistered_cprs),
        Job("tell_terms", every, tell_terms),
        Job("close_renegotiations", every, close_renegotiations),
        Job("chase_silent_providers", every, chase_silent_providers),
        Job("keep_answers", every, keep_answers),
    ]
