"""
A dump of all databases says who somebody is in accounts' own tables and nowhere else; after closing, nowhere at all.

The dump is read as a thief would read it: every column of every table of every database on the server, the broker's
included, for the data of everybody in the story, in every form in which it may have been written down.
"""

import base64
import json
import re
import urllib.parse
import uuid
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from launch.home import Addresses
from launch.people import DEMO_PEOPLE
from story import credit, people
from story.client import Client
from story.narrator import Narrator
from story.telling import tell
from subgraphs.accounts.domain.personal_data import short_name
from subgraphs.shared.retention import RETAINED, Retention
from tests.fixtures.product import Product, running

pytestmark = pytest.mark.timeout(600)  # the story is told first

BANK_ACCOUNT = {"bankCode": "341", "branch": "8642", "accountNumber": "97531864-2", "accountType": "CHECKING"}

REGISTER = """mutation ($input: RegisterBankAccountInput!) { registerBankAccount(input: $input) {
  __typename ... on BankAccount { id holderName accountNumber } ... on Refusal { code message } } }"""
WITHDRAW = """mutation ($input: RequestWithdrawalInput!) { requestWithdrawal(input: $input) {
  __typename ... on Withdrawal { id } ... on Refusal { code message } } }"""
STATUS = "query ($id: ID!) { withdrawal(id: $id) { status } }"
CLOSE = """mutation ($input: CloseAccountInput!) { closeAccount(input: $input) {
  __typename ... on AccountClosed { kept { kind law until } } ... on Refusal { code message } } }"""

CHECK = "{ me { identityCheck { id status } } }"
DECIDE = """mutation ($input: DecideIdentityCheckInput!) { decideIdentityCheck(input: $input) {
  ... on IdentityCheck { status } ... on Refusal { code } } }"""
REJECT = """mutation ($input: RejectCreditRequestInput!) { rejectCreditRequest(input: $input) {
  __typename ... on Refusal { code } } }"""

PAYER = {"name": "Otávio Prates", "tax_id": "86288366757", "bank": "Banco das Veredas"}
"""Nobody of ours: from whose account a deposit came."""

STAFF_WROTE = "Quem conhece o caso é Zulmira Quaresma, tel. 98111-2233."

Dump = dict[str, bytes]
"""Everything that lies in a column, by `domain.table.column`."""


class NotingClient(Client):
    """Remembers what people typed about themselves."""

    def __init__(self, addresses: Addresses) -> None:
        super().__init__(addresses)
        self.typed: dict[str, list[str]] = {}

    async def graphql(self, document: str, variables: dict[str, Any] | None = None, *, token: str | None = None) -> Any:
        if document == people.SIGN_UP and variables is not None:
            form = variables["input"]
            data = [form["name"], short_name(form["name"]), form["email"], form["phone"], form["cpf"]]
            self.typed[form["name"]] = data
        return await super().graphql(document, variables, token=token)


@dataclass
class Told:
    """The product after the story, with one more person who has taken all their money out again."""

    product: Product
    client: NotingClient
    beatriz: people.Person
    farmer: people.Person
    analyst: people.Person
    everybodys: list[str] = field(default_factory=list)

    @property
    def beatriz_data(self) -> list[str]:
        return [*self.client.typed[self.beatriz.name], BANK_ACCOUNT["accountNumber"], "97531864"]


@pytest_asyncio.fixture(scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Told]:
    product = Product(tmp_path_factory.mktemp("product"))
    async with running(product) as addresses:
        client = NotingClient(addresses)
        try:
            story = await tell(client, Narrator())
            beatriz = await somebody_who_came_and_went(client)
            of_demo = [
                text for one in DEMO_PEOPLE for text in (one.name, short_name(one.name), one.email, one.phone, one.cpf)
            ]
            everybodys = [text for typed in client.typed.values() for text in typed] + of_demo
            yield Told(
                product,
                client,
                beatriz,
                story.farmer,
                story.analyst,
                [text for text in everybodys if " " in text or not text.isalpha()],
            )
        finally:
            await client.close()


async def somebody_who_came_and_went(client: NotingClient) -> people.Person:
    narrator = Narrator()
    beatriz = await people.sign_up(client, narrator, "Beatriz Vasconcelos", "INVESTOR")
    await people.prove_identity(client, narrator, beatriz)
    await people.deposit(client, narrator, beatriz, "200.00")
    await somebody_else_pays(client, beatriz)
    form = {**BANK_ACCOUNT, "idempotencyKey": uuid.uuid4().hex}
    account = (await client.graphql(REGISTER, {"input": form}, token=beatriz.token))["registerBankAccount"]
    assert (account["holderName"], account["accountNumber"]) == (beatriz.name, BANK_ACCOUNT["accountNumber"])
    order = {"amount": {"amount": "200.00"}, "bankAccountId": account["id"], "idempotencyKey": uuid.uuid4().hex}
    answer = await client.graphql(WITHDRAW, {"input": order}, token=beatriz.token)
    withdrawal = people.expect(answer["requestWithdrawal"], "Withdrawal")

    async def settled() -> bool:
        seen = await client.graphql(STATUS, {"id": withdrawal["id"]}, token=beatriz.token)
        return bool(seen["withdrawal"]["status"] == "SETTLED")

    await client.until("the withdrawal arriving", settled)
    return beatriz


async def somebody_else_pays(client: Client, investor: people.Person) -> None:
    """A deposit that goes back to whose account it came from."""
    form = {"amount": {"amount": "2.00"}, "idempotencyKey": uuid.uuid4().hex}
    made = (await client.graphql(people.DEPOSIT, {"input": form}, token=investor.token))["createDeposit"]
    paid = {"txid": people.expect(made, "Deposit")["pix"]["txid"], "payer": PAYER}
    await client.post(f"{client.addresses.wallet}/sandbox/pix/pay", paid)


async def close_account(told: Told) -> dict[str, Any]:
    """Closes it as soon as accounts has heard that nothing is open any more."""

    async def closed() -> dict[str, Any] | None:
        form = {"input": {"password": people.PASSWORD}}
        answer = (await told.client.graphql(CLOSE, form, token=told.beatriz.token))["closeAccount"]
        if answer.get("code") == "AccountHasOpenBusiness":
            return None
        return people.expect(answer, "AccountClosed")

    return await told.client.until("the account being closed", closed)


# ── dumping and searching ──


async def dump(product: Product) -> Dump:
    server = product.admin_url().rpartition("/")[0]
    found: Dump = {}
    for name in await databases(server):
        connection = await asyncpg.connect(f"{server}/{name}")
        try:
            for table in await connection.fetch(
                "SELECT table_name FROM information_schema.tables "
                "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            ):
                rows = await connection.fetch(f'SELECT * FROM "{table[0]}"')  # noqa: S608  # from the catalogue
                for column in rows[0].keys() if rows else ():
                    place = f"{name.removeprefix('peerseed_')}.{table[0]}.{column}"
                    found[place] = b"\n".join(as_bytes(row[column]) for row in rows)
        finally:
            await connection.close()
    return found


async def databases(server: str) -> list[str]:
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        return [row[0] for row in await connection.fetch("SELECT datname FROM pg_database WHERE NOT datistemplate")]
    finally:
        await connection.close()


def as_bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def forms_of(text: str) -> set[bytes]:
    """The ways in which *text* may have been written down."""
    spellings = {text, text.lower(), text.upper(), json.dumps(text)[1:-1], urllib.parse.quote(text)}
    digits = re.sub(r"\D", "", text)
    if len(digits) == 11 and not re.search("[a-z+]", text):  # a CPF
        spellings |= {digits, f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"}
    if text.startswith("+55"):
        spellings |= {text[3:], text[1:], f"({text[3:5]}) {text[5:10]}-{text[10:]}"}
    plain = {spelling.encode() for spelling in spellings}
    return plain | {raw.hex().encode() for raw in plain} | {form for raw in plain for form in base64_of(raw)}


def base64_of(raw: bytes) -> Iterable[bytes]:
    """What *raw* looks like inside base64 of something longer, whatever stands before it."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).rstrip(b"=")
        yield encoded[4 if before else 0 : -1]


def places_of(data: Iterable[str], dumped: Dump) -> dict[str, set[str]]:
    """Where each of *data* lies: places by datum."""
    found: dict[str, set[str]] = {}
    for text in data:
        forms = forms_of(text)
        places = {place for place, content in dumped.items() if any(form in content for form in forms)}
        if places:
            found[text] = places
    return found


def test_every_way_of_writing_is_found() -> None:
    cpf, name = "52998224725", "Júlia Prado"
    written = [
        b"cpf 529.982.247-25",
        b'{"cpf": "52998224725"}',
        b"x" + base64.b64encode(b"ab 52998224725 cd"),
        b"52998224725".hex().encode(),
    ]
    assert [bool(places_of([cpf], {"here": content})) for content in written] == [True] * 4
    assert places_of([name], {"here": json.dumps({"name": name}).encode()}) == {name: {"here"}}
    assert places_of([name], {"here": base64.b64encode(f"olá, {name}!".encode())}) == {name: {"here"}}
    assert places_of(["+5565999990001"], {"here": b"(65) 99999-0001"}) == {"+5565999990001": {"here"}}
    assert places_of([cpf, name], {"here": b"nothing of the kind"}) == {}


# ── the facts ──

OF_ACCOUNTS = {
    "accounts.users.display_name",
    "accounts.users.full_name",
    "accounts.users.email",
    "accounts.users.email_key",
    "accounts.users.phone",
    "accounts.alerts.email",
    "accounts.alerts.email_key",
    "accounts.confirmations.contact",
}
"""Where accounts itself has people's names and addresses. CPFs lie nowhere in the clear."""


async def test_only_accounts_own_tables_say_who_people_are(told: Told) -> None:
    assert len(told.everybodys) >= 5 * 9
    found = places_of([*told.everybodys, BANK_ACCOUNT["accountNumber"]], await dump(told.product))
    assert set().union(*found.values()) <= OF_ACCOUNTS
    assert [text for text in found if re.fullmatch(r"[\d.-]{11,14}", text)] == []
    assert told.beatriz.name in found  # the search does find what is there


async def test_what_staff_write_about_somebody_lies_where_it_was_written(told: Told) -> None:
    """The decision has it, and the record of decisions; no event, no inbox and no other domain."""
    check_id = await check_to_decide(told.client)
    decided = {"identityCheckId": check_id, "decision": "REJECT", "reason": STAFF_WROTE}
    answer = await told.client.graphql(DECIDE, {"input": decided}, token=told.analyst.token)
    assert answer["decideIdentityCheck"] == {"status": "REJECTED"}
    request_id = await credit.ask_for_credit(told.client, Narrator(), told.farmer)
    form = {"input": {"creditRequestId": request_id, "reason": STAFF_WROTE}}

    async def rejected() -> bool:
        answer = await told.client.graphql(REJECT, form, token=told.analyst.token)
        return bool(answer["rejectCreditRequest"]["__typename"] == "CreditRequest")

    await told.client.until("the request being scored and rejected", rejected)

    async def heard() -> bool:
        titles = (await dump(told.product))["notifications.notifications.title_english"]
        return b"Request not approved" in titles and b"Identity not verified" in titles

    await told.client.until("both being told", heard)
    assert places_of([STAFF_WROTE], await dump(told.product)) == {
        STAFF_WROTE: {"accounts.audit_entries.reason", "accounts.identity_checks.reason", "credit.decisions.reason"}
    }


async def check_to_decide(client: NotingClient) -> str:
    """The identity check of somebody new, which waits for the analyst."""
    person = await people.sign_up(client, Narrator(), "Otávio Siqueira", "INVESTOR")
    uploads = f"{client.addresses.accounts}/uploads"
    selfie = await client.upload(uploads, people.SELFIE, "image/png", token=person.token)
    document = people.DOCUMENT + b" SANDBOX:REVIEW"
    uploaded = await client.upload(uploads, document, "application/pdf", token=person.token)
    form = {"selfieUploadId": selfie["id"], "documentUploadId": uploaded["id"]}
    await client.graphql(people.VERIFY, {"input": form}, token=person.token)

    async def referred() -> str | None:
        check = (await client.graphql(CHECK, token=person.token))["me"]["identityCheck"]
        return str(check["id"]) if check["status"] == "IN_REVIEW" else None

    return await client.until("the analyst having to look", referred)


async def test_after_closing_no_database_says_who_the_person_was(told: Told) -> None:
    answer = await close_account(told)
    assert {(kept["kind"], kept["law"], kept["until"] is None) for kept in answer["kept"]} == {
        (kind.value, retained.law, retained.kept_for is None) for kind, retained in RETAINED.items()
    }

    async def forgotten() -> bool:
        dumped = await dump(told.product)
        return told.beatriz.id.encode() not in dumped.get("notifications.notifications.user_id", b"") and (
            told.beatriz.id.encode() in dumped.get("notifications.closed_people.user_id", b"")
        )

    await told.client.until("every domain hearing of it", forgotten)
    assert places_of(told.beatriz_data, await dump(told.product)) == {}


async def test_what_is_kept_is_what_the_list_declares_and_sealed(told: Told) -> None:
    dumped = await dump(told.product)
    declared = {column for retained in RETAINED.values() for column in retained.columns}
    assert declared - dumped.keys() == set()
    for kind in (Retention.IDENTIFICATION, Retention.WITHDRAWAL_DESTINATIONS, Retention.PAYERS, Retention.SIGNATURES):
        for column in RETAINED[kind].columns:
            assert dumped[column] not in (b"", b"None")
            assert places_of([*told.everybodys, *PAYER.values()], {column: dumped[column]}) == {}
