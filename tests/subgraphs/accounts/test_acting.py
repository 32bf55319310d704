"""Acting for a company: what the token says, what it opens, and what ends it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from sqlalchemy import select, update

from subgraphs.accounts.domain import access_tokens, telling
from subgraphs.accounts.models import AuditEntry, User
from subgraphs.shared.clock import BRASILIA, business_date
from subgraphs.shared.identity import Identity, InvalidToken
from subgraphs.shared.scopes import ONESELF
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.accounts.companies import ACT, APPOINT, CARLOS, END, acting, registered, verified
from tests.subgraphs.accounts.people import Accounts, Person, claims_of
from tests.subgraphs.accounts.test_identity_checks import ANA

ME = "{ me { id kind displayName represents { powers company { displayName } } representatives { powers } } }"
SUSPEND = "mutation ($input: SuspendUserInput!) { suspendUser(input: $input) { __typename } }"
ONESELF_DOCUMENTS = {
    "signOut": "mutation { signOut { __typename } }",
    "endSession": 'mutation { endSession(input: {sessionId: "x"}) { __typename } }',
    "changePassword": 'mutation { changePassword(input: {currentPassword: "x", newPassword: "y"}) { __typename } }',
    "enableTotp": 'mutation { enableTotp(input: {password: "x"}) { __typename } }',
    "confirmTotp": 'mutation { confirmTotp(input: {code: "x"}) { __typename } }',
    "disableTotp": 'mutation { disableTotp(input: {password: "x"}) { __typename } }',
    "replaceRecoveryCodes": 'mutation { replaceRecoveryCodes(input: {password: "x", totpCode: "y"}) { __typename } }',
    "confirmIdentity": 'mutation { confirmIdentity(input: {password: "x"}) { __typename } }',
    "changeEmail": 'mutation { changeEmail(input: {email: "x", password: "y"}) { __typename } }',
    "registerCompany": 'mutation { registerCompany(input: {kind: COMPANY, cnpj: "x", legalName: "y", profiles: []}) '
    "{ __typename } }",
    "actFor": 'mutation { actFor(input: {companyId: "x"}) { __typename } }',
}


async def act(accounts: Accounts, person: Person, company_id: str) -> Any:
    return await accounts.do(ACT, {"companyId": company_id}, headers=person.bearer)


async def appointed(accounts: Accounts, company: Person, person: Person, *powers: str, **dates: str) -> str:
    """The id of *person*'s new representation."""
    wanted = {"userId": person.id, "powers": powers, **dates}
    answer = await accounts.do(APPOINT, wanted, headers=company.bearer)
    assert answer["__typename"] == "RepresentativeAppointed", answer
    return str(answer["representation"]["id"])


async def two(accounts: Accounts, client: aiohttp.ClientSession) -> tuple[Person, Person, Person]:
    """Sérgio, who administers a company; Carlos, who is verified; the company as Sérgio acts for it."""
    sergio, carlos = await verified(accounts, client), await verified(accounts, client, **CARLOS)
    company = await acting(accounts, sergio, await registered(accounts, sergio))
    return sergio, carlos, company


async def test_the_token_is_the_companys_and_says_who_acts(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http)
    company_id = await registered(accounts, sergio)
    answer = await act(accounts, sergio, company_id)
    token = answer.pop("accessToken")
    assert answer == {
        "__typename": "ActingFor",
        "expiresIn": 600,
        "scope": "signed_in farmer investor",
        "company": {"id": company_id},
    }
    claims = claims_of(token)
    assert (claims["sub"], claims["act"], claims["sid"]) == (company_id, {"sub": sergio.id}, sergio.session_id)
    assert claims["auth_time"] == int(accounts.clock.now().timestamp())
    async with accounts.services.database.read() as session:
        statement = select(AuditEntry).where(AuditEntry.user_id == UUID(company_id)).order_by(AuditEntry.id)
        entries = (await session.scalars(statement)).all()
    assert [(entry.action, str(entry.actor_id)) for entry in entries] == [
        ("COMPANY_REGISTERED", sergio.id),
        ("ACTED_FOR", sergio.id),
    ]
    assert str(entries[1].subject_id) == sergio.session_id


async def test_who_acts_sees_what_is_the_companys_and_nothing_of_their_own(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http)
    company = await acting(accounts, sergio, await registered(accounts, sergio))
    assert await accounts.do(ME, headers=company.bearer) == {
        "id": company.id, "kind": "COMPANY", "displayName": "Boa Vista", "represents": [],
        "representatives": [{"powers": ["ADMINISTER", "BORROW", "INVEST"]}],
    }  # fmt: skip
    assert await accounts.do(ME, headers=sergio.bearer) == {
        "id": sergio.id, "kind": "PERSON", "displayName": "Sérgio A.", "representatives": [],
        "represents": [
            {"powers": ["ADMINISTER", "BORROW", "INVEST"], "company": {"displayName": "Boa Vista"}}
        ],
    }  # fmt: skip
    email = "query ($id: ID!) { user(id: $id) { email } }"
    seen = await accounts.ask(email, {"id": sergio.id}, headers=company.bearer)
    assert seen["data"]["user"] == {"email": None}


@pytest.mark.parametrize("name", sorted(ONESELF))
async def test_no_token_of_a_companys_touches_what_proves_who_somebody_is(
    name: str, accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http)
    company = await acting(accounts, sergio, await registered(accounts, sergio))
    answer = await accounts.ask(ONESELF_DOCUMENTS[name], headers=company.bearer)
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["message"]) == (
        "FORBIDDEN",
        "This is about yourself: use your own token, not the one with which you act for a company.",
    )


@pytest.mark.parametrize(
    ("powers", "scope"),
    [
        (["ADMINISTER"], "signed_in"),
        (["BORROW"], "farmer"),
        (["INVEST"], "investor"),
        (["INVEST", "BORROW"], "farmer investor"),
    ],
)
async def test_powers_are_scopes(
    powers: list[str], scope: str, accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    _, carlos, company = await two(accounts, over_http)
    await appointed(accounts, company, carlos, *powers)
    assert (await act(accounts, carlos, company.id))["scope"] == scope


async def test_a_power_for_what_the_company_does_not_do_here_opens_nothing(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio, carlos = await verified(accounts, over_http), await verified(accounts, over_http, **CARLOS)
    company = await acting(accounts, sergio, await registered(accounts, sergio, profiles=["INVESTOR"]))
    await appointed(accounts, company, carlos, "BORROW")
    assert await act(accounts, carlos, company.id) == {
        "__typename": "RepresentationNotFound",
        "code": "RepresentationNotFound",
    }


async def test_a_narrowed_token_gives_no_more_for_a_company(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http, "farmer")
    company_id = await registered(accounts, sergio)
    narrow = accounts.tokens.bearer(UUID(sergio.id), sid=sergio.session_id)
    answer = await accounts.do(ACT, {"companyId": company_id}, headers=narrow)
    assert answer["scope"] == "signed_in investor"
    assert (await act(accounts, sergio, company_id))["scope"] == "signed_in farmer investor"


async def test_strangers_act_for_nobody(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    _, carlos, company = await two(accounts, over_http)
    for company_id in (company.id, carlos.id, str(uuid4())):
        assert (await act(accounts, carlos, company_id))["__typename"] == "RepresentationNotFound"


async def test_the_powers_hold_on_their_days_only_and_so_does_the_token(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    _, carlos, company = await two(accounts, over_http)
    today = business_date(accounts.clock.now())
    dates = {"validFrom": str(today + timedelta(days=1)), "validUntil": str(today + timedelta(days=2))}
    await appointed(accounts, company, carlos, "INVEST", **dates)
    assert (await act(accounts, carlos, company.id))["__typename"] == "RepresentationNotFound"
    last_moments = datetime.combine(today + timedelta(days=3), datetime.min.time(), BRASILIA) - timedelta(minutes=4)
    accounts.clock.advance(seconds=(last_moments - accounts.clock.now()).total_seconds())
    carlos = await accounts.signed_in(carlos.email, "investor")
    assert (await act(accounts, carlos, company.id))["expiresIn"] == 240
    accounts.clock.advance(minutes=4)
    assert (await act(accounts, carlos, company.id))["__typename"] == "RepresentationNotFound"


@pytest.mark.parametrize(
    ("column", "value", "refusal"),
    [
        ("identity_status", "REJECTED", "IdentityNotVerified"),
        ("staff_roles", ["ANALYST"], "RepresentativeNotEligible"),
    ],
)
async def test_representatives_stay_verified_and_no_staff(
    column: str, value: object, refusal: str, accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await verified(accounts, over_http)
    company_id = await registered(accounts, sergio)
    async with accounts.services.database.begin() as session:
        await session.execute(update(User).where(User.id == UUID(sergio.id)).values({column: value}))
    assert (await act(accounts, sergio, company_id))["__typename"] == refusal


async def test_a_suspended_company_is_acted_for_by_nobody(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio, admin = await verified(accounts, over_http), await accounts.person("admin", **ANA)
    company = await acting(accounts, sergio, await registered(accounts, sergio))
    identity = Identity(UUID(company.id), session_id=sergio.session_id, actor_id=UUID(sergio.id))
    assert await telling.is_in_good_standing(accounts.services, identity)
    suspended = await accounts.do(SUSPEND, {"userId": company.id, "reason": "Fraude"}, headers=admin.bearer)
    assert suspended == {"__typename": "UserSuspended"}
    assert not await telling.is_in_good_standing(accounts.services, identity)
    assert (await act(accounts, sergio, company.id))["__typename"] == "AccountSuspended"
    assert (await accounts.published("accounts.user_suspended.v1")) == [{"user_id": company.id}]


async def test_when_powers_end_every_session_of_that_person_does(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    _, carlos, company = await two(accounts, over_http)
    representation_id = await appointed(accounts, company, carlos, "INVEST")
    acts = await acting(accounts, carlos, company.id)
    identity = Identity(UUID(company.id), session_id=carlos.session_id, actor_id=UUID(carlos.id))
    assert await telling.is_in_good_standing(accounts.services, identity)
    ended = await accounts.do(END, {"representationId": representation_id}, headers=company.bearer)
    assert ended["__typename"] == "RepresentationEnded"
    assert not await telling.is_in_good_standing(accounts.services, identity)
    (told,) = await accounts.published("accounts.sessions_ended.v1")
    assert (told["user_id"], told["session_ids"]) == (carlos.id, [carlos.session_id])
    again = await accounts.signed_in(carlos.email, "investor")
    assert (await act(accounts, again, company.id))["__typename"] == "RepresentationNotFound"
    assert acts.session_id == carlos.session_id
    repeated = await accounts.do(END, {"representationId": representation_id}, headers=company.bearer)
    assert repeated == ended


async def test_a_domain_reads_from_the_token_whose_it_is_and_who_acts(tokens: TokenIssuer) -> None:
    company_id, person_id = uuid4(), uuid4()
    identity = await tokens.verifier.verify(tokens.token(company_id, act={"sub": str(person_id)}))
    assert (identity.user_id, identity.actor_id, identity.oneself().user_id) == (company_id, person_id, person_id)


@pytest.mark.parametrize("act", ["x", {}, {"sub": "x"}, {"sub": None}, [], {"sub": str(uuid4()), "act": {"sub": "x"}}])
async def test_a_token_that_does_not_say_clearly_who_acts_is_not_good(act: object, tokens: TokenIssuer) -> None:
    with pytest.raises(InvalidToken):
        await tokens.verifier.verify(tokens.token(uuid4(), act=act))


def test_every_power_is_a_scope() -> None:
    assert access_tokens.scopes_for_company(
        User(profiles=["FARMER", "INVESTOR"], staff_roles=[]), ["ADMINISTER", "BORROW", "INVEST"]
    ) == ("signed_in", "farmer", "investor")
