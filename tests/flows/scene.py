"""
What the tests of the flows share: a product at its public doors, whose time they move, and people who walk through.

Every grade of CPR is lent at 2 % a month there, so that the figures of the flows' examples are met to the cent. Each
test makes its own people: nothing that one leaves behind is another's concern, and they run in any order.
"""

import secrets
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from story import credit, funding, people
from story.client import Client
from story.lateness import AFTERNOON, product_date
from story.narrator import Narrator
from story.people import Person, expect
from subgraphs.shared.clock import BRASILIA, MovableClock
from upkeep.clock import move_to

TWO_PERCENT_A_MONTH = "0.268242"
"""Effective a year."""
GRADES = ("A", "B", "C", "D")
ORIGINATION = {"A": "0.02", "B": "0.025", "C": "0.03", "D": "0.035"}
"""What the farmer pays of the principal, by grade."""

INSTALLMENTS = """query ($id: ID!) { cpr(id: $id) { status installments { id number dueOn status amount { amount }
  principal { amount } interest { amount } outstanding { amount } dueToday { total { amount } reduction { amount } }
  lateCharges { daysLate fine { amount } interest { amount } total { amount } } } } }"""
CHARGE = """... on Charge { id amount { amount } method status expiresAt pix { txid brCode qrSvg qrPng }
  boleto { txid line barcode dueOn } }"""
PAYOUTS = """{ me { payouts(first: 50) { nodes { status quotaCount gross { amount } principal { amount }
  interest { amount } fee { amount } feeRate tax { amount } taxRate taxTreatment net { amount } heldDays
  installmentPaidAt: paidAt creditedAt distribution { id installment { id } } } } } }"""

T = TypeVar("T")


@dataclass
class Answer:
    """An HTTP response, read."""

    status: int
    headers: dict[str, str]
    body: bytes
    json: Any


def key(what: str) -> str:
    return f"{what}-{secrets.token_hex(12)}"


def reais(amount: str) -> dict[str, str]:
    return {"amount": amount}


@dataclass
class Scene:
    client: Client
    analyst: Person
    admin: Person
    approver: Person
    narrator: Narrator = field(default_factory=Narrator)
    _staff_since: datetime | None = None
    """By the product's clock: when the staff signed in last."""

    @property
    def today(self) -> date:
        return product_date(self.client)

    async def ask(self, query: str, by: Person | None = None, **variables: Any) -> Any:
        """The `data` of a query; as nobody who is signed in where *by* is left out."""
        return await self.client.graphql(query, variables, token=by and by.token)

    async def do(self, by: Person | None, mutation: str, form: dict[str, Any], select: str = "") -> dict[str, Any]:
        """The answer of a mutation, a refusal as well; *select* says what of it is looked at."""
        text = f"""mutation ($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $input) {{
          __typename {select} ... on Refusal {{ code message messageEnglish }} }} }}"""
        answer: dict[str, Any] = (await self.ask(text, by, input=form))[mutation]
        return answer

    async def until(self, what: str, look: Callable[[], Awaitable[T | None]]) -> T:
        return await self.client.until(what, look)

    async def http(self, method: str, url: str, *, by: Person | None = None, **request: Any) -> Answer:
        """A request to one of the plain doors, whatever comes of it."""
        headers = {**request.pop("headers", {}), **({"authorization": f"Bearer {by.token}"} if by else {})}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, headers=headers, allow_redirects=False, **request) as response,
        ):
            body = await response.read()
            is_json = response.content_type.endswith("json") and body
            return Answer(
                response.status,
                dict(response.headers),
                body,
                await response.json(content_type=None) if is_json else None,
            )

    async def letters(self, to: str) -> list[dict[str, Any]]:
        """What accounts has sent to an e-mail address or a phone number, the newest last."""
        found: list[dict[str, Any]] = await self.client.get(f"{self.client.addresses.accounts}/sandbox/messages", to=to)
        return found

    async def letter(self, to: str, kind: str) -> dict[str, Any]:
        """The newest letter of a *kind*, once there is one."""

        async def arrived() -> dict[str, Any] | None:
            return next((one for one in reversed(await self.letters(to)) if one["kind"] == kind), None)

        return await self.until(f"a letter {kind} to {to}", arrived)

    async def pass_to(self, day: date, *present: Person) -> None:
        """Time passes to the afternoon of a *day*; those who are *present*, and staff, sign in again."""
        move_to(Path(self.client.addresses.clock), datetime.combine(day, AFTERNOON, BRASILIA))
        await self.sign_in_all(*present)
        await self.with_staff()

    async def pass_days(self, days: int, *present: Person) -> None:
        await self.pass_to(self.today + timedelta(days=days), *present)

    async def with_staff(self) -> None:
        """Staff is signed in, and has proved who they are in this minute."""
        now = MovableClock(Path(self.client.addresses.clock)).now()
        if self._staff_since is None or now - self._staff_since > timedelta(minutes=1):
            await self.sign_in_all(self.analyst, self.admin, self.approver)
            self._staff_since = now

    async def sign_in_all(self, *them: Person) -> None:
        """Their sessions begin anew, and their proofs are fresh."""
        for person in them:
            await people.sign_in(self.client, person)

    async def newcomer(self, *profiles: str, without: Collection[str] = ()) -> Person:
        """Signed up, confirmed and signed in; has agreed to what they need here, but for the purposes *without*."""
        return await people.sign_up(self.client, self.narrator, "Vera Lima Prado", *profiles, without=without)

    async def verified(self, *profiles: str, without: Collection[str] = ()) -> Person:
        """With a verified identity and a wallet."""
        person = await self.newcomer(*profiles, without=without)
        await people.prove_identity(self.client, self.narrator, person)
        return person

    async def investor(self, amount: str) -> Person:
        """With so much in the wallet."""
        person = await self.verified("INVESTOR")
        await people.deposit(self.client, self.narrator, person, amount)
        return person

    async def approved(self, farmer: Person, **changes: Any) -> str:
        """The id of a request of the farmer's that was scored and approved."""
        asked = await self.do(farmer, "requestCredit", request_form(**changes), "... on CreditRequest { id }")
        request_id: str = expect(asked, "CreditRequest")["id"]
        query = "query ($id: ID!) { creditRequest(id: $id) { status } }"

        async def scored() -> bool:
            return bool((await self.ask(query, farmer, id=request_id))["creditRequest"]["status"] == "IN_ANALYSIS")

        await self.until("the AgroScore", scored)
        await self.with_staff()
        expect(await self.do(self.analyst, "approveCreditRequest", {"creditRequestId": request_id}), "CreditRequest")
        return request_id

    async def offering_of(self, farmer: Person, **changes: Any) -> dict[str, Any]:
        """The farmer's registered CPR with its open offering."""
        await self.approved(farmer, **changes)
        return await credit.sign_and_register(self.client, self.narrator, farmer)

    async def lent(self, farmer: Person, parts: list[tuple[Person, int]], **changes: Any) -> dict[str, Any]:
        """A CPR whose quotas of R$ 100 these investors hold, and whose money the farmer has."""
        total = sum(quotas for _, quotas in parts)
        offered = await self.offering_of(farmer, amount=reais(f"{total}00.00"), **changes)
        offering_id = offered["offering"]["id"]
        await funding.fund(self.client, self.narrator, offering_id, parts, asks_first=False)
        return await funding.disbursed(self.client, self.narrator, farmer)

    async def installments(self, farmer: Person, cpr_id: str) -> list[dict[str, Any]]:
        """As the farmer sees them today."""
        rows: list[dict[str, Any]] = (await self.ask(INSTALLMENTS, farmer, id=cpr_id))["cpr"]["installments"]
        return rows

    async def installment_in(self, farmer: Person, cpr_id: str, number: int, status: str) -> dict[str, Any]:
        """The installment of a *number*, once it has a *status*."""

        async def reached() -> dict[str, Any] | None:
            row = (await self.installments(farmer, cpr_id))[number - 1]
            return row if row["status"] == status else None

        return await self.until(f"installment {number} being {status}", reached)

    async def charge(self, farmer: Person, installment_id: str, method: str = "PIX") -> dict[str, Any]:
        """What an installment is paid with, once the wallet knows of the installment."""

        async def made() -> dict[str, Any] | None:
            form = {"installmentId": installment_id, "method": method, "idempotencyKey": key("charge")}
            answer = await self.do(farmer, "createCharge", form, CHARGE)
            return None if answer["__typename"] == "InstallmentNotOwed" else answer

        return expect(await self.until("the wallet knowing the installment", made), "Charge")

    async def pay(self, charge: dict[str, Any], **how: Any) -> Answer:
        """At the payer's bank, which may misbehave."""
        method = charge["method"].lower()
        txid = (charge["pix"] or charge["boleto"])["txid"]
        url = f"{self.client.addresses.wallet}/sandbox/{method}/pay"
        return await self.http("POST", url, json={"txid": txid, "amount": charge["amount"]["amount"], **how})

    async def payouts(self, investor: Person, count: int) -> list[dict[str, Any]]:
        """The investor's payouts, the newest first, once so many are credited."""

        async def credited() -> list[dict[str, Any]] | None:
            nodes = (await self.ask(PAYOUTS, investor))["me"]["payouts"]["nodes"]
            done = [node for node in nodes if node["status"] == "CREDITED"]
            return done if len(done) >= count else None

        return await self.until(f"{count} payouts being credited", credited)

    async def reversible_deposit(self, amount: str) -> tuple[Person, str]:
        """An investor with so much, and the transfer that brought it, once the gateway has paid it over."""
        investor = await self.investor(amount)
        await self.pass_days(4, investor)
        of = {"userId": investor.id, "kinds": ["DEPOSIT"]}
        query = "query ($of: LedgerTransferFilter) { ledgerTransfers(filter: $of) { nodes { id } } }"
        (deposit,) = (await self.ask(query, self.admin, of=of))["ledgerTransfers"]["nodes"]
        preview = "query ($id: ID!) { reversalPreview(transferId: $id) { obstacle } }"

        async def settled() -> bool:
            seen = await self.ask(preview, self.admin, id=deposit["id"])
            return bool(seen["reversalPreview"]["obstacle"] is None)

        await self.until("the deposit being settled", settled)
        return investor, deposit["id"]

    async def agree(self, person: Person, purpose: str) -> None:
        """The person reads the newest text of a purpose and agrees to it."""
        texts = (await self.ask("{ consentTexts { purpose version } }"))["consentTexts"]
        version = max(text["version"] for text in texts if text["purpose"] == purpose)
        expect(await self.do(person, "giveConsent", {"purpose": purpose, "version": version}), "ConsentGiven")

    async def titles_of(self, person: Person) -> list[str]:
        """Of all that the person's inbox holds."""
        nodes = (await self.ask("{ me { notifications(first: 50) { nodes { title } } } }", person))["me"]
        return [node["title"] for node in nodes["notifications"]["nodes"]]

    async def told(self, person: Person, title: str) -> None:
        """Once the person's inbox holds a notification of this *title*."""

        async def is_there() -> bool:
            return title in await self.titles_of(person)

        await self.until(f"{person.name} being told “{title}”", is_there)


def request_form(**changes: Any) -> dict[str, Any]:
    """A request for R$ 10,000.00 over 12 months by Price."""
    return {
        "amount": reais("10000.00"),
        "termMonths": 12,
        "purpose": "INPUTS",
        "crop": "SOY",
        "hectares": "32",
        "landTenure": "OWNED",
        "region": "MT",
        "municipality": "5107925",
        "carNumber": f"MT-5107925-{secrets.token_hex(16).upper()}",
        "certifications": ["RESPONSIBLE_SOY"],
        "lastCycleRevenue": reais("420000.00"),
        "amortisation": "PRICE",
        "idempotencyKey": key("request"),
        **changes,
    }


async def lend_at_two_percent(scene: Scene) -> None:
    """One administrator proposes the rate of every grade, another approves it, and the day comes."""
    first_day = scene.today + timedelta(days=1)
    book = '{ contractsParameters(rule: "contract_policies") { rows { table isInForce values { name value } } } }'
    in_force = [row for row in (await scene.ask(book, scene.admin))["contractsParameters"]["rows"] if row["isInForce"]]
    rows = [{"table": row["table"], "values": row["values"]} for row in in_force if row["table"] == "contract_policies"]
    for grade in GRADES:
        row = {"grade": grade, "annual_rate": TWO_PERCENT_A_MONTH}
        rows.append({"table": "grade_rates", "values": [{"name": name, "value": row[name]} for name in row]})
    form = {
        "rule": "contract_policies", "validFrom": first_day.isoformat(), "rows": rows,
        "reason": "Dois por cento ao mês para todos.", "idempotencyKey": key("proposal"),
    }  # fmt: skip
    proposed = expect(await propose(scene, "Contracts", form, by=scene.admin), "ParameterProposal")
    await approve(scene, "Contracts", proposed["id"], by=scene.approver)
    await scene.pass_to(first_day)


async def propose(scene: Scene, domain: str, form: dict[str, Any], *, by: Person) -> dict[str, Any]:
    text = f"""mutation ($input: ProposeParametersInput!) {{ it: propose{domain}Parameters(input: $input) {{
      __typename ... on ParameterProposal {{ id status }} ... on Refusal {{ code message messageEnglish }} }} }}"""
    answer: dict[str, Any] = (await scene.ask(text, by, input=form))["it"]
    return answer


async def approve(scene: Scene, domain: str, proposal_id: str, *, by: Person) -> dict[str, Any]:
    text = f"""mutation ($input: ApproveParametersInput!) {{ it: approve{domain}Parameters(input: $input) {{
      __typename ... on ParameterProposal {{ id status }} ... on Refusal {{ code message messageEnglish }} }} }}"""
    answer: dict[str, Any] = (await scene.ask(text, by, input={"proposalId": proposal_id}))["it"]
    return answer
