"""
Nobody sees what is another's, by any path: every entity at its subgraph's own door, ids, mutations, files.

What is asked is taken from the schemas, field by field; so an entity or a field that nobody has decided about fails
here. What a token's scopes open is the affair of `test_scopes.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from launch.databases import DOMAINS
from launch.home import ROOT
from story.people import SELFIE
from subgraphs.notifications.api.types.owned import OWNED as OWNED_TYPES
from subgraphs.shared.clock import business_date
from tests.end_to_end.asking import ARGUMENTS, fields_of, schema_of, seen_of, selection_of
from tests.fixtures.parts import ToldParts
from tests.fixtures.sold_quotas import key, prove_again
from tests.fixtures.told_things import CONTENT, Things
from trevo.supergraph import load_supergraph

pytestmark = [pytest.mark.attack, pytest.mark.timeout(300)]  # the first test tells the story

Sight = Callable[[frozenset[str]], frozenset[str] | None]
"""Of all fields of an entity, those that somebody sees; None where the whole entity is absent."""


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
    comes: str | None = None
    """A field that gets its value when the product, which goes on running, is done with it."""


ID_ONLY = only("id")

CASES = [
    Case("accounts", "User", "farmer", "farmer", only("id", "kind", "displayName", "profiles"),
         all_but("personalDataPaths"),
         analyst=only("id", "kind", "displayName", "profiles", "fullName", "birthDate", "maskedCpf", "identityStatus",
                      "identityCheck", "representatives", "represents"),
         unset=("cnpj",)),
    Case("accounts", "IdentityCheck", "identity check", "farmer", nothing, everything, all_but("history"),
         unset=("reason",)),
    Case("credit", "AgroScore", "score", "farmer", nothing, everything),
    Case("credit", "CPR", "CPR", "farmer", everything, everything),
    Case("credit", "CPR", "drafted CPR", "farmer", nothing, everything),
    Case("credit", "CreditRequest", "credit request", "farmer", nothing, everything, all_but("applicant", "bureau")),
    Case("credit", "User", "farmer", "farmer", ID_ONLY, everything, analyst=all_but("creditLooks")),
    Case("contracts", "CPR", "CPR", "farmer", all_but("creditRequest", "document"), everything,
         unset=("settledAt", "cancelledAt", "cancellationReason")),
    Case("contracts", "CPR", "drafted CPR", "farmer", nothing, everything,
         unset=("signedAt", "issuedOn", "registrationDueOn", "registeredAt", "registry", "registrationNumber",
                "disbursedAt", "settledAt", "cancelledAt", "cancellationReason", "nextInstallment")),
    Case("contracts", "CreditRequest", "credit request", "farmer", ID_ONLY, everything),
    Case("contracts", "Installment", "paid installment", "farmer", everything, everything, unset=("lateCharges",)),
    Case("contracts", "Installment", "drafted installment", "farmer", nothing, everything,
         unset=("lateCharges", "paidAt")),
    Case("contracts", "ReceivedPayment", "received payment", "farmer", nothing, everything),
    Case("contracts", "User", "farmer", "farmer", ID_ONLY, everything, analyst=all_but("contractLooks")),
    Case("marketplace", "CPR", "CPR", "farmer", everything, everything),
    Case("marketplace", "Investment", "investment", "marina", nothing, nothing, unset=("endedAt", "refusalReason")),
    Case("marketplace", "Offering", "offering", "farmer", everything, everything, unset=("decideBy",)),
    Case("marketplace", "QuotaOffer", "quota offer", "marina", everything, everything, unset=("endedAt",)),
    Case("marketplace", "QuotaPosition", "position", "marina", nothing, nothing, unset=("endedAt", "endedAs")),
    Case("marketplace", "QuotaPurchase", "quota purchase", "marina", nothing, nothing, carlos=all_but("fee", "tax"),
         unset=("refusalReason",)),
    # She sells, he buys: each has one of the two lists empty.
    Case("marketplace", "User", "marina", "marina", ID_ONLY, ID_ONLY, unset=("quotaPurchases",)),
    Case("marketplace", "User", "carlos", "carlos", ID_ONLY, ID_ONLY, unset=("secondaryOffers",)),
    Case("wallet", "Charge", "charge", "farmer", nothing, nothing, unset=("paidAt", "boleto", "cpr")),
    Case("wallet", "CPR", "CPR", "farmer", ID_ONLY, ID_ONLY, unset=("settlementCharge",)),
    Case("wallet", "Deposit", "deposit", "marina", nothing, nothing, unset=("payer",)),
    Case("wallet", "MoneyClaim", "money claim", "marina", nothing, nothing, comes="endedAt"),
    Case("wallet", "PaymentReturn", "payment return", "marina", nothing, nothing, comes="endedAt"),
    Case("wallet", "Installment", "unpaid installment", "farmer", ID_ONLY, ID_ONLY),
    Case("wallet", "User", "marina", "marina", ID_ONLY, only("id", "moneyLooks"), analyst=ID_ONLY),
    Case("wallet", "Wallet", "wallet", "marina", nothing, nothing),
    Case("wallet", "Withdrawal", "withdrawal", "marina", nothing, nothing, unset=("returnReason",)),
    Case("distribution", "CPR", "CPR", "marina", ID_ONLY, everything, analyst=ID_ONLY, carlos=everything),
    Case("distribution", "Distribution", "distribution", "marina", nothing, everything,
         all_but("fee", "tax", "net"), analyst=nothing, carlos=all_but("fee", "tax", "net")),
    # Of its distributions everybody sees the list, and in it those with a part of theirs.
    Case("distribution", "Installment", "paid installment", "marina", only("id", "distributions"), everything,
         analyst=only("id", "distributions"), carlos=everything),
    # Carlos has bought quotas of it, and would see what they bring.
    Case("distribution", "Investment", "investment", "marina", nothing, everything, analyst=nothing, carlos=ID_ONLY),
    Case("distribution", "Payout", "payout", "marina", nothing, everything, analyst=nothing),
    Case("distribution", "QuotaPosition", "position", "marina", ID_ONLY, everything, analyst=ID_ONLY),
    Case("distribution", "User", "marina", "marina", ID_ONLY, everything, analyst=ID_ONLY),
    # Notifications knows these by their key alone, and gives nothing else.
    Case("notifications", "AgroScore", "score", "farmer", ID_ONLY, ID_ONLY),
    Case("notifications", "CPR", "CPR", "farmer", ID_ONLY, ID_ONLY),
    Case("notifications", "Charge", "charge", "farmer", ID_ONLY, ID_ONLY),
    Case("notifications", "CreditRequest", "credit request", "farmer", ID_ONLY, ID_ONLY),
    Case("notifications", "Deposit", "deposit", "marina", ID_ONLY, ID_ONLY),
    Case("notifications", "Distribution", "distribution", "marina", ID_ONLY, ID_ONLY),
    Case("notifications", "IdentityCheck", "identity check", "farmer", ID_ONLY, ID_ONLY),
    Case("notifications", "Installment", "paid installment", "farmer", ID_ONLY, ID_ONLY),
    Case("notifications", "Investment", "investment", "marina", ID_ONLY, ID_ONLY),
    Case("notifications", "LateInstallment", "paid installment", "farmer", ID_ONLY, ID_ONLY),
    Case("notifications", "MoneyClaim", "money claim", "marina", ID_ONLY, ID_ONLY),
    Case("notifications", "Offering", "offering", "farmer", ID_ONLY, ID_ONLY),
    Case("notifications", "PaymentReturn", "payment return", "marina", ID_ONLY, ID_ONLY),
    Case("notifications", "Payout", "payout", "marina", ID_ONLY, ID_ONLY),
    Case("notifications", "QuotaOffer", "quota offer", "marina", ID_ONLY, ID_ONLY),
    Case("notifications", "QuotaPurchase", "quota purchase", "marina", ID_ONLY, ID_ONLY),
    Case("notifications", "ReceivedPayment", "received payment", "farmer", ID_ONLY, ID_ONLY),
    Case("notifications", "Renegotiation", "CPR", "farmer", ID_ONLY, ID_ONLY),
    Case("notifications", "Wallet", "wallet", "marina", ID_ONLY, ID_ONLY),
    Case("notifications", "Withdrawal", "withdrawal", "marina", ID_ONLY, ID_ONLY),
    Case("notifications", "Notification", "notification", "marina", nothing, nothing, unset=("readAt",)),
    Case("notifications", "User", "marina", "marina", ID_ONLY, ID_ONLY),
]  # fmt: skip

OF_LATE_CPRS = {("contracts", "LateInstallment"), ("contracts", "Renegotiation")}
"""Nobody is late in the story: who sees them is tried where the clock can be moved, in the contracts' own tests."""

NODES = {domain: {type_.__name__ for type_ in types} for domain, types in OWNED_TYPES.items()}

SIGNED_IN = ("farmer", "marina", "carlos", "stranger", "analyst", "admin")


def expected_of(case: Case, asker: str) -> frozenset[str] | None:
    fields = frozenset(fields_of(case.domain, case.type)) - {*case.unset, case.comes}
    if asker == case.owner:
        return case.owners(fields)
    if asker in ("analyst", "admin"):
        return (case.analyst if asker == "analyst" and case.analyst else case.staff)(fields)
    return (case.carlos if asker == "carlos" and case.carlos else case.others)(fields)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.domain} {case.type} {case.thing}")
async def test_an_entity_shows_each_asker_what_is_theirs(case: Case, told_parts: ToldParts, things: Things) -> None:
    fields = fields_of(case.domain, case.type)
    wanted = " ".join(f"{name}{ARGUMENTS.get(name, '')}{selection_of(field.type)}" for name, field in fields.items())
    query = f"query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on {case.type} {{ {wanted} }} }} }}"
    representation: dict[str, Any] = {"__typename": case.type, "id": things.ids[case.thing]}
    if (case.domain, case.type) == ("marketplace", "Offering"):
        representation["cpr"] = {"annualRate": "0.18", "termMonths": 12}

    async def seen_by(asker: str | None) -> frozenset[str] | None:
        token = getattr(things.cast, asker).token if asker else None
        answer = await told_parts.parts.ask(query, {"of": [representation]}, token=token, part=case.domain)
        fields_seen = seen_of(answer.data["_entities"][0])
        return None if fields_seen is None else fields_seen - {case.comes}

    assert await seen_by(None) is None
    seen = {asker: await seen_by(asker) for asker in SIGNED_IN}
    assert seen == {asker: expected_of(case, asker) for asker in SIGNED_IN}


def test_every_entity_of_every_subgraph_has_its_case() -> None:
    decided = {(case.domain, case.type) for case in CASES} | OF_LATE_CPRS
    assert decided == {
        (domain, name) for domain in DOMAINS for name in schema_of(domain)._entity_types
    }  # the list that `_entities` itself goes by


# ── through the router ──

OWNED = [case for case in CASES if case.domain in NODES and case.type in NODES[case.domain]]
NODE = "query($id: ID!) { node(id: $id) { __typename id } nodes(ids: [$id, $id]) { __typename id } }"


@pytest.mark.parametrize("case", OWNED, ids=lambda case: f"{case.type} {case.thing}")
async def test_an_id_is_found_by_whoever_sees_what_it_is_of(case: Case, told_parts: ToldParts, things: Things) -> None:
    node = {"__typename": case.type, "id": things.ids[case.thing]}
    found = {}
    for asker in SIGNED_IN:
        token = getattr(things.cast, asker).token
        answer = await told_parts.parts.ask(NODE, {"id": node["id"]}, token=token)
        assert answer.data["nodes"] == [answer.data["node"]] * 2
        found[asker] = answer.data["node"]
    assert found == {asker: node if expected_of(case, asker) is not None else None for asker in SIGNED_IN}


async def test_nobody_is_told_what_an_id_is_of_without_a_token(told_parts: ToldParts, things: Things) -> None:
    answer = await told_parts.parts.ask(NODE, {"id": things.ids["offering"]})
    assert (answer.body["data"], answer.codes) == ({"node": None, "nodes": None}, ["UNAUTHENTICATED"] * 2)


async def test_a_node_is_gone_on_from_by_whose_it_is(told_parts: ToldParts, things: Things) -> None:
    query = """query($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Offering { quotaCount cpr { crop } }
      ... on Wallet { available { currency } } ... on User { displayName } } }"""
    ids = [things.ids["wallet"], "no id at all", things.ids["offering"], things.ids["marina"], things.ids["payout"]]
    answer = await told_parts.parts.ask(query, {"ids": ids}, token=things.cast.marina.token)
    assert [node and node["__typename"] for node in answer.data["nodes"]] == [
        "Wallet", None, "Offering", "User", "Payout"
    ]  # fmt: skip
    wallet, _, offering, user, _ = answer.data["nodes"]
    assert wallet["available"] == {"currency": "BRL"}
    assert offering["cpr"] == {"crop": "SOY"}
    assert user["displayName"] == "Marina C."


PUBLIC_OF_A_PERSON = frozenset({"id", "kind", "displayName", "profiles"})


def whole_person() -> str:
    """Every field that any domain gives a person."""
    text = (ROOT / "schema" / "supergraph.graphql").read_text()
    fields = load_supergraph(text).public_schema.type_map["User"].fields
    return " ".join(f"{name}{ARGUMENTS.get(name, '')}{selection_of(field.type)}" for name, field in fields.items())


@pytest.mark.parametrize("person", ["farmer", "marina", "carlos"])
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
    query = """query($id: ID!) { installment(id: $id) { distribution { fee { amount } tax { amount }
      payouts(first: 5) { nodes { investment { investor { id wallet { id } }
      payouts(first: 5) { nodes { __typename } } } } } } } }"""
    answer = await told_parts.parts.ask(query, {"id": things.ids["paid installment"]}, token=things.cast.carlos.token)
    split = answer.data["installment"]["distribution"]
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
    "createSettlementCharge(input: {cprId: $id, method: PIX, idempotencyKey: $key})": ("drafted CPR", "NothingOwed"),
    "payInstallment(input: {installmentId: $id, idempotencyKey: $key})": ("unpaid installment", "InstallmentNotOwed"),
    "settleCPR(input: {cprId: $id, idempotencyKey: $key})": ("drafted CPR", "NothingOwed"),
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


FILES = """query { me { id incomeStatement(year: %d) { pdfPath }
  wallet { statement(first: 1) { csvPath pdfPath } } } }"""


async def test_statements_are_had_at_their_paths_by_whose_they_are(told_parts: ToldParts, things: Things) -> None:
    parts, marina, stranger = told_parts.parts, things.cast.marina, things.cast.stranger
    me = (await parts.ask(FILES % business_date(datetime.now(UTC)).year, token=marina.token)).data["me"]
    statement, income = me["wallet"]["statement"], me["incomeStatement"]["pdfPath"]
    for domain, path, begin in (
        ("wallet", statement["csvPath"], b"\xef\xbb\xbfData e hora;"),
        ("wallet", statement["pdfPath"], b"%PDF-"),
        ("distribution", income, b"%PDF-"),
    ):
        url = parts.bases[domain] + path
        assert [(await parts.get(url)).status, (await parts.get(url, token=stranger.token)).status] == [401, 404]
        answer = await parts.get(url, token=marina.token)
        assert (answer.status, answer.body[: len(begin)]) == (200, begin)


async def test_a_document_is_added_to_ones_own_request_only(told_parts: ToldParts, things: Things) -> None:
    form = aiohttp.FormData({"creditRequestId": things.ids["credit request"], "kind": "OTHER"})
    form.add_field("file", CONTENT, filename="a.pdf", content_type="application/pdf")
    headers = {"authorization": f"Bearer {things.cast.stranger.token}"}
    url = f"{told_parts.parts.bases['credit']}/credit/documents"
    async with told_parts.parts.http.post(url, data=form, headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (404, "CreditRequestNotFound")
