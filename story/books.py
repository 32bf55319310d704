"""The last chapter: every wallet's statement, and whether the books balance."""

from decimal import Decimal
from typing import Any

from story.client import Client, StoryFailed
from story.narrator import Narrator
from story.people import Person

STATEMENT = """query Statement { me { wallet {
  available { amount } held { amount } processing { amount }
  statement(first: 100) { nodes { occurredAt kind description amount { amount } balanceAfter { amount } } } } } }"""

BOOKS = "query Books { booksCheck { balanced problems } }"


async def print_statement(client: Client, narrator: Narrator, person: Person) -> None:
    """A line per movement, oldest first, and the balance that they sum to."""
    wallet = (await client.graphql(STATEMENT, token=person.token))["me"]["wallet"]
    narrator.step(f"{person.name}'s wallet")
    for line in reversed(wallet["statement"]["nodes"]):
        narrator.aside(_line(line))
    balances = {name: wallet[name]["amount"] for name in ("available", "held", "processing")}
    narrator.aside("  ".join(f"{name} {amount}" for name, amount in balances.items()))


def _line(line: dict[str, Any]) -> str:
    amount, balance = Decimal(line["amount"]["amount"]), Decimal(line["balanceAfter"]["amount"])
    return f"{line['occurredAt'][:16]}  {line['kind']:<20} {amount:>+13,.2f}  {balance:>13,.2f}"


async def books_balance(client: Client, narrator: Narrator, admin: Person) -> None:
    """Wait until nothing is on its way any more, then ask the ledger."""

    async def balanced() -> dict[str, Any] | None:
        answer: dict[str, Any] = (await client.graphql(BOOKS, token=admin.token))["booksCheck"]
        return answer if answer["balanced"] else None

    try:
        await client.until("the books balancing", balanced)
    except StoryFailed:
        problems = (await client.graphql(BOOKS, token=admin.token))["booksCheck"]["problems"]
        raise StoryFailed(f"the books do not balance: {problems}") from None
    narrator.step(f"{admin.name} checks the books: every entry, clearing account and hash chain agrees")
