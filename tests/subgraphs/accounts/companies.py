"""Companies for the tests of accounts: registered, acted for, proved."""

from typing import Any

import aiohttp

from tests.subgraphs.accounts.evidence import PDF, STATUS, SUBMIT, submit, upload
from tests.subgraphs.accounts.people import MARINA, SERGIO, Accounts, Person, claims_of

FAZENDA: dict[str, Any] = {
    "kind": "COMPANY",
    "cnpj": "12.abc.345/01de-35",
    "legalName": "Fazenda Boa Vista Agropecuária S/A",
    "tradeName": "Boa Vista",
    "profiles": ["FARMER", "INVESTOR"],
}
CARLOS = MARINA | {
    "name": "Carlos Lima",
    "email": "carlos@example.com",
    "cpf": "390.533.447-05",
    "phone": "+5531999990004",
}

REGISTER = """mutation ($input: RegisterCompanyInput!) { registerCompany(input: $input) {
  __typename ... on CompanyRegistered { company { id kind displayName fullName cnpj identityStatus profiles } }
  ... on Refusal { code message } ... on InvalidInput { field messageEnglish } } }"""
ACT = """mutation ($input: ActForInput!) { actFor(input: $input) {
  __typename ... on ActingFor { accessToken expiresIn scope company { id } } ... on Refusal { code } } }"""
APPOINT = """mutation ($input: AppointRepresentativeInput!) { appointRepresentative(input: $input) {
  __typename ... on RepresentativeAppointed { representation {
    id powers validFrom validUntil endedAt person { id displayName } company { displayName } } }
  ... on InvalidInput { field } ... on Refusal { code } } }"""
END = """mutation ($input: EndRepresentationInput!) { endRepresentation(input: $input) {
  __typename ... on RepresentationEnded { representation { id endedAt } } ... on Refusal { code } } }"""


async def verified(accounts: Accounts, client: aiohttp.ClientSession, *scopes: str, **who: Any) -> Person:
    """Somebody whose identity is proved; their token has the scopes of their profiles, and *scopes*."""
    profiles = who.get("profiles", SERGIO["profiles"])
    person = await accounts.person(*(profile.lower() for profile in profiles), *scopes, **who)
    await submit(accounts, client, person)
    await accounts.run_errands()
    return person


async def register(accounts: Accounts, person: Person, **changes: Any) -> Any:
    return await accounts.do(REGISTER, FAZENDA | changes, headers=person.bearer)


async def registered(accounts: Accounts, person: Person, **changes: Any) -> str:
    """The id of a new company, which *person* represents."""
    answer = await register(accounts, person, **changes)
    assert answer["__typename"] == "CompanyRegistered", answer
    return str(answer["company"]["id"])


async def acting(accounts: Accounts, person: Person, company_id: str, **claims: Any) -> Person:
    """The company as *person* acts for it; its token is the test issuer's, with the claims of accounts' own."""
    answer = await accounts.do(ACT, {"companyId": company_id}, headers=person.bearer)
    assert answer["__typename"] == "ActingFor", answer
    given = claims_of(answer["accessToken"])
    scopes = [scope for scope in given["scope"].split() if scope != "signed_in"]
    bearer = accounts.tokens.bearer(
        given["sub"], *scopes, **({"sid": given["sid"], "act": given["act"], "scope": given["scope"]} | claims)
    )
    return Person(company_id, person.email, "", given["sid"], bearer)


async def submit_articles(
    accounts: Accounts, client: aiohttp.ClientSession, company: Person, document: bytes = PDF
) -> Any:
    wanted = {"documentUploadId": await upload(client, company, document)}
    return await accounts.do(SUBMIT, wanted, headers=company.bearer)


async def status_of_company(accounts: Accounts, company: Person) -> str:
    return str((await accounts.do(STATUS, headers=company.bearer))["identityStatus"])
