"""
Asking the gateway what it told us and we did not hear.

A webhook may be lost for good. So the gateway's own list of the last days' payments is read again and again; what we
know already counts once, by its end-to-end id.
"""

from datetime import timedelta

from subgraphs.wallet import crud
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.domain.payers import receive_reported

LOOK_BACK = timedelta(hours=48)
"""Longer than a weekend's outage of the gateway's webhooks that nobody has noticed."""
PAGE = 200


async def find_lost_payments(services: Services) -> int:
    """
    Receive the payments of the last two days that nobody told us of; answers how many.

    One that cannot be received keeps no other from it: what befell it is raised when all have been tried.
    """
    since, found, failures = services.clock.now() - LOOK_BACK, 0, list[Exception]()
    while True:
        reported = await services.gateway.list_payments(since=since, limit=PAGE)
        async with services.database.read() as session:
            known = await crud.charges.list_known_payments(session, [payment.end_to_end_id for payment in reported])
        for payment in reported:
            if payment.end_to_end_id in known:
                continue
            try:
                await receive_reported(services, payment)
            except Exception as error:  # noqa: BLE001  # raised below
                failures.append(error)
            else:
                found += 1
        if len(reported) < PAGE or reported[-1].paid_at == since:
            break
        since = reported[-1].paid_at
    if failures:
        raise ExceptionGroup("payments that nobody told us of cannot be received", failures)
    return found
