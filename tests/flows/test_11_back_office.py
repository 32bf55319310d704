"""Flow 11: what staff see and do, and that nobody does it alone or unseen."""

import csv
import io
from datetime import timedelta
from typing import Any

from story import books
from story.people import PASSWORD, Person
from tests.builders.pdf import text_of
from tests.flows.scene import Answer, Scene, approve, key, propose, reais

USERS = "query ($search: String) { users(search: $search, first: 10) { nodes { id email suspended } } }"
TRANSFERS = """query ($of: LedgerTransferFilter) { ledgerTransfers(filter: $of, first: 20) { csvPath pdfPath
  nodes { kind amount { amount } } } }"""


async def found(scene: Scene, search: str) -> list[str]:
    return [node["id"] for node in (await scene.ask(USERS, scene.admin, search=search))["users"]["nodes"]]


async def sign_in(scene: Scene, person: Person) -> str:
    answer = await scene.do(None, "signIn", {"email": person.email, "password": PASSWORD})
    typename: str = answer["__typename"]
    return typename


async def file_at(scene: Scene, path: str, by: Person) -> Answer:
    return await scene.http("GET", f"{scene.client.addresses.graphql.removesuffix('/graphql')}{path}", by=by)


async def test_people_are_found_by_email_and_by_cpf(scene: Scene) -> None:
    person = await scene.newcomer("INVESTOR")
    assert await found(scene, person.email) == [person.id]
    assert await found(scene, person.email[:-10]) == [person.id]  # how it begins
    assert len(await found(scene, "529.982.247-25")) == 1  # the CPF of one who was there before
    assert await found(scene, "ninguem@nenhures.example") == []


async def test_a_person_is_suspended_and_reactivated_and_both_are_audited(scene: Scene) -> None:
    person = await scene.newcomer("INVESTOR")
    form = {"userId": person.id, "reason": "Movimentação suspeita."}
    suspended = await scene.do(scene.admin, "suspendUser", form, "... on UserSuspended { user { suspended } }")
    assert suspended == {"__typename": "UserSuspended", "user": {"suspended": True}}
    assert await sign_in(scene, person) == "AccountSuspended"
    back = {"userId": person.id, "reason": "Esclarecida."}
    reactivated = await scene.do(scene.admin, "reactivateUser", back, "... on UserReactivated { user { suspended } }")
    assert reactivated == {"__typename": "UserReactivated", "user": {"suspended": False}}
    assert await sign_in(scene, person) == "SignedIn"
    log = "query ($of: AuditFilter) { accountsAuditLog(filter: $of) { nodes { action actorId reason } } }"
    of = {"personId": person.id, "actions": ["SUSPENDED", "REACTIVATED"]}
    assert (await scene.ask(log, scene.admin, of=of))["accountsAuditLog"]["nodes"] == [
        {"action": "REACTIVATED", "actorId": scene.admin.id, "reason": "Esclarecida."},
        {"action": "SUSPENDED", "actorId": scene.admin.id, "reason": "Movimentação suspeita."},
    ]


async def test_staff_see_somebodys_sign_in_history(scene: Scene) -> None:
    person = await scene.newcomer("INVESTOR")
    await scene.sign_in_all(person)
    history = "query ($id: ID!) { user(id: $id) { signInHistory(first: 10) { nodes { startedAt userAgent } } } }"
    nodes = (await scene.ask(history, scene.admin, id=person.id))["user"]["signInHistory"]["nodes"]
    assert len(nodes) == 2
    assert all(node["startedAt"] and node["userAgent"] for node in nodes)


async def test_transactions_are_filtered_and_exported(scene: Scene) -> None:
    farmer, investor = await scene.verified("FARMER"), await scene.investor("800.00")
    await scene.lent(farmer, [(investor, 8)])
    of = {"userId": investor.id, "from": scene.today.isoformat(), "to": scene.today.isoformat()}
    page = (await scene.ask(TRANSFERS, scene.admin, of=of))["ledgerTransfers"]
    # What was captured went out of what was held.
    kinds = [(node["kind"], node["amount"]["amount"]) for node in page["nodes"]]
    assert kinds == [("HOLD_CAPTURE", "800.00"), ("HOLD", "800.00"), ("DEPOSIT", "800.00")]
    deposits = (await scene.ask(TRANSFERS, scene.admin, of=of | {"kinds": ["DEPOSIT"]}))["ledgerTransfers"]["nodes"]
    assert [node["kind"] for node in deposits] == ["DEPOSIT"]
    sheet = await file_at(scene, page["csvPath"], scene.admin)
    rows = list(csv.reader(io.StringIO(sheet.body.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert (sheet.status, len(rows)) == (200, 1 + 6)  # two entries each
    paper = await file_at(scene, page["pdfPath"], scene.admin)
    assert paper.status == 200
    assert any("800,00" in text for text in text_of(paper.body))
    assert (await file_at(scene, page["csvPath"], investor)).status == 403


def rule_of(hours: str) -> dict[str, Any]:
    values = {"name": "alert_link_hours", "value": hours, "note": "Quem lê o correio uma vez por semana ainda pode."}
    row = {"table": "parameters", "values": [{"name": name, "value": value} for name, value in values.items()]}
    return {"rule": "parameters", "rows": [row], "reason": "Revisão anual.", "idempotencyKey": key("proposal")}


BOOK = '{ accountsParameters(rule: "parameters") { rows { validFrom isInForce values { name value } } } }'


async def in_force(scene: Scene) -> str:
    """How long the link of a security alert works."""
    rows = (await scene.ask(BOOK, scene.admin))["accountsParameters"]["rows"]
    found = [{one["name"]: one["value"] for one in row["values"]} for row in rows if row["isInForce"]]
    (value,) = [row["value"] for row in found if row["name"] == "alert_link_hours"]
    return value


async def test_a_parameter_is_proposed_by_one_approved_by_another_holds_from_its_day_and_is_audited(
    scene: Scene,
) -> None:
    asked_on = scene.today
    first_day = asked_on + timedelta(days=1)
    before = await in_force(scene)
    hours = str(int(before) - 1)
    form = {**rule_of(hours), "validFrom": first_day.isoformat()}
    proposed = await propose(scene, "Accounts", form, by=scene.admin)
    assert proposed["status"] == "OPEN"
    assert (await approve(scene, "Accounts", proposed["id"], by=scene.admin))["__typename"] == "OwnProposal"
    assert (await approve(scene, "Accounts", proposed["id"], by=scene.approver))["status"] == "APPROVED"
    assert await in_force(scene) == before
    await scene.pass_to(first_day)
    assert await in_force(scene) == hours
    log = "query ($of: AuditFilter) { accountsAuditLog(filter: $of) { nodes { action actorId detail } } }"
    of = {"from": asked_on.isoformat(), "actions": ["PROPOSED", "PROPOSAL_APPROVED"]}
    entries = (await scene.ask(log, scene.admin, of=of))["accountsAuditLog"]["nodes"]
    about_it = [entry for entry in entries if first_day.isoformat() in (entry["detail"] or "")]
    assert [(entry["action"], entry["actorId"]) for entry in about_it] == [
        ("PROPOSAL_APPROVED", scene.approver.id),
        ("PROPOSED", scene.admin.id),
    ]


async def test_money_moves_by_two_of_the_staff(scene: Scene) -> None:
    """A deposit is undone: proposed by one, approved by another."""
    investor, deposit_id = await scene.reversible_deposit("70.00")
    form = {
        "kind": "REVERSE_TRANSFER", "subjectId": deposit_id, "reason": "Creditado por engano.",
        "idempotencyKey": key("reversal"),
    }  # fmt: skip
    proposed = await scene.do(scene.admin, "proposeMoneyMove", form, "... on MoneyProposal { id status }")
    assert proposed["status"] == "OPEN"
    own = await scene.do(scene.admin, "approveMoneyProposal", {"proposalId": proposed["id"]})
    assert own["__typename"] == "OwnProposal"
    done = await scene.do(
        scene.approver, "approveMoneyProposal", {"proposalId": proposed["id"]}, "... on MoneyProposal { status }"
    )
    assert done["status"] == "APPROVED"
    wallet = (await scene.ask("{ me { wallet { available { amount } } } }", investor))["me"]["wallet"]
    assert wallet["available"] == reais("0.00")


async def test_dead_letters_are_listed_for_administrators(scene: Scene) -> None:
    listed = await scene.ask("{ deadLetters(first: 5) { nodes { id } hasMore } }", scene.admin)
    assert listed["deadLetters"] == {"nodes": [], "hasMore": False}


async def test_the_books_are_checked(scene: Scene) -> None:
    await books.books_balance(scene.client, scene.narrator, scene.admin)
