"""
What we say that people paid, measured by the gateway's own list of payments.

What we have must be on it, with the same figures: nobody else saw the money. What is on it we have, but for what came
in the last hour, which the search for lost payments has yet to find.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

from subgraphs.shared.money import format_brl
from subgraphs.shared.reading import Reader
from subgraphs.wallet import crud
from subgraphs.wallet.crud.places import Since
from subgraphs.wallet.ports.payment_gateway import PaymentGateway, ReportedPayment

FOUND_BY_THEN = timedelta(hours=1)
PAGE = 1_000
FROM_THE_START = datetime(2020, 1, 1, tzinfo=UTC)


async def compare_payments(session: Reader, gateway: PaymentGateway, *, now: datetime, since: Since) -> list[str]:
    """What is wrong with the payments, of all or since a place. Raises GatewayUnavailable."""
    problems, listed = [], set[str]()
    async for page in _pages(gateway, since=await _first_to_list(session, since)):
        ours = await crud.charges.list_payments_named(session, [payment.end_to_end_id for payment in page])
        for theirs in page:
            listed.add(theirs.end_to_end_id)
            payment = ours.get(theirs.end_to_end_id)
            if payment is None:
                if theirs.paid_at < now - FOUND_BY_THEN:
                    amount = format_brl(theirs.amount_minor)
                    problems.append(f"payment {theirs.end_to_end_id} of {amount} is the gateway's, and not recorded")
            elif (payment.txid, payment.method, payment.amount_minor, payment.paid_at) != (
                theirs.txid, theirs.method, theirs.amount_minor, theirs.paid_at,
            ):  # fmt: skip
                problems.append(
                    f"payment {theirs.end_to_end_id} is recorded as {format_brl(payment.amount_minor)} for "
                    f"{payment.txid}, the gateway says {format_brl(theirs.amount_minor)} for {theirs.txid}"
                )
    async for end_to_end_id, amount_minor in crud.charges.stream_payments(session, since):
        if end_to_end_id not in listed:
            problems.append(
                f"payment {end_to_end_id} of {format_brl(amount_minor)} is recorded, and not known to the gateway"
            )
    return problems


async def _first_to_list(session: Reader, since: Since) -> datetime:
    """From when on the list has what came since, and all that ours have to be on."""
    if since.verified_at is None or since.is_everything:
        return FROM_THE_START
    # What was on it by then, and not ours yet, was no problem.
    ours = await crud.charges.find_first_paid(session, since)
    return min(since.verified_at, ours or since.verified_at) - FOUND_BY_THEN


async def _pages(gateway: PaymentGateway, *, since: datetime) -> AsyncIterator[Sequence[ReportedPayment]]:
    """The gateway's list in pages, oldest first; one payment may be on two."""
    limit = PAGE
    while True:
        page = await gateway.list_payments(since=since, limit=limit)
        yield page
        if len(page) < limit:
            return
        # As many as fit on a page were paid in one instant: only a longer page gets past it.
        limit, since = (limit * 2, since) if page[-1].paid_at == since else (PAGE, page[-1].paid_at)
