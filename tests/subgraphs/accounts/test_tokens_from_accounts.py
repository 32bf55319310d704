"""The tokens that accounts issues, as other services see them: the real key, the real clock."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import pytest_asyncio

from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.accounts.domain.demo_people import seed_person
from subgraphs.accounts.main import create_subgraph
from subgraphs.shared.identity import TokenVerifier
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from tests.fixtures.databases import MakeDatabase
from tests.subgraphs.accounts.conftest import CHEAP
from tests.subgraphs.accounts.people import PASSWORD, SIGN_IN, claims_of


@pytest_asyncio.fixture
async def provider(make_database: MakeDatabase) -> AsyncIterator[Subgraph]:
    database = await make_database("accounts")
    settings = AccountsSettings(database_url=database.url, key_encryption_secret="only-for-these-tests", **CHEAP)
    subgraph = create_subgraph(settings)
    yield subgraph
    await subgraph.close()


async def seed(subgraph: Subgraph, **changes: Any) -> str:
    person = {
        "name": "Ana Ribeiro",
        "email": "ana@example.com",
        "password": PASSWORD,
        "cpf": "275.484.389-23",
        "phone": "+5531999990004",
        "born_on": date(1988, 1, 30),
        "staff_roles": ("ANALYST",),
    }
    async with subgraph.services.database.begin() as session:
        return str(await seed_person(session, subgraph.services, **(person | changes)))


async def sign_in(subgraph: Subgraph, email: str = "ana@example.com") -> dict[str, Any]:
    variables = {"input": {"email": email, "password": PASSWORD}}
    answer = await subgraph.execute(GraphQLRequest(SIGN_IN, variables))
    return answer["data"]["signIn"]


async def test_another_service_verifies_the_token_with_the_published_keys(provider: Subgraph) -> None:
    user_id = await seed(provider)
    token = (await sign_in(provider))["accessToken"]
    elsewhere = TokenVerifier(
        issuer="https://accounts.peerseed.example", audience="peerseed", key_source=provider.services.key_source
    )
    identity = await elsewhere.verify(token)
    assert str(identity.user_id) == user_id
    assert identity.scopes == {"signed_in", "analyst"}
    assert (identity.session_id, identity.token_id) == (claims_of(token)["sid"], claims_of(token)["jti"])


async def test_a_token_says_who_for_whom_and_for_how_long(provider: Subgraph) -> None:
    user_id = await seed(provider, staff_roles=(), profiles=("INVESTOR", "FARMER"))
    before = int(datetime.now(UTC).timestamp())
    claims = claims_of((await sign_in(provider))["accessToken"])
    assert set(claims) == {"iss", "aud", "sub", "scope", "jti", "sid", "iat", "exp", "auth_time"}
    assert claims["iss"] == "https://accounts.peerseed.example"
    assert claims["aud"] == "peerseed"
    assert claims["sub"] == user_id
    assert claims["scope"] == "signed_in farmer investor"
    assert claims["exp"] - claims["iat"] == 600
    assert claims["iat"] >= claims["auth_time"] >= before


async def test_accounts_takes_its_own_tokens(provider: Subgraph) -> None:
    user_id = await seed(provider)
    headers = {"authorization": f"Bearer {(await sign_in(provider))['accessToken']}"}
    answer = await provider.execute(GraphQLRequest("{ me { id displayName maskedCpf } }", headers=headers))
    assert answer == {"data": {"me": {"id": user_id, "displayName": "Ana R.", "maskedCpf": "***.484.389-**"}}}


async def test_seeding_twice_is_seeding_once(provider: Subgraph) -> None:
    assert await seed(provider) == await seed(provider, password="Outra#Senha1")
    assert (await sign_in(provider))["__typename"] == "SignedIn"
