"""Companies and cooperatives: registered by a person, verified, known by their CNPJ, closed."""

import asyncio
from uuid import UUID

import aiohttp
import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from subgraphs.accounts.domain import accounts as lives
from subgraphs.accounts.domain import companies, disclosures
from subgraphs.accounts.models import AuditEntry, User
from subgraphs.accounts.schemas import heard
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.people import Person as Told
from tests.subgraphs.accounts.companies import (
    CARLOS,
    acting,
    register,
    registered,
    status_of_company,
    submit_articles,
    verified,
)
from tests.subgraphs.accounts.evidence import DECIDE, JPEG, PDF, SUBMIT, upload
from tests.subgraphs.accounts.people import PASSWORD, Accounts
from tests.subgraphs.accounts.test_disclosures import SECRET, asking
from tests.subgraphs.accounts.test_identity_checks import ANA

CLOSE = """mutation ($input: CloseAccountInput!) { closeAccount(input: $input) { __typename } }"""
UPDATE = """mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) {
  __typename ... on ProfileUpdated { user { displayName profiles } } ... on InvalidInput { field } } }"""
SEARCH = "query ($s: String!) { users(search: $s) { nodes { id kind fullName cnpj maskedCpf } } }"
SEEN = "query ($id: ID!) { user(id: $id) { kind displayName fullName cnpj representatives { id } represents { id } } }"


async def test_a_verified_person_registers_a_company(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await verified(accounts, over_http)
    answer = await register(accounts, sergio)
    company_id = answer["company"].pop("id")
    assert answer == {
        "__typename": "CompanyRegistered",
        "company": {
            "kind": "COMPANY",
            "displayName": "Boa Vista",
            "fullName": "Fazenda Boa Vista Agropecuária S/A",
            "cnpj": "12.ABC.345/01DE-35",
            "identityStatus": "NOT_STARTED",
            "profiles": ["FARMER", "INVESTOR"],
        },
    }
    assert (await accounts.published("accounts.user_registered.v2"))[-1] == {
        "user_id": company_id,
        "profiles": ["FARMER", "INVESTOR"],
    }
    async with accounts.services.database.read() as session:
        (entry,) = await session.scalars(select(AuditEntry).where(AuditEntry.user_id == UUID(company_id)))
    assert (entry.action, str(entry.actor_id)) == ("COMPANY_REGISTERED", sergio.id)


async def test_without_a_trade_name_others_see_the_legal_one(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http)
    company = (await register(accounts, sergio, kind="COOPERATIVE", tradeName=None))["company"]
    assert (company["kind"], company["displayName"]) == ("COOPERATIVE", "Fazenda Boa Vista Agropecuária S/A")


async def test_registered_twice_by_the_same_person_it_is_the_same_company(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http)
    first, second = await asyncio.gather(registered(accounts, sergio), registered(accounts, sergio))
    assert first == second
    assert await registered(accounts, sergio, cnpj="12ABC34501DE35") == first


async def test_of_two_people_who_register_a_cnpj_the_second_is_refused(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, carlos = await verified(accounts, over_http), await verified(accounts, over_http, **CARLOS)
    answers = await asyncio.gather(register(accounts, sergio), register(accounts, carlos))
    assert sorted(answer["__typename"] for answer in answers) == ["CompanyAlreadyRegistered", "CompanyRegistered"]


async def test_who_has_not_proved_who_they_are_registers_no_company(accounts: Accounts) -> None:
    sergio = await accounts.person()
    assert (await register(accounts, sergio))["__typename"] == "IdentityNotVerified"
    async with accounts.services.database.read() as session:
        assert await session.scalar(select(User.id).where(User.kind != "PERSON")) is None


async def test_staff_represent_nobody(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    ana = await verified(accounts, over_http, **ANA)
    async with accounts.services.database.begin() as session:
        await session.execute(update(User).where(User.id == UUID(ana.id)).values(staff_roles=["ANALYST"]))
    assert (await register(accounts, ana))["__typename"] == "RepresentativeNotEligible"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cnpj": "12.ABC.345/01DE-36"}, "cnpj"),
        ({"cnpj": "529.982.247-25"}, "cnpj"),
        ({"kind": "PERSON"}, "kind"),
        ({"legalName": "X"}, "legalName"),
        ({"legalName": "Visite www.exemplo.com"}, "legalName"),
        ({"legalName": "Boa Vista http://x"}, "legalName"),
        ({"legalName": "x" * 151}, "legalName"),
        ({"tradeName": "Boa Vista <b>"}, "tradeName"),
        ({"profiles": []}, "profiles"),
    ],
)
async def test_what_is_wrong_with_a_company_is_said(
    changes: dict[str, object], field: str, accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await accounts.person()
    answer = await register(accounts, sergio, **changes)
    assert (answer["__typename"], answer["field"]) == ("InvalidInput", field)


@pytest.mark.parametrize("name", ["Irmãos Costa & Cia. Ltda.", "3 Rios Agro S.A.", "COOPERATIVA (MT) 12, S/A"])
async def test_companies_are_called_what_companies_are_called(
    name: str, accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http)
    assert (await register(accounts, sergio, legalName=name))["company"]["fullName"] == name


async def test_a_company_is_verified_by_its_articles(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await verified(accounts, over_http)
    company = await acting(accounts, sergio, await registered(accounts, sergio))
    check = await submit_articles(accounts, over_http, company)
    assert (check["__typename"], check["status"]) == ("IdentityCheck", "PENDING")
    await accounts.run_errands()
    assert await status_of_company(accounts, company) == "VERIFIED"
    assert await accounts.published("accounts.identity_verified.v2") == [
        {"user_id": sergio.id, "person": "NATURAL"},
        {"user_id": company.id, "person": "LEGAL"},
    ]


async def test_an_analyst_decides_about_a_company_the_verifier_is_not_sure_of(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, ana = await verified(accounts, over_http), await accounts.person("analyst", **ANA)
    company = await acting(accounts, sergio, await registered(accounts, sergio))
    check = await submit_articles(accounts, over_http, company, PDF + b" SANDBOX:REVIEW")
    await accounts.run_errands()
    decided = await accounts.do(DECIDE, {"identityCheckId": check["id"], "decision": "APPROVE"}, headers=ana.bearer)
    assert decided["user"]["identityStatus"] == "VERIFIED"


async def test_nobody_decides_about_a_company_that_they_represent(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http, "analyst")
    company = await acting(accounts, sergio, await registered(accounts, sergio))
    check = await submit_articles(accounts, over_http, company, PDF + b" SANDBOX:REVIEW")
    await accounts.run_errands()
    decided = await accounts.do(DECIDE, {"identityCheckId": check["id"], "decision": "APPROVE"}, headers=sergio.bearer)
    assert decided["__typename"] == "OwnIdentityCheck"


async def test_people_show_their_face_and_companies_have_none(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http)
    company = await acting(accounts, sergio, await registered(accounts, sergio))
    with_face = {
        "documentUploadId": await upload(over_http, company, PDF),
        "selfieUploadId": await upload(over_http, company, JPEG),
    }
    answer = await accounts.do(SUBMIT, with_face, headers=company.bearer)
    assert answer == {"__typename": "InvalidInput", "field": "selfieUploadId"}
    carlos = await accounts.person(**CARLOS)
    without = {"documentUploadId": await upload(over_http, carlos, PDF)}
    answer = await accounts.do(SUBMIT, without, headers=carlos.bearer)
    assert answer == {"__typename": "InvalidInput", "field": "selfieUploadId"}


async def test_the_other_services_learn_of_a_company_what_they_learn_of_people(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http)
    company = await acting(accounts, sergio, await registered(accounts, sergio))
    company_id = UUID(company.id)
    assert await disclosures.tell(accounts.services, "wallet", [company_id]) == {company_id: Told()}
    await submit_articles(accounts, over_http, company)
    await accounts.run_errands()
    name, cnpj = "Fazenda Boa Vista Agropecuária S/A", "12ABC34501DE35"
    told = {
        service: (await disclosures.tell(accounts.services, service, [company_id]))[company_id]
        for service in disclosures.GRANTED
    }
    assert told == {
        "contracts": Told(full_name=name, cnpj=cnpj, related=(UUID(sergio.id),)),
        "credit": Told(cnpj=cnpj),
        "distribution": Told(full_name=name, cnpj=cnpj),
        "notifications": Told(email="sergio@example.com"),
        "wallet": Told(full_name=name, cnpj=cnpj),
    }
    assert told["wallet"].tax_id == cnpj


async def test_others_see_what_a_company_is_called_and_staff_see_its_cnpj(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, admin = await verified(accounts, over_http), await accounts.person("admin", **ANA)
    company_id = await registered(accounts, sergio)
    carlos = await accounts.person(**CARLOS)
    seen = await accounts.ask(SEEN, {"id": company_id}, headers=carlos.bearer)
    assert seen["data"]["user"] == {
        "kind": "COMPANY", "displayName": "Boa Vista", "fullName": None, "cnpj": None, "representatives": None,
        "represents": None,
    }  # fmt: skip
    for text in ("12.abc.345/01de-35", "12ABC34501DE35", "Fazenda Boa"):
        found = await accounts.ask(SEARCH, {"s": text}, headers=admin.bearer)
        assert found["data"]["users"]["nodes"] == [
            {"id": company_id, "kind": "COMPANY", "fullName": "Fazenda Boa Vista Agropecuária S/A",
             "cnpj": "12.ABC.345/01DE-35", "maskedCpf": None}
        ]  # fmt: skip


async def test_a_company_changes_its_trade_name_and_has_no_phone(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http)
    company = await acting(accounts, sergio, await registered(accounts, sergio))
    answer = await accounts.do(UPDATE, {"displayName": "Nova Vista", "profiles": ["FARMER"]}, headers=company.bearer)
    assert answer["user"] == {"displayName": "Nova Vista", "profiles": ["FARMER"]}
    refused = await accounts.do(UPDATE, {"phone": "+5565999990001"}, headers=company.bearer)
    assert refused == {"__typename": "InvalidInput", "field": "phone"}


async def test_who_administers_a_company_closes_it_with_their_own_password(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http)
    company = await acting(accounts, sergio, await registered(accounts, sergio))
    wrong = await accounts.do(CLOSE, {"password": "Outra#2026"}, headers=company.bearer)
    assert wrong == {"__typename": "WrongPassword"}
    assert await accounts.do(CLOSE, {"password": PASSWORD}, headers=sergio.bearer) == {
        "__typename": "LastAdministrator"
    }
    assert await accounts.do(CLOSE, {"password": PASSWORD}, headers=company.bearer) == {"__typename": "AccountClosed"}
    async with accounts.services.database.read() as session:
        closed = await session.get_one(User, UUID(company.id))
    assert (closed.full_name, closed.cnpj_sealed, closed.display_name) == (None, None, "Conta encerrada")
    assert await accounts.do(CLOSE, {"password": PASSWORD}, headers=sergio.bearer) == {"__typename": "AccountClosed"}


async def test_a_company_with_business_stays_open(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await verified(accounts, over_http)
    company = await acting(accounts, sergio, await registered(accounts, sergio))
    company_id = UUID(company.id)
    deposit = heard.DepositConfirmed(deposit_id=company_id, user_id=company_id, amount_minor=100)
    await accounts.receive(Event.of(deposit))
    assert await accounts.do(CLOSE, {"password": PASSWORD}, headers=company.bearer) == {
        "__typename": "AccountHasOpenBusiness"
    }
    accounts.clock.advance(days=31)
    assert await companies.undo_unproved(accounts.services) == 0


async def test_a_company_that_nobody_proves_gives_its_cnpj_back(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    accounts.services.settings.unproved_company_days_kept = 3
    sergio, carlos = await verified(accounts, over_http), await verified(accounts, over_http, **CARLOS)
    squatted = await registered(accounts, sergio)
    proved = await acting(accounts, sergio, await registered(accounts, sergio, cnpj="11.222.333/0001-81"))
    await submit_articles(accounts, over_http, proved)
    await accounts.run_errands()
    accounts.clock.advance(days=3)
    assert await companies.undo_unproved(accounts.services) == 0
    accounts.clock.advance(seconds=1)
    assert await companies.undo_unproved(accounts.services) == 1
    assert await accounts.published("accounts.account_closed.v1") == [{"user_id": squatted}]
    assert await registered(accounts, carlos) != squatted


async def test_sign_ups_that_nobody_confirmed_are_undone_and_companies_are_not_taken_for_such(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http)
    company = await acting(accounts, sergio, await registered(accounts, sergio))
    await submit_articles(accounts, over_http, company)
    await accounts.run_errands()
    accounts.clock.advance(days=400)
    assert await lives.undo_unconfirmed(accounts.services) == 0


@pytest.mark.parametrize(
    "values",
    [
        {"password_hash": "x"},
        {"email": "a@example.com", "email_key": "a@example.com"},
        {"staff_roles": ["ADMIN"]},
        {"cnpj_sealed": None},
        {"kind": "PERSON"},
    ],
)
async def test_the_database_knows_what_a_company_has_and_has_not(
    values: dict[str, object], accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http)
    company_id = await registered(accounts, sergio)
    with pytest.raises(IntegrityError):
        async with accounts.services.database.begin() as session:
            await session.execute(update(User).where(User.id == UUID(company_id)).values(**values))


async def test_contracts_learns_who_is_of_one_interest_with_whom(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    """Sérgio acts for two companies, Carlos for nobody. Of each of the three the other two are told."""
    accounts.services.settings.contracts_people_secret = SecretStr(f"contracts {SECRET}")
    sergio, carlos = await verified(accounts, over_http), await verified(accounts, over_http, **CARLOS)
    one = await registered(accounts, sergio)
    other = await registered(accounts, sergio, cnpj="11.222.333/0001-81")
    of_one_interest = {UUID(one), UUID(other), UUID(sergio.id)}
    told = await asking(accounts, over_http, "contracts").find([*of_one_interest, UUID(carlos.id)])
    assert {asked: set(person.related) for asked, person in told.items()} == {
        **{asked: of_one_interest - {asked} for asked in of_one_interest},
        UUID(carlos.id): set(),
    }


async def test_a_service_asks_over_http_and_learns_the_cnpj(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    accounts.services.settings.wallet_people_secret = SecretStr(f"wallet {SECRET}")
    sergio = await verified(accounts, over_http)
    company = await acting(accounts, sergio, await registered(accounts, sergio))
    await submit_articles(accounts, over_http, company)
    await accounts.run_errands()
    told = await asking(accounts, over_http, "wallet").find([UUID(company.id)])
    assert told[UUID(company.id)].cnpj == "12ABC34501DE35"
