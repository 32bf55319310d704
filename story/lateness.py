"""Chapter 5: time passes, an installment is late and is paid with its fine."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from story import repayment
from story.client import Client
from story.narrator import Narrator
from story.people import Cast, Person, sign_in
from subgraphs.shared.clock import BRASILIA, MovableClock, business_date
from upkeep.clock import move_to

AFTERNOON = time(14)
"""Not in the night, when less money may leave."""

SCHEDULE = """query Schedule($id: ID!) { cpr(id: $id) { installments {
  id number dueOn status amount { amount }
  lateCharges { daysLate fine { amount } interest { amount } total { amount } } } } }"""


def product_date(client: Client) -> date:
    """The day that it is for the product, in Brasília."""
    return business_date(MovableClock(Path(client.addresses.clock)).now())


async def pass_time(client: Client, narrator: Narrator, cast: Cast, until: date) -> None:
    """Move the product's time to the afternoon of a day; who was away for so long signs in again."""
    now = move_to(Path(client.addresses.clock), datetime.combine(until, AFTERNOON, BRASILIA))
    for person in cast.everybody:
        await sign_in(client, person)
    narrator.step(f"time passes: it is {now.astimezone(BRASILIA):%Y-%m-%d}, and everybody signs in again")


async def installment_of(client: Client, farmer: Person, cpr_id: str, number: int) -> dict[str, Any]:
    schedule = (await client.graphql(SCHEDULE, {"id": cpr_id}, token=farmer.token))["cpr"]["installments"]
    installment: dict[str, Any] = schedule[number - 1]
    return installment


async def until_late(client: Client, narrator: Narrator, cast: Cast, cpr_id: str, *, number: int, days: int) -> None:
    """Time passes until nobody has paid the installment for so many days."""
    due_on = date.fromisoformat((await installment_of(client, cast.farmer, cpr_id, number))["dueOn"])
    await pass_time(client, narrator, cast, due_on + timedelta(days=days))

    async def late() -> dict[str, Any] | None:
        installment = await installment_of(client, cast.farmer, cpr_id, number)
        return installment if installment["status"] == "LATE" else None

    installment = await client.until(f"installment {number} being late", late)
    charges = installment["lateCharges"]
    narrator.step(
        f"installment {number}, due {due_on}, is {charges['daysLate']} days late: fine R$ {charges['fine']['amount']}, "
        f"interest R$ {charges['interest']['amount']}, R$ {charges['total']['amount']} in all"
    )


async def pay_with_fine(client: Client, narrator: Narrator, cast: Cast, cpr_id: str, *, number: int) -> None:
    """The installment is paid with fine and interest; its holders get all of it."""
    installment = await installment_of(client, cast.farmer, cpr_id, number)
    paid = await repayment.pay_installment(client, narrator, cast.farmer, installment)
    await repayment.payouts_credited(client, narrator, cast.investors, installment, paid)
