"""
`make demo`: tell the story to a running product, or start one for it.

Exit 0 only when every step came true and the books balance to the cent.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from launch.home import ROOT, Addresses, Home
from launch.story import books, credit, funding, people, repayment
from launch.story.client import Client, StoryFailed
from launch.story.narrator import Narrator

START_SECONDS = 120


async def tell(client: Client, narrator: Narrator) -> None:
    narrator.chapter("People")
    analyst, admin = await people.staff(client, "ANALYST"), await people.staff(client, "ADMIN")
    farmer = await people.sign_up(client, narrator, "Sérgio Almeida", "FARMER")
    marina = await people.sign_up(client, narrator, "Marina Costa", "INVESTOR")
    carlos = await people.sign_up(client, narrator, "Carlos Nogueira", "INVESTOR")
    julia = await people.sign_up(client, narrator, "Júlia Prado", "INVESTOR")
    investors = [marina, carlos, julia]
    for person in (farmer, *investors):
        await people.prove_identity(client, narrator, person)
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

    narrator.chapter("Books")
    for person in (farmer, *investors):
        await books.print_statement(client, narrator, person)
    await books.books_balance(client, narrator, admin)


@asynccontextmanager
async def running_product(home: Home) -> AsyncIterator[Addresses]:
    """The product that runs on this home already, or one started for the story and stopped after it."""
    if found := home.addresses():
        print(f"telling the story to the product at {found.graphql}", flush=True)
        yield found
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    print("starting the product …", flush=True)
    product = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "launch.in_process", cwd=ROOT, env={**os.environ, "PORT": str(port)}
    )
    try:
        yield await _until_up(home, product)
    finally:
        if product.returncode is None:
            product.send_signal(signal.SIGINT)
        await product.wait()


async def _until_up(home: Home, product: asyncio.subprocess.Process) -> Addresses:
    async with asyncio.timeout(START_SECONDS):
        while not (found := home.addresses()):
            if product.returncode is not None:
                raise StoryFailed("the product did not start; the lines above say why")
            await asyncio.sleep(0.1)
    return found


async def main() -> int:
    narrator = Narrator()
    try:
        async with running_product(Home()) as addresses:
            print(f"database: {addresses.database}\nbroker:   {addresses.broker}", flush=True)
            client = Client(addresses)
            try:
                await tell(client, narrator)
            finally:
                await client.close()
    except StoryFailed as failure:
        print(f"\nstory: failed after {narrator.steps} steps: {failure}", file=sys.stderr)
        return 1
    print(f"\nstory: {narrator.steps} steps, books balanced to the cent", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
