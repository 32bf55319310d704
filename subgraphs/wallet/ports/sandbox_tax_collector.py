"""
A tax collector for people who want to try the product, and for tests. No state knows of it.

It keeps its slips in a table of its own, so that a payment outlives the process that made it. It misbehaves when asked:

    unavailable_calls = 3     the next three calls find it away
    silent_calls = 2          the next two do what they are asked, and their answers are lost
    refuses = "…"             slips are not paid, for this reason
"""

from uuid import uuid4

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from subgraphs.shared.clock import Clock, business_date
from subgraphs.shared.database import Database
from subgraphs.wallet.models import SandboxTaxSlip
from subgraphs.wallet.ports.tax_collector import CollectorRefused, CollectorUnavailable, Receipt, SlipOrder


class SandboxTaxCollector:
    """Keeps the `TaxCollector` protocol."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.unavailable_calls = 0
        self.silent_calls = 0
        self.refuses: str | None = None

    async def issue_slip(self, order: SlipOrder) -> str:
        self._answer_or_fail()
        now = self._clock.now()
        async with self._database.begin() as session:
            # One after the other, so that each number is given once.
            await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('sandbox_tax_slips', 0))"))
            issued = await session.scalar(select(func.count()).select_from(SandboxTaxSlip)) or 0
            row = {
                "reference": order.reference,
                "number": _slip_number(business_date(now).strftime("%y%j"), issued + 1),
                "revenue_code": order.revenue_code,
                "amount_minor": order.total_minor,
                "due_on": order.good_until,
                "issued_at": now,
            }
            await session.execute(
                upsert(SandboxTaxSlip).values(row).on_conflict_do_nothing(index_elements=["reference"])
            )
            number = (await session.get_one(SandboxTaxSlip, order.reference)).number
        self._answer_or_be_silent()
        return number

    async def pay_slip(self, number: str) -> Receipt:
        self._answer_or_fail()
        async with self._database.begin() as session:
            statement = select(SandboxTaxSlip).where(SandboxTaxSlip.number == number).with_for_update()
            slip = await session.scalar(statement)
            if slip is None:
                raise CollectorRefused(f"there is no slip {number}")
            if slip.paid_at is None:
                if self.refuses is not None:
                    raise CollectorRefused(self.refuses)
                if slip.due_on < business_date(self._clock.now()):
                    raise CollectorRefused(f"slip {number} was good until {slip.due_on}")
                slip.paid_at, slip.authentication = self._clock.now(), uuid4().hex.upper()
            receipt = _receipt(slip)
        self._answer_or_be_silent()
        assert receipt is not None  # noqa: S101  # it is paid
        return receipt

    async def find_receipt(self, number: str) -> Receipt | None:
        self._answer_or_fail()
        async with self._database.read() as session:
            slip = await session.scalar(select(SandboxTaxSlip).where(SandboxTaxSlip.number == number))
        return _receipt(slip) if slip else None

    def _answer_or_fail(self) -> None:
        if self.unavailable_calls > 0:
            self.unavailable_calls -= 1
            raise CollectorUnavailable("the sandbox tax collector was told to be away")

    def _answer_or_be_silent(self) -> None:
        if self.silent_calls > 0:
            self.silent_calls -= 1
            raise CollectorUnavailable("the sandbox tax collector was told to lose its answer")


def _receipt(slip: SandboxTaxSlip) -> Receipt | None:
    if slip.paid_at is None or slip.authentication is None:
        return None
    return Receipt(
        slip_number=slip.number,
        amount_minor=slip.amount_minor,
        authentication=slip.authentication,
        paid_at=slip.paid_at,
    )


def _slip_number(day: str, place: int) -> str:
    """17 digits, as a numbered DARF has: its kind, year and day of the year, a number, and a check digit (mod 11)."""
    digits = f"0716{day}{place % 10**7:07d}"
    weighted = sum(int(digit) * (2 + position % 8) for position, digit in enumerate(reversed(digits)))
    return f"{digits}{weighted * 10 % 11 % 10}"
