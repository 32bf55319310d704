"""
What we say that people paid, measured by the gateway's own list of payments.

What we have must be on it, with the same figures: nobody else saw the money. What is on it we have, but for what came
in the last hour, which the search for lost payments has yet to find.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Protocol, TypeVar

from subgraphs.shared.money import format_brl
from subgraphs.shared.reading import Reader
from subgraphs.wallet import crud
from subgraphs.wallet.crud.places import Since
from subgraphs.wallet.ports.payment_gateway import PaymentGateway, ReportedClaim, ReportedPayment

FOUND_BY_THEN = timedelta(hours=1)
PAGE = 1_000
Reported_co = TypeVar("Reported_co", ReportedPayment, ReportedClaim, covariant=True)
FROM_THE_START = datetime(2020, 1, 1, tzinfo=UTC)


async def compare_payments(session: Reader, gateway: PaymentGateway, *, now: datetime, since: Since) -> list[str]:
    """What is wrong with the payments, of all or since a place. Raises GatewayUnavailable."""
    problems, listed = [], set[str]()
    first = await _first_to_list(session, since)
    async for page in pages(gateway.list_payments, attrgetter("paid_at"), since=first, size=PAGE):
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


class ListOf(Protocol[Reported_co]):
    """One of the gateway's lists."""

    async def __call__(self, *, since: datetime, limit: int) -> Sequence[Reported_co]: ...


async def pages(
    listed: ListOf[Reported_co], when: Callable[[Reported_co], datetime], *, since: datetime, size: int
) -> AsyncIterator[Sequence[Reported_co]]:
    """The list in pages of *size*, oldest first by *when*; one thing may be on two."""
    limit = size
    while True:
        page = await listed(since=since, limit=limit)
        yield page
        if len(page) < limit:
            return
        # As many as fit on a page are of one instant: only a longer page gets past it.
        last = when(page[-1])
        limit, since = (limit * 2, since) if last == since else (size, last)
