"""Choosing a new password by a link."""

import asyncio

from tests.subgraphs.accounts.people import MARINA, REFRESH, Accounts

REQUEST = """mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) {
  __typename ... on PasswordResetRequested { email } } }"""
RESET = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { __typename } }"
NEW = "Colheita#2027"


async def link_token(accounts: Accounts, email: str = "sergio@example.com") -> str:
    assert (await accounts.do(REQUEST, {"email": email}))["__typename"] == "PasswordResetRequested"
    return (await accounts.newest_letter(email, "RESET_PASSWORD"))["token"]


async def reset(accounts: Accounts, token: str, new: str = NEW) -> str:
    return (await accounts.do(RESET, {"token": token, "newPassword": new}))["__typename"]


async def test_the_link_gives_a_new_password_and_ends_every_session(accounts: Accounts) -> None:
    sergio = await accounts.person()
    assert await reset(accounts, await link_token(accounts)) == "PasswordReset"
    assert (await accounts.sign_in())["__typename"] == "InvalidCredentials"
    assert (await accounts.sign_in(password=NEW))["__typename"] == "SignedIn"
    ended = await accounts.do(REFRESH, {"refreshToken": sergio.refresh_token})
    assert ended["__typename"] == "SessionEnded"
    assert await accounts.published("accounts.security_alert.v1") == [{"user_id": sergio.id, "kind": "PASSWORD_RESET"}]


async def test_the_link_works_once(accounts: Accounts) -> None:
    await accounts.person()
    token = await link_token(accounts)
    assert await reset(accounts, token) == "PasswordReset"
    assert await reset(accounts, token, "Outra#Senha1") == "InvalidResetToken"
    assert (await accounts.sign_in(password=NEW))["__typename"] == "SignedIn"


async def test_the_link_works_once_also_when_followed_twice_at_once(accounts: Accounts) -> None:
    await accounts.person()
    token = await link_token(accounts)
    answers = await asyncio.gather(reset(accounts, token), reset(accounts, token))
    assert sorted(answers) == ["InvalidResetToken", "PasswordReset"]


async def test_the_link_works_for_an_hour(accounts: Accounts) -> None:
    await accounts.person()
    token = await link_token(accounts)
    accounts.clock.advance(minutes=59, seconds=59)
    late = await link_token(accounts)
    assert await reset(accounts, token) == "PasswordReset"
    assert await reset(accounts, late) == "InvalidResetToken"
    accounts.clock.advance(seconds=2)
    last = await link_token(accounts)
    accounts.clock.advance(hours=1)
    assert await reset(accounts, last) == "InvalidResetToken"


async def test_an_unknown_email_gets_the_same_answer_and_no_letter(accounts: Accounts) -> None:
    await accounts.person()
    known = await accounts.do(REQUEST, {"email": "sergio@example.com"})
    unknown = await accounts.do(REQUEST, {"email": "nobody@example.com"})
    assert known | {"email": "…"} == unknown | {"email": "…"}
    assert await accounts.letters_to("nobody@example.com") == []


async def test_changing_the_password_voids_the_links(accounts: Accounts) -> None:
    sergio = await accounts.person()
    token = await link_token(accounts)
    document = "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }"
    await accounts.do(document, {"currentPassword": "Semente#2026", "newPassword": NEW}, headers=sergio.bearer)
    assert await reset(accounts, token, "Outra#Senha1") == "InvalidResetToken"


async def test_a_link_opens_one_account_only(accounts: Accounts) -> None:
    await accounts.person()
    await accounts.person(**MARINA)
    assert await reset(accounts, await link_token(accounts)) == "PasswordReset"
    assert (await accounts.sign_in(MARINA["email"]))["__typename"] == "SignedIn"


async def test_a_weak_password_leaves_the_link_unused(accounts: Accounts) -> None:
    await accounts.person()
    token = await link_token(accounts)
    assert await reset(accounts, token, "fraca") == "InvalidInput"
    assert await reset(accounts, token) == "PasswordReset"


async def test_a_reset_ends_the_waiting_of_who_was_kept_out(accounts: Accounts) -> None:
    await accounts.person()
    for _ in range(7):
        await accounts.sign_in(password="Errada#2026")
    assert (await accounts.sign_in())["__typename"] == "TooManyAttempts"
    assert await reset(accounts, await link_token(accounts)) == "PasswordReset"
    assert (await accounts.sign_in(password=NEW))["__typename"] == "SignedIn"


async def test_following_the_link_confirms_the_email(accounts: Accounts) -> None:
    await accounts.sign_up()
    assert await reset(accounts, await link_token(accounts)) == "PasswordReset"
    assert (await accounts.sign_in(password=NEW))["__typename"] == "SignedIn"
