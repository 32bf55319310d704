"""The last chapter but the books: what goes on when the story ends, so that every screen has something to show."""

import uuid
from datetime import timedelta
from typing import Any

from story import credit, funding, lateness, market, people, repayment
from story.client import Client
from story.funding import PHRASE
from story.money_out import pay_code_of_deposit
from story.narrator import Narrator
from story.people import Cast, Person, expect

LAND_TITLE = b"%PDF-1.7\nland title, for its farmer and for staff\n%%EOF\n"
UNCLEAR = people.DOCUMENT + b"SANDBOX:REVIEW"

REJECT = """mutation Reject($input: RejectCreditRequestInput!) { rejectCreditRequest(input: $input) {
  __typename ... on Refusal { code message } } }"""

SUSPENDED = "query Suspended { suspendedPayments(first: 20) { nodes { id note } } }"

PROPOSE = """mutation Propose($input: ProposeMoneyMoveInput!) { proposeMoneyMove(input: $input) {
  __typename ... on MoneyProposal { id } ... on Refusal { code message } } }"""

ROW = "table isInForce values { name value }"
SAID = "__typename ... on ParameterProposal { id } ... on Refusal { code message }"
NOTICE = timedelta(days=30)

RULES_TO_CHANGE = {
    "Accounts": "parameters",
    "Credit": "score_models",
    "Contracts": "renegotiation_policies",
    "Marketplace": "parameters",
    "Wallet": "parameters",
    "Distribution": "performance_fees",
}


async def small_cpr(client: Client, narrator: Narrator, cast: Cast, crop: str, parts: list[int]) -> dict[str, Any]:
    """An active CPR of the first investors, of a hundred reais for each quota of *parts*."""
    request_id = await credit.ask_for_credit(client, narrator, cast.farmer, amount=f"{sum(parts)}00.00", crop=crop)
    await credit.approve(client, narrator, cast.analyst, request_id)
    offered = await credit.sign_and_register(client, narrator, cast.farmer)
    shares = list(zip(cast.investors, parts, strict=False))
    await funding.fund(client, narrator, offered["offering"]["id"], shares, asks_first=False)
    return await funding.disbursed(client, narrator, cast.farmer)


async def repayments_under_way(client: Client, narrator: Narrator, cast: Cast) -> None:
    """Of one CPR an installment is late with a boleto open; of another it was paid late, and a Pix code is open."""
    maize = await small_cpr(client, narrator, cast, "MAIZE", [10, 5])
    beans = await small_cpr(client, narrator, cast, "BEANS", [5, 5])
    await lateness.until_late(client, narrator, cast, maize["id"], number=1, days=3)
    holders = Cast(cast.farmer, cast.investors[:2], cast.analyst, cast.admin)
    await lateness.pay_with_fine(client, narrator, holders, beans["id"], number=1)
    for cpr, number, method in ((maize, 1, "BOLETO"), (beans, 2, "PIX")):
        charge = await repayment.charge(client, cast.farmer, cpr["installments"][number - 1]["id"], method)
        narrator.step(f"a {method.lower()} over R$ {charge['amount']['amount']} waits for {cast.farmer.name}")
    for seller in holders.investors:
        await market.offer_quotas(client, narrator, seller, beans["id"], quotas=2, price="97.00")


async def offering_to_look_at(client: Client, narrator: Narrator, cast: Cast) -> str:
    """The id of an offering that is open and funded in part."""
    request_id = await credit.ask_for_credit(client, narrator, cast.farmer, amount="5000.00", crop="COTTON")
    await credit.approve(client, narrator, cast.analyst, request_id)
    offered = await credit.sign_and_register(client, narrator, cast.farmer)
    offering_id: str = offered["offering"]["id"]
    investor = cast.investors[0]
    answer = await funding.invest(client, investor, offering_id, 12, confirmationPhrase=PHRASE)
    await funding.investment_in(client, investor, expect(answer, "Investment")["id"], "CONFIRMED")
    narrator.step(f"{investor.name} invests R$ 1200.00; the rest is for others")
    return offering_id


async def work_for_the_analyst(client: Client, narrator: Narrator, cast: Cast) -> None:
    """A request with a document, and an identity that a person has to look at."""
    request_id = await credit.ask_for_credit(client, narrator, cast.farmer, amount="8000.00", crop="SOY")
    await client.upload(
        f"{client.addresses.credit}/credit/documents",
        LAND_TITLE,
        "application/pdf",
        token=cast.farmer.token,
        creditRequestId=request_id,
        kind="LAND_TITLE",
    )
    await client.until("the request being in analysis", lambda: credit.in_analysis(client, cast.analyst, request_id))
    newcomer = await people.sign_up(client, narrator, "Rita Campos", "INVESTOR")
    await people.submit_identity(client, newcomer, UNCLEAR)
    narrator.step(f"{newcomer.name}'s document is hard to read: {cast.analyst.name} has to look at it")


async def reject_what_is_left(client: Client, narrator: Narrator, cast: Cast) -> None:
    """Of requests that an earlier telling left to the analyst: a farmer has one at a time."""
    nodes = (await client.graphql(credit.QUEUE, token=cast.analyst.token))["creditRequests"]["nodes"]
    for request in nodes:
        if request["farmer"]["id"] == cast.farmer.id:
            form = {"creditRequestId": request["id"], "reason": "O pedido foi substituído por outro."}
            answer = await client.graphql(REJECT, {"input": form}, token=cast.analyst.token)
            expect(answer["rejectCreditRequest"], "CreditRequest")
            narrator.step(f"{cast.analyst.name} rejects the request that was left of R$ {request['amount']['amount']}")


async def work_for_administrators(client: Client, narrator: Narrator, cast: Cast) -> None:
    """A payment that fits nowhere, and what one of them proposes to another."""
    admin, investor = cast.admin, cast.investors[0]

    async def suspended() -> list[str]:
        nodes = (await client.graphql(SUSPENDED, token=admin.token))["suspendedPayments"]["nodes"]
        return [node["id"] for node in nodes]

    before = await suspended()
    await pay_code_of_deposit(client, investor, "300.00", amount="350.00")

    async def arrived() -> str | None:
        return next((payment for payment in await suspended() if payment not in before), None)

    payment_id = await client.until("the payment being in suspense", arrived)
    narrator.step("R$ 350.00 come for a code of R$ 300.00: they wait in suspense")
    form = {
        "kind": "RESOLVE_SUSPENSE",
        "subjectId": payment_id,
        "userId": investor.id,
        "reason": "Quem pagou confirmou o valor.",
        "idempotencyKey": f"proposal-{uuid.uuid4().hex}",
    }
    expect((await client.graphql(PROPOSE, {"input": form}, token=admin.token))["proposeMoneyMove"], "MoneyProposal")
    for domain, rule in RULES_TO_CHANGE.items():
        await propose_parameter(client, admin, domain, rule)
    narrator.step(f"{admin.name} proposes to give them to {investor.name}, and {len(RULES_TO_CHANGE)} parameters anew")


async def propose_parameter(client: Client, admin: Person, domain: str, rule: str) -> None:
    """A row that is in force is proposed for a day to come; another administrator may approve it."""
    book = f"query Book($rule: String) {{ {domain.lower()}Parameters(rule: $rule) {{ rows {{ {ROW} }} }} }}"
    rows = (await client.graphql(book, {"rule": rule}, token=admin.token))[f"{domain.lower()}Parameters"]["rows"]
    row = next(row for row in rows if row["isInForce"])
    form = {
        "rule": rule,
        "validFrom": (lateness.product_date(client) + NOTICE).isoformat(),
        "rows": [{"table": row["table"], "values": row["values"]}],
        "reason": "Revisão anual.",
        "idempotencyKey": f"proposal-{uuid.uuid4().hex}",
    }
    field = f"propose{domain}Parameters"
    mutation = f"mutation Propose($input: ProposeParametersInput!) {{ {field}(input: $input) {{ {SAID} }} }}"
    answer = await client.graphql(mutation, {"input": form}, token=admin.token)
    expect(answer[field], "ParameterProposal")
