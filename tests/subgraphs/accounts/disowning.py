"""A change that its owner says was not theirs: the thief who made it, and the link in the alert of it."""

from typing import Any

from tests.subgraphs.accounts.people import CONFIRM, PASSWORD, Accounts, Person
from tests.subgraphs.accounts.test_profile import CHANGE_EMAIL

DISOWN = """mutation ($input: DisownChangeInput!) { disownChange(input: $input) {
  __typename ... on ChangeDisowned { endedSessions } ... on Refusal { code message messageEnglish } } }"""
CHANGE_PASSWORD = "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }"
HER_OWN = "marina@example.com"
THIEF = "ladrao@example.com"
THEIRS = "Roubada#2026"
INVALID = {
    "__typename": "InvalidAlertLink",
    "code": "InvalidAlertLink",
    "message": "O link está incorreto, venceu ou já foi usado. Se não consegue entrar, peça uma nova senha ou fale "
    "conosco.",
    "messageEnglish": "The link is wrong, has expired, or was used before. If you cannot sign in, ask for a new "
    "password or talk to us.",
}


async def disown(accounts: Accounts, token: str, **more: Any) -> Any:
    return await accounts.do(DISOWN, {"token": token}, **more)


async def told(accounts: Accounts, recipient: str = HER_OWN) -> list[str]:
    """What the alerts to *recipient* tell of, in English."""
    letters = await accounts.letters_to(recipient)
    return [one["what_english"] for one in letters if one["kind"] in {"ALERT", "ALERT_BY_PHONE"}]


async def link(accounts: Accounts, recipient: str = HER_OWN) -> str:
    token: str = (await accounts.newest_letter(recipient, "ALERT"))["token"]
    return token


async def change_password(accounts: Accounts, person: Person, new: str = THEIRS) -> None:
    changed = await accounts.do(
        CHANGE_PASSWORD, {"currentPassword": PASSWORD, "newPassword": new}, headers=person.bearer
    )
    assert changed == {"__typename": "PasswordChanged"}


async def ask_for_email(accounts: Accounts, person: Person, email: str = THIEF, password: str = PASSWORD) -> None:
    asked = await accounts.do(CHANGE_EMAIL, {"email": email, "password": password}, headers=person.bearer)
    assert asked == {"__typename": "EmailChangeRequested"}


async def follow_link(accounts: Accounts, email: str = THIEF) -> str:
    token = (await accounts.newest_letter(email, "CONFIRM_EMAIL"))["token"]
    return str((await accounts.do(CONFIRM, {"token": token}))["__typename"])


async def sign_in(accounts: Accounts, email: str = HER_OWN, password: str = PASSWORD) -> str:
    return str((await accounts.sign_in(email, password))["__typename"])


async def change_password_and_back(accounts: Accounts, person: Person) -> None:
    await change_password(accounts, person)
    back = {"currentPassword": THEIRS, "newPassword": PASSWORD}
    await accounts.do(CHANGE_PASSWORD, back, headers=person.bearer)
