"""Leaving: when it is refused, what is erased, and what stays."""

import uuid
from datetime import timedelta
from typing import Any

import aiohttp
import orjson
import pyotp
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from subgraphs.accounts.models import RetainedRecord, User
from subgraphs.accounts.models import Upload as UploadRow
from subgraphs.accounts.schemas import heard
from subgraphs.shared.messaging.event import Event
from tests.subgraphs.accounts import business
from tests.subgraphs.accounts.evidence import PDF, PNG, submit
from tests.subgraphs.accounts.people import MARINA, PASSWORD, REFRESH, Accounts, Person

CLOSE = """mutation ($input: CloseAccountInput!) { closeAccount(input: $input) {
  __typename
  ... on AccountClosed { closedAt kept { kind whatEnglish whyEnglish law until } }
  ... on AccountHasOpenBusiness { openCprs openInvestments openWithdrawals walletBalance { amount } message } } }"""
NOTHING_OPEN = {"openCprs": 0, "openInvestments": 0, "openWithdrawals": 0, "walletBalance": {"amount": "0.00"}}


async def close(accounts: Accounts, person: Person, **more: Any) -> Any:
    return await accounts.do(CLOSE, {"password": PASSWORD, **more}, headers=person.bearer)


async def refused(accounts: Accounts, person: Person) -> dict[str, Any]:
    """What keeps *person* here, without the sentence."""
    answer = await close(accounts, person)
    assert answer.pop("__typename") == "AccountHasOpenBusiness"
    answer.pop("message")
    return answer


async def test_closing_says_what_stays_and_why(accounts: Accounts) -> None:
    answer = await close(accounts, await accounts.person())
    assert answer["closedAt"] == "2026-11-23T12:00:00.000Z"
    assert [(kept["kind"], kept["whatEnglish"], kept["until"]) for kept in answer["kept"]] == [
        ("IDENTIFICATION", "Name, CPF and birth date, encrypted and out of use", "2031-11-22T12:00:00.000Z"),
        (
            "WITHDRAWAL_DESTINATIONS",
            "Bank accounts that withdrawals went to, encrypted and out of use",
            "2031-11-22T12:00:00.000Z",
        ),
        (
            "PAYERS",
            "Name, CPF or CNPJ and bank of who made the payments that came in, encrypted and out of use",
            "2031-11-22T12:00:00.000Z",
        ),
        ("SIGNATURES", "The proof of CPRs' signatures with the certificate, encrypted", "2031-11-22T12:00:00.000Z"),
        ("ACCESS_LOG", "Date, time and network address of sign-ins", "2027-05-25T12:00:00.000Z"),
        (
            "BUSINESS_RECORDS",
            "Ledger entries, contracts, consents and the record of decisions, without name or contact",
            None,
        ),
    ]
    assert answer["kept"][0]["law"] == "Lei 9.613/1998, art. 10, § 2º"


async def test_closing_erases_the_person_and_tells_the_other_domains(accounts: Accounts) -> None:
    sergio, marina = await accounts.person(), await accounts.person(**MARINA)
    await close(accounts, sergio)
    assert await accounts.published("accounts.account_closed.v1") == [{"user_id": sergio.id}]
    query = f'{{ user(id: "{sergio.id}") {{ displayName profiles email }} }}'
    seen = await accounts.do(query, headers=marina.bearer)
    assert seen == {"displayName": "Conta encerrada", "profiles": [], "email": None}
    async with accounts.services.database.read() as session:
        row = await session.get_one(User, sergio.id)
    personal = ("full_name", "email", "email_key", "phone", "birth_date", "cpf_fingerprint", "cpf_sealed",
                "password_hash", "email_confirmed_at", "phone_confirmed_at", "password_changed_at")  # fmt: skip
    assert {name: getattr(row, name) for name in personal} == dict.fromkeys(personal)


async def test_nothing_personal_is_left_in_any_table(accounts: Accounts) -> None:
    sergio = await accounts.person()
    await accounts.run_errands()
    await close(accounts, sergio)
    async with accounts.services.database.read() as session:
        tables = (
            await session.scalars(
                text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
            )
        ).all()
        dump = {
            table: str((await session.execute(text(f'SELECT * FROM "{table}"'))).all())  # noqa: S608  # names from the catalogue
            for table in tables
            if table != "alembic_version"
        }
    words = ("Sérgio", "Almeida", "sergio@", "+5565", "52998224725", "1985")
    assert [(table, word) for table, rows in dump.items() for word in words if word in rows] == []


async def test_nobody_signs_in_or_goes_on_afterwards(accounts: Accounts) -> None:
    sergio = await accounts.person()
    await close(accounts, sergio)
    assert (await accounts.sign_in())["__typename"] == "InvalidCredentials"
    assert (await accounts.do(REFRESH, {"refreshToken": sergio.refresh_token}))["__typename"] == "SessionEnded"
    assert (await close(accounts, sergio))["__typename"] == "SessionEnded"


async def test_the_same_person_may_come_back_as_a_new_one(accounts: Accounts) -> None:
    sergio = await accounts.person()
    await close(accounts, sergio)
    again = await accounts.person()
    assert again.id != sergio.id


async def test_what_the_law_wants_is_kept_sealed_for_five_years(accounts: Accounts) -> None:
    sergio = await accounts.person()
    await close(accounts, sergio)
    async with accounts.services.database.read() as session:
        kept = (await session.scalars(select(RetainedRecord))).one()
    assert kept.kept_until == accounts.clock.now() + timedelta(days=5 * 365)
    content = accounts.services.vault.open(kept.content_sealed, use="retained", place=sergio.id)
    assert orjson.loads(content) == {"full_name": "Sérgio Almeida", "cpf": "52998224725", "birth_date": "1985-03-14"}


async def test_photos_are_erased_and_an_open_check_is_over(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await accounts.person()
    await submit(accounts, over_http, sergio, PDF + b" SANDBOX:REVIEW")
    await accounts.run_errands()
    await close(accounts, sergio)
    async with accounts.services.database.read() as session:
        uploads = (await session.scalars(select(UploadRow))).all()
        statuses = (await session.scalars(text("SELECT status FROM identity_checks"))).all()
    assert [upload.erased_at for upload in uploads] == [accounts.clock.now()] * 2
    assert statuses == ["REJECTED"]


async def test_a_check_that_is_being_verified_survives_the_closing(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await accounts.person()
    await submit(accounts, over_http, sergio, PNG)
    await close(accounts, sergio)
    await accounts.run_errands()
    assert await accounts.published("accounts.identity_verified.v2") == []


async def test_an_open_cpr_keeps_the_farmer(accounts: Accounts) -> None:
    sergio = await accounts.person()
    drafted = business.cpr_drafted(sergio)
    await accounts.receive(drafted)
    assert await refused(accounts, sergio) == NOTHING_OPEN | {"openCprs": 1}
    assert await accounts.published("accounts.account_closed.v1") == []
    assert (await accounts.sign_in())["__typename"] == "SignedIn"
    await accounts.receive(business.cpr_settled(drafted))
    assert (await close(accounts, sergio))["__typename"] == "AccountClosed"


async def test_the_end_may_be_known_before_the_beginning(accounts: Accounts) -> None:
    sergio = await accounts.person()
    drafted = business.cpr_drafted(sergio)
    await accounts.receive(business.cpr_cancelled(drafted))
    await accounts.receive(drafted)
    assert (await close(accounts, sergio))["__typename"] == "AccountClosed"


async def test_a_fact_received_twice_counts_once(accounts: Accounts) -> None:
    sergio = await accounts.person()
    paid_in = business.deposit(sergio, 10_000)
    for _ in range(2):
        await accounts.receive(paid_in)
    assert (await refused(accounts, sergio))["walletBalance"] == {"amount": "100.00"}


@pytest.mark.parametrize("became", [heard.InvestmentRefused, heard.InvestmentCancelled, heard.InvestmentClosed])
async def test_an_open_investment_keeps_the_investor(accounts: Accounts, became: Any) -> None:
    marina = await accounts.person(**MARINA)
    requested = business.investment_requested(marina)
    await accounts.receive(requested)
    await accounts.receive(business.after_investment(requested, heard.InvestmentConfirmed))
    assert await refused(accounts, marina) == NOTHING_OPEN | {"openInvestments": 1}
    await accounts.receive(business.after_investment(requested, became))
    assert (await close(accounts, marina))["__typename"] == "AccountClosed"


async def test_quotas_that_were_asked_for_keep_the_buyer_until_they_are_refused(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    wanted = business.quotas_wanted(marina)
    await accounts.receive(wanted)
    assert await refused(accounts, marina) == NOTHING_OPEN | {"openInvestments": 1}
    await accounts.receive(business.purchase_refused(wanted))
    assert (await close(accounts, marina))["__typename"] == "AccountClosed"


async def test_quotas_that_were_bought_keep_the_buyer_until_the_position_ends(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    wanted = business.quotas_wanted(marina)
    for fact in (wanted, business.quotas_bought(wanted)):
        await accounts.receive(fact)
        assert await refused(accounts, marina) == NOTHING_OPEN | {"openInvestments": 1}
    await accounts.receive(business.position_closed(wanted))
    assert (await close(accounts, marina))["__typename"] == "AccountClosed"


async def test_money_in_the_wallet_keeps_the_person_until_it_is_taken_out(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    await accounts.receive(business.deposit(marina, 123_456))
    answer = await close(accounts, marina)
    assert answer["walletBalance"] == {"amount": "1234.56"}
    assert answer["message"] == (
        "Antes de encerrar: 0 CPR(s), 0 investimento(s) e 0 saque(s) em aberto; saldo na carteira: R$ 1.234,56."
    )
    requested = business.withdrawal_requested(marina, 123_456)
    await accounts.receive(requested)
    assert await refused(accounts, marina) == NOTHING_OPEN | {"openWithdrawals": 1}
    await accounts.receive(business.withdrawal_settled(requested))
    assert (await close(accounts, marina))["__typename"] == "AccountClosed"


async def test_a_returned_withdrawal_is_money_in_the_wallet_again(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    await accounts.receive(business.deposit(marina, 5_000))
    requested = business.withdrawal_requested(marina, 5_000)
    await accounts.receive(requested)
    await accounts.receive(business.withdrawal_returned(requested))
    assert await refused(accounts, marina) == NOTHING_OPEN | {"walletBalance": {"amount": "50.00"}}


async def test_money_that_moves_through_the_wallet_is_added_up(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    who, thing = uuid.UUID(marina.id), uuid.uuid4()
    moves = [
        heard.DepositConfirmed(deposit_id=thing, user_id=who, amount_minor=100_000),
        heard.HoldPlaced(reference_id=thing, user_id=who, amount_minor=70_000),
        heard.HoldReleased(reference_id=thing, user_id=who, amount_minor=20_000),
        heard.PayoutCredited(payout_id=thing, user_id=who, amount_minor=1_234),
        heard.SurplusCredited(payment_id=thing, user_id=who, amount_minor=10),
        heard.CPRDisbursed(cpr_id=thing, farmer_id=who, net_minor=5_000),
        heard.PaymentConfirmed(installment_id=thing, farmer_id=who, amount_minor=3_000, method="WALLET"),
        heard.PaymentConfirmed(installment_id=uuid.uuid4(), farmer_id=who, amount_minor=9_999, method="PIX"),
    ]
    for move in reversed(moves):
        await accounts.receive(Event.of(move))
    # 1,000.00 − 700.00 + 200.00 + 12.34 + 0.10 + 50.00 − 30.00
    assert (await refused(accounts, marina))["walletBalance"] == {"amount": "532.44"}


async def test_closing_needs_the_password_and_the_second_factor(accounts: Accounts) -> None:
    sergio = await accounts.person()
    wrong = await accounts.do(CLOSE, {"password": "Errada#2026"}, headers=sergio.bearer)
    assert wrong == {"__typename": "WrongPassword"}
    enable = "mutation ($input: EnableTotpInput!) { enableTotp(input: $input) { ... on TotpEnrolment { secret } } }"
    secret = (await accounts.do(enable, {"password": PASSWORD}, headers=sergio.bearer))["secret"]
    confirm = "mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { ... on RecoveryCodes { codes } } }"
    code = pyotp.TOTP(secret).at(accounts.clock.now())
    codes = (await accounts.do(confirm, {"code": code}, headers=sergio.bearer))["codes"]
    assert (await close(accounts, sergio))["__typename"] == "SecondFactorRequired"
    assert (await close(accounts, sergio, totpCode="000000"))["__typename"] == "InvalidSecondFactor"
    assert (await close(accounts, sergio, recoveryCode=codes[0]))["__typename"] == "AccountClosed"


async def test_the_database_refuses_a_half_closed_account(accounts: Accounts) -> None:
    sergio = await accounts.person()
    for values in ({"closed_at": accounts.clock.now()}, {"email": None, "email_key": None}):
        with pytest.raises(IntegrityError):
            async with accounts.services.database.begin() as session:
                await session.execute(update(User).where(User.id == sergio.id).values(**values))
