"""
What a token opens: every root field, the entities' doors and the subscriptions, by its scopes and without one.

Whatever the schemas have is asked; a root field that is in no table fails here, and stops the start besides.
"""

from collections import Counter

import jwt
import pytest
from sqlalchemy import text

from launch.databases import DOMAINS
from subgraphs.accounts.domain.signing_keys import Signer
from subgraphs.shared import scopes
from tests.end_to_end.asking import ARGUMENTS, call_of, fields_of, root_fields, schema_of, seen_of, selection_of
from tests.fixtures.parts import ToldParts
from tests.fixtures.told_things import Things

pytestmark = [pytest.mark.attack, pytest.mark.timeout(300)]  # the first test tells the story

OPEN = {
    "consentTexts",
    "signUp",
    "confirmContact",
    "resendConfirmation",
    "signIn",
    "refreshToken",
    "requestPasswordReset",
    "resetPassword",
    "disownChange",
}
"""What somebody without a token may do."""

FOR_STAFF = {name for name, wanted in scopes.ROOTS.items() if set(wanted) <= {*scopes.STAFF, scopes.APPROVER}}


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
        "screeningHits": scopes.STAFF,
        "decideScreeningHit": scopes.STAFF,
        "suspendUser": (scopes.ADMIN,),
        "reactivateUser": (scopes.ADMIN,),
        "creditRequests": scopes.STAFF,
        "approveCreditRequest": (scopes.ANALYST,),
        "rejectCreditRequest": (scopes.ANALYST,),
        "lateCPRs": scopes.STAFF,
        "proposeRenegotiation": (scopes.ANALYST,),
        "withdrawRenegotiation": (scopes.ANALYST,),
        "recordCollectionStep": (scopes.ANALYST,),
        "ledgerTransfers": (scopes.ADMIN,),
        "booksCheck": (scopes.ADMIN,),
        "suspendedPayments": (scopes.ADMIN,),
        "taxRemittances": (scopes.ADMIN,),
        "moneyClaims": (scopes.ADMIN,),
        "paymentReturns": (scopes.ADMIN,),
        "unclaimedCredits": (scopes.ADMIN,),
        "moneyProposals": (scopes.ADMIN, scopes.APPROVER),
        "reversalPreview": (scopes.ADMIN,),
        "proposeMoneyMove": (scopes.ADMIN,),
        "approveMoneyProposal": (scopes.APPROVER,),
        "rejectMoneyProposal": (scopes.ADMIN, scopes.APPROVER),
        "undistributedPayments": (scopes.ADMIN,),
        "deadLetters": (scopes.ADMIN,),
        "deadLetter": (scopes.ADMIN,),
        "deadLetterActs": (scopes.ADMIN,),
        "replayDeadLetters": (scopes.ADMIN,),
        "purgeDeadLetters": (scopes.ADMIN,),
    } | {
        field: wanted
        for domain in ("accounts", "credit", "contracts", "marketplace", "wallet", "distribution")
        for field, wanted in {
            f"{domain}AuditLog": (scopes.ADMIN,),
            f"{domain}Parameters": (scopes.ADMIN, scopes.APPROVER),
            f"{domain}ParameterProposals": (scopes.ADMIN, scopes.APPROVER),
            f"propose{domain.title()}Parameters": (scopes.ADMIN,),
            f"approve{domain.title()}Parameters": (scopes.APPROVER,),
            f"reject{domain.title()}Parameters": (scopes.ADMIN, scopes.APPROVER),
        }.items()
    } | {
        field: (scopes.ADMIN,)
        for domain in ("contracts", "marketplace", "wallet", "distribution")
        for field in (f"{domain}StuckSagas", f"resume{domain.title()}Saga")
    }


ALL_SCOPES = (scopes.SIGNED_IN, scopes.FARMER, scopes.INVESTOR, *scopes.STAFF, scopes.APPROVER)


async def test_a_token_with_one_scope_opens_what_the_table_says(told_parts: ToldParts, things: Things) -> None:
    """Every query, with a token of a single scope: what the table does not name is forbidden."""
    signer = await told_parts.parts.signer()
    calls = {
        name: call
        for domain in DOMAINS
        for name, call in root_fields(domain).items()
        if call.startswith("query") and name not in OPEN
    }
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


OWNED = {
    (scopes.Sight.IDENTITY, "farmer"): [
        "accounts User farmer fullName",
        "accounts IdentityCheck identity check status",
    ],
    (scopes.Sight.CONTACT, "farmer"): ["accounts User farmer email", "accounts User farmer suspended"],
    (scopes.Sight.SIGN_INS, "farmer"): ["accounts User farmer sessions", "accounts User farmer signInHistory"],
    (scopes.Sight.CREDIT, "farmer"): ["credit CreditRequest credit request id", "credit User farmer agroScore"],
    (scopes.Sight.CONTRACTS, "farmer"): ["contracts CPR drafted CPR id", "contracts User farmer cprs"],
    (scopes.Sight.INCOME, "marina"): [
        "distribution Payout payout net",
        "distribution Distribution distribution payouts",
        "distribution Investment investment payouts",
        "distribution Installment paid installment distribution",
        "distribution CPR CPR distributions",
        "distribution User marina payouts",
        "distribution User marina incomeStatement",
    ],
    (scopes.Sight.INVESTMENTS, "marina"): [
        "marketplace Investment investment amount",
        "marketplace User marina portfolio",
        "marketplace User marina investments",
    ],
    (scopes.Sight.INBOX, "marina"): [
        "notifications Notification notification title",
        "notifications User marina notifications",
        "notifications User marina unreadCount",
        "notifications User marina notificationPreferences",
        "notifications User marina activities",
    ],
    (scopes.Sight.MONEY, "marina"): [
        "wallet Wallet wallet available",
        "wallet Deposit deposit amount",
        "wallet Withdrawal withdrawal amount",
        "wallet User marina wallet",
        "wallet User marina bankAccounts",
    ],
    (scopes.Sight.LOOKS, "farmer"): [
        "accounts User farmer profileLooks",
        "credit User farmer creditLooks",
        "contracts User farmer contractLooks",
        "wallet User farmer moneyLooks",
        "distribution User farmer incomeLooks",
    ],
    (scopes.Sight.MONEY, "farmer"): ["wallet Charge charge amount", "wallet Installment unpaid installment charge"],
}
"""What shows a kind of data of somebody who is there to show it: domain, type, thing, field."""

ONLY_ITS_OWNERS = ("wallet", "marketplace", "notifications")
"""Domains whose entities show staff nothing: what staff see of money are the books."""


@pytest.mark.parametrize(("sight", "owner"), OWNED, ids=str)
async def test_a_narrowed_token_shows_nobody_more_than_its_scope_opens(
    sight: scopes.Sight, owner: str, told_parts: ToldParts, things: Things
) -> None:
    """
    Not to the owner either: what one has done oneself is as closed as others'.

    Of a person that is an error at the field, which is told from a person who has nothing there; what a scope does not
    show of other things is not there.
    """
    signer = await told_parts.parts.signer()
    for scope in ALL_SCOPES:
        token = token_with(signer, getattr(things.cast, owner).token, scope)
        for shown in OWNED[sight, owner]:
            domain, type_, *thing, name = shown.split()
            field = fields_of(domain, type_)[name]
            selection = f"{name}{ARGUMENTS.get(name, '')}{selection_of(field.type)}"
            query = f"query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on {type_} {{ {selection} }} }} }}"
            representation = {"__typename": type_, "id": things.ids[" ".join(thing)]}
            answer = await told_parts.parts.ask(query, {"of": [representation]}, token=token, part=domain)
            if scope not in scopes.DOMAINS[domain]:
                assert answer.codes == ["FORBIDDEN"], (scope, shown, answer)
                continue
            opens = scope in scopes.OWN_SIGHTS[sight]
            if sight is scopes.Sight.LOOKS or domain not in ONLY_ITS_OWNERS:
                opens = opens or scope in scopes.SIGHTS[sight]
            assert answer.codes == (["FORBIDDEN"] if type_ == "User" and not opens else []), (scope, shown, answer)
            assert bool(seen_of(answer.body["data"]["_entities"][0])) == opens, (scope, shown, answer)


def test_every_kind_of_data_has_something_that_shows_it() -> None:
    assert {sight for sight, _ in OWNED} == set(scopes.Sight)


async def test_each_look_of_staff_at_somebodys_data_is_written_down_once(told_parts: ToldParts, things: Things) -> None:
    """Per request, person and kind; looking at one's own, and at what everybody sees, is no look."""
    query = """query($id: ID!) { user(id: $id) { displayName fullName birthDate email phone
      sessions { id } agroScore { score } payouts(first: 1) { nodes { net { amount } } } } }"""
    marina, admin = things.cast.marina, things.cast.admin

    async def looks() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for domain in ("accounts", "credit", "contracts", "wallet", "distribution"):
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
        "wallet": Counter(),
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
