"""What the other services learn of people: who may ask, what each is told, and what nobody is."""

from uuid import UUID, uuid4

import aiohttp
import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import update

from subgraphs.accounts import models
from subgraphs.accounts.domain import disclosures
from subgraphs.shared.people import PEOPLE_MAX, PEOPLE_PATH, PeopleOverHTTP, PeopleUnavailable, Person, Question
from subgraphs.shared.webhooks import sign_webhook
from tests.subgraphs.accounts.evidence import PNG, submit
from tests.subgraphs.accounts.people import PASSWORD, Accounts
from tests.subgraphs.accounts.people import Person as SignedIn

SECRET = "only-one-service-and-accounts-know-this"
CLOSE = "mutation ($input: CloseAccountInput!) { closeAccount(input: $input) { __typename } }"

EXPECTED = {
    "contracts": Person(full_name="Sérgio Almeida", cpf="52998224725"),
    "credit": Person(cpf="52998224725"),
    "distribution": Person(full_name="Sérgio Almeida", cpf="52998224725"),
    "notifications": Person(email="sergio@example.com"),
    "wallet": Person(full_name="Sérgio Almeida", cpf="52998224725"),
}


@pytest_asyncio.fixture
async def sergio(accounts: Accounts, over_http: aiohttp.ClientSession) -> SignedIn:
    """Verified; every service has its secret."""
    for service in disclosures.GRANTED:
        setattr(accounts.services.settings, f"{service}_people_secret", SecretStr(f"{service} {SECRET}"))
    sergio = await accounts.person(email="sergio@example.com")
    await submit(accounts, over_http, sergio, PNG)
    await accounts.run_errands()
    return sergio


def asking(
    accounts: Accounts, client: aiohttp.ClientSession, service: str, secret: str | None = None
) -> PeopleOverHTTP:
    url = f"{str(client._base_url).rstrip('/')}{PEOPLE_PATH}"
    return PeopleOverHTTP(url, service=service, secret=secret or f"{service} {SECRET}", clock=accounts.clock)


@pytest.mark.parametrize("service", EXPECTED)
async def test_each_service_learns_what_its_work_needs(
    service: str, accounts: Accounts, over_http: aiohttp.ClientSession, sergio: SignedIn
) -> None:
    told = await asking(accounts, over_http, service).find([UUID(sergio.id), uuid4()])
    assert told == {UUID(sergio.id): EXPECTED[service]}


def test_every_grant_is_expected() -> None:
    assert EXPECTED.keys() == disclosures.GRANTED.keys()


async def test_before_verification_neither_name_nor_cpf_is_told(
    accounts: Accounts, over_http: aiohttp.ClientSession, sergio: SignedIn
) -> None:
    marina = await accounts.person(email="marina@example.com", cpf="111.444.777-35", phone="+5511999990002")
    told = await asking(accounts, over_http, "wallet").find([UUID(marina.id)])
    assert told == {UUID(marina.id): Person()}


@pytest.mark.parametrize("is_confirmed", [True, False])
async def test_a_phone_is_told_once_it_is_confirmed(
    accounts: Accounts, over_http: aiohttp.ClientSession, sergio: SignedIn, *, is_confirmed: bool
) -> None:
    values = {"phone": "+5511999990002", "phone_confirmed_at": accounts.clock.now() if is_confirmed else None}
    async with accounts.services.database.begin() as session:
        await session.execute(update(models.User).where(models.User.id == UUID(sergio.id)).values(**values))
    told = await asking(accounts, over_http, "notifications").find([UUID(sergio.id)])
    assert told[UUID(sergio.id)].phone == ("+5511999990002" if is_confirmed else None)
    assert (await asking(accounts, over_http, "wallet").find([UUID(sergio.id)]))[UUID(sergio.id)].phone is None


async def test_of_a_closed_account_nothing_is_told(
    accounts: Accounts, over_http: aiohttp.ClientSession, sergio: SignedIn
) -> None:
    closed = await accounts.do(CLOSE, {"password": PASSWORD}, headers=sergio.bearer)
    assert closed == {"__typename": "AccountClosed"}
    for service in EXPECTED:
        assert await asking(accounts, over_http, service).find([UUID(sergio.id)]) == {}


@pytest.mark.parametrize(
    ("service", "secret"),
    [("wallet", "another secret than it has"), ("credit", f"wallet {SECRET}"), ("marketplace", "any"), ("", "any")],
    ids=["wrong secret", "another's secret", "no grant", "nobody"],
)
async def test_whoever_cannot_prove_who_asks_is_told_nothing(
    service: str, secret: str, accounts: Accounts, over_http: aiohttp.ClientSession, sergio: SignedIn
) -> None:
    with pytest.raises(PeopleUnavailable, match="ClientResponseError"):
        await asking(accounts, over_http, service, secret).find([UUID(sergio.id)])


async def test_a_service_without_a_secret_is_told_nothing(
    accounts: Accounts, over_http: aiohttp.ClientSession, sergio: SignedIn
) -> None:
    accounts.services.settings.wallet_people_secret = None
    with pytest.raises(PeopleUnavailable):
        await asking(accounts, over_http, "wallet").find([UUID(sergio.id)])


async def post(accounts: Accounts, client: aiohttp.ClientSession, body: bytes) -> int:
    headers = sign_webhook(f"wallet {SECRET}", body, now=accounts.clock.now()) | {"x-service": "wallet"}
    async with client.post(PEOPLE_PATH, data=body, headers=headers) as response:
        return response.status


async def test_questions_have_bounds(accounts: Accounts, over_http: aiohttp.ClientSession, sergio: SignedIn) -> None:
    most = Question(user_ids=[uuid4() for _ in range(PEOPLE_MAX)]).model_dump_json().encode()
    assert await post(accounts, over_http, most) == 200
    too_many = Question.model_construct(user_ids=[uuid4() for _ in range(PEOPLE_MAX + 1)]).model_dump_json().encode()
    assert await post(accounts, over_http, too_many) == 400
    assert await post(accounts, over_http, b"[]") == 400
    assert await post(accounts, over_http, b" " * 9_000) == 413


async def test_nobody_answers_nobody_is_known(accounts: Accounts) -> None:
    nowhere = PeopleOverHTTP("http://127.0.0.1:1/people", service="wallet", secret=SECRET, clock=accounts.clock)
    with pytest.raises(PeopleUnavailable, match="ClientConnectorError"):
        await nowhere.find([uuid4()])


def test_the_door_is_on_no_published_port(accounts: Accounts) -> None:
    published = {route.path for routes in accounts.subgraph.routes for route in routes.routes}
    assert PEOPLE_PATH not in published
    internal = {route.path for routes in accounts.subgraph.internal_routes for route in routes.routes}
    assert internal == {PEOPLE_PATH}
