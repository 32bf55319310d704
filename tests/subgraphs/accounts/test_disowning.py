"""It was not me: the link in a security alert, for who cannot sign in because somebody else has the account."""

from datetime import timedelta
from uuid import UUID, uuid4

from subgraphs.accounts import models
from subgraphs.accounts.domain.registration import token_hash
from subgraphs.accounts.schemas import heard
from subgraphs.shared.messaging.event import Event
from tests.subgraphs.accounts.disowning import (
    HER_OWN,
    INVALID,
    THEIRS,
    THIEF,
    ask_for_email,
    change_password,
    change_password_and_back,
    disown,
    follow_link,
    link,
    sign_in,
    told,
)
from tests.subgraphs.accounts.people import CONFIRM, MARINA, PASSWORD, REFRESH, SERGIO, Accounts
from tests.subgraphs.accounts.test_password_reset import NEW, REQUEST, link_token, reset
from tests.subgraphs.accounts.test_second_factor import DISABLE, code, enrol

# ── what is told, and how ──


async def test_an_alert_holds_a_link_and_says_what_it_does(accounts: Accounts) -> None:
    accounts.services.settings.frontend_url = "https://app.example"
    marina = await accounts.person(**MARINA)
    await change_password(accounts, marina)
    token = await link(accounts)
    message = accounts.services.messenger.to(HER_OWN)[-1].message
    assert message.subject == "Foi você?"
    assert message.text == (
        "Olá, Marina! Sua senha foi alterada. Se foi você, não faça nada. Se não foi, abra "
        f"https://app.example/nao-fui-eu?token={token}\n"
        "Não precisa entrar: encerramos todas as sessões, nada sai da sua carteira por um dia e você escolhe uma nova "
        "senha. O endereço vale uma só vez; não o passe a ninguém."
    )
    assert message.text_english == (
        "Was it you?\nHello Marina! Your password was changed. If it was you, do nothing. If not, open "
        f"https://app.example/nao-fui-eu?token={token}\n"
        "You need not sign in: we end all sessions, nothing leaves your wallet for a day, and you choose a new "
        "password. The address works once; give it to nobody."
    )


async def test_every_grave_change_in_the_account_is_told_with_a_link(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    secret, codes = await enrol(accounts, marina)
    assert (await accounts.sign_in(HER_OWN, recoveryCode=codes[0]))["__typename"] == "SignedIn"
    accounts.clock.advance(minutes=1)
    off = {"password": PASSWORD, "totpCode": code(accounts, secret)}
    assert await accounts.do(DISABLE, off, headers=marina.bearer) == {"__typename": "TotpDisabled"}
    for _ in range(2):
        await accounts.do(REFRESH, {"refreshToken": marina.refresh_token})
    again = await accounts.signed_in(HER_OWN)
    await ask_for_email(accounts, again)
    await change_password(accounts, again)
    assert await reset(accounts, await link_token(accounts, HER_OWN)) == "PasswordReset"
    assert await told(accounts) == [
        "The second factor was switched on.",
        "A recovery code was used.",
        "The second factor was switched off.",
        "A session of yours was used in two places and ended.",
        "A change of your e-mail was requested.",
        "Your password was changed.",
        "Your password was reset by e-mail.",
    ]
    assert len({one["token"] for one in await accounts.letters_to(HER_OWN) if one["kind"] == "ALERT"}) == 7


async def test_what_lets_money_or_quotas_leave_is_told_with_a_link(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    mine = {"user_id": UUID(marina.id)}
    registered = Event.of(heard.BankAccountRegistered(bank_account_id=uuid4(), **mine))
    asked = Event.of(heard.WithdrawalRequested(withdrawal_id=uuid4(), amount_minor=123_456, **mine))
    offered = Event.of(heard.QuotasOffered(offer_id=uuid4(), seller_id=UUID(marina.id), price_minor=3_500))
    for event in (registered, asked, asked, offered, offered):
        await accounts.receive(event)
    assert await told(accounts) == [
        "A bank account was registered for your withdrawals.",
        "A withdrawal of R$ 1.234,56 was requested.",
        "Quotas of yours were offered for sale at R$ 35,00 each.",
    ]
    assert (await disown(accounts, await link(accounts)))["__typename"] == "ChangeDisowned"


async def test_a_confirmed_phone_is_told_too_and_an_unconfirmed_contact_is_not(accounts: Accounts) -> None:
    await accounts.sign_up(**MARINA)
    sms = (await accounts.newest_letter(MARINA["phone"], "CONFIRM_PHONE"))["code"]
    await accounts.do(CONFIRM, {"email": HER_OWN, "code": sms})
    marina = await accounts.signed_in(HER_OWN)
    await change_password(accounts, marina)
    assert (await told(accounts), await told(accounts, MARINA["phone"])) == ([], ["Your password was changed."])
    message = accounts.services.messenger.to(MARINA["phone"])[-1].message
    token = message.data["token"]
    url = f"https://app.peerseed.example/nao-fui-eu?token={token}"
    text = f"Peerseed: Sua senha foi alterada. Se não foi você, abra {url} e paramos tudo."
    assert (message.channel, message.text) == ("SMS", text)
    assert (await disown(accounts, token))["__typename"] == "ChangeDisowned"


# ── what following it does ──


async def test_whoever_took_the_account_is_out_and_its_owner_chooses_a_new_password(accounts: Accounts) -> None:
    await accounts.person(**MARINA)
    thief = await accounts.signed_in(HER_OWN)
    await change_password(accounts, thief)
    assert await sign_in(accounts, password=THEIRS) == "SignedIn"
    token = await link(accounts)
    assert await disown(accounts, token) == {"__typename": "ChangeDisowned", "endedSessions": 2}
    assert (await accounts.do(REFRESH, {"refreshToken": thief.refresh_token}))["__typename"] == "SessionEnded"
    assert [await sign_in(accounts, password=known) for known in (THEIRS, PASSWORD)] == ["InvalidCredentials"] * 2
    letter = await accounts.newest_letter(HER_OWN, "CHANGE_DISOWNED")
    assert await reset(accounts, letter["token"]) == "PasswordReset"
    assert await sign_in(accounts, password=NEW) == "SignedIn"


async def test_every_domain_is_told_that_sessions_ended_and_that_nothing_may_leave(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    await change_password(accounts, marina)
    await disown(accounts, await link(accounts))
    (ended,) = await accounts.published("accounts.sessions_ended.v1")
    assert (ended["user_id"], ended["session_ids"]) == (marina.id, [marina.session_id])
    assert await accounts.published("accounts.security_alert.v1") == [
        {"user_id": marina.id, "kind": "PASSWORD_CHANGED"},
        {"user_id": marina.id, "kind": "CHANGE_DISOWNED"},
    ]
    async with accounts.services.database.read() as session:
        assert (await session.get_one(models.Session, UUID(marina.session_id))).end_reason == "DISOWNED"


async def test_the_letter_afterwards_says_what_was_done(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    await change_password(accounts, marina)
    await disown(accounts, await link(accounts))
    token = (await accounts.newest_letter(HER_OWN, "CHANGE_DISOWNED"))["token"]
    message = accounts.services.messenger.to(HER_OWN)[-1].message
    assert message.subject == "Sua conta está parada"
    assert message.text == (
        "Olá, Marina! Você nos disse que não foi você. Encerramos todas as sessões e nada sai da sua carteira por um "
        "dia. Para voltar a entrar, escolha uma nova senha por este endereço, válido por uma hora e uma só vez: "
        f"https://app.peerseed.example/senha?token={token}\nDepois confira seus contatos e suas contas bancárias."
    )
    assert message.text_english.startswith("Your account is stopped\nHello Marina! You told us that it was not you.")


async def test_links_and_codes_that_somebody_else_asked_for_are_void(accounts: Accounts) -> None:
    thief = await accounts.person(**MARINA)
    await accounts.do(REQUEST, {"email": HER_OWN})
    resetting = (await accounts.newest_letter(HER_OWN, "RESET_PASSWORD"))["token"]
    await ask_for_email(accounts, thief)
    await disown(accounts, await link(accounts))
    assert await follow_link(accounts) == "InvalidConfirmation"
    assert await reset(accounts, resetting) == "InvalidResetToken"


async def test_a_changed_email_is_told_to_the_old_address_and_goes_back_to_it(accounts: Accounts) -> None:
    thief = await accounts.person(**MARINA)
    await ask_for_email(accounts, thief)
    assert await follow_link(accounts) == "ContactConfirmed"
    assert await told(accounts) == ["A change of your e-mail was requested.", "Your account's e-mail was changed."]
    assert await told(accounts, THIEF) == []
    assert [await sign_in(accounts, email) for email in (HER_OWN, THIEF)] == ["InvalidCredentials", "SignedIn"]
    await disown(accounts, await link(accounts))
    assert await accounts.letters_to(THIEF) == [await accounts.newest_letter(THIEF, "CONFIRM_EMAIL")]
    letter = await accounts.newest_letter(HER_OWN, "CHANGE_DISOWNED")
    assert await reset(accounts, letter["token"]) == "PasswordReset"
    assert await sign_in(accounts, password=NEW) == "SignedIn"
    assert [one["kind"] for one in await accounts.published("accounts.security_alert.v1")] == [
        "EMAIL_CHANGE_REQUESTED",
        "EMAIL_CHANGED",
        "CHANGE_DISOWNED",
        "PASSWORD_RESET",
    ]


async def test_the_earliest_address_has_the_last_word(accounts: Accounts) -> None:
    thief = await accounts.person(**MARINA)
    await ask_for_email(accounts, thief)
    await follow_link(accounts)
    her_link = await link(accounts)
    accounts.clock.advance(minutes=1)
    await change_password(accounts, thief)
    thiefs_link = await link(accounts, THIEF)
    assert (await disown(accounts, thiefs_link))["__typename"] == "ChangeDisowned"
    assert await disown(accounts, her_link) == {"__typename": "ChangeDisowned", "endedSessions": 0}
    letter = await accounts.newest_letter(HER_OWN, "CHANGE_DISOWNED")
    assert await reset(accounts, letter["token"]) == "PasswordReset"
    assert await sign_in(accounts, password=NEW) == "SignedIn"


async def test_a_link_sent_to_a_thief_is_void_once_the_owner_has_the_account_again(accounts: Accounts) -> None:
    thief = await accounts.person(**MARINA)
    await ask_for_email(accounts, thief)
    await follow_link(accounts)
    her_link = await link(accounts)
    accounts.clock.advance(minutes=1)
    await change_password(accounts, thief)
    thiefs_link = await link(accounts, THIEF)
    await disown(accounts, her_link)
    assert await disown(accounts, thiefs_link) == INVALID


async def test_an_address_that_may_be_taken_back_is_nobody_elses(accounts: Accounts) -> None:
    thief = await accounts.person(**MARINA)
    sergio = await accounts.person(**SERGIO)
    await ask_for_email(accounts, thief)
    await follow_link(accounts)
    assert (await accounts.sign_up(email=HER_OWN, cpf="390.533.447-05", phone="+5511999990007"))["__typename"] == (
        "SignUpAccepted"
    )
    await ask_for_email(accounts, sergio, HER_OWN)
    kinds = [one["kind"] for one in await accounts.letters_to(HER_OWN)]
    assert kinds[-2:] == ["ALREADY_REGISTERED", "ALREADY_REGISTERED"]
    accounts.clock.advance(hours=168)
    await ask_for_email(accounts, await accounts.signed_in(SERGIO["email"]), HER_OWN)
    assert await follow_link(accounts, HER_OWN) == "ContactConfirmed"


async def test_an_address_asked_for_before_it_was_given_up_is_not_confirmed_by_somebody_else(
    accounts: Accounts,
) -> None:
    marina = await accounts.person(**MARINA)
    sergio = await accounts.person(**SERGIO)
    await ask_for_email(accounts, marina)
    await follow_link(accounts)
    async with accounts.services.database.begin() as session:
        session.add(
            models.Confirmation(
                id=uuid4(),
                user_id=UUID(sergio.id),
                channel="EMAIL",
                contact=HER_OWN,
                secret_hash=token_hash("sergios"),
                created_at=accounts.clock.now(),
                expires_at=accounts.clock.now() + timedelta(hours=48),
                tries=0,
            )
        )
    assert (await accounts.do(CONFIRM, {"token": "sergios"}))["__typename"] == "InvalidConfirmation"


async def test_a_second_factor_put_in_place_since_is_gone(accounts: Accounts) -> None:
    thief = await accounts.person(**MARINA)
    await change_password_and_back(accounts, thief)
    token = await link(accounts)
    accounts.clock.advance(minutes=1)
    await enrol(accounts, thief)
    await disown(accounts, token)
    letter = await accounts.newest_letter(HER_OWN, "CHANGE_DISOWNED")
    await reset(accounts, letter["token"])
    assert await sign_in(accounts, password=NEW) == "SignedIn"


async def test_a_second_factor_that_was_there_before_stays(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    await enrol(accounts, marina)
    accounts.clock.advance(minutes=1)
    await change_password(accounts, marina)
    await disown(accounts, await link(accounts))
    letter = await accounts.newest_letter(HER_OWN, "CHANGE_DISOWNED")
    await reset(accounts, letter["token"])
    assert await sign_in(accounts, password=NEW) == "SecondFactorRequired"
