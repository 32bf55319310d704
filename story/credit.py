"""Chapter 2: the farmer asks for credit, is scored and approved; the CPR is signed, registered and offered."""

import secrets
import uuid
from typing import Any

from story.client import Client
from story.narrator import Narrator
from story.people import Person, expect

REQUEST = """mutation RequestCredit($input: RequestCreditInput!) { requestCredit(input: $input) {
  __typename ... on CreditRequest { id status } ... on Refusal { code message } } }"""

QUEUE = """query Queue { creditRequests(status: IN_ANALYSIS, first: 100) { nodes {
  id farmer { id displayName } amount { amount } score { score grade factors { points text } } } } }"""

APPROVE = """mutation Approve($input: ApproveCreditRequestInput!) { approveCreditRequest(input: $input) {
  __typename ... on CreditRequest { id status } ... on Refusal { code message } } }"""

MY_CPRS = """query MyCPRs { me { cprs(first: 5) { nodes {
  id number status principal { amount } annualRate termMonths documentDigest registrationNumber registry
  riskGrade offering { id status quotaCount closesAt }
  installments { id number dueOn amount { amount } status } } } } }"""

SIGN = """mutation Sign($input: SignCPRInput!) { signCPR(input: $input) {
  __typename ... on CPR { id status } ... on Refusal { code message } } }"""

PRINCIPAL = "30000.00"


async def ask_for_credit(
    client: Client, narrator: Narrator, farmer: Person, *, amount: str = PRINCIPAL, crop: str = "SOY"
) -> str:
    """The request's id."""
    form: dict[str, Any] = {
        "amount": {"amount": amount},
        "termMonths": 12,
        "purpose": "INPUTS",
        "crop": crop,
        "hectares": "32",
        "landTenure": "OWNED",
        "region": "MT",
        "municipality": "5107925",
        "carNumber": f"MT-5107925-{secrets.token_hex(16).upper()}",
        "certifications": ["RESPONSIBLE_SOY"],
        "lastCycleRevenue": {"amount": "420000.00"},
        "familiesBenefited": 3,
        "amortisation": "PRICE",
        "idempotencyKey": str(uuid.uuid4()),
    }
    answer = await client.graphql(REQUEST, {"input": form}, token=farmer.token)
    request = expect(answer["requestCredit"], "CreditRequest")
    narrator.step(f"{farmer.name} asks for R$ {amount} over 12 months for {crop.lower()} on 32 ha")
    return str(request["id"])


async def in_analysis(client: Client, analyst: Person, request_id: str) -> dict[str, Any] | None:
    """The request, once it waits for the analyst."""
    nodes = (await client.graphql(QUEUE, token=analyst.token))["creditRequests"]["nodes"]
    return next((node for node in nodes if node["id"] == request_id), None)


async def approve(client: Client, narrator: Narrator, analyst: Person, request_id: str) -> None:
    """The score arrives by event; the analyst looks at it and approves."""

    request = await client.until("the AgroScore", lambda: in_analysis(client, analyst, request_id))
    narrator.step(f"the AgroScore arrives: {request['score']['score']}, grade {request['score']['grade']}")
    for factor in request["score"]["factors"]:
        narrator.aside(f"{factor['points']:+4d}  {factor['text']}")
    answer = await client.graphql(APPROVE, {"input": {"creditRequestId": request_id}}, token=analyst.token)
    expect(answer["approveCreditRequest"], "CreditRequest")
    narrator.step(f"{analyst.name} looks at the request and approves it")


async def newest_cpr(client: Client, farmer: Person) -> dict[str, Any] | None:
    nodes = (await client.graphql(MY_CPRS, token=farmer.token))["me"]["cprs"]["nodes"]
    return nodes[0] if nodes else None


async def cpr_in(client: Client, farmer: Person, *statuses: str) -> dict[str, Any]:
    """The farmer's CPR, once it has one of *statuses*."""

    async def reached() -> dict[str, Any] | None:
        cpr = await newest_cpr(client, farmer)
        return cpr if cpr and cpr["status"] in statuses else None

    return await client.until(f"the CPR being {' or '.join(statuses)}", reached)


async def sign_and_register(client: Client, narrator: Narrator, farmer: Person) -> dict[str, Any]:
    """The CPR with its open offering."""
    drafted = await cpr_in(client, farmer, "DRAFTED")
    narrator.step(
        f"CPR {drafted['number']} is drafted: R$ {drafted['principal']['amount']} at {drafted['annualRate']} a year"
    )
    form = {"cprId": drafted["id"], "documentDigest": drafted["documentDigest"], "idempotencyKey": str(uuid.uuid4())}
    answer = await client.graphql(SIGN, {"input": form}, token=farmer.token)
    expect(answer["signCPR"], "CPR")
    registered = await cpr_in(client, farmer, "REGISTERED")
    narrator.step(
        f"{farmer.name} signs it (ICP-Brasil); {registered['registry']} registers it "
        f"as {registered['registrationNumber']}"
    )

    async def offered() -> dict[str, Any] | None:
        cpr = await newest_cpr(client, farmer)
        return cpr if cpr and cpr["offering"] and cpr["offering"]["status"] == "OPEN" else None

    cpr = await client.until("the offering", offered)
    narrator.step(f"the offering opens: {cpr['offering']['quotaCount']} quotas, risk grade {cpr['riskGrade']}")
    return cpr
