"""Staying in: refresh tokens, and how sessions end."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from subgraphs.accounts.models import RefreshToken, Session
from tests.subgraphs.accounts.people import MARINA, REFRESH, Accounts, Person, claims_of

CHANGE_PASSWORD = """mutation ($input: ChangePasswordInput!) { changePassword(input: $input) {
  __typename ... on PasswordChanged { endedSessions } } }"""
END_SESSION = "mutation ($input: EndSessionInput!) { endSession(input: $input) { __typename } }"
MY_SESSIONS = "{ me { sessions { id isCurrent address userAgent startedAt lastUsedAt } } }"


async def refresh(accounts: Accounts, token: str) -> Any:
    return await accounts.do(REFRESH, {"refreshToken": token})


async def session_of(accounts: Accounts, person: Person) -> Session:
    async with accounts.services.database.read() as session:
        return await session.get_one(Session, person.session_id)


async def test_a_refresh_gives_new_tokens_of_the_same_session(accounts: Accounts) -> None:
    sergio = await accounts.person()
    answer = await refresh(accounts, sergio.refresh_token)
    assert answer["__typename"] == "SignedIn"
    assert answer["user"] == {"id": sergio.id}
    assert claims_of(answer["accessToken"])["sid"] == sergio.session_id
    assert (await refresh(accounts, answer["refreshToken"]))["__typename"] == "SignedIn"


async def test_only_hashes_of_refresh_tokens_are_kept(accounts: Accounts) -> None:
    sergio = await accounts.person()
    async with accounts.services.database.read() as session:
        rows = (await session.scalars(select(RefreshToken))).all()
    assert [len(row.token_hash) for row in rows] == [32]
    assert sergio.refresh_token.encode() not in rows[0].token_hash


async def test_an_unknown_token_is_refused(accounts: Accounts) -> None:
    assert (await refresh(accounts, "made-up"))["__typename"] == "InvalidRefreshToken"


async def test_using_an_old_token_ends_the_whole_family_and_raises_an_alert(accounts: Accounts) -> None:
    sergio = await accounts.person()
    second = await refresh(accounts, sergio.refresh_token)
    third = await refresh(accounts, second["refreshToken"])
    assert (await refresh(accounts, sergio.refresh_token))["__typename"] == "InvalidRefreshToken"
    assert (await refresh(accounts, third["refreshToken"]))["__typename"] == "SessionEnded"
    row = await session_of(accounts, sergio)
    assert (row.ended_at, row.end_reason) == (accounts.clock.now(), "REFRESH_TOKEN_REUSED")
    assert await accounts.published("accounts.security_alert.v1") == [
        {"user_id": sergio.id, "kind": "REFRESH_TOKEN_REUSED"}
    ]


async def test_reuse_leaves_other_sessions_of_the_person_alone(accounts: Accounts) -> None:
    sergio = await accounts.person()
    on_phone = await accounts.signed_in(sergio.email)
    await refresh(accounts, sergio.refresh_token)
    await refresh(accounts, sergio.refresh_token)
    assert (await refresh(accounts, on_phone.refresh_token))["__typename"] == "SignedIn"


async def test_of_two_refreshes_at_once_one_succeeds_and_the_session_ends(accounts: Accounts) -> None:
    sergio = await accounts.person()
    answers = await asyncio.gather(*(refresh(accounts, sergio.refresh_token) for _ in range(2)))
    assert sorted(answer["__typename"] for answer in answers) == ["InvalidRefreshToken", "SignedIn"]
    assert (await session_of(accounts, sergio)).end_reason == "REFRESH_TOKEN_REUSED"
    assert len(await accounts.published("accounts.security_alert.v1")) == 1
    (winner,) = [answer for answer in answers if answer["__typename"] == "SignedIn"]
    assert (await refresh(accounts, winner["refreshToken"]))["__typename"] == "SessionEnded"


async def test_of_many_refreshes_at_once_one_succeeds_and_one_alert_is_raised(accounts: Accounts) -> None:
    sergio = await accounts.person()
    answers = await asyncio.gather(*(refresh(accounts, sergio.refresh_token) for _ in range(6)))
    kinds = [answer["__typename"] for answer in answers]
    assert kinds.count("SignedIn") == 1
    assert kinds.count("InvalidRefreshToken") == 1
    assert kinds.count("SessionEnded") == 4
    assert len(await accounts.published("accounts.security_alert.v1")) == 1


async def test_a_session_ends_after_thirty_idle_minutes(accounts: Accounts) -> None:
    sergio = await accounts.person()
    accounts.clock.advance(minutes=29, seconds=59)
    second = await refresh(accounts, sergio.refresh_token)
    assert second["__typename"] == "SignedIn"
    accounts.clock.advance(minutes=30)
    assert (await refresh(accounts, second["refreshToken"]))["__typename"] == "SessionEnded"
    assert (await session_of(accounts, sergio)).end_reason == "IDLE"


async def test_a_busy_session_ends_after_thirty_days(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts.services.settings, "session_idle_seconds", 90 * 86_400)
    sergio = await accounts.person()
    accounts.clock.advance(days=29)
    second = await refresh(accounts, sergio.refresh_token)
    accounts.clock.advance(days=1)
    assert (await refresh(accounts, second["refreshToken"]))["__typename"] == "SessionEnded"
    assert (await session_of(accounts, sergio)).end_reason == "TOO_OLD"


async def test_signing_out_ends_the_session_of_the_token(accounts: Accounts) -> None:
    sergio = await accounts.person()
    on_phone = await accounts.signed_in(sergio.email)
    for _ in range(2):
        assert await accounts.do("mutation { signOut { ok } }", headers=sergio.bearer) == {"ok": True}
    assert (await refresh(accounts, sergio.refresh_token))["__typename"] == "SessionEnded"
    assert (await refresh(accounts, on_phone.refresh_token))["__typename"] == "SignedIn"


async def test_a_person_ends_a_session_on_a_lost_device(accounts: Accounts) -> None:
    sergio = await accounts.person()
    lost = await accounts.signed_in(sergio.email)
    ended = await accounts.do(END_SESSION, {"sessionId": lost.session_id}, headers=sergio.bearer)
    assert ended == {"__typename": "EndedSession"}
    assert (await refresh(accounts, lost.refresh_token))["__typename"] == "SessionEnded"
    again = await accounts.do(END_SESSION, {"sessionId": lost.session_id}, headers=sergio.bearer)
    assert again == {"__typename": "SessionNotFound"}


async def test_nobody_ends_the_sessions_of_others(accounts: Accounts) -> None:
    sergio, marina = await accounts.person(), await accounts.person(**MARINA)
    answer = await accounts.do(END_SESSION, {"sessionId": sergio.session_id}, headers=marina.bearer)
    assert answer == {"__typename": "SessionNotFound"}
    assert (await session_of(accounts, sergio)).ended_at is None


async def test_open_sessions_are_listed_with_where_they_came_from(accounts: Accounts) -> None:
    sergio = await accounts.person()
    accounts.clock.advance(minutes=1)
    document = """mutation { signIn(input: {email: "sergio@example.com", password: "Semente#2026"}) { __typename } }"""
    await accounts.ask(document, headers={"user-agent": "Peerseed/1.0 (Android)"}, address="203.0.113.7")
    newest, oldest = (await accounts.do(MY_SESSIONS, headers=sergio.bearer))["sessions"]
    assert newest | {"id": "…"} == {
        "id": "…",
        "isCurrent": False,
        "address": "203.0.113.7",
        "userAgent": "Peerseed/1.0 (Android)",
        "startedAt": "2026-11-23T12:01:00.000Z",
        "lastUsedAt": "2026-11-23T12:01:00.000Z",
    }
    assert (oldest["id"], oldest["isCurrent"], oldest["address"]) == (sergio.session_id, True, None)
    accounts.clock.advance(minutes=29, seconds=30)
    assert [one["id"] for one in (await accounts.do(MY_SESSIONS, headers=sergio.bearer))["sessions"]] == [newest["id"]]


async def test_one_session_too_many_ends_the_one_idle_longest(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts.services.settings, "sessions_max", 2)
    first = await accounts.person()
    accounts.clock.advance(seconds=1)
    second = await accounts.signed_in(first.email)
    accounts.clock.advance(seconds=1)
    refreshed = await refresh(accounts, first.refresh_token)
    await accounts.signed_in(first.email)
    assert (await session_of(accounts, second)).end_reason == "TOO_MANY"
    assert (await refresh(accounts, refreshed["refreshToken"]))["__typename"] == "SignedIn"


async def test_changing_the_password_ends_every_other_session(accounts: Accounts) -> None:
    sergio = await accounts.person()
    on_phone, on_tablet = await accounts.signed_in(sergio.email), await accounts.signed_in(sergio.email)
    change = {"currentPassword": "Semente#2026", "newPassword": "Colheita#2027"}
    answer = await accounts.do(CHANGE_PASSWORD, change, headers=sergio.bearer)
    assert answer == {"__typename": "PasswordChanged", "endedSessions": 2}
    assert (await refresh(accounts, sergio.refresh_token))["__typename"] == "SignedIn"
    for other in (on_phone, on_tablet):
        assert (await refresh(accounts, other.refresh_token))["__typename"] == "SessionEnded"
        assert (await session_of(accounts, other)).end_reason == "PASSWORD_CHANGED"
    assert (await accounts.sign_in())["__typename"] == "InvalidCredentials"
    assert (await accounts.sign_in(password="Colheita#2027"))["__typename"] == "SignedIn"
    assert await accounts.published("accounts.security_alert.v1") == [
        {"user_id": sergio.id, "kind": "PASSWORD_CHANGED"}
    ]


async def test_the_token_of_an_ended_session_changes_no_password(accounts: Accounts) -> None:
    sergio = await accounts.person()
    on_phone = await accounts.signed_in(sergio.email)
    change = {"currentPassword": "Semente#2026", "newPassword": "Colheita#2027"}
    await accounts.do("mutation { signOut { ok } }", headers=sergio.bearer)
    assert await accounts.do(CHANGE_PASSWORD, change, headers=sergio.bearer) == {"__typename": "SessionEnded"}
    assert await accounts.do(CHANGE_PASSWORD, change, headers=on_phone.bearer) == {
        "__typename": "PasswordChanged",
        "endedSessions": 0,
    }


async def test_two_changes_of_password_at_once_are_one(accounts: Accounts) -> None:
    sergio = await accounts.person()
    answers = await asyncio.gather(
        *(
            accounts.do(
                CHANGE_PASSWORD,
                {"currentPassword": "Semente#2026", "newPassword": f"Colheita#{year}"},
                headers=sergio.bearer,
            )
            for year in (2027, 2028)
        )
    )
    assert sorted(answer["__typename"] for answer in answers) == ["PasswordChanged", "WrongPassword"]


async def test_a_wrong_present_password_changes_nothing_and_counts(accounts: Accounts) -> None:
    sergio = await accounts.person()
    change = {"currentPassword": "Errada#2026", "newPassword": "Colheita#2027"}
    for _ in range(5):
        assert await accounts.do(CHANGE_PASSWORD, change, headers=sergio.bearer) == {"__typename": "WrongPassword"}
    assert await accounts.do(CHANGE_PASSWORD, change, headers=sergio.bearer) == {"__typename": "TooManyAttempts"}
    accounts.clock.advance(seconds=2)
    assert (await accounts.sign_in())["__typename"] == "SignedIn"


async def test_a_new_password_keeps_the_rules(accounts: Accounts) -> None:
    sergio = await accounts.person()
    change = {"currentPassword": "Semente#2026", "newPassword": "fraca"}
    assert await accounts.do(CHANGE_PASSWORD, change, headers=sergio.bearer) == {"__typename": "InvalidInput"}


async def test_new_profiles_are_in_the_next_token(accounts: Accounts) -> None:
    sergio = await accounts.person()
    document = "mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { __typename } }"
    await accounts.do(document, {"profiles": ["FARMER", "INVESTOR"]}, headers=sergio.bearer)
    assert (await refresh(accounts, sergio.refresh_token))["scope"] == "signed_in farmer investor"
