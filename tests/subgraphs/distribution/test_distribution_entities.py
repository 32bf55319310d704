"""Who sees what through `_entities`: anonymous, stranger, farmer, owner, analyst, administrator."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from tests.builders.statements import counted_statements
from tests.subgraphs.distribution.register import (
    ADMINISTRATOR,
    ANALYST,
    CARLOS,
    CPR,
    FARMER,
    MARINA,
    PAID_AT,
    STRANGER,
    Register,
    activated,
    confirmed,
    installment_id,
    investment_id,
    payment,
    swapped,
)

PEOPLE = {
    "anonymous": None,
    "stranger": (STRANGER, "investor"),
    "farmer": (FARMER, "farmer"),
    "owner": (MARINA, "investor"),
    "other holder": (CARLOS, "investor"),
    "analyst": (ANALYST, "analyst"),
    "administrator": (ADMINISTRATOR, "admin"),
}


async def seen(register: Register, who: str, fields: str, typename: str, id_: object) -> Any:
    person = PEOPLE[who]
    headers = register.signed_in(*person) if person else {}
    (entity,) = await register.entities(headers, fields, {"__typename": typename, "id": str(id_)})
    return entity


@pytest.fixture
async def paid(register: Register) -> Register:
    """One payment of 945.60 between Marina (60 quotas) and Carlos (40), credited."""
    await register.deliver(activated((74_560, 20_000), (25_440, 5_000)))
    await register.hold((MARINA, 60), (CARLOS, 40))
    await register.deliver(payment(94_560))
    await register.credit_all()
    return register


async def payout_of(register: Register, investor: uuid.UUID) -> str:
    (row,) = await register.sql("SELECT id FROM payouts WHERE investor_id = :who", who=investor)
    return str(row["id"])


@pytest.mark.parametrize("who", PEOPLE)
async def test_a_payout_is_its_owners_and_administrators(paid: Register, who: str) -> None:
    fields = """... on Payout { gross { amount } principal { amount } interest { amount } fee { amount } feeRate
      tax { amount } taxRate taxTreatment net { amount } heldDays status quotaCount paidAt summary
      investment { id } cpr { id } }"""
    result = await seen(paid, who, fields, "Payout", await payout_of(paid, MARINA))
    expected = {
        "__typename": "Payout",
        "gross": {"amount": "567.36"},
        "principal": {"amount": "447.36"},
        "interest": {"amount": "120.00"},
        "fee": {"amount": "18.00"},
        "feeRate": "0.15",
        "tax": {"amount": "0.00"},
        "taxRate": "0",
        "taxTreatment": "EXEMPT",
        "net": {"amount": "549.36"},
        "heldDays": 30,
        "status": "CREDITED",
        "quotaCount": 60,
        "paidAt": "2026-12-23T12:00:00.000Z",
        "summary": "Recebimento de R$ 549,36 por 60 cotas (principal R$ 447,36, juros R$ 120,00)",
        "investment": {"id": str(investment_id(1))},
        "cpr": {"id": str(CPR)},
    }
    assert result == (expected if who in ("owner", "administrator") else None)


@pytest.mark.parametrize("who", PEOPLE)
async def test_a_holder_sees_their_own_part_of_a_distribution_and_administrators_all(paid: Register, who: str) -> None:
    (row,) = await paid.sql("SELECT id FROM distributions")
    fields = """... on Distribution { total { amount } lateCharge { amount } payoutCount fee { amount } net { amount }
      payouts { nodes { quotaCount } } installment { id } }"""
    result = await seen(paid, who, fields, "Distribution", row["id"])
    parts = {"owner": [60], "other holder": [40], "administrator": [60, 40]}
    if who not in parts:
        assert result is None
        return
    sums = ({"amount": "30.00"}, {"amount": "915.60"}) if who == "administrator" else (None, None)
    assert sorted((node["quotaCount"] for node in result.pop("payouts")["nodes"]), reverse=True) == parts[who]
    assert result == {
        "__typename": "Distribution",
        "total": {"amount": "945.60"},
        "lateCharge": {"amount": "0.00"},
        "payoutCount": 2,
        "fee": sums[0],
        "net": sums[1],
        "installment": {"id": str(installment_id(1))},
    }


@pytest.mark.parametrize("who", PEOPLE)
async def test_an_installments_distribution_is_for_holders_and_administrators(paid: Register, who: str) -> None:
    fields = "... on Installment { distribution { total { amount } } distributions { total { amount } } }"
    result = await seen(paid, who, fields, "Installment", installment_id(1))
    seen_ones = [{"total": {"amount": "945.60"}}] if who in ("owner", "other holder", "administrator") else []
    expected = {
        "__typename": "Installment",
        "distribution": seen_ones[0] if seen_ones else None,
        "distributions": seen_ones,
    }
    assert result == (None if who == "anonymous" else expected)


async def test_an_unpaid_installment_has_no_distribution(paid: Register) -> None:
    fields = "... on Installment { distribution { id } }"
    result = await seen(paid, "administrator", fields, "Installment", installment_id(2))
    assert result == {"__typename": "Installment", "distribution": None}


@pytest.mark.parametrize("who", PEOPLE)
async def test_a_cprs_distributions_are_for_holders_and_administrators(paid: Register, who: str) -> None:
    fields = "... on CPR { distributions { nodes { total { amount } } pageInfo { hasNextPage } } }"
    result = await seen(paid, who, fields, "CPR", CPR)
    nodes = [{"total": {"amount": "945.60"}}] if who in ("owner", "other holder", "administrator") else []
    page = {"nodes": nodes, "pageInfo": {"hasNextPage": False}}
    assert result == (None if who == "anonymous" else {"__typename": "CPR", "distributions": page})


@pytest.mark.parametrize("who", PEOPLE)
async def test_an_investments_payouts_are_its_owners_and_administrators(paid: Register, who: str) -> None:
    fields = "... on Investment { payouts { nodes { net { amount } } } }"
    result = await seen(paid, who, fields, "Investment", investment_id(1))
    page = {"nodes": [{"net": {"amount": "549.36"}}]}
    assert result == ({"__typename": "Investment", "payouts": page} if who in ("owner", "administrator") else None)


@pytest.mark.parametrize("who", PEOPLE)
async def test_a_positions_payouts_are_its_owners_and_administrators(paid: Register, who: str) -> None:
    fields = "... on QuotaPosition { payouts { nodes { net { amount } } pageInfo { hasNextPage } } }"
    shown = await seen(paid, who, fields, "QuotaPosition", investment_id(1))
    if who == "anonymous":
        assert shown is None
        return
    sees = who in ("owner", "administrator")
    assert [node["net"] for node in shown["payouts"]["nodes"]] == [{"amount": "549.36"}] * sees


async def test_what_was_bought_has_its_own_payouts(register: Register) -> None:
    """Carlos buys a quarter of Marina's quotas before the first payment."""
    await register.deliver(activated((1_000, 200)))
    await register.hold((MARINA, 100))
    bought = swapped(1, 25)
    await register.deliver(bought)
    await register.deliver(payment(1_200, swaps_before=1))
    fields = "... on QuotaPosition { payouts(first: 3) { nodes { gross { amount } quotaCount } } }"
    left = await seen(register, "owner", fields, "QuotaPosition", investment_id(1))
    got = await seen(register, "other holder", fields, "QuotaPosition", bought.purchase_id)
    assert left["payouts"]["nodes"] == [{"gross": {"amount": "9.00"}, "quotaCount": 75}]
    assert got["payouts"]["nodes"] == [{"gross": {"amount": "3.00"}, "quotaCount": 25}]


async def test_an_investment_nobody_holds_yet_has_an_empty_list(register: Register) -> None:
    fields = "... on Investment { payouts { nodes { id } } }"
    result = await seen(register, "owner", fields, "Investment", investment_id(9))
    assert result == {"__typename": "Investment", "payouts": {"nodes": []}}


@pytest.mark.parametrize("who", PEOPLE)
async def test_a_persons_payouts_and_income_are_theirs_and_administrators(paid: Register, who: str) -> None:
    fields = "... on User { payouts { nodes { net { amount } } } incomeStatement(year: 2026) { net { amount } } }"
    result = await seen(paid, who, fields, "User", MARINA)
    if who == "anonymous":
        assert result is None
        return
    sees = who in ("owner", "administrator")
    assert result == {
        "__typename": "User",
        "payouts": {"nodes": [{"net": {"amount": "549.36"}}]} if sees else None,
        "incomeStatement": {"net": {"amount": "549.36"}} if sees else None,
    }


@pytest.mark.parametrize("typename", ["Payout", "Distribution"])
@pytest.mark.parametrize("id_", [uuid.UUID(int=5), "nonsense"])
async def test_what_does_not_exist_is_absent(register: Register, typename: str, id_: object) -> None:
    assert await seen(register, "administrator", "", typename, id_) is None


UNDISTRIBUTED = """{ undistributedPayments(first: 1) {
  nodes { paymentId amount { amount } installment { id } } pageInfo { hasNextPage } } }"""


async def test_administrators_see_payments_that_were_set_aside(paid: Register) -> None:
    second, third = payment(94_560), payment(94_560)
    await paid.deliver(second)
    paid.clock.advance(seconds=1)
    await paid.deliver(third)
    answer = await paid.ask(UNDISTRIBUTED, paid.signed_in(ADMINISTRATOR, "admin"))
    assert answer["data"] == {
        "undistributedPayments": {
            "nodes": [
                {
                    "paymentId": str(third.payment_id),
                    "amount": {"amount": "945.60"},
                    "installment": {"id": str(installment_id(1))},
                }
            ],
            "pageInfo": {"hasNextPage": True},
        }
    }
    closed = (
        (None, "UNAUTHENTICATED"),
        (paid.signed_in(MARINA, "investor"), "FORBIDDEN"),
        (paid.signed_in(ANALYST, "analyst"), "FORBIDDEN"),
    )
    for headers, code in closed:
        refused = await paid.ask(UNDISTRIBUTED, headers)
        assert refused["errors"][0]["extensions"]["code"] == code


async def test_payouts_are_paged_the_newest_first(register: Register) -> None:
    await register.deliver(activated(*[(100, 20)] * 5))
    await register.hold((MARINA, 3))
    for number in (1, 2, 3, 4, 5):
        await register.deliver(payment(120, number, confirmed_at=PAID_AT + timedelta(days=number)))
    query = """query ($r: [_Any!]!, $after: String) { _entities(representations: $r) {
      ... on User { payouts(first: 2, after: $after) { ...page } }
      ... on Investment { payouts(first: 2, after: $after) { ...page } }
      ... on CPR { distributions(first: 2, after: $after) { nodes { paidAt } pageInfo { hasNextPage endCursor } } } } }
      fragment page on PayoutPage { nodes { paidAt } pageInfo { hasNextPage endCursor } }"""
    owners = {"User": MARINA, "Investment": investment_id(1), "CPR": CPR}
    for typename, id_ in owners.items():
        after, days = None, []
        for has_next in (True, True, False):
            me = [{"__typename": typename, "id": str(id_)}]
            answer = await register.ask(query, register.signed_in(MARINA), r=me, after=after)
            (page,) = answer["data"]["_entities"][0].values()
            assert page["pageInfo"]["hasNextPage"] is has_next
            days += [node["paidAt"][8:10] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
        assert days == ["28", "27", "26", "25", "24"]


async def test_payouts_of_many_investments_take_two_statements(register: Register) -> None:
    await register.deliver(activated((1_000, 200)))
    await register.hold(*[(MARINA, 1)] * 8)
    await register.deliver(payment(1_200))
    query = (
        "query ($r: [_Any!]!) { _entities(representations: $r) {"
        " ... on Investment { payouts(first: 3) { nodes { gross { amount } } } } } }"
    )
    many = [{"__typename": "Investment", "id": str(investment_id(number))} for number in range(1, 9)]
    with counted_statements(register.subgraph.database) as statements:
        answer = await register.ask(query, register.signed_in(MARINA), r=many)
    assert [entity["payouts"]["nodes"] for entity in answer["data"]["_entities"]] == [
        [{"gross": {"amount": "1.50"}}]
    ] * 8
    # Whose they are; their payouts.
    assert len(statements) == 2


async def test_an_investment_shows_a_buyer_only_what_the_buyer_got(paid: Register) -> None:
    """When quotas change hands under one investment, each sees the payouts of their own time."""
    await paid.sql("UPDATE positions SET valid_to = :at WHERE investor_id = :who", at=PAID_AT, who=MARINA)
    await paid.sql(
        "INSERT INTO positions SELECT gen_random_uuid(), investment_id, cpr_id, :buyer, person, instrument,"
        " quota_count, amount_minor, valid_to, valid_to, NULL, 1 FROM positions WHERE investor_id = :seller",
        buyer=STRANGER,
        seller=MARINA,
    )
    fields = "... on Investment { payouts { nodes { net { amount } } } }"
    bought = await seen(paid, "stranger", fields, "Investment", investment_id(1))
    sold = await seen(paid, "owner", fields, "Investment", investment_id(1))
    assert bought["payouts"] == {"nodes": []}
    assert sold["payouts"] == {"nodes": [{"net": {"amount": "549.36"}}]}


async def test_a_confirmed_investment_is_not_shown_to_others_before_it_pays(register: Register) -> None:
    await register.deliver(confirmed(1, MARINA, 3))
    fields = "... on Investment { payouts { nodes { id } } }"
    assert await seen(register, "other holder", fields, "Investment", investment_id(1)) is None
    assert await seen(register, "owner", fields, "Investment", investment_id(1)) is not None
