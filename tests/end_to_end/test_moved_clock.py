"""Time is moved while the product runs as processes: all of them follow, and what falls due is done by itself."""

from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from story import books
from story.client import Client
from story.narrator import Narrator
from story.people import sign_in, staff
from story.telling import tell
from subgraphs.shared.clock import BRASILIA
from tests.fixtures.product import Product, running
from upkeep.clock import move_to

SCHEDULE = """query Schedule($id: ID!) { cpr(id: $id) { installments { dueOn status amount { amount }
  lateCharges { daysLate fine { amount } interest { amount } total { amount } } dueToday { total { amount } } } } }"""
CENT = Decimal("0.01")


@pytest.mark.timeout(300)
async def test_an_installment_becomes_late_when_time_is_moved_past_its_due_date(tmp_path: Path) -> None:
    product = Product(tmp_path, module="launch.split")
    async with running(product) as addresses:
        client = Client(addresses)
        told = await tell(client, Narrator())

        async def second_installment() -> Any:
            cpr = (await client.graphql(SCHEDULE, {"id": told.cpr_id}, token=told.farmer.token))["cpr"]
            return cpr["installments"][1]

        async def once_late() -> Any:
            installment = await second_installment()
            return installment if installment["status"] == "LATE" else None

        before = await second_installment()
        assert (before["status"], before["lateCharges"]) == ("SCHEDULED", None)
        ten_days_late = date.fromisoformat(before["dueOn"]) + timedelta(days=10)
        move_to(Path(addresses.clock), datetime.combine(ten_days_late, time(), BRASILIA))
        await sign_in(client, told.farmer)  # who was idle for so long has to

        late = await client.until("the installment being late", once_late)
        amount = Decimal(late["amount"]["amount"])
        fine = (amount * Decimal("0.02")).quantize(CENT, ROUND_HALF_UP)
        interest = (amount * Decimal("0.01") * 10 / 30).quantize(CENT, ROUND_HALF_UP)
        assert late["lateCharges"] == {
            "daysLate": 10,
            "fine": {"amount": str(fine)},
            "interest": {"amount": str(interest)},
            "total": {"amount": str(amount + fine + interest)},
        }
        assert late["dueToday"] == {"total": late["lateCharges"]["total"]}  # another domain's, by the same time
        await books.books_balance(client, Narrator(), await staff(client, "ADMIN"))
        await client.close()
        wallet = product.database("wallet")
        async with wallet.read() as session:
            clocks = (await session.scalars(text("SELECT DISTINCT clock FROM ledger_transfers"))).all()
        await wallet.close()
        assert clocks == ["MOVED"]
