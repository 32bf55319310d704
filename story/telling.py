"""The story from beginning to end."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from story import (
    books,
    credit,
    funding,
    income,
    lateness,
    market,
    money_out,
    open_things,
    people,
    phone,
    repayment,
    settlement,
)
from story.client import Client, StoryFailed
from story.narrator import Narrator
from subgraphs.shared.clock import business_date


@dataclass(frozen=True)
class Told(people.Cast):
    """Who took part and what came of it."""

    offering_id: str
    """The last that was opened."""
    cpr_id: str
    """Of the harvest that all of them funded."""
    year: int
    """In which they last earned something."""


async def tell(client: Client, narrator: Narrator) -> Told:
    """
    The story until the first installment is split, with people whom nobody knew before.

    Raises StoryFailed at the first thing that does not come true.
    """
    narrator.chapter("People")
    cast = await people.new_cast(client, narrator)
    told = await _until_repaid(client, narrator, cast)
    narrator.chapter("Books")
    for person in (cast.farmer, *cast.investors):
        await books.print_statement(client, narrator, person)
    await books.books_balance(client, narrator, cast.admin)
    return told


async def tell_on(client: Client, narrator: Narrator) -> Told:
    """
    The whole story with the demo's people, for months that pass meanwhile; and again, if it was told before.

    Raises StoryFailed at the first thing that does not come true.
    """
    if not client.addresses.clock:
        raise StoryFailed("the product's time cannot be moved: start it with `make run`")
    narrator.chapter("People")
    demo = await people.demo_cast(client, narrator)
    julia = await people.sign_up(client, narrator, "Júlia Prado", "INVESTOR")
    await people.prove_identity(client, narrator, julia)
    cast = people.Cast(demo.farmer, (*demo.investors, julia), demo.analyst, demo.admin)
    await open_things.reject_what_is_left(client, narrator, cast)
    await settlement.settle_what_is_left(client, narrator, cast.farmer)
    told = await _until_repaid(client, narrator, cast)
    farmer, (marina, carlos, _) = cast.farmer, cast.investors

    narrator.chapter("Lateness")
    await lateness.until_late(client, narrator, cast, told.cpr_id, number=2, days=10)
    await lateness.pay_with_fine(client, narrator, cast, told.cpr_id, number=2)

    narrator.chapter("Secondary market")
    year = lateness.product_date(client).year
    offer = await market.offer_quotas(client, narrator, marina, told.cpr_id, quotas=20, price="95.00")
    await market.buy_quotas(client, narrator, carlos, offer, 10)

    narrator.chapter("Money back and out")
    await money_out.returned_to_its_payer(client, narrator, marina, "80.00")
    await money_out.withdraw(client, narrator, marina, "150.00")

    narrator.chapter("Settlement")
    await settlement.settle(client, narrator, farmer, told.cpr_id)
    await income.print_income_statement(client, narrator, marina, year)

    narrator.chapter("What goes on")
    await open_things.repayments_under_way(client, narrator, cast)
    offering_id = await open_things.offering_to_look_at(client, narrator, cast)
    await open_things.work_for_the_analyst(client, narrator, cast)
    await open_things.work_for_administrators(client, narrator, cast)

    narrator.chapter("Books")
    for person in (farmer, *cast.investors):
        await books.print_statement(client, narrator, person)
    await books.books_balance(client, narrator, cast.admin)
    return replace(told, offering_id=offering_id, year=year)


async def _until_repaid(client: Client, narrator: Narrator, cast: people.Cast) -> Told:
    """From the farmer's request to the split of the first installment."""
    farmer, investors = cast.farmer, cast.investors
    marina, carlos, julia = investors
    async with phone.phone_of(client, narrator, marina) as marinas_phone:
        await people.deposit(client, narrator, marina, "20000.00")
        await people.deposit(client, narrator, carlos, "12000.00")
        await people.deposit(client, narrator, julia, "7500.50")

        narrator.chapter("Credit")
        request_id = await credit.ask_for_credit(client, narrator, farmer)
        await credit.approve(client, narrator, cast.analyst, request_id)
        offered = await credit.sign_and_register(client, narrator, farmer)
        offering_id = offered["offering"]["id"]

        narrator.chapter("Funding")
        await funding.refused_over_limit(client, narrator, marina, offering_id)
        await funding.refused_for_lack_of_money(client, narrator, julia, offering_id)
        await funding.fund(client, narrator, offering_id, [(marina, 125), (carlos, 104), (julia, 71)])
        active = await funding.disbursed(client, narrator, farmer)

        narrator.chapter("Repayment")
        first = active["installments"][0]
        paid = await repayment.pay_installment(client, narrator, farmer, first)
        await repayment.payouts_credited(client, narrator, investors, first, paid)
        told_investor = {"Depósito confirmado", "Investimento confirmado", "Rendimento creditado"}
        told_farmer = {
            "Pedido recebido",
            "Pedido aprovado",
            "Captação iniciada",
            "Captação concluída",
            "Pagamento recebido",
        }
        expected = [(farmer, told_farmer), *((investor, told_investor) for investor in investors)]
        await repayment.everybody_was_told(client, narrator, expected)
        await phone.phone_showed_everything(client, narrator, marinas_phone, told_investor)
    year = business_date(datetime.now(UTC)).year
    return Told(farmer, investors, cast.analyst, cast.admin, offering_id, active["id"], year)
