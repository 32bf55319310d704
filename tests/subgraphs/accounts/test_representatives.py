"""Who may act for a company: appointed, told to all, taken back, ended."""

import time
from datetime import timedelta
from uuid import UUID, uuid4

import aiohttp
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from subgraphs.accounts.models import AuditEntry, Representation, User
from subgraphs.accounts.schemas import heard
from subgraphs.shared.clock import business_date
from subgraphs.shared.messaging.event import Event
from tests.subgraphs.accounts.companies import APPOINT, END, acting, verified
from tests.subgraphs.accounts.people import PASSWORD, Accounts
from tests.subgraphs.accounts.test_acting import act, appointed, two
from tests.subgraphs.accounts.test_disowning import disown
from tests.subgraphs.accounts.test_identity_checks import ANA

CLOSE = "mutation ($input: CloseAccountInput!) { closeAccount(input: $input) { __typename } }"


async def test_a_representative_is_appointed_with_powers_and_dates(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, carlos, company = await two(accounts, over_http)
    today = business_date(accounts.clock.now())
    wanted = {"userId": carlos.id, "powers": ["INVEST", "BORROW"], "validUntil": str(today + timedelta(days=9))}
    answer = await accounts.do(APPOINT, wanted, headers=company.bearer)
    representation_id = answer["representation"].pop("id")
    assert answer["representation"] == {
        "powers": ["BORROW", "INVEST"],
        "validFrom": str(today),
        "validUntil": str(today + timedelta(days=9)),
        "endedAt": None,
        "person": {"id": carlos.id, "displayName": "Carlos L."},
        "company": {"displayName": "Boa Vista"},
    }
    again = await accounts.do(APPOINT, wanted, headers=company.bearer)
    assert again["representation"]["id"] == representation_id
    other = await accounts.do(APPOINT, wanted | {"powers": ["INVEST"]}, headers=company.bearer)
    assert other == {"__typename": "RepresentativeAlreadyAppointed", "code": "RepresentativeAlreadyAppointed"}
    async with accounts.services.database.read() as session:
        entries = await session.scalars(select(AuditEntry).where(AuditEntry.subject_id == UUID(representation_id)))
        assert [(entry.action, str(entry.actor_id), str(entry.user_id)) for entry in entries] == [
            ("REPRESENTATIVE_APPOINTED", sergio.id, company.id)
        ]


@pytest.mark.parametrize("claims", [{"auth_time": int(time.time()) - 301}, {"auth_time": None}])
async def test_changing_who_acts_for_a_company_asks_for_a_fresh_proof(
    claims: dict[str, object], accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, carlos, company = await two(accounts, over_http)
    stale = await acting(accounts, sergio, company.id, **claims)
    refused = await accounts.do(APPOINT, {"userId": carlos.id, "powers": ["INVEST"]}, headers=stale.bearer)
    assert refused["__typename"] == "FreshProofRequired"
    representation_id = await appointed(accounts, company, carlos, "INVEST")
    refused = await accounts.do(END, {"representationId": representation_id}, headers=stale.bearer)
    assert refused["__typename"] == "FreshProofRequired"
    assert (await act(accounts, carlos, company.id))["__typename"] == "ActingFor"


async def test_only_who_administers_a_company_appoints_and_ends(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, carlos, company = await two(accounts, over_http)
    (sergios,) = await representations(accounts, company.id)
    await appointed(accounts, company, carlos, "INVEST")
    # Carlos' own token, and one for the company as it would be had he the power to administer it.
    forged = accounts.tokens.bearer(UUID(company.id), sid=carlos.session_id, act={"sub": carlos.id})
    for headers in (carlos.bearer, forged):
        refused = await accounts.do(APPOINT, {"userId": sergio.id, "powers": ["INVEST"]}, headers=headers)
        assert refused["__typename"] == "RepresentationNotFound"
        refused = await accounts.do(END, {"representationId": str(sergios.id)}, headers=headers)
        assert refused["__typename"] == "RepresentationNotFound"


@pytest.mark.parametrize(
    "values", [{"identity_status": "REJECTED"}, {"staff_roles": ["ADMIN"]}, {"suspended_at": "now"}], ids=str
)
async def test_who_may_not_act_is_not_appointed(
    values: dict[str, object], accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    _, carlos, company = await two(accounts, over_http)
    values = {name: accounts.clock.now() if value == "now" else value for name, value in values.items()}
    async with accounts.services.database.begin() as session:
        await session.execute(update(User).where(User.id == UUID(carlos.id)).values(**values))
    for user_id in (carlos.id, company.id, str(uuid4())):
        refused = await accounts.do(APPOINT, {"userId": user_id, "powers": ["INVEST"]}, headers=company.bearer)
        assert refused["__typename"] == "RepresentativeNotEligible"
    assert len(await representations(accounts, company.id)) == 1


@pytest.mark.parametrize(
    ("days", "field"), [((-1, None), "validFrom"), ((1, 0), "validUntil"), (None, "powers")], ids=str
)
async def test_what_is_wrong_with_powers_and_dates_is_said(
    days: tuple[int, int | None] | None, field: str, accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    _, carlos, company = await two(accounts, over_http)
    today, wanted = business_date(accounts.clock.now()), {"userId": carlos.id, "powers": ["INVEST"] if days else []}
    if days is not None:
        names = ("validFrom", "validUntil")
        wanted |= {
            name: str(today + timedelta(days=day)) for name, day in zip(names, days, strict=True) if day is not None
        }
    refused = await accounts.do(APPOINT, wanted, headers=company.bearer)
    assert refused == {"__typename": "InvalidInput", "field": field, "code": "InvalidInput"}


async def test_a_company_keeps_somebody_who_administers_it(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, carlos, company = await two(accounts, over_http)
    (sergios,) = await representations(accounts, company.id)
    until = str(business_date(accounts.clock.now()) + timedelta(days=30))
    for_a_while = await appointed(accounts, company, carlos, "ADMINISTER", validUntil=until)
    resign = {"representationId": str(sergios.id)}
    assert (await accounts.do(END, resign, headers=sergio.bearer))["__typename"] == "LastAdministrator"
    await accounts.do(END, {"representationId": for_a_while}, headers=company.bearer)
    await appointed(accounts, company, carlos, "ADMINISTER")
    assert (await accounts.do(END, resign, headers=sergio.bearer))["__typename"] == "RepresentationEnded"
    carlos = await accounts.signed_in(carlos.email, "investor")
    assert (await act(accounts, carlos, company.id))["scope"] == "signed_in"
    leaving = await accounts.do(CLOSE, {"password": PASSWORD}, headers=carlos.bearer)
    assert leaving == {"__typename": "LastAdministrator"}


async def test_who_leaves_acts_for_nobody_any_more(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    _, carlos, company = await two(accounts, over_http)
    await appointed(accounts, company, carlos, "INVEST")
    assert await accounts.do(CLOSE, {"password": PASSWORD}, headers=carlos.bearer) == {"__typename": "AccountClosed"}
    assert [one.ended_at is None for one in await representations(accounts, company.id)] == [True, False]


async def test_every_representative_is_told_and_any_can_take_it_back(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    """Somebody with Sérgio's session puts an accomplice in the place of Ana, who administered the company too."""

    sergio, thief, company = await two(accounts, over_http)
    ana = await verified(accounts, over_http, **ANA)
    anas = await appointed(accounts, company, ana, "ADMINISTER")
    accounts.clock.advance(hours=1)
    sergio = await accounts.signed_in(sergio.email, "farmer")
    company = await acting(accounts, sergio, company.id)
    await appointed(accounts, company, thief, "ADMINISTER", "INVEST")
    ended = await accounts.do(END, {"representationId": anas}, headers=company.bearer)
    assert ended["__typename"] == "RepresentationEnded"

    letter = next(one for one in reversed(await accounts.letters_to(ana.email)) if one["kind"] == "COMPANY_ALERT")
    first = next(one for one in await accounts.letters_to(ana.email) if one["kind"] == "COMPANY_ALERT")
    assert letter["what_english"] == "Boa Vista: Who may act for the company has changed."
    assert first["name"] == "Ana"
    assert await disown(accounts, first["token"]) == {"__typename": "ChangeDisowned", "endedSessions": 2}
    assert (await disown(accounts, first["token"]))["__typename"] == "InvalidAlertLink"

    assert [(str(one.person_id), one.ended_at is None) for one in await representations(accounts, company.id)] == [
        (sergio.id, True),
        (ana.id, True),
        (thief.id, False),
    ]
    alerts = await accounts.published("accounts.security_alert.v1")
    assert {"user_id": company.id, "kind": "CHANGE_DISOWNED"} in alerts
    # Nobody's own account has changed.
    assert (await accounts.sign_in(sergio.email))["__typename"] == "SignedIn"
    assert (await accounts.sign_in(ana.email))["__typename"] == "SignedIn"


async def test_money_that_leaves_a_company_is_told_to_its_representatives(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, carlos, company = await two(accounts, over_http)
    await appointed(accounts, company, carlos, "INVEST")
    asked = heard.WithdrawalRequested(withdrawal_id=uuid4(), user_id=UUID(company.id), amount_minor=10_000)
    await accounts.receive(Event.of(asked))
    for person in (sergio, carlos):
        letter = await accounts.newest_letter(person.email, "COMPANY_ALERT")
        assert letter["what_english"] == "Boa Vista: A withdrawal of R$ 100,00 was requested."


async def test_a_representatives_address_is_not_reserved_by_what_is_told_of_the_company(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, carlos, company = await two(accounts, over_http)
    await appointed(accounts, company, carlos, "INVEST")
    async with accounts.services.database.begin() as session:
        values = {"email": "novo@example.com", "email_key": "novo@example.com"}
        await session.execute(update(User).where(User.id == UUID(sergio.id)).values(**values))
    new = await accounts.person(email=sergio.email, cpf="168.995.350-09", phone="+5511999990009")
    assert new.email == sergio.email


@pytest.mark.parametrize(
    "values",
    [
        {"powers": []},
        {"powers": ["EVERYTHING"]},
        {"valid_until": "2020-01-01"},
        {"ended_at": "now"},
        {"person_id": "company"},
    ],
    ids=str,
)
async def test_the_database_knows_what_a_representation_is(
    values: dict[str, object], accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    _, _, company = await two(accounts, over_http)
    if "valid_until" in values:
        values = {"valid_until": business_date(accounts.clock.now()) - timedelta(days=1)}
    if "ended_at" in values:
        values = {"ended_at": accounts.clock.now()}
    if "person_id" in values:
        values = {"person_id": UUID(company.id)}
    with pytest.raises(IntegrityError):
        async with accounts.services.database.begin() as session:
            await session.execute(update(Representation).values(**values))


async def representations(accounts: Accounts, company_id: str) -> list[Representation]:
    async with accounts.services.database.read() as session:
        statement = select(Representation).where(Representation.company_id == UUID(company_id))
        return list(await session.scalars(statement.order_by(Representation.appointed_at, Representation.id)))
