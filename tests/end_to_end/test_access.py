"""
Nobody sees what is another's, by any path: every entity at its subgraph's own door, every root field, every route.

What is asked is taken from the schemas, field by field; so an entity, a field or a root field that nobody has
decided about fails here.
"""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import aiohttp
import jwt
import pytest
import pytest_asyncio
from graphql import (
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)
from sqlalchemy import text

from launch.databases import DOMAINS
from launch.home import ROOT
from launch.story.people import SELFIE
from router.supergraph import load_supergraph
from subgraphs.accounts.domain.signing_keys import Signer
from subgraphs.shared import scopes
from tests.end_to_end.told_things import CONTENT, Things, gather, key, prove_again
from tests.fixtures.parts import ToldParts

pytestmark = [pytest.mark.attack, pytest.mark.timeout(300)]  # the first test tells the story

Sight = Callable[[frozenset[str]], frozenset[str] | None]
"""Of all fields of an entity, those that somebody sees; None where the whole entity is absent."""

ARGUMENTS = {"incomeStatement": "(year: 2026)"}


def everything(fields: frozenset[str]) -> frozenset[str]:
    return fields


def nothing(_fields: frozenset[str]) -> None:
    return None


def only(*names: str) -> Sight:
    return lambda fields: frozenset(names) & fields


def all_but(*names: str) -> Sight:
    return lambda fields: fields - frozenset(names)


@dataclass(frozen=True)
class Case:
    """Who sees which fields of one entity at one subgraph's `_entities`. Anonymous askers see none, ever."""

    domain: str
    type: str
    thing: str
    """Its name in `Things.ids`."""
    owner: str
    others: Sight
    staff: Sight
    owners: Sight = everything
    analyst: Sight | None = None
    """The analyst, where they see less than the administrator."""
    carlos: Sight | None = None
    """The fellow investor, where that makes a difference."""
    unset: tuple[str, ...] = ()
    """Fields that the story has left without a value."""


ID_ONLY = only("id")

CASES = [
    Case("accounts", "User", "farmer", "farmer", only("id", "displayName", "profiles"), everything,
         analyst=only("id", "displayName", "profiles", "fullName", "birthDate", "maskedCpf", "identityStatus",
                      "identityCheck")),
    Case("accounts", "IdentityCheck", "identity check", "farmer", nothing, everything, all_but("history"),
         unset=("reason",)),
    Case("credit", "AgroScore", "score", "farmer", nothing, everything),
    Case("credit", "CPR", "CPR", "farmer", everything, everything),
    Case("credit", "CPR", "drafted CPR", "farmer", nothing, everything),
    Case("credit", "CreditRequest", "credit request", "farmer", nothing, everything, all_but("applicant", "bureau")),
    Case("credit", "User", "farmer", "farmer", ID_ONLY, everything),
    Case("contracts", "CPR", "CPR", "farmer", all_but("creditRequest", "document"), everything,
         unset=("settledAt", "cancelledAt", "cancellationReason")),
    Case("contracts", "CPR", "drafted CPR", "farmer", nothing, everything,
         unset=("signedAt", "issuedOn", "registrationDueOn", "registeredAt", "registry", "registrationNumber",
                "disbursedAt", "settledAt", "cancelledAt", "cancellationReason", "nextInstallment")),
    Case("contracts", "CreditRequest", "credit request", "farmer", ID_ONLY, everything),
    Case("contracts", "Installment", "paid installment", "farmer", everything, everything, unset=("lateCharges",)),
    Case("contracts", "Installment", "drafted installment", "farmer", nothing, everything,
         unset=("lateCharges", "paidAt")),
    Case("contracts", "User", "farmer", "farmer", ID_ONLY, everything),
    Case("marketplace", "CPR", "CPR", "farmer", everything, everything),
    Case("marketplace", "Investment", "investment", "marina", nothing, nothing, unset=("endedAt", "refusalReason")),
    Case("marketplace", "Offering", "offering", "farmer", everything, everything, unset=("decideBy",)),
    Case("marketplace", "User", "marina", "marina", ID_ONLY, ID_ONLY),
    Case("wallet", "Charge", "charge", "farmer", nothing, nothing, unset=("paidAt", "boleto")),
    Case("wallet", "Deposit", "deposit", "marina", nothing, nothing),
    Case("wallet", "Installment", "unpaid installment", "farmer", ID_ONLY, ID_ONLY),
    Case("wallet", "User", "marina", "marina", ID_ONLY, ID_ONLY),
    Case("wallet", "Wallet", "wallet", "marina", nothing, nothing),
    Case("wallet", "Withdrawal", "withdrawal", "marina", nothing, nothing, unset=("returnReason",)),
    Case("distribution", "CPR", "CPR", "marina", ID_ONLY, everything, analyst=ID_ONLY, carlos=everything),
    Case("distribution", "Distribution", "distribution", "marina", nothing, everything,
         all_but("fee", "tax", "net"), analyst=nothing, carlos=all_but("fee", "tax", "net")),
    Case("distribution", "Installment", "paid installment", "marina", ID_ONLY, everything, analyst=ID_ONLY,
         carlos=everything),
    Case("distribution", "Investment", "investment", "marina", nothing, everything, analyst=nothing),
    Case("distribution", "Payout", "payout", "marina", nothing, everything, analyst=nothing),
    Case("distribution", "User", "marina", "marina", ID_ONLY, everything, analyst=ID_ONLY),
    # Notifications knows these by their key alone, and gives nothing else.
    Case("notifications", "AgroScore", "score", "farmer", ID_ONLY, ID_ONLY),
    Case("notifications", "Deposit", "deposit", "marina", ID_ONLY, ID_ONLY),
    Case("notifications", "Investment", "investment", "marina", ID_ONLY, ID_ONLY),
    Case("notifications", "Payout", "payout", "marina", ID_ONLY, ID_ONLY),
    Case("notifications", "Withdrawal", "withdrawal", "marina", ID_ONLY, ID_ONLY),
    Case("notifications", "Notification", "notification", "marina", nothing, nothing, unset=("readAt",)),
    Case("notifications", "User", "marina", "marina", ID_ONLY, ID_ONLY),
]  # fmt: skip

SIGNED_IN = ("farmer", "marina", "carlos", "stranger", "analyst", "admin")


@pytest_asyncio.fixture(scope="module")
async def things(told_parts: ToldParts) -> Things:
    return await gather(told_parts)


def schema_of(domain: str) -> Any:
    return import_module(f"subgraphs.{domain}.api.schema").schema


def fields_of(domain: str, typename: str) -> dict[str, Any]:
    entity = schema_of(domain)._schema.type_map[typename]  # Strawberry keeps the graphql-core schema there
    assert isinstance(entity, GraphQLObjectType)
    return entity.fields


def selection_of(type_: Any) -> str:
    """The shortest selection that shows whether there is something; pages show whether they are empty."""
    named = get_named_type(type_)
    if is_leaf_type(named):
        return ""
    return " { nodes { __typename } }" if "nodes" in getattr(named, "fields", {}) else " { __typename }"


def expected_of(case: Case, asker: str) -> frozenset[str] | None:
    fields = frozenset(fields_of(case.domain, case.type)) - frozenset(case.unset)
    if asker == case.owner:
        return case.owners(fields)
    if asker in ("analyst", "admin"):
        return (case.analyst if asker == "analyst" and case.analyst else case.staff)(fields)
    return (case.carlos if asker == "carlos" and case.carlos else case.others)(fields)


def seen_of(entity: dict[str, Any] | None) -> frozenset[str] | None:
    if entity is None:
        return None
    return frozenset(name for name, value in entity.items() if value is not None and value != {"nodes": []})


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.domain} {case.type} {case.thing}")
async def test_an_entity_shows_each_asker_what_is_theirs(case: Case, told_parts: ToldParts, things: Things) -> None:
    fields = fields_of(case.domain, case.type)
    wanted = " ".join(f"{name}{ARGUMENTS.get(name, '')}{selection_of(field.type)}" for name, field in fields.items())
    query = f"query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on {case.type} {{ {wanted} }} }} }}"
    representation: dict[str, Any] = {"__typename": case.type, "id": things.ids[case.thing]}
    if case.type == "Offering":
        representation["cpr"] = {"annualRate": "0.18", "termMonths": 12}

    async def seen_by(asker: str | None) -> frozenset[str] | None:
        token = getattr(things.cast, asker).token if asker else None
        answer = await told_parts.parts.ask(query, {"of": [representation]}, token=token, part=case.domain)
        return seen_of(answer.data["_entities"][0])

    assert await seen_by(None) is None
    seen = {asker: await seen_by(asker) for asker in SIGNED_IN}
    assert seen == {asker: expected_of(case, asker) for asker in SIGNED_IN}


def test_every_entity_of_every_subgraph_has_its_case() -> None:
    decided = {(case.domain, case.type) for case in CASES}
    assert decided == {
        (domain, name) for domain in DOMAINS for name in schema_of(domain)._entity_types
    }  # the list that `_entities` itself goes by


# ── root fields ──

OPEN = {
    "signUp",
    "confirmContact",
    "resendConfirmation",
    "signIn",
    "refreshToken",
    "requestPasswordReset",
    "resetPassword",
}
"""What somebody without a token may do."""

FOR_STAFF = {name for name, wanted in scopes.ROOTS.items() if set(wanted) <= set(scopes.STAFF)}


VALUES = {"ID": f'"{uuid.UUID(int=1)}"', "Int": "1", "Boolean": "true", "Decimal": '"100.00"', "Date": '"2026-01-01"'}


def literal_of(type_: Any) -> str:
    """Some value of an input type, with no more in it than has to be."""
    if is_list_type(nullable := get_nullable_type(type_)):
        return f"[{literal_of(nullable.of_type)}]"
    if is_enum_type(nullable):
        return str(next(iter(nullable.values)))
    if is_input_object_type(nullable):
        members = ((name, field.type) for name, field in nullable.fields.items() if is_required_input_field(field))
        return f"{{{', '.join(f'{name}: {literal_of(member)}' for name, member in members)}}}"
    return VALUES.get(nullable.name, '"anything"')


def call_of(root: str, name: str, field: Any) -> str:
    """An operation that selects the root field *name* and passes validation."""
    required = {key: argument.type for key, argument in field.args.items() if is_required_argument(argument)}
    arguments = ", ".join(f"{key}: {literal_of(type_)}" for key, type_ in required.items())
    return f"{root} {{ {name}{f'({arguments})' if arguments else ''}{selection_of(field.type)} }}"


def root_fields(domain: str) -> dict[str, str]:
    """The calls of every root field of *domain*, by name."""
    core = schema_of(domain)._schema  # Strawberry keeps the graphql-core schema there
    calls: dict[str, str] = {}
    for root, type_ in (("query", core.query_type), ("mutation", core.mutation_type)):
        fields = type_.fields if type_ else {}
        calls |= {name: call_of(root, name, field) for name, field in fields.items() if not name.startswith("_")}
    return calls


@pytest.mark.parametrize("domain", DOMAINS)
async def test_without_a_token_a_subgraph_is_as_closed_as_the_router(domain: str, told_parts: ToldParts) -> None:
    for name, call in root_fields(domain).items():
        for part in (domain, "router"):
            answer = await told_parts.parts.ask(call, part=part)
            assert answer.codes == ([] if name in OPEN else ["UNAUTHENTICATED"]), (part, name, answer)
            assert name in OPEN or answer.body.get("data") in (None, {name: None})


def test_every_root_field_is_in_the_table_or_open() -> None:
    roots = {name for domain in DOMAINS for name in (*root_fields(domain), *subscriptions(domain))}
    assert roots == OPEN | set(scopes.ROOTS)
    assert set(scopes.DOMAINS) == set(DOMAINS)
    assert set(scopes.SIGHTS) == set(scopes.OWN_SIGHTS) == set(scopes.Sight)


def test_what_is_for_staff() -> None:
    assert {name: scopes.ROOTS[name] for name in FOR_STAFF} == {
        "users": (scopes.ADMIN,),
        "identityChecks": scopes.STAFF,
        "decideIdentityCheck": scopes.STAFF,
        "suspendUser": (scopes.ADMIN,),
        "reactivateUser": (scopes.ADMIN,),
        "creditRequests": scopes.STAFF,
        "approveCreditRequest": (scopes.ANALYST,),
        "rejectCreditRequest": (scopes.ANALYST,),
        "ledgerTransfers": (scopes.ADMIN,),
        "booksCheck": (scopes.ADMIN,),
        "suspendedPayments": (scopes.ADMIN,),
        "resolveSuspendedPayment": (scopes.ADMIN,),
        "reverseTransfer": (scopes.ADMIN,),
        "undistributedPayments": (scopes.ADMIN,),
    }


ALL_SCOPES = (scopes.SIGNED_IN, scopes.FARMER, scopes.INVESTOR, *scopes.STAFF)


async def test_a_token_with_one_scope_opens_what_the_table_says(told_parts: ToldParts, things: Things) -> None:
    """Every query, with a token of a single scope: what the table does not name is forbidden."""
    signer = await told_parts.parts.signer()
    calls = {name: call for domain in DOMAINS for name, call in root_fields(domain).items() if call.startswith("query")}
    for scope in ALL_SCOPES:
        token = token_with(signer, things.cast.stranger.token, scope)
        for name, call in calls.items():
            answer = await told_parts.parts.ask(call, token=token)
            forbidden = "FORBIDDEN" in answer.codes
            assert forbidden == (scope not in scopes.ROOTS[name]), (scope, name, answer.codes)


async def test_a_narrowed_token_opens_only_its_domains_entities(told_parts: ToldParts, things: Things) -> None:
    signer = await told_parts.parts.signer()
    query = "query($of: [_Any!]!) { _entities(representations: $of) { ... on User { id } } }"
    representation = {"__typename": "User", "id": things.cast.stranger.id}
    for scope in ALL_SCOPES:
        token = token_with(signer, things.cast.stranger.token, scope)
        for domain in ("accounts", "credit", "contracts", "marketplace", "wallet", "distribution", "notifications"):
            answer = await told_parts.parts.ask(query, {"of": [representation]}, token=token, part=domain)
            assert (answer.codes == ["FORBIDDEN"]) == (scope not in scopes.DOMAINS[domain]), (scope, domain, answer)


def token_with(signer: Signer, token: str, scope: str) -> str:
    """*token* as accounts would have given it for *scope* alone."""
    claims = jwt.decode(token, options={"verify_signature": False}) | {"scope": scope}
    return jwt.encode(claims, signer.private_key, algorithm="EdDSA", headers={"kid": signer.key_id})


async def test_each_look_of_staff_at_somebodys_data_is_written_down_once(told_parts: ToldParts, things: Things) -> None:
    """Per request, person and kind; looking at one's own, and at what everybody sees, is no look."""
    query = """query($id: ID!) { user(id: $id) { displayName fullName birthDate email phone
      sessions { id } agroScore { score } payouts(first: 1) { nodes { net { amount } } } } }"""
    marina, admin = things.cast.marina, things.cast.admin

    async def looks() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for domain in ("accounts", "credit", "contracts", "distribution"):
            database = told_parts.parts.database(domain)
            async with database.read() as session:
                rows = await session.execute(
                    text("SELECT sight FROM staff_looks WHERE actor_id = :actor AND user_id = :whose ORDER BY sight"),
                    {"actor": admin.id, "whose": marina.id},
                )
                found[domain] = [row[0] for row in rows]
            await database.close()
        return found

    before = await looks()
    assert (await told_parts.parts.ask(query, {"id": marina.id}, token=admin.token)).data["user"]["email"]
    assert {domain: Counter(seen) - Counter(before[domain]) for domain, seen in (await looks()).items()} == {
        "accounts": Counter(["CONTACT", "IDENTITY", "SIGN_INS"]),
        "credit": Counter(["CREDIT"]),
        "contracts": Counter(),
        "distribution": Counter(["INCOME"]),
    }
    after = await looks()
    public = "query($id: ID!) { user(id: $id) { displayName profiles } }"
    assert (await told_parts.parts.ask(public, {"id": marina.id}, token=admin.token)).data["user"]
    assert await looks() == after


# ── subscriptions ──


def subscriptions(domain: str) -> dict[str, str]:
    """The subscriptions to every field that *domain* lets one listen to, by name."""
    type_ = schema_of(domain)._schema.subscription_type  # Strawberry keeps the graphql-core schema there
    return {name: call_of("subscription", name, field) for name, field in (type_.fields if type_ else {}).items()}


async def test_without_a_token_nobody_listens(told_parts: ToldParts) -> None:
    calls = {(domain, name): call for domain in DOMAINS for name, call in subscriptions(domain).items()}
    assert set(calls) == {("notifications", "notificationReceived")}
    for (domain, name), call in calls.items():
        for part in (domain, "router"):
            async with told_parts.parts.listen(call, part=part) as answers:
                (answer,) = [one async for one in answers]
            assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"], (part, name)
            assert answer["data"] is None


async def test_by_no_notification_of_anothers_one_gets_into_their_inbox(told_parts: ToldParts, things: Things) -> None:
    query = "subscription($after: ID) { notificationReceived(after: $after) { id } }"
    variables = {"after": things.ids["notification"]}
    for asker in ("stranger", "carlos", "analyst", "admin"):
        for part in ("notifications", "router"):
            token = getattr(things.cast, asker).token
            async with told_parts.parts.listen(query, variables, token=token, part=part) as answers:
                (answer,) = [one async for one in answers]
            assert answer["errors"][0]["extensions"]["code"] == "NOTIFICATION_NOT_FOUND"
            assert answer["data"] is None


# ── through the router ──

PUBLIC_OF_A_PERSON = frozenset({"id", "displayName", "profiles"})


def whole_person() -> str:
    """Every field that any domain gives a person."""
    text = (ROOT / "schema" / "supergraph.graphql").read_text()
    fields = load_supergraph(text).public_schema.type_map["User"].fields
    return " ".join(f"{name}{ARGUMENTS.get(name, '')}{selection_of(field.type)}" for name, field in fields.items())


@pytest.mark.parametrize("person", ["farmer", "marina"])
async def test_of_others_one_sees_the_name_and_what_they_do(person: str, told_parts: ToldParts, things: Things) -> None:
    query = f"query($id: ID!) {{ user(id: $id) {{ {whole_person()} }} }}"
    answer = await told_parts.parts.ask(query, {"id": things.ids[person]}, token=things.cast.stranger.token)
    assert seen_of(answer.data["user"]) == PUBLIC_OF_A_PERSON


async def test_no_path_leads_from_an_offering_to_what_is_private(told_parts: ToldParts, things: Things) -> None:
    query = f"""query($id: ID!) {{ offering(id: $id) {{ cpr {{
      creditRequest {{ id }} document distributions {{ nodes {{ id }} }} farmer {{ {whole_person()} }}
      installments {{ charge {{ id }} distribution {{ id }} cpr {{ farmer {{ wallet {{ id }} }} }} }} }} }} }}"""
    answer = await told_parts.parts.ask(query, {"id": things.ids["offering"]}, token=things.cast.stranger.token)
    cpr = answer.data["offering"]["cpr"]
    assert (cpr["creditRequest"], cpr["document"], cpr["distributions"]) == (None, None, {"nodes": []})
    assert seen_of(cpr["farmer"]) == PUBLIC_OF_A_PERSON
    private = {"charge": None, "distribution": None, "cpr": {"farmer": {"wallet": None}}}
    assert cpr["installments"] == [private] * 12


async def test_a_holder_sees_of_a_distribution_only_their_own_part(told_parts: ToldParts, things: Things) -> None:
    query = """query($id: ID!) { cpr(id: $id) { distributions(first: 5) { nodes { fee { amount } tax { amount }
      payouts(first: 5) { nodes { investment { investor { id wallet { id } }
      payouts(first: 5) { nodes { __typename } } } } } } } } }"""
    answer = await told_parts.parts.ask(query, {"id": things.ids["CPR"]}, token=things.cast.carlos.token)
    (split,) = answer.data["cpr"]["distributions"]["nodes"]
    assert (split["fee"], split["tax"]) == (None, None)
    assert [payout["investment"]["investor"]["id"] for payout in split["payouts"]["nodes"]] == [things.cast.carlos.id]


BY_ID = {
    "cpr": "drafted CPR",
    "installment": "drafted installment",
    "creditRequest": "credit request",
    "deposit": "deposit",
    "withdrawal": "withdrawal",
    "notification": "notification",
}


@pytest.mark.parametrize(("field", "thing"), BY_ID.items(), ids=BY_ID)
async def test_knowing_an_id_opens_nothing(field: str, thing: str, told_parts: ToldParts, things: Things) -> None:
    query = f"query($id: ID!) {{ {field}(id: $id) {{ id }} }}"
    answer = await told_parts.parts.ask(query, {"id": things.ids[thing]}, token=things.cast.stranger.token)
    assert answer.data == {field: None}


MEDDLING = {
    "signCPR(input: {cprId: $id, idempotencyKey: $key})": ("drafted CPR", "CPRNotFound"),
    "createCharge(input: {installmentId: $id, method: PIX, idempotencyKey: $key})":
        ("unpaid installment", "InstallmentNotOwed"),
    "payInstallment(input: {installmentId: $id, idempotencyKey: $key})": ("unpaid installment", "InstallmentNotOwed"),
    "endSession(input: {sessionId: $id})": ("session", "SessionNotFound"),
    "removeBankAccount(input: {bankAccountId: $id})": ("bank account", "BankAccountNotFound"),
    'requestWithdrawal(input: {bankAccountId: $id, amount: {amount: "10"}, idempotencyKey: $key})':
        ("bank account", "BankAccountNotFound"),
    "takePartialFunding(input: {offeringId: $id, idempotencyKey: $key})": ("offering", "OfferingNotFound"),
    "extendOffering(input: {offeringId: $id, idempotencyKey: $key})": ("offering", "OfferingNotFound"),
    "cancelOffering(input: {offeringId: $id, idempotencyKey: $key})": ("offering", "OfferingNotFound"),
    "markNotificationsRead(input: {ids: [$id]})": ("notification", "NotificationsMarkedRead"),
}  # fmt: skip

OWNERS_VIEW = """query { me { id sessions { id } bankAccounts { id } unreadCount
  wallet { available { amount } held { amount } processing { amount } } cprs { nodes { id status } } } }"""


@pytest.mark.parametrize("mutation", MEDDLING, ids=lambda mutation: mutation.partition("(")[0])
async def test_nobody_changes_what_is_anothers(mutation: str, told_parts: ToldParts, things: Things) -> None:
    thing, expected = MEDDLING[mutation]
    owners = (things.cast.farmer, things.cast.marina)
    before = [(await told_parts.parts.ask(OWNERS_VIEW, token=owner.token)).data for owner in owners]
    declared = "$id: ID!, $key: String!" if "$key" in mutation else "$id: ID!"
    variables = {"id": things.ids[thing]} | ({"key": key("meddling")} if "$key" in mutation else {})
    await prove_again(told_parts.client, things.cast.stranger)
    answer = await told_parts.parts.ask(
        f"mutation({declared}) {{ done: {mutation} {{ __typename }} }}", variables, token=things.cast.stranger.token
    )
    assert answer.data == {"done": {"__typename": expected}}
    assert [(await told_parts.parts.ask(OWNERS_VIEW, token=owner.token)).data for owner in owners] == before


# ── routes beside GraphQL ──


@pytest.mark.parametrize(
    ("domain", "path", "thing"),
    [("accounts", "/uploads", "selfie"), ("credit", "/credit/documents", "document")],
    ids=["upload", "credit document"],
)
async def test_a_file_is_its_owners_and_staffs(
    domain: str, path: str, thing: str, told_parts: ToldParts, things: Things
) -> None:
    parts, cast = told_parts.parts, things.cast
    url = f"{parts.bases[domain]}{path}/{things.ids[thing]}"
    refused = await parts.get(url)
    assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    others = [(await parts.get(url, token=person.token)).status for person in (cast.stranger, cast.carlos)]
    assert others == [404, 404]
    contents = [await parts.get(url, token=person.token) for person in (cast.farmer, cast.analyst, cast.admin)]
    assert [answer.status for answer in contents] == [200, 200, 200]
    assert {answer.body for answer in contents} == {SELFIE if thing == "selfie" else CONTENT}


async def test_a_document_is_added_to_ones_own_request_only(told_parts: ToldParts, things: Things) -> None:
    form = aiohttp.FormData({"creditRequestId": things.ids["credit request"], "kind": "OTHER"})
    form.add_field("file", CONTENT, filename="a.pdf", content_type="application/pdf")
    headers = {"authorization": f"Bearer {things.cast.stranger.token}"}
    url = f"{told_parts.parts.bases['credit']}/credit/documents"
    async with told_parts.parts.http.post(url, data=form, headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (404, "CreditRequestNotFound")
