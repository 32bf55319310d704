"""What contracts tells the wallet of a schedule that farmer and holders have agreed on."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from subgraphs.wallet.schemas import heard
from tests.subgraphs.wallet.wallet_world import CPR, NINE_O_CLOCK, SERGIO, number

AGREED = number(0xA6)
STARTS_ON = date(2027, 1, 9)


def new_installment(place: int, agreed: UUID = AGREED) -> UUID:
    """The id of the agreed schedule's line, from 0."""
    return UUID(int=agreed.int ^ (place + 1) << 64)


def agreed_schedule(*lines: tuple[int, int, int], **changes: Any) -> heard.ScheduleAgreed:
    """Lines of principal, interest with what it carries, and what it carries; due monthly from 2027-02-09."""
    agreed: UUID = changes.get("renegotiation_id", AGREED)
    due = [STARTS_ON + timedelta(days=31 * place) for place in range(len(lines) + 1)]
    values: dict[str, Any] = {
        "renegotiation_id": agreed,
        "cpr_id": CPR,
        "farmer_id": SERGIO,
        "payment_count": 0,
        "good_until": datetime.fromisoformat("2027-02-09T03:00:00+00:00"),
        "late_fine_rate": "0.02",
        "late_monthly_rate": "0.01",
        "monthly_rate": "0.01",
        "installments": [
            {
                "installment_id": new_installment(place, agreed),
                "number": 13 + place,
                "due_on": due[place + 1],
                "starts_on": due[place],
                "months": 1,
                "amount_minor": principal + interest,
                "interest_minor": interest,
                "carried_minor": carried,
            }
            for place, (principal, interest, carried) in enumerate(lines)
        ],
    }
    assert values["good_until"] > NINE_O_CLOCK
    return heard.ScheduleAgreed.model_validate(values | changes)
