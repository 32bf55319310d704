"""A company borrows and a cooperative lends, by who represents them: through the public endpoint, from CNPJ to tax."""

import uuid
from decimal import Decimal

import pytest

from story import credit, funding, people, repayment
from story.client import Client
from story.narrator import Narrator
from story.people import Person, expect
from tests.fixtures.parts import ToldParts
from tests.subgraphs.shared.test_tax_ids import check_digits

pytestmark = [pytest.mark.attack, pytest.mark.timeout(300)]  # the first test tells the story

GIVE = """mutation ($input: GiveConsentInput!) { giveConsent(input: $input) { __typename } }"""
REGISTER = """mutation ($input: RegisterCompanyInput!) { registerCompany(input: $input) {
  __typename ... on CompanyRegistered { company { id } } } }"""
ACT = """mutation ($input: ActForInput!) { actFor(input: $input) {
  __typename ... on ActingFor { accessToken company { id kind } } } }"""
SUBMIT = "mutation ($input: SubmitIdentityCheckInput!) { submitIdentityCheck(input: $input) { __typename } }"
IDENTITY = "{ me { kind identityStatus wallet { id } } }"
PAYOUTS = "{ me { payouts(first: 5) { nodes { interest { amount } tax { amount } } } } }"


async def company(client: Client, founder: Person, kind: str, name: str, profile: str) -> Person:
    """A verified company, as its founder acts for it."""
    base = uuid.uuid4().hex[:12].upper()
    form = {"kind": kind, "cnpj": (base + check_digits(base)).lower(), "legalName": name, "profiles": [profile]}
    registered = await client.graphql(REGISTER, {"input": form}, token=founder.token)
    company_id = expect(registered["registerCompany"], "CompanyRegistered")["company"]["id"]
    acting = (await client.graphql(ACT, {"input": {"companyId": company_id}}, token=founder.token))["actFor"]
    assert acting["company"] == {"id": company_id, "kind": kind}
    it = Person(name, founder.email, acting["accessToken"], company_id)
    for agreed in await people.consents_of(client, profile):
        await client.graphql(GIVE, {"input": agreed}, token=it.token)
    articles = await client.upload(
        f"{client.addresses.accounts}/uploads", people.DOCUMENT, "application/pdf", token=it.token
    )
    await client.graphql(SUBMIT, {"input": {"documentUploadId": articles["id"]}}, token=it.token)

    async def verified() -> bool:
        me = (await client.graphql(IDENTITY, token=it.token))["me"]
        return me["identityStatus"] == "VERIFIED" and me["wallet"] is not None

    await client.until(f"{name} being verified", verified)
    return it


async def test_a_company_borrows_and_a_cooperative_lends_and_is_taxed(told_parts: ToldParts) -> None:
    client, narrator = told_parts.client, Narrator()
    founder = await people.sign_up(client, narrator, "Helena Prates", "INVESTOR")
    await people.prove_identity(client, narrator, founder)
    farm = await company(client, founder, "COMPANY", "Fazenda Boa Vista S/A", "FARMER")
    lender = await company(client, founder, "COOPERATIVE", "Cooperativa Três Rios", "INVESTOR")
    for investor in (founder, lender):
        await people.deposit(client, narrator, investor, "15000.00")

    analyst = await people.staff(client, "ANALYST")
    request_id = await credit.ask_for_credit(client, narrator, farm)
    await credit.approve(client, narrator, analyst, request_id)
    offered = await credit.sign_and_register(client, narrator, farm)
    await funding.fund(client, narrator, offered["offering"]["id"], [(founder, 150), (lender, 150)])
    active = await funding.disbursed(client, narrator, farm)
    paid = await repayment.pay_installment(client, narrator, farm, active["installments"][0])
    await repayment.payouts_credited(client, narrator, [founder, lender], active["installments"][0], paid)

    (of_the_person,) = (await client.graphql(PAYOUTS, token=founder.token))["me"]["payouts"]["nodes"]
    (of_the_lender,) = (await client.graphql(PAYOUTS, token=lender.token))["me"]["payouts"]["nodes"]
    assert of_the_person["tax"] == {"amount": "0.00"}
    interest = Decimal(of_the_lender["interest"]["amount"])
    assert Decimal(of_the_lender["tax"]["amount"]) == round(interest * Decimal("0.225") + Decimal("1e-9"), 2)
