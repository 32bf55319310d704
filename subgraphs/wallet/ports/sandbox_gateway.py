"""
A payment gateway for people who want to try the product, and for tests. No real money knows of it.

It keeps what it knows in tables of its own (`sandbox_…`), so that a payment outlives the process that took it, and
tells of it by signed webhook over real HTTP (`sandbox_delivery.py`). It misbehaves when asked to:

    pay(misbehave=…)          duplicate, late, out of order, wrong signature, lost
    unavailable_calls = 3     the next three calls of the port find it away
    pay(if_returned=…)        what becomes of an order to give it back: refused, failed, late, twice, never told
    bank accounts             404… does not exist · 999… is somebody else's · 888… takes no money (returned)
"""

import secrets
import string
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.business_days import add_business_days
from subgraphs.shared.clock import Clock, business_date
from subgraphs.shared.database import Database
from subgraphs.shared.money import to_decimal
from subgraphs.wallet.domain.boleto import Boleto, MalformedBoleto, barcode_of
from subgraphs.wallet.domain.br_code import DynamicBRCode
from subgraphs.wallet.models import SandboxCharge, SandboxPayment, SandboxReturn, SandboxTransfer
from subgraphs.wallet.ports.payment_gateway import (
    AccountHolder,
    BoletoOrder,
    GatewayRefused,
    GatewayUnavailable,
    OutcomeStatus,
    Payer,
    PixChargeOrder,
    PixOutOrder,
    ReportedClaim,
    ReportedPayment,
    ReturnOrder,
    TransferOutcome,
)
from subgraphs.wallet.ports.sandbox_claims import SandboxClaims
from subgraphs.wallet.ports.sandbox_delivery import LATE, WebhookDelivery

ADDRESS = "pix.sandbox.peerseed.example/qr/v2/"
"""Where a payer's bank would read a charge's details. It leads nowhere."""

ISPB = "99999999"
"""The number of our bank in the payment system; nobody's."""

OVERTAKEN = timedelta(seconds=5)
"""How long an out-of-order webhook waits: what happens within that time overtakes it."""


class Misbehaviour(StrEnum):
    DUPLICATE = "duplicate"
    """Told twice."""
    LATE = "late"
    """Told two minutes after."""
    OUT_OF_ORDER = "out_of_order"
    """Told after whatever happens in the next five seconds."""
    WRONG_SIGNATURE = "wrong_signature"
    """The first attempt is signed with another key."""
    LOST = "lost"
    """Never told; only asking brings it to light."""


class IfReturned(StrEnum):
    """How an order goes to give a payment back."""

    REFUSED = "refused"
    """Not taken, however often it is repeated."""
    FAILED = "failed"
    """Taken, but the payer's bank does not take the money."""
    LATE = "late"
    """Told two minutes after."""
    TWICE = "twice"
    """Told twice."""
    NEVER = "never"
    """Never told; only asking brings it to light."""


class CannotPay(Exception):
    """The payer's bank would not let them pay this; the message says why."""


@dataclass(frozen=True)
class Receiver:
    """Who asks for the money, as payers see it."""

    name: str
    city: str
    bank_code: str


class SandboxGateway:
    """Keeps the `PaymentGateway` protocol."""

    def __init__(self, database: Database, *, clock: Clock, receiver: Receiver, delivery: WebhookDelivery) -> None:
        self._database = database
        self._clock = clock
        self._receiver = receiver
        self.delivery = delivery
        self.claims = SandboxClaims(database, clock=clock, delivery=delivery)
        """What payers' banks want back."""
        self.unavailable_calls = 0
        """So many of the port's next calls raise GatewayUnavailable."""

    async def create_pix_charge(self, order: PixChargeOrder) -> str:
        self._answer_or_fail()
        code = DynamicBRCode(
            address=ADDRESS + order.txid,
            amount_minor=order.amount_minor,
            receiver_name=self._receiver.name,
            receiver_city=self._receiver.city,
        ).encode()
        return await self._keep(order.txid, "PIX", order.amount_minor, code, order.expires_at)

    async def create_boleto(self, order: BoletoOrder) -> str:
        self._answer_or_fail()
        boleto = Boleto(
            bank_code=self._receiver.bank_code,
            due_on=order.due_on,
            amount_minor=order.amount_minor,
            # The bank's own field names the charge: here the txid, read as a number.
            free_field=f"{int(order.txid, 36) % 10**25:025d}",
        )
        return await self._keep(order.txid, "BOLETO", order.amount_minor, boleto.barcode, order.expires_at)

    async def _keep(self, txid: str, method: str, amount_minor: int, code: str, expires_at: datetime) -> str:
        row = {
            "txid": txid,
            "method": method,
            "amount_minor": amount_minor,
            "code": code,
            "expires_at": expires_at,
        }
        async with self._database.begin() as session:
            await session.execute(upsert(SandboxCharge).values(row).on_conflict_do_nothing())
            return (await session.get_one(SandboxCharge, txid)).code

    async def cancel_charge(self, txid: str) -> None:
        self._answer_or_fail()
        async with self._database.begin() as session:
            charge = await session.get(SandboxCharge, txid, with_for_update=True)
            if charge is not None and charge.cancelled_at is None:
                charge.cancelled_at = self._clock.now()

    async def send_pix(self, order: PixOutOrder) -> None:
        self._answer_or_fail()
        now = self._clock.now()
        returned = order.destination.account_number.startswith("888")
        reason = "A conta de destino não aceita créditos." if returned else None
        status = OutcomeStatus.RETURNED if returned else OutcomeStatus.SETTLED
        row = {
            "reference": order.reference,
            "amount_minor": order.amount_minor,
            "status": status.value,
            "reason": reason,
            "ordered_at": now,
        }
        async with self._database.begin() as session:
            statement = upsert(SandboxTransfer).values(row).on_conflict_do_nothing()
            if await session.scalar(statement.returning(SandboxTransfer.reference)) is None:
                return
            notice = {
                "type": f"transfer.{status.value.lower()}",
                "reference": order.reference,
                "occurred_at": now.isoformat(),
            }
            self.delivery.enqueue(session, notice | ({"reason": reason} if reason else {}), due_at=now)

    async def find_outcome(self, reference: str) -> TransferOutcome | None:
        self._answer_or_fail()
        async with self._database.read() as session:
            transfer = await session.get(SandboxTransfer, reference)
        if transfer is None:
            return None
        return TransferOutcome(status=OutcomeStatus(transfer.status), reason=transfer.reason)

    async def list_payments(self, *, since: datetime, limit: int) -> Sequence[ReportedPayment]:
        self._answer_or_fail()
        statement = (
            select(SandboxPayment)
            .where(SandboxPayment.paid_at >= since)
            .order_by(SandboxPayment.paid_at, SandboxPayment.end_to_end_id)
            .limit(limit)
        )
        async with self._database.read() as session:
            payments = (await session.scalars(statement)).all()
        return [
            ReportedPayment(
                end_to_end_id=payment.end_to_end_id,
                txid=payment.txid,
                method=payment.method,
                amount_minor=payment.amount_minor,
                paid_at=payment.paid_at,
                settles_on=payment.settles_on,
                payer=Payer(**payment.payer) if payment.payer else None,
            )
            for payment in payments
        ]

    async def return_payment(self, order: ReturnOrder) -> None:
        self._answer_or_fail()
        now = self._clock.now()
        async with self._database.begin() as session:
            payment = await session.get(SandboxPayment, order.end_to_end_id)
            if await session.get(SandboxReturn, order.reference) is not None:
                return
            _check_order(order, payment, before=await self._returned_before(session, order))
            assert payment is not None  # noqa: S101  # just checked
            failed = payment.if_returned == IfReturned.FAILED
            reason = "A conta de quem pagou não aceita créditos." if failed else None
            status = OutcomeStatus.RETURNED if failed else OutcomeStatus.SETTLED
            session.add(
                SandboxReturn(
                    reference=order.reference,
                    end_to_end_id=order.end_to_end_id,
                    amount_minor=order.amount_minor,
                    status=status.value,
                    reason=reason,
                    ordered_at=now,
                )
            )
            if payment.if_returned == IfReturned.NEVER:
                return
            notice = {
                "type": "return.failed" if failed else "return.settled",
                "reference": order.reference,
                "occurred_at": now.isoformat(),
            } | ({"reason": reason} if reason else {})
            due_at = now + LATE if payment.if_returned == IfReturned.LATE else now
            for _ in range(2 if payment.if_returned == IfReturned.TWICE else 1):
                self.delivery.enqueue(session, notice, due_at=due_at)

    async def _returned_before(self, session: AsyncSession, order: ReturnOrder) -> int:
        statement = select(func.coalesce(func.sum(SandboxReturn.amount_minor), 0)).where(
            SandboxReturn.end_to_end_id == order.end_to_end_id,
            SandboxReturn.status != OutcomeStatus.RETURNED.value,
        )
        return int(await session.scalar(statement) or 0)

    async def find_return(self, reference: str) -> TransferOutcome | None:
        self._answer_or_fail()
        async with self._database.read() as session:
            found = await session.get(SandboxReturn, reference)
        return None if found is None else TransferOutcome(status=OutcomeStatus(found.status), reason=found.reason)

    async def list_claims(self, *, since: datetime, limit: int) -> Sequence[ReportedClaim]:
        self._answer_or_fail()
        return await self.claims.list_claims(since=since, limit=limit)

    async def find_holder(
        self,
        *,
        bank_code: str,  # noqa: ARG002  # the protocol's; here the account number alone decides
        branch: str,  # noqa: ARG002  # likewise
        account_number: str,
        claimed: AccountHolder,
    ) -> AccountHolder | None:
        self._answer_or_fail()
        if account_number.startswith("404"):
            return None
        if account_number.startswith("999"):
            return AccountHolder(name="Outra Pessoa", tax_id="00000000191")
        return claimed

    def _answer_or_fail(self) -> None:
        if self.unavailable_calls > 0:
            self.unavailable_calls -= 1
            raise GatewayUnavailable("the sandbox gateway was told to be away")

    async def pay(
        self,
        txid: str,
        *,
        amount_minor: int | None = None,
        misbehave: Misbehaviour | None = None,
        even_if_closed: bool = False,
        payer: dict[str, str] | None = None,
        if_returned: IfReturned | None = None,
    ) -> SandboxPayment:
        """
        A payer pays a charge, by its txid, barcode or typed line; its own amount unless another is given.

        Who pays is told where *payer* says it. Raises CannotPay when there is no such charge, and when it is cancelled
        or over (a payment that was on its way gets through *even_if_closed*).
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            charge = await self._find_charge(session, txid)
            if charge is None:
                raise CannotPay("There is no charge with this txid, barcode or line.")
            if not even_if_closed and (charge.cancelled_at or charge.expires_at < now):
                raise CannotPay("The charge is cancelled." if charge.cancelled_at else "The charge has expired.")
            payment = SandboxPayment(
                end_to_end_id=_end_to_end_id(now),
                txid=charge.txid,
                method=charge.method,
                amount_minor=charge.amount_minor if amount_minor is None else amount_minor,
                paid_at=now,
                settles_on=business_date(now) if charge.method == "PIX" else add_business_days(business_date(now), 1),
                payer=payer,
                if_returned=if_returned,
            )
            session.add(payment)
            self._tell(session, payment, misbehave, now=now)
        return payment

    async def _find_charge(self, session: AsyncSession, named: str) -> SandboxCharge | None:
        with suppress(MalformedBoleto):
            named = barcode_of(named)
        found: SandboxCharge | None = await session.scalar(
            select(SandboxCharge).where((SandboxCharge.txid == named) | (SandboxCharge.code == named))
        )
        return found

    def _tell(
        self, session: AsyncSession, payment: SandboxPayment, misbehave: Misbehaviour | None, *, now: datetime
    ) -> None:
        if misbehave is Misbehaviour.LOST:
            return
        notice = {
            "type": "payment.received",
            "end_to_end_id": payment.end_to_end_id,
            "txid": payment.txid,
            "method": payment.method,
            "amount": str(to_decimal(payment.amount_minor)),
            "paid_at": payment.paid_at.isoformat(),
            "settles_on": payment.settles_on.isoformat(),
        } | ({"payer": payment.payer} if payment.payer else {})
        delays = {Misbehaviour.LATE: LATE, Misbehaviour.OUT_OF_ORDER: OVERTAKEN}
        due_at = now + delays[misbehave] if misbehave in delays else now
        for _ in range(2 if misbehave is Misbehaviour.DUPLICATE else 1):
            self.delivery.enqueue(
                session, notice, due_at=due_at, wrong_signature=misbehave is Misbehaviour.WRONG_SIGNATURE
            )


def _check_order(order: ReturnOrder, payment: SandboxPayment | None, *, before: int) -> None:
    """Raises GatewayRefused."""
    if payment is None or before + order.amount_minor > payment.amount_minor:
        raise GatewayRefused("Não há tanto deste pagamento para devolver.")
    if payment.if_returned == IfReturned.REFUSED or (payment.method == "BOLETO" and payment.payer is None):
        raise GatewayRefused("Não se sabe para que conta devolver este pagamento.")


def _end_to_end_id(now: datetime) -> str:
    """As the central bank wants it: E, the bank, the minute, and eleven characters of the bank's own."""
    own = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(11))
    return f"E{ISPB}{now:%Y%m%d%H%M}{own}"
