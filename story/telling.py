"""The story from beginning to end."""

from dataclasses import dataclass

from story import books, credit, funding, people, phone, repayment
from story.client import Client
from story.narrator import Narrator


@dataclass(frozen=True)
class Told:
    """Who took part and what came of it."""

    farmer: people.Person
    investors: tuple[people.Person, ...]
    analyst: people.Person
    admin: people.Person
    offering_id: str
    cpr_id: str


async def tell(client: Client, narrator: Narrator) -> Told:
    """The whole story, chapter by chapter. Raises StoryFailed at the first thing that does not come true."""
    narrator.chapter("People")
    analyst, admin = await people.staff(client, "ANALYST"), await people.staff(client, "ADMIN")
    farmer = await people.sign_up(client, narrator, "Sérgio Almeida", "FARMER")
    marina = await people.sign_up(client, narrator, "Marina Costa", "INVESTOR")
    carlos = await people.sign_up(client, narrator, "Carlos Nogueira", "INVESTOR")
    julia = await people.sign_up(client, narrator, "Júlia Prado", "INVESTOR")
    investors = [marina, carlos, julia]
    for person in (farmer, *investors):
        await people.prove_identity(client, narrator, person)
    async with phone.phone_of(client, narrator, marina) as marinas_phone:
        await people.deposit(client, narrator, marina, "20000.00")
        await people.deposit(client, narrator, carlos, "12000.00")
        await people.deposit(client, narrator, julia, "7500.50")

        narrator.chapter("Credit")
        request_id = await credit.ask_for_credit(client, narrator, farmer)
        await credit.approve(client, narrator, analyst, request_id)
        offered = await credit.sign_and_register(client, narrator, farmer)
        offering_id = offered["offering"]["id"]

        narrator.chapter("Funding")
        await funding.refused_over_limit(client, narrator, marina, offering_id)
        await funding.refused_for_lack_of_money(client, narrator, julia, offering_id)
        await funding.fund(client, narrator, offering_id, [(marina, 125), (carlos, 104), (julia, 71)])
        active = await funding.disbursed(client, narrator, farmer)

        narrator.chapter("Repayment")
        paid = await repayment.pay_first_installment(client, narrator, farmer, active)
        await repayment.payouts_credited(client, narrator, investors, paid)
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

    narrator.chapter("Books")
    for person in (farmer, *investors):
        await books.print_statement(client, narrator, person)
    await books.books_balance(client, narrator, admin)
    return Told(farmer, tuple(investors), analyst, admin, offering_id, active["id"])
