"""Withheld taxes reach the state: each once, whoever is away, repeats or crashes in between."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from subgraphs.shared.person_kind import PersonKind
from subgraphs.wallet.domain import books, remittances
from subgraphs.wallet.ports.sandbox_tax_collector import SandboxTaxCollector
from subgraphs.wallet.ports.tax_collector import Receipt
from subgraphs.wallet.schemas import events
from tests.builders.jobs import failures_of
from tests.subgraphs.wallet.quota_swaps import lent, pay, wanted
from tests.subgraphs.wallet.tampering import tamper
from tests.subgraphs.wallet.test_iof import GENERAL_RULES
from tests.subgraphs.wallet.wallet_world import (
    ANA,
    CARLOS,
    MARINA,
    SERGIO,
    WalletWorld,
    installment_distributed,
    number,
    payout,
)

REMITTANCES = """query($status: TaxRemittanceStatus, $first: Int, $after: String) {
  taxRemittances(status: $status, first: $first, after: $after) {
    nodes {
      tax withheldOf revenueCode periodFrom periodTo number dueOn isOverdue amount { amount } status slipNumber
      authentication preparedAt paidAt lastFailure
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
REMITTED = """
    SELECT tax, person, revenue_code, period_to::text, number, due_on::text, amount_minor, status FROM remittances
    ORDER BY period_to, tax, person, number
"""
PAYABLE = "SELECT balance_minor FROM ledger_balances JOIN ledger_accounts ON id = account_id WHERE code = :code"


def collector(world: WalletWorld) -> SandboxTaxCollector:
    found = world.services.tax_collector
    assert isinstance(found, SandboxTaxCollector)
    return found


async def withhold(world: WalletWorld, *taxes: tuple[int, PersonKind | None]) -> None:
    """Sérgio pays an installment of R$ 600 on 23 November; so much is withheld of Marina and Carlos."""
    first, *_ = await lent(world)
    await world.deposit(SERGIO, 1_000_00)
    payment_id = await pay(world, first)
    parts = []
    for place, (tax, person) in enumerate(taxes):
        gross = 600_00 // len(taxes)
        part = payout(place, (MARINA, CARLOS)[place], net_minor=gross - tax, tax_minor=tax)
        parts.append(part | {"person": person})
    await world.tell(installment_distributed(payment_id, first, parts, total_minor=600_00))


async def remit(world: WalletWorld) -> int:
    """What the job does."""
    async with world.begin() as session:
        await remittances.prepare_remittances(session, now=world.clock.now())
    return await remittances.pay_remittances(world.services)


async def problems(world: WalletWorld) -> tuple[str, ...]:
    database, now = world.subgraph.database, world.clock.now() + timedelta(hours=2)
    return (await books.check_books(database, now=now, tax_collector=collector(world))).problems


async def payable(world: WalletWorld, code: str = "income_tax_payable") -> int:
    return int(await world.scalar(PAYABLE, code=code))


async def test_what_was_withheld_is_paid_when_its_ten_days_are_over(world: WalletWorld) -> None:
    await withhold(world, (12_00, PersonKind.NATURAL), (30_00, PersonKind.LEGAL))
    assert await remit(world) == 0
    assert await payable(world) == 42_00
    world.clock.advance(days=8)  # 1 December
    assert await remit(world) == 2
    assert await world.rows(REMITTED) == [
        ("INCOME_TAX", "LEGAL", "3426", "2026-11-30", 1, "2026-12-03", 30_00, "PAID"),
        ("INCOME_TAX", "NATURAL", "8053", "2026-11-30", 1, "2026-12-03", 12_00, "PAID"),
    ]
    assert await payable(world) == 0
    assert await world.rows("SELECT amount_minor FROM sandbox_tax_slips WHERE paid_at IS NOT NULL ORDER BY 1") == [
        (12_00,),
        (30_00,),
    ]
    assert await problems(world) == ()


async def test_a_payout_from_before_companies_were_told_is_under_the_code_of_people(world: WalletWorld) -> None:
    await withhold(world, (12_00, None))
    world.clock.advance(days=8)
    assert await remit(world) == 1
    assert [row[:3] for row in await world.rows(REMITTED)] == [("INCOME_TAX", "NATURAL", "8053")]


async def test_iof_is_paid_under_the_code_of_who_borrowed(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await owner.execute(GENERAL_RULES)
    await world.person_with(MARINA, 1_000_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, 1_000_00, investment=number(0x101))
    await world.fund(1_000_00, 1, farmer_person=PersonKind.LEGAL)
    world.clock.advance(days=8)
    assert await remit(world) == 1
    assert await world.rows(REMITTED) == [("IOF", "LEGAL", "1150", "2026-11-30", 1, "2026-12-03", 33_32, "PAID")]
    assert await payable(world, "iof_payable") == 0
    assert await problems(world) == ()


async def test_less_than_a_slip_s_least_amount_waits(world: WalletWorld) -> None:
    await withhold(world, (9_99, PersonKind.NATURAL))
    world.clock.advance(days=8)
    assert await remit(world) == 0
    assert await world.rows(REMITTED) == []
    world.clock.advance(days=60)
    assert await problems(world) == ()


async def test_what_is_repeated_pays_once(world: WalletWorld) -> None:
    await withhold(world, (12_00, PersonKind.NATURAL))
    world.clock.advance(days=8)
    assert [await remit(world) for _ in range(3)] == [1, 0, 0]
    assert await world.scalar("SELECT count(*) FROM ledger_transfers WHERE kind = 'TAX_REMITTANCE'") == 1


async def test_several_at_once_pay_once(world: WalletWorld) -> None:
    await withhold(world, (12_00, PersonKind.NATURAL), (30_00, PersonKind.LEGAL))
    world.clock.advance(days=8)
    assert sum(await asyncio.gather(*(remit(world) for _ in range(4)))) == 2
    assert await world.scalar("SELECT count(*) FROM ledger_transfers WHERE kind = 'TAX_REMITTANCE'") == 2
    assert await payable(world) == 0
    assert await world.scalar("SELECT count(*) FROM sandbox_tax_slips") == 2


async def test_a_collector_that_is_away_is_asked_again(world: WalletWorld) -> None:
    await withhold(world, (12_00, PersonKind.NATURAL))
    world.clock.advance(days=8)
    collector(world).unavailable_calls = 1
    assert await remit(world) == 0
    told = "the sandbox tax collector was told to be away"
    assert await world.rows("SELECT status, last_failure FROM remittances") == [("PREPARED", told)]
    assert await payable(world) == 12_00
    assert await remit(world) == 1
    assert await world.rows("SELECT status, last_failure FROM remittances") == [("PAID", None)]


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_an_answer_that_is_lost_pays_nothing_twice(world: WalletWorld, lost: int) -> None:
    """The slip is issued, or paid, and nobody hears of it."""
    await withhold(world, (12_00, PersonKind.NATURAL))
    world.clock.advance(days=8)
    collector(world).silent_calls = lost
    for _ in range(lost):
        assert await remit(world) == 0
    assert await remit(world) == 1
    assert await world.rows("SELECT amount_minor, paid_at IS NOT NULL FROM sandbox_tax_slips") == [(12_00, True)]
    assert await payable(world) == 0
    assert await problems(world) == ()


async def test_one_that_is_refused_keeps_no_other_from_being_paid_and_is_named_when_it_is_due(
    world: WalletWorld,
) -> None:
    await withhold(world, (12_00, PersonKind.NATURAL), (30_00, PersonKind.LEGAL))
    world.clock.advance(days=8)
    sandbox = collector(world)
    sandbox.refuses = "the account at the bank is blocked"
    assert await remit(world) == 0
    assert await world.rows("SELECT DISTINCT status, last_failure FROM remittances") == [
        ("ISSUED", "the account at the bank is blocked")
    ]
    assert await problems(world) == ()
    world.clock.advance(days=3)  # 4 December
    assert [problem[-37:] for problem in await problems(world)] == ["was due on 2026-12-03 and is not paid"] * 2
    shown = (await world.get(REMITTANCES, ANA, "admin"))["taxRemittances"]["nodes"]
    assert {(one["status"], one["isOverdue"]) for one in shown} == {("ISSUED", True)}
    sandbox.refuses = None
    assert await remit(world) == 2
    assert await problems(world) == ()
    # With the fine of a day: 0.33 % of each.
    assert await payable(world, "origination_fee") == 20_00 - 4 - 10


async def test_a_receipt_of_another_amount_is_not_booked(world: WalletWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    async def pay_less(slip: str) -> Receipt:
        return Receipt(slip_number=slip, amount_minor=1_00, authentication="X", paid_at=world.clock.now())

    await withhold(world, (12_00, PersonKind.NATURAL))
    world.clock.advance(days=8)
    monkeypatch.setattr(collector(world), "pay_slip", pay_less)
    assert await remit(world) == 0
    ((status, failure),) = await world.rows("SELECT status, last_failure FROM remittances")
    assert (status, failure[:31]) == ("ISSUED", "the receipt is of 100 cents for")
    assert await payable(world) == 12_00


async def test_what_is_entered_late_is_in_a_further_remittance_of_its_period(world: WalletWorld) -> None:
    """A payout that was dated before midnight and committed after the job had looked."""
    await withhold(world, (12_00, PersonKind.NATURAL))
    world.clock.advance(days=8)
    await remit(world)
    world.clock.advance(days=-1)
    await world.deposit(SERGIO, 1_000_00)
    second = (await world.rows("SELECT id FROM installments ORDER BY number"))[1][0]
    payment_id = await pay(world, second)
    part = payout(7, MARINA, net_minor=535_00, tax_minor=15_00) | {"person": PersonKind.NATURAL}
    told = installment_distributed(payment_id, second, [part], total_minor=550_00)
    await world.tell(told.model_copy(update={"distribution_id": number(0xD2)}))
    world.clock.advance(days=1)
    assert await remit(world) == 1
    assert [row[4:] for row in await world.rows(REMITTED)] == [
        (1, "2026-12-03", 12_00, "PAID"),
        (2, "2026-12-03", 15_00, "PAID"),
    ]
    assert await problems(world) == ()


async def test_without_a_job_the_books_name_what_the_state_has_not_got(world: WalletWorld) -> None:
    await withhold(world, (12_00, PersonKind.NATURAL))
    world.clock.advance(days=10)  # 3 December, the day it is due
    assert await problems(world) == ()
    world.clock.advance(days=1)
    assert await problems(world) == (
        "INCOME_TAX withheld until 2026-11-30 was due on 2026-12-03 and no remittance is prepared",
    )


async def test_without_a_rule_nothing_is_remitted_and_the_books_say_so(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    await withhold(world, (12_00, PersonKind.NATURAL))
    await tamper(owner, "remittance_rules", "DELETE FROM remittance_rules")
    world.clock.advance(days=8)
    failed = failures_of("remit withheld taxes")
    assert await remit(world) == 0
    assert failures_of("remit withheld taxes") == failed + 1
    assert await world.rows(REMITTED) == []
    assert "no rule says how tax withheld on 2026-11-23 is paid to the state" in await problems(world)


async def test_the_books_name_a_receipt_that_is_not_there(world: WalletWorld) -> None:
    await withhold(world, (12_00, PersonKind.NATURAL))
    world.clock.advance(days=8)
    await remit(world)
    async with world.begin() as session:
        slips = await session.connection()
        await slips.exec_driver_sql("UPDATE sandbox_tax_slips SET paid_at = NULL, authentication = NULL")
    (problem,) = await problems(world)
    assert "is recorded as paid, and slip" in problem
    collector(world).unavailable_calls = 1
    report = await books.check_books(world.subgraph.database, now=world.clock.now(), tax_collector=collector(world))
    assert "the receipts for remitted taxes: the sandbox tax collector was told to be away" in report.not_asked


async def test_administrators_see_what_was_remitted(world: WalletWorld) -> None:
    await withhold(world, (12_00, PersonKind.NATURAL), (30_00, PersonKind.LEGAL))
    world.clock.advance(days=8)
    await remit(world)
    page: dict[str, Any] = (await world.get(REMITTANCES, ANA, "admin", first=1))["taxRemittances"]
    (newest,) = page["nodes"]
    slip, authentication = newest.pop("slipNumber"), newest.pop("authentication")
    assert (len(slip), len(authentication)) == (17, 32)
    assert newest == {
        "tax": "INCOME_TAX",
        "withheldOf": "NATURAL",
        "revenueCode": "8053",
        "periodFrom": "2026-11-21",
        "periodTo": "2026-11-30",
        "number": 1,
        "dueOn": "2026-12-03",
        "isOverdue": False,
        "amount": {"amount": "12.00"},
        "status": "PAID",
        "preparedAt": "2026-12-01T12:00:00.000Z",
        "paidAt": "2026-12-01T12:00:00.000Z",
        "lastFailure": None,
    }
    after = page["pageInfo"]["endCursor"]
    page = (await world.get(REMITTANCES, ANA, "admin", first=1, after=after))["taxRemittances"]
    assert [one["amount"] for one in page["nodes"]] == [{"amount": "30.00"}]
    assert page["pageInfo"]["hasNextPage"] is False
    assert (await world.get(REMITTANCES, ANA, "admin", status="PREPARED"))["taxRemittances"]["nodes"] == []


async def test_nobody_else_sees_them(world: WalletWorld) -> None:
    for scope in ("signed_in", "farmer", "investor", "analyst"):
        answer = await world.ask(REMITTANCES, ANA, scope)
        assert answer["data"] is None or answer["data"]["taxRemittances"] is None
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_the_tax_of_a_sale_is_in_it(world: WalletWorld) -> None:
    await lent(world)
    await world.tell(wanted(price_minor=505_05, seller_person=PersonKind.LEGAL))
    (swapped,) = await world.published(events.QuotasSwapped)
    assert swapped.tax_minor == 22_50
    world.clock.advance(days=8)
    assert await remit(world) == 1
    assert [(*row[:3], row[6]) for row in await world.rows(REMITTED)] == [("INCOME_TAX", "LEGAL", "3426", 22_50)]
