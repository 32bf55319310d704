"""Messages: delivered once, kept no longer, and never readable on the way."""

import pytest
from sqlalchemy import select

from subgraphs.accounts.models import OutgoingMessage
from subgraphs.shared.messaging.tables import OutboxRow
from tests.subgraphs.accounts.people import SERGIO, Accounts


async def outgoing(accounts: Accounts) -> dict[str, OutgoingMessage]:
    async with accounts.services.database.read() as session:
        return {row.channel: row for row in await session.scalars(select(OutgoingMessage))}


async def test_no_link_or_code_is_readable_in_database_or_event(accounts: Accounts) -> None:
    await accounts.sign_up()
    waiting = await outgoing(accounts)
    token = (await accounts.newest_letter("sergio@example.com", "CONFIRM_EMAIL"))["token"]
    code = (await accounts.newest_letter("+5565999990001", "CONFIRM_PHONE"))["code"]
    assert token.encode() not in (waiting["EMAIL"].content_sealed or b"")
    async with accounts.services.database.read() as session:
        events = str((await session.scalars(select(OutboxRow.data))).all())
    assert token not in events
    assert f"'{code}'" not in events


async def test_the_content_is_gone_once_delivered(accounts: Accounts) -> None:
    await accounts.sign_up()
    await accounts.run_errands()
    sent = await outgoing(accounts)
    assert [(row.content_sealed, row.sent_at, row.failure) for row in sent.values()] == [
        (None, accounts.clock.now(), None)
    ] * 2


async def test_an_errand_done_twice_delivers_once(accounts: Accounts) -> None:
    await accounts.sign_up()
    await accounts.run_errands()
    await accounts.run_errands(again=True)
    assert len(await accounts.letters_to("sergio@example.com")) == 1


async def test_a_provider_that_fails_is_tried_again(accounts: Accounts) -> None:
    email = "sergio+flaky@example.com"
    await accounts.sign_up(email=email)
    with pytest.raises(ConnectionError):
        await accounts.run_errands()
    await accounts.run_errands(again=True)
    assert [letter["kind"] for letter in await accounts.letters_to(email)] == ["CONFIRM_EMAIL"]


async def test_a_recipient_that_does_not_exist_is_given_up(accounts: Accounts) -> None:
    email = "sergio+undeliverable@example.com"
    await accounts.sign_up(email=email)
    await accounts.run_errands()
    given_up = (await outgoing(accounts))["EMAIL"]
    assert (given_up.failure, given_up.sent_at, given_up.content_sealed) == ("no such recipient", None, None)
    assert await accounts.letters_to(email) == []


async def test_a_letter_speaks_portuguese_with_english_beside_it(accounts: Accounts) -> None:
    await accounts.sign_up()
    await accounts.run_errands()
    (one,) = accounts.services.messenger.to("sergio@example.com")
    assert one.message.subject == "Confirme seu e-mail"
    assert one.message.text.startswith("Olá, Sérgio! Confirme seu e-mail na Peerseed")
    assert one.message.text_english.startswith("Confirm your e-mail\nHello Sérgio! Confirm your e-mail with Peerseed")


async def test_logs_hold_no_personal_data(accounts: Accounts, capsys: pytest.CaptureFixture[str]) -> None:
    await accounts.person()
    await accounts.sign_in(password="Errada#2026")
    await accounts.sign_up(email="sergio+undeliverable@example.com", cpf="111.444.777-35", phone="+5565999990007")
    await accounts.run_errands()
    captured = capsys.readouterr()
    logged = captured.out + captured.err
    assert "a message cannot be delivered" in logged
    secrets = (SERGIO["name"], "sergio", "99999", "529.982.247", "52998224725", "Semente#2026", "Errada#2026")
    assert [secret for secret in secrets if secret in logged] == []
