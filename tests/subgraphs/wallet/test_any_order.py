"""What is in people's wallets does not depend on the order in which facts arrive."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from hypothesis import given

from subgraphs.wallet.domain import chart
from subgraphs.wallet.schemas import heard
from tests.builders.any_order import History, Kind, MakeHistory, at_noon, check_order, orders_of, queues_reached, tries
from tests.builders.deliveries import in_order
from tests.subgraphs.wallet.schedules import agreed_schedule
from tests.subgraphs.wallet.wallet_world import WalletWorld

KINDS = {
    "wallet.keep_standing": Kind.VERSIONED,
    "wallet.open_wallet": Kind.FACT,
    "wallet.remember_identity": Kind.VERSIONED,
    "wallet.leave_wallet": Kind.VERSIONED,
    "wallet.forget_person": Kind.VERSIONED,
    "wallet.pause_money_out": Kind.VERSIONED,  # by the alert's instant
    "wallet.place_hold": Kind.STATE,
    "wallet.cancel_hold": Kind.STATE,
    "wallet.release_holds": Kind.STATE,
    "wallet.disburse_offering": Kind.STATE,
    "wallet.remember_cpr": Kind.FACT,
    "wallet.remember_schedule": Kind.FACT,
    "wallet.note_lateness": Kind.STATE,
    "wallet.credit_payouts": Kind.STATE,
    "wallet.replace_schedule": Kind.STATE,
    "wallet.swap_quotas": Kind.STATE,
    "wallet.send_withdrawal": Kind.ERRAND,
    "wallet.send_return": Kind.ERRAND,
    "wallet.cancel_at_gateway": Kind.ERRAND,
    "wallet.answer_again": Kind.ERRAND,
}
EVENTS = 17


def history_of(world: WalletWorld) -> MakeHistory:
    """Marina's investment is disbursed to Sérgio, who pays late; Ana buys some of her quotas; Carlos leaves."""

    async def history() -> History:
        sergio, marina, carlos, cpr, offering, investment, installment = (uuid4() for _ in range(7))
        other, called_off, ana, purchase, late, replaced, agreed = (uuid4() for _ in range(7))
        await world.person_with(marina, 500_000)
        await world.person_with(ana, 50_000)
        schedule = heard.ScheduledInstallment(
            installment_id=installment, number=1, due_on=date(2026, 12, 23), amount_minor=110_000
        )
        told = in_order(
            heard.UserRegistered(user_id=sergio),
            heard.UserRegistered(user_id=carlos),
            heard.IdentityVerified(user_id=carlos),
            heard.IdentityVerified(user_id=carlos),
            heard.AccountClosed(user_id=carlos),
            heard.IdentityVerified(user_id=sergio),
            heard.IdentityVerified(user_id=sergio),
            heard.CPRRegistered(
                cpr_id=cpr, farmer_id=sergio, term_months=12, registered_at=world.clock.now().isoformat()
            ),
            heard.InvestmentRequested(
                investment_id=investment, offering_id=offering, investor_id=marina, quota_count=10,
                amount_minor=100_000,
            ),
            heard.InvestmentCancelled(investment_id=called_off),
            heard.OfferingFunded(
                offering_id=offering, cpr_id=cpr, farmer_id=sergio, grade="A", principal_minor=100_000,
                investment_count=1,
            ),
            heard.CPRActivated(cpr_id=cpr, farmer_id=sergio, installments=(schedule,)),
            heard.CPRActivated(
                cpr_id=late,
                farmer_id=sergio,
                installments=(schedule.model_copy(update={"installment_id": replaced}),),
            ),
            agreed_schedule((110_000, 0, 0), renegotiation_id=agreed, cpr_id=late, farmer_id=sergio),
            heard.InstallmentLate(installment_id=installment, cpr_id=cpr, fine_rate="0.02", monthly_rate="0.01"),
            heard.OfferingCancelled(offering_id=other),
            heard.QuotasWanted(
                purchase_id=purchase, cpr_id=cpr, investment_id=investment, position_id=investment, position_quotas=10,
                seller_id=marina, buyer_id=ana, quota_count=4, price_minor=42_000, paid_installments=0,
                principal_minor=100_000, unpaid_principal_minor=100_000, offered_at=world.clock.now(),
                good_until=world.clock.now() + timedelta(days=1),
            ),
        )  # fmt: skip
        names: dict[UUID, str] = {
            sergio: "sergio", marina: "marina", carlos: "carlos", cpr: "cpr", offering: "offering",
            investment: "investment", installment: "installment", other: "other", called_off: "called off", ana: "ana",
            purchase: "purchase", late: "late", replaced: "replaced", agreed: "agreed",
            chart.escrow(cpr).id: "escrow",
        }  # fmt: skip
        for person in (sergio, marina, carlos, ana):
            names[chart.available(person).id] = f"available of {names[person]}"
            names[chart.held(person).id] = f"held of {names[person]}"
        return History(at_noon(told), names, left_out=frozenset({"charges", "ledger_accounts"}))

    return history


@given(order=orders_of(EVENTS))
@tries
async def test_any_order_ends_the_same(world: WalletWorld, order: list[int]) -> None:
    await check_order(world.subgraph, history_of(world), order)


async def test_the_history_reaches_every_reaction_but_errands(world: WalletWorld) -> None:
    told = await history_of(world)()
    assert len(told.events) == EVENTS
    own_tests = {
        "wallet.credit_payouts",  # test_wallet_payouts.py: parts of a distribution in any order
        "wallet.pause_money_out",  # test_money_out.py: an older alert that comes later
    }
    errands = {queue for queue in KINDS if KINDS[queue] is Kind.ERRAND}
    assert queues_reached(world.subgraph, told) == KINDS.keys() - errands - own_tests
