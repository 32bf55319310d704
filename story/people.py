"""Chapter 1: people sign up, confirm their e-mail, prove who they are, and bring money."""

import random
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

from launch.people import DEMO_PEOPLE
from story.client import Client, StoryFailed
from story.narrator import Narrator
from story.tax_ids import cpf_of

PASSWORD = "Colheita#2026"  # noqa: S105  # of people made up for one telling of the story

SELFIE = b"\x89PNG\r\n\x1a\n" + b"selfie of a person holding a document"
DOCUMENT = b"%PDF-1.7\n" + b"identity document, front and back" + b"\n%%EOF\n"


@dataclass
class Person:
    """Somebody in the story, signed in."""

    name: str
    email: str
    token: str = ""
    id: str = ""
    password: str = PASSWORD


@dataclass(frozen=True)
class Cast:
    """Who takes part."""

    farmer: Person
    investors: tuple[Person, ...]
    """The first of them has a phone."""
    analyst: Person
    admin: Person

    @property
    def everybody(self) -> tuple[Person, ...]:
        return (self.farmer, *self.investors, self.analyst, self.admin)


def new_cpf(draw: random.Random | None = None) -> str:
    """A CPF nobody has, with right check digits (Receita Federal's modulus 11); the same for the same *draw*."""
    draw = draw or random.Random()  # noqa: S311  # a made-up person
    return cpf_of(int("".join(str(draw.randrange(10)) for _ in range(9))))


SIGN_UP = """mutation SignUp($input: SignUpInput!) { signUp(input: $input) {
  __typename ... on SignUpAccepted { email } ... on Refusal { code message } } }"""

CONSENT_TEXTS = "query ConsentTexts { consentTexts { purpose version } }"

CONFIRM = """mutation Confirm($input: ConfirmContactInput!) { confirmContact(input: $input) {
  __typename ... on Refusal { code message } } }"""

SIGN_IN = """mutation SignIn($input: SignInInput!) { signIn(input: $input) {
  __typename ... on SignedIn { accessToken user { id displayName } } ... on Refusal { code message } } }"""

VERIFY = """mutation Verify($input: SubmitIdentityCheckInput!) { submitIdentityCheck(input: $input) {
  __typename ... on Refusal { code message } } }"""

IDENTITY = "query Identity { me { identityStatus wallet { id } } }"

DEPOSIT = """mutation Deposit($input: CreateDepositInput!) { createDeposit(input: $input) {
  __typename ... on Deposit { id pix { txid brCode } } ... on Refusal { code message } } }"""

BALANCE = "query Balance { me { wallet { available { amount } held { amount } } } }"


def expect(answer: dict[str, Any], typename: str) -> dict[str, Any]:
    """The answer of a mutation. Raises StoryFailed when it is not the *typename* that the story tells."""
    if answer["__typename"] != typename:
        raise StoryFailed(f"expected {typename}, got {answer}")
    return answer


AGREED_AS = {
    "FARMER": ("TERMS_OF_USE", "PRIVACY_POLICY", "CREDIT_BUREAU"),
    "INVESTOR": ("TERMS_OF_USE", "PRIVACY_POLICY", "INVESTMENT_RISK"),
}
"""What people agree to in the sign-up's form, by what they want to do."""


async def consents_of(client: Client, *profiles: str) -> list[dict[str, Any]]:
    """What the form of somebody with these *profiles* says of texts, each in its newest version."""
    texts = (await client.graphql(CONSENT_TEXTS))["consentTexts"]
    newest = {text["purpose"]: text["version"] for text in texts}
    wanted = {purpose for profile in profiles for purpose in AGREED_AS[profile]}
    return [{"purpose": purpose, "version": newest[purpose]} for purpose in sorted(wanted)]


async def sign_up(
    client: Client, narrator: Narrator, name: str, *profiles: str, without: Collection[str] = ()
) -> Person:
    """A new person, confirmed and signed in, who has agreed to what they do here but for the purposes *without*."""
    first = name.split(maxsplit=1)[0].lower()
    person = Person(name, f"{first}.{uuid.uuid4().hex[:10]}@story.peerseed.example")
    form = {
        "name": name,
        "email": person.email,
        "password": person.password,
        "birthDate": "1985-03-14",
        "phone": f"+55659{random.randrange(10**8):08d}",  # noqa: S311  # a made-up number
        "cpf": new_cpf(),
        "profiles": list(profiles),
        "consents": [one for one in await consents_of(client, *profiles) if one["purpose"] not in without],
    }
    expect((await client.graphql(SIGN_UP, {"input": form}))["signUp"], "SignUpAccepted")

    async def letter_arrived() -> str | None:
        letters = await client.get(f"{client.addresses.accounts}/sandbox/messages", to=person.email)
        tokens = [letter["data"]["token"] for letter in letters if "token" in letter["data"]]
        return tokens[-1] if tokens else None

    link_token = await client.until(f"the confirmation link of {name}", letter_arrived)
    expect((await client.graphql(CONFIRM, {"input": {"token": link_token}}))["confirmContact"], "ContactConfirmed")
    await sign_in(client, person)
    narrator.step(f"{name} signs up, follows the link in the e-mail and signs in ({', '.join(profiles).lower()})")
    return person


async def sign_in(client: Client, person: Person) -> None:
    credentials = {"email": person.email, "password": person.password}
    answer = expect((await client.graphql(SIGN_IN, {"input": credentials}))["signIn"], "SignedIn")
    person.token, person.id = answer["accessToken"], answer["user"]["id"]


async def staff(client: Client, role: str) -> Person:
    """One of the demo's staff, signed in."""
    known = next(person for person in DEMO_PEOPLE if role in person.staff_roles)
    return await demo_person(client, known.email)


async def demo_person(client: Client, email: str) -> Person:
    """Who can sign in to every local product, signed in."""
    known = next(person for person in DEMO_PEOPLE if person.email == email)
    person = Person(known.name, known.email, password=known.password)
    await sign_in(client, person)
    return person


async def demo_cast(client: Client, narrator: Narrator) -> Cast:
    """The people whose sign-ins are printed at the start, as soon as their wallets are there."""
    farmer, marina, carlos, ana, admin = [
        await demo_person(client, f"{name}@demo.peerseed.example")
        for name in ("sergio", "marina", "carlos", "ana", "admin")
    ]

    async def ready(person: Person) -> bool:
        me = (await client.graphql(IDENTITY, token=person.token))["me"]
        return me["identityStatus"] == "VERIFIED" and me["wallet"] is not None

    for person in (farmer, marina, carlos):
        await client.until(f"the wallet of {person.name}", partial(ready, person))
    cast = Cast(farmer, (marina, carlos), ana, admin)
    narrator.step(f"{', '.join(person.name for person in cast.everybody)} sign in")
    return cast


async def new_cast(client: Client, narrator: Narrator) -> Cast:
    """People whom nobody knows yet, but for the staff."""
    analyst, admin = await staff(client, "ANALYST"), await staff(client, "ADMIN")
    farmer = await sign_up(client, narrator, "Sérgio Almeida", "FARMER")
    marina = await sign_up(client, narrator, "Marina Costa", "INVESTOR")
    carlos = await sign_up(client, narrator, "Carlos Nogueira", "INVESTOR")
    julia = await sign_up(client, narrator, "Júlia Prado", "INVESTOR")
    for person in (farmer, marina, carlos, julia):
        await prove_identity(client, narrator, person)
    return Cast(farmer, (marina, carlos, julia), analyst, admin)


async def submit_identity(client: Client, person: Person, document: bytes) -> None:
    """Selfie and document are uploaded and given to be checked."""
    uploads = f"{client.addresses.accounts}/uploads"
    selfie = await client.upload(uploads, SELFIE, "image/png", token=person.token)
    paper = await client.upload(uploads, document, "application/pdf", token=person.token)
    form = {"selfieUploadId": selfie["id"], "documentUploadId": paper["id"]}
    answer = await client.graphql(VERIFY, {"input": form}, token=person.token)
    if "code" in answer["submitIdentityCheck"]:
        raise StoryFailed(f"the identity check was refused: {answer}")


async def prove_identity(client: Client, narrator: Narrator, person: Person) -> None:
    """Selfie and document are uploaded and checked; the wallet opens meanwhile."""
    await submit_identity(client, person, DOCUMENT)

    async def verified() -> bool:
        me = (await client.graphql(IDENTITY, token=person.token))["me"]
        return me["identityStatus"] == "VERIFIED" and me["wallet"] is not None

    await client.until(f"the identity of {person.name} being verified", verified)
    narrator.step(f"{person.name} uploads a selfie and a document; the identity is verified")


async def deposit(client: Client, narrator: Narrator, person: Person, amount: str) -> None:
    """A Pix code is asked for, paid at the payer's bank, and the gateway's signed webhook brings the money."""
    before = await available(client, person)
    request = {"amount": {"amount": amount}, "idempotencyKey": f"deposit-{uuid.uuid4().hex}"}
    answer = await client.graphql(DEPOSIT, {"input": request}, token=person.token)
    charge = expect(answer["createDeposit"], "Deposit")
    await pay_pix(client, charge["pix"]["txid"], amount)

    async def arrived() -> bool:
        return await available(client, person) != before

    await client.until(f"the deposit of {person.name}", arrived)
    narrator.step(f"{person.name} deposits R$ {amount} by Pix; available now R$ {await available(client, person)}")


async def pay_pix(client: Client, txid: str, amount: str) -> None:
    """What the payer's bank does when somebody scans the code."""
    await client.post(f"{client.addresses.wallet}/sandbox/pix/pay", {"txid": txid, "amount": amount})


async def available(client: Client, person: Person) -> str:
    balance: str = (await client.graphql(BALANCE, token=person.token))["me"]["wallet"]["available"]["amount"]
    return balance
