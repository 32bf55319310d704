"""Tax that is remitted late costs fine and interest: by dated rules, of what the platform earned, and once."""

from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from subgraphs.shared.person_kind import PersonKind
from subgraphs.wallet.domain.late_tax import late_tax
from subgraphs.wallet.models import LateTaxRule
from tests.subgraphs.wallet.tampering import tamper
from tests.subgraphs.wallet.test_remittances import collector, payable, problems, remit, withhold
from tests.subgraphs.wallet.wallet_world import ANA, WalletWorld

DUE = date(2026, 12, 3)
SHOWN = """{ taxRemittances { nodes {
  amount { amount } lateFine { amount } lateInterest { amount } status slipNumber isOverdue lastFailure } } }"""
LATE = "SELECT paid_on::text, fine_minor, interest_minor FROM late_remittances ORDER BY paid_on, fine_minor"
SLIPS = "SELECT amount_minor, paid_at IS NOT NULL FROM sandbox_tax_slips ORDER BY number"


def rule(valid_from: date = date(2020, 1, 1), selic: str = "0.01") -> LateTaxRule:
    return LateTaxRule(
        valid_from=valid_from,
        daily_fine_rate=Decimal("0.0033"),
        fine_rate_max=Decimal("0.20"),
        monthly_interest_rate=Decimal(selic),
        payment_month_rate=Decimal("0.01"),
    )


@pytest.mark.parametrize(
    ("paid_on", "fine", "interest"),
    [
        (date(2026, 12, 4), 3_30, 0),
        (date(2026, 12, 31), 92_40, 0),
        (date(2027, 1, 1), 95_70, 10_00),
        # 62 days would be 20.46 %. January's SELIC, and 1 % for February.
        (date(2027, 2, 3), 200_00, 21_50),
        (date(2027, 3, 1), 200_00, 33_00),
    ],
)
def test_a_fine_for_each_day_and_interest_for_each_month_after(paid_on: date, fine: int, interest: int) -> None:
    """Of R$ 1,000. SELIC is 1.15 % from the middle of January on: that month's is what it is at its end."""
    rules = [rule(date(2027, 1, 15), "0.0115"), rule()]
    late = late_tax(1_000_00, rules, due_on=DUE, paid_on=paid_on)
    assert (late.fine_minor, late.interest_minor) == (fine, interest)


def test_without_a_rule_nothing_is_reckoned() -> None:
    with pytest.raises(LookupError, match="paid late on 2026-12-04"):
        late_tax(1_000_00, [rule(date(2027, 1, 1))], due_on=DUE, paid_on=date(2026, 12, 4))


async def overdue(world: WalletWorld, days: int = 11) -> None:
    """R$ 12 were withheld on 23 November, so many *days* ago, and due on 3 December; the collector takes nothing."""
    await withhold(world, (12_00, PersonKind.NATURAL))
    world.clock.advance(days=8)
    collector(world).refuses = "the account at the bank is blocked"
    assert await remit(world) == 0
    world.clock.advance(days=days - 8)


async def shown(world: WalletWorld) -> Any:
    (node,) = (await world.get(SHOWN, ANA, "admin"))["taxRemittances"]["nodes"]
    return node


async def test_what_is_paid_late_is_paid_with_the_fine_of_the_day(world: WalletWorld) -> None:
    await overdue(world)
    assert await remit(world) == 0
    world.clock.advance(days=2)  # 6 December
    collector(world).refuses = None
    assert await remit(world) == 1
    # 0.33 % and 0.99 % of 12.00; the slip in time is not paid any more.
    assert await world.rows(LATE) == [("2026-12-04", 4, 0), ("2026-12-06", 12, 0)]
    assert await world.rows(SLIPS) == [(12_00, False), (12_04, False), (12_12, True)]
    assert (await payable(world), await payable(world, "origination_fee")) == (0, 19_88)
    node = await shown(world)
    assert (node["amount"], node["lateFine"], node["lateInterest"], node["status"]) == (
        {"amount": "12.00"}, {"amount": "0.12"}, {"amount": "0.00"}, "PAID",
    )  # fmt: skip
    assert node["slipNumber"] == await world.scalar("SELECT number FROM sandbox_tax_slips WHERE paid_at IS NOT NULL")
    assert await problems(world) == ()
    assert await remit(world) == 0


async def test_what_is_prepared_late_is_late_from_the_first_day_on(world: WalletWorld) -> None:
    await withhold(world, (12_00, PersonKind.NATURAL), (30_00, PersonKind.LEGAL))
    world.clock.advance(days=41)  # 3 January
    assert await remit(world) == 2
    # 31 days are 10.23 %, and 1 % for January.
    assert await world.rows(LATE) == [("2027-01-03", 1_23, 12), ("2027-01-03", 3_07, 30)]
    assert await payable(world, "origination_fee") == 20_00 - 4_72
    assert await problems(world) == ()


async def test_a_late_slip_that_was_paid_without_our_hearing_of_it_is_not_paid_again(world: WalletWorld) -> None:
    await overdue(world)
    assert await remit(world) == 0
    collector(world).refuses, collector(world).silent_calls = None, 1
    assert await remit(world) == 0
    world.clock.advance(days=1)
    assert await remit(world) == 1
    assert await world.rows(SLIPS) == [(12_00, False), (12_04, True)]
    assert await payable(world, "origination_fee") == 19_96
    assert await problems(world) == ()


async def test_a_late_slip_of_which_only_the_number_was_lost_is_made_for_the_next_day(world: WalletWorld) -> None:
    await overdue(world)
    collector(world).refuses, collector(world).silent_calls = None, 1
    assert await remit(world) == 0
    world.clock.advance(days=1)
    assert await remit(world) == 1
    assert await world.rows(SLIPS) == [(12_00, False), (12_04, False), (12_08, True)]
    assert await problems(world) == ()


async def test_a_slip_that_was_paid_in_time_without_our_hearing_of_it_costs_no_fine(world: WalletWorld) -> None:
    await overdue(world, days=10)  # 3 December, the day it is due
    collector(world).refuses, collector(world).silent_calls = None, 1
    assert await remit(world) == 0
    world.clock.advance(days=1)
    assert await remit(world) == 1
    assert (await world.rows(LATE), await world.rows(SLIPS)) == ([], [(12_00, True)])
    assert await payable(world, "origination_fee") == 20_00
    assert await problems(world) == ()


async def test_what_the_platform_has_not_earned_is_paid_of_nobody_else_s_money(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    await overdue(world)
    collector(world).refuses = None
    dear = "INSERT INTO late_tax_rules VALUES ('2026-12-01', 0.1, 1, 0, 0.01, 'a test', '')"
    await owner.execute(dear)
    world.clock.advance(days=365)
    await tamper(owner, "ledger_balances", "UPDATE ledger_balances SET balance_minor = 0 WHERE account_id::text "
                 "= 'ffffffff-0000-8000-8000-000000000002'")  # fmt: skip
    assert await remit(world) == 0
    assert await world.scalar("SELECT last_failure FROM remittances") == (
        "the platform has not earned the 1212 cents of fine and interest"
    )
    assert (await payable(world), await world.rows(LATE)) == (12_00, [])


async def test_what_one_may_have_cost_already_is_not_spent_on_another(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    """Each costs R$ 12.12, of the R$ 20 that were earned; of one it is not known yet whether it is paid."""
    await withhold(world, (12_00, PersonKind.NATURAL), (12_00, PersonKind.LEGAL))
    await owner.execute("INSERT INTO late_tax_rules VALUES ('2026-12-01', 0.1, 1, 0, 0.01, 'a test', '')")
    world.clock.advance(days=365)
    collector(world).refuses = "the account at the bank is blocked"
    assert await remit(world) == 0
    collector(world).refuses, collector(world).silent_calls = None, 1
    assert await remit(world) == 0
    assert await world.scalar("SELECT count(*) FROM late_remittances") == 1
    assert await remit(world) == 1
    assert await payable(world, "origination_fee") == 7_88
    assert sorted(row[0] for row in await world.rows("SELECT status FROM remittances")) == ["PAID", "PREPARED"]


async def test_a_rule_for_days_that_are_over_shows_at_what_was_paid(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    await overdue(world)
    collector(world).refuses = None
    assert await remit(world) == 1
    await owner.execute("INSERT INTO late_tax_rules VALUES ('2026-12-01', 0.005, 0.2, 0.01, 0.01, 'a law', '')")
    (problem,) = await problems(world)
    assert problem.endswith("on 2026-12-04: 4 and 0 cents for being late are of no rule")
