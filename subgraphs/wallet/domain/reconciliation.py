"""
Asking the gateway what it told us and we did not hear.

A webhook may be lost for good. So the gateway's own list of the last days' payments is read again and again; what we
know already counts once, by its end-to-end id.
"""

from datetime import timedelta

from subgraphs.shared.jobs import one_by_one
from subgraphs.wallet import crud
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.domain.payers import receive_reported
from subgraphs.wallet.ports.payment_gateway import ReportedPayment

LOOK_BACK = timedelta(hours=48)
"""Longer than a weekend's outage of the gateway's webhooks that nobody has noticed."""
PAGE = 200


async def find_lost_payments(services: Services) -> int:
    """
    Receive the payments of the last two days that nobody told us of; answers how many.

    One that cannot be received keeps no other from it.
    """
    since, found = services.clock.now() - LOOK_BACK, 0

    async def receive(payment: ReportedPayment) -> None:
        await receive_reported(services, payment)

    while True:
        reported = await services.gateway.list_payments(since=since, limit=PAGE)
        async with services.database.read() as session:
            known = await crud.charges.list_known_payments(session, [payment.end_to_end_id for payment in reported])
        lost = [payment for payment in reported if payment.end_to_end_id not in known]
        found += await one_by_one("find lost payments", lost, receive, name=lambda payment: payment.end_to_end_id)
        if len(reported) < PAGE or reported[-1].paid_at == since:
            return found
        since = reported[-1].paid_at
