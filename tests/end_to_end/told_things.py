"""What the story left behind and a few things more, so that there is one of every entity, each by a name."""

import uuid
from dataclasses import dataclass
from typing import Any

from launch.story import credit, people
from launch.story.client import Client
from launch.story.narrator import Narrator
from launch.story.people import Person, expect
from tests.fixtures.parts import ToldParts

CONTENT = b"%PDF-1.7\nland title, for its farmer and for staff\n%%EOF\n"

FARMERS = """{ me { identityCheck { id selfie { id } } agroScore { id } creditRequests { nodes { id } }
  cprs { nodes { id status installments { id } } } notifications { nodes { id } } } }"""

INVESTORS = """query($cpr: ID!) { me { wallet { id } investments { nodes { id } } payouts { nodes { id } }
  notifications { nodes { id } } sessions { id }
  activities(first: 50) { nodes { __typename id } } } cpr(id: $cpr) { distributions { nodes { id } } } }"""

CHARGE = """mutation($input: CreateChargeInput!) { createCharge(input: $input) { __typename ... on Charge { id } } }"""

REGISTER = """mutation($input: RegisterBankAccountInput!) { registerBankAccount(input: $input) {
  __typename ... on BankAccount { id } } }"""

WITHDRAW = """mutation($input: RequestWithdrawalInput!) { requestWithdrawal(input: $input) {
  __typename ... on Withdrawal { id } } }"""

CONFIRM_IDENTITY = """mutation($input: ConfirmIdentityInput!) { confirmIdentity(input: $input) {
  __typename ... on IdentityConfirmed { accessToken } } }"""

WITHDRAWAL = "query($id: ID!) { withdrawal(id: $id) { status } }"


@dataclass(frozen=True)
class Cast:
    """People by what they are to the things of the story."""

    farmer: Person
    marina: Person
    """An investor: the owner of what investors have."""
    carlos: Person
    """Another investor in the same CPR."""
    stranger: Person
    """Farmer and investor, verified, with no part in anything of the others."""
    analyst: Person
    admin: Person


@dataclass(frozen=True)
class Things:
    """The people, and the ids of what is theirs."""

    cast: Cast
    ids: dict[str, str]


def key(what: str) -> str:
    return f"{what}-{uuid.uuid4().hex}"


async def ask_for_more_credit(client: Client, farmer: Person, analyst: Person) -> dict[str, str]:
    """A request with a document, approved: its CPR is drafted and nobody's business yet."""
    narrator = Narrator()
    request_id = await credit.ask_for_credit(client, narrator, farmer)
    url = f"{client.addresses.credit}/credit/documents"
    document = await client.upload(
        url, CONTENT, "application/pdf", token=farmer.token, creditRequestId=request_id, kind="LAND_TITLE"
    )
    await credit.approve(client, narrator, analyst, request_id)
    drafted = await credit.cpr_in(client, farmer, "DRAFTED")
    return {
        "drafted CPR": drafted["id"],
        "drafted installment": drafted["installments"][0]["id"],
        "document": document["id"],
    }


async def prove_again(client: Client, person: Person) -> None:
    """Their token proves freshly who they are, as what a stolen session must not do asks for."""
    proved = await client.graphql(CONFIRM_IDENTITY, {"input": {"password": people.PASSWORD}}, token=person.token)
    person.token = expect(proved["confirmIdentity"], "IdentityConfirmed")["accessToken"]


async def take_money_out(client: Client, investor: Person) -> dict[str, str]:
    await prove_again(client, investor)
    account_form = {
        "bankCode": "001", "branch": "1234", "accountNumber": "12345-6", "accountType": "CHECKING",
        "idempotencyKey": key("account"),
    }  # fmt: skip
    answer = await client.graphql(REGISTER, {"input": account_form}, token=investor.token)
    account = expect(answer["registerBankAccount"], "BankAccount")
    form = {"amount": {"amount": "50.00"}, "bankAccountId": account["id"], "idempotencyKey": key("withdrawal")}
    answer = await client.graphql(WITHDRAW, {"input": form}, token=investor.token)
    withdrawal_id = expect(answer["requestWithdrawal"], "Withdrawal")["id"]

    async def settled() -> bool:
        seen = await client.graphql(WITHDRAWAL, {"id": withdrawal_id}, token=investor.token)
        return bool(seen["withdrawal"]["status"] == "SETTLED")

    await client.until("the withdrawal being settled", settled)
    return {"bank account": account["id"], "withdrawal": withdrawal_id}


async def charge_installment(client: Client, farmer: Person, installment_id: str) -> str:
    form = {"installmentId": installment_id, "method": "PIX", "idempotencyKey": key("charge")}
    answer = await client.graphql(CHARGE, {"input": form}, token=farmer.token)
    return str(expect(answer["createCharge"], "Charge")["id"])


async def gather(told: ToldParts) -> Things:
    """One id for every entity."""
    client, story = told.client, told.told
    farmer, marina, carlos = story.farmer, *story.investors[:2]
    stranger = await people.sign_up(client, Narrator(), "Vera Lima", "FARMER", "INVESTOR")
    await people.prove_identity(client, Narrator(), stranger)
    cast = Cast(farmer, marina, carlos, stranger, story.analyst, story.admin)

    first: dict[str, Any] = (await client.graphql(FARMERS, token=farmer.token))["me"]
    ids = await ask_for_more_credit(client, farmer, cast.analyst)
    ids |= await take_money_out(client, marina)
    ids["farmer"], ids["marina"] = farmer.id, marina.id
    ids["CPR"], ids["offering"] = story.cpr_id, story.offering_id
    ids["identity check"], ids["selfie"] = first["identityCheck"]["id"], first["identityCheck"]["selfie"]["id"]
    ids["score"] = first["agroScore"]["id"]
    ids["credit request"] = first["creditRequests"]["nodes"][0]["id"]
    paid, unpaid = (row["id"] for row in first["cprs"]["nodes"][0]["installments"][:2])
    ids["paid installment"], ids["unpaid installment"] = paid, unpaid
    ids["charge"] = await charge_installment(client, farmer, unpaid)
    seen = await client.graphql(INVESTORS, {"cpr": story.cpr_id}, token=marina.token)
    ids["wallet"], ids["session"] = seen["me"]["wallet"]["id"], seen["me"]["sessions"][0]["id"]
    ids["investment"], ids["payout"] = (seen["me"][name]["nodes"][0]["id"] for name in ("investments", "payouts"))
    ids["notification"] = seen["me"]["notifications"]["nodes"][0]["id"]
    ids["distribution"] = seen["cpr"]["distributions"]["nodes"][0]["id"]
    happened = {node["__typename"]: node["id"] for node in seen["me"]["activities"]["nodes"]}
    ids["deposit"] = happened["Deposit"]
    return Things(cast, ids)
