"""`POST /oauth/token`, as RFC 6749 wants it, over real HTTP."""

from typing import Any
from uuid import UUID

import aiohttp
import pytest
from sqlalchemy import select

from subgraphs.accounts.models import Session
from tests.subgraphs.accounts.people import PASSWORD, Accounts, claims_of

UPDATE_PROFILE = "mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { __typename } }"
PASSWORD_GRANT = {"grant_type": "password", "username": "sergio@example.com", "password": PASSWORD}


async def post(client: aiohttp.ClientSession, form: Any, **more: Any) -> tuple[int, Any, Any]:
    async with client.post("/oauth/token", data=form, **more) as response:
        return response.status, await response.json(), response.headers


async def open_sessions(accounts: Accounts) -> list[UUID]:
    async with accounts.services.database.read() as session:
        return list(await session.scalars(select(Session.id).where(Session.ended_at.is_(None))))


async def test_a_password_gives_tokens(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    await accounts.person()
    status, body, headers = await post(over_http, PASSWORD_GRANT)
    assert status == 200
    assert body | {"access_token": "…", "refresh_token": "…", "device_token": "…"} == {
        "access_token": "…",
        "device_token": "…",
        "token_type": "Bearer",
        "expires_in": 600,
        "refresh_token": "…",
        "scope": "signed_in farmer",
    }
    assert headers["Cache-Control"] == "no-store"
    assert headers["Pragma"] == "no-cache"
    assert headers["Content-Type"] == "application/json"
    assert claims_of(body["access_token"])["scope"] == "signed_in farmer"


async def test_a_refresh_token_gives_new_tokens(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await accounts.person()
    form = {"grant_type": "refresh_token", "refresh_token": sergio.refresh_token}
    status, body, _ = await post(over_http, form)
    assert status == 200
    assert claims_of(body["access_token"])["sid"] == sergio.session_id
    assert body["refresh_token"] != sergio.refresh_token
    status, body, _ = await post(over_http, form)
    assert (status, body["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password", "username": "sergio@example.com"}, "invalid_request"),
        ({"grant_type": "password", "username": "sergio@example.com", "password": ""}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        (PASSWORD_GRANT | {"password": "Errada#2026"}, "invalid_grant"),
        (PASSWORD_GRANT | {"username": "nobody@example.com"}, "invalid_grant"),
        (PASSWORD_GRANT | {"scope": "everything"}, "invalid_scope"),
        ({"grant_type": "refresh_token", "refresh_token": "made-up"}, "invalid_grant"),
        ([("grant_type", "password"), ("grant_type", "password")], "invalid_request"),
        (PASSWORD_GRANT | {"extra": "x" * 2000}, "invalid_request"),
    ],
)
async def test_what_is_wrong_is_named(
    accounts: Accounts, over_http: aiohttp.ClientSession, form: Any, error: str
) -> None:
    await accounts.person()
    status, body, headers = await post(over_http, form)
    assert (status, body["error"]) == (400, error)
    assert set(body) == {"error", "error_description"}
    assert headers["Cache-Control"] == "no-store"


async def test_json_is_not_a_form(over_http: aiohttp.ClientSession) -> None:
    async with over_http.post("/oauth/token", json=PASSWORD_GRANT) as response:
        assert (response.status, (await response.json())["error"]) == (400, "invalid_request")


async def test_a_body_without_end_is_cut_off(over_http: aiohttp.ClientSession) -> None:
    status, body, _ = await post(over_http, PASSWORD_GRANT | {"extra": "x" * 20_000})
    assert (status, body["error"]) == (413, "invalid_request")


async def test_a_client_that_authenticates_is_told_there_are_no_secrets(over_http: aiohttp.ClientSession) -> None:
    status, body, headers = await post(over_http, PASSWORD_GRANT, auth=aiohttp.BasicAuth("app", "secret"))
    assert (status, body["error"]) == (401, "invalid_client")
    assert headers["WWW-Authenticate"] == 'Basic realm="Peerseed"'


async def test_fewer_scopes_can_be_asked_for(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    """A token has the scopes that were asked for and no other; `signed_in` is one of them."""
    await accounts.person(profiles=["FARMER", "INVESTOR"])
    _, body, _ = await post(over_http, PASSWORD_GRANT | {"scope": "investor"})
    assert body["scope"] == claims_of(body["access_token"])["scope"] == "investor"
    refresh = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}
    for never_asked_for in ("signed_in", "farmer"):
        status, more, _ = await post(over_http, refresh | {"scope": never_asked_for})
        assert (status, more["error"]) == (400, "invalid_scope")
    _, body, _ = await post(over_http, PASSWORD_GRANT | {"scope": "signed_in investor"})
    assert body["scope"] == "signed_in investor"
    refresh = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}
    status, more, _ = await post(over_http, refresh | {"scope": "farmer"})
    assert (status, more["error"]) == (400, "invalid_scope")
    status, less, _ = await post(over_http, refresh | {"scope": "signed_in"})
    assert (status, less["scope"]) == (200, "signed_in")
    _, again, _ = await post(over_http, refresh | {"refresh_token": less["refresh_token"]})
    assert again["scope"] == "signed_in investor"


async def test_what_is_asked_for_and_not_ones_own_is_left_out(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    """The answer says which scopes there are, when they are not those asked for (RFC 6749, section 3.3)."""
    await accounts.person()
    status, body, _ = await post(over_http, PASSWORD_GRANT | {"scope": "farmer investor admin"})
    assert (status, body["scope"]) == (200, "farmer")
    assert claims_of(body["access_token"])["scope"] == "farmer"


async def test_nothing_of_ones_own_is_no_token(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    """And no session; the next sign-in is as if it had not been."""
    sergio = await accounts.person()
    for scope in ("investor", "analyst admin"):
        status, body, headers = await post(over_http, PASSWORD_GRANT | {"scope": scope})
        assert (status, body) == (
            400,
            {
                "error": "invalid_scope",
                "error_description": "the account or session does not have that scope",
            },
        )
        assert headers["Cache-Control"] == "no-store"
    status, body, _ = await post(over_http, PASSWORD_GRANT | {"scope": "investor", "password": "Errada#2026"})
    assert body["error"] == "invalid_grant"
    assert await open_sessions(accounts) == [UUID(sergio.session_id)]


async def test_a_session_gets_no_scope_later_than_at_its_beginning(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await accounts.person()
    _, body, _ = await post(over_http, PASSWORD_GRANT | {"scope": "farmer investor"})
    await accounts.do(UPDATE_PROFILE, {"profiles": ["FARMER", "INVESTOR"]}, headers=sergio.bearer)
    _, body, _ = await post(over_http, {"grant_type": "refresh_token", "refresh_token": body["refresh_token"]})
    assert body["scope"] == "farmer"


async def test_a_session_for_what_is_given_up_is_over(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await accounts.person(profiles=["FARMER", "INVESTOR"])
    _, narrowed, _ = await post(over_http, PASSWORD_GRANT | {"scope": "investor"})
    await accounts.do(UPDATE_PROFILE, {"profiles": ["FARMER"]}, headers=sergio.bearer)
    refresh = {"grant_type": "refresh_token", "refresh_token": narrowed["refresh_token"]}
    for _ in range(2):
        status, body, _ = await post(over_http, refresh)
        assert (status, body["error"], body["error_description"]) == (400, "invalid_grant", "the session is over")
    assert await open_sessions(accounts) == [UUID(sergio.session_id)]


async def test_guessing_is_slowed_down(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    await accounts.person()
    wrong = PASSWORD_GRANT | {"password": "Errada#2026"}
    for _ in range(5):
        status, body, _ = await post(over_http, wrong)
        assert (status, body["error"]) == (400, "invalid_grant")
    status, body, headers = await post(over_http, PASSWORD_GRANT)
    assert (status, body["error"], headers["Retry-After"]) == (429, "slow_down", "2")
    accounts.clock.advance(seconds=2)
    assert (await post(over_http, PASSWORD_GRANT))[0] == 200


async def test_revoking_a_refresh_token_ends_its_session(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await accounts.person()
    for token in (sergio.refresh_token, sergio.refresh_token, "made-up"):
        async with over_http.post("/oauth/revoke", data={"token": token}) as response:
            assert (response.status, await response.text()) == (200, "")
    status, body, _ = await post(over_http, {"grant_type": "refresh_token", "refresh_token": sergio.refresh_token})
    assert (status, body["error_description"]) == (400, "the session is over")


async def test_the_metadata_lead_to_the_endpoints(over_http: aiohttp.ClientSession) -> None:
    async with over_http.get("/.well-known/oauth-authorization-server") as response:
        metadata = await response.json()
    assert metadata["issuer"] == "https://accounts.peerseed.example"
    assert metadata["token_endpoint"] == "http://127.0.0.1:4001/oauth/token"
    assert metadata["jwks_uri"] == "http://127.0.0.1:4001/.well-known/jwks.json"
    assert metadata["grant_types_supported"] == ["password", "refresh_token"]
    async with over_http.get("/.well-known/jwks.json") as response:
        (key,) = (await response.json())["keys"]
        assert response.headers["Cache-Control"] == "public, max-age=2"
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}
    assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("OKP", "Ed25519", "sig", "EdDSA")


async def test_developers_read_the_sandbox_outbox(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    await accounts.sign_up()
    await accounts.run_errands()
    async with over_http.get("/sandbox/messages", params={"to": "sergio@example.com"}) as response:
        (message,) = await response.json()
    assert (message["kind"], message["channel"]) == ("CONFIRM_EMAIL", "EMAIL")
    assert message["data"]["token"] in message["text"]
    async with over_http.get("/sandbox/messages?to=+5565999990001") as response:
        (message,) = await response.json()
    assert (message["kind"], message["channel"]) == ("CONFIRM_PHONE", "SMS")
