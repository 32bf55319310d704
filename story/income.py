"""Chapter 9: what the year has brought, as the tax declaration asks for it."""

from launch.home import ROOT
from story.client import Client, StoryFailed
from story.narrator import Narrator
from story.people import Person

STATEMENT = (ROOT / "schema" / "operations" / "IncomeStatement.graphql").read_text()


async def print_income_statement(client: Client, narrator: Narrator, investor: Person, year: int) -> None:
    """By CPR and by sale. Raises StoryFailed where the year has brought nothing."""
    statement = (await client.graphql(STATEMENT, {"year": year}, token=investor.token))["me"]["incomeStatement"]
    if not statement["lines"] or not statement["sales"]:
        raise StoryFailed(f"the income statement of {year} is not whole: {statement}")
    narrator.step(f"{investor.name}'s income statement of {year}: R$ {statement['net']['amount']} net")
    for line in statement["lines"]:
        narrator.aside(
            f"{line['cpr']['crop']:<8} {line['payoutCount']:>3} payouts  principal {line['principal']['amount']}  "
            f"interest {line['interest']['amount']}  fee {line['fee']['amount']}  tax {line['tax']['amount']}"
        )
    for sale in statement["sales"]:
        narrator.aside(
            f"{sale['cpr']['crop']:<8} {sale['quotaCount']:>3} quotas sold for {sale['price']['amount']}  "
            f"fee {sale['fee']['amount']}  tax {sale['tax']['amount']}  gain {sale['gain']['amount']}"
        )
    narrator.aside(f"on paper: {statement['pdfPath']}")
