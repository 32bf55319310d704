"""Signing up, and what a stranger can learn from it."""

from tests.subgraphs.accounts.people import Accounts


async def test_signing_up_registers_the_person_and_asks_for_confirmation(accounts: Accounts) -> None:
    answer = await accounts.sign_up()
    assert answer == {"__typename": "SignUpAccepted", "email": "sergio@example.com", "phone": "+55 ** *****-0001"}
    (registered,) = await accounts.published("accounts.user_registered.v1")
    assert registered | {"user_id": "…"} == {
        "user_id": "…",
        "display_name": "Sérgio A.",
        "email": "sergio@example.com",
        "phone": "+5565999990001",
        "profiles": ["FARMER"],
    }
    (letter,) = await accounts.letters_to("sergio@example.com")
    assert letter["kind"] == "CONFIRM_EMAIL"
    assert letter["link"] == f"https://app.peerseed.example/confirmar?token={letter['token']}"
    (code,) = await accounts.letters_to("+5565999990001")
    assert code["kind"] == "CONFIRM_PHONE"
    assert len(code["code"]) == 6
    assert code["code"].isdecimal()
