"""
Asking the gateway what it told us and we did not hear.

A webhook may be lost for good. So the gateway's own lists are read again and again: of the last days' payments, and of
what payers' banks want back. What we know already counts once, by its name.
"""

from datetime import timedelta
from operator import attrgetter

from subgraphs.shared.jobs import one_by_one
from subgraphs.wallet import crud
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.domain import claims
from subgraphs.wallet.domain.chart import GATEWAY_ROW
from subgraphs.wallet.domain.gateway_list import pages
from subgraphs.wallet.domain.payers import receive_reported
from subgraphs.wallet.ports.payment_gateway import ReportedClaim, ReportedPayment

LOOK_BACK = timedelta(hours=48)
"""Longer than a weekend's outage of the gateway's webhooks that nobody has noticed."""
CLAIMS_LOOK_BACK = timedelta(days=100)
"""A claim is decided, and what is taken back taken, within 90 days (Pix: MED)."""
PAGE = 200


async def find_lost_payments(services: Services) -> int:
    """
    Receive the payments of the last two days that nobody told us of; answers how many.

    One that cannot be received keeps no other from it.
    """
    since, found = services.clock.now() - LOOK_BACK, 0

    async def receive(payment: ReportedPayment) -> None:
        await receive_reported(services, payment)

    async for reported in pages(services.gateway.list_payments, attrgetter("paid_at"), since=since, size=PAGE):
        async with services.database.read() as session:
            known = await crud.charges.list_known_payments(session, [payment.end_to_end_id for payment in reported])
        lost = [payment for payment in reported if payment.end_to_end_id not in known]
        found += await one_by_one("find lost payments", lost, receive, name=lambda payment: payment.end_to_end_id)
    return found


async def find_lost_claims(services: Services) -> int:
    """
    Take what payers' banks want back, or have, or want no more, where nobody told us so; answers of how many.

    One that cannot be taken keeps no other from it: its payment may have yet to be found.
    """
    since, found = services.clock.now() - CLAIMS_LOOK_BACK, 0

    async def take(claim: ReportedClaim) -> None:
        async with services.database.begin(GATEWAY_ROW) as session:
            await claims.take_reported(session, claim, now=services.clock.now())

    async for reported in pages(services.gateway.list_claims, attrgetter("opened_at"), since=since, size=PAGE):
        async with services.database.read() as session:
            known = await crud.claims.list_statuses(session, [claim.claim for claim in reported])
        lost = [claim for claim in reported if not claims.is_heard(claim, known.get(claim.claim))]
        found += await one_by_one("find lost claims", lost, take, name=lambda claim: claim.claim)
    return found
