"""What accounts knows of people's business does not depend on the order in which facts arrive."""

from uuid import uuid4

from hypothesis import given

from subgraphs.accounts.schemas import heard
from tests.builders.any_order import History, Kind, at_noon, check_order, orders_of, queues_reached, tries
from tests.builders.deliveries import in_order
from tests.subgraphs.accounts.people import Accounts

KINDS = {
    "accounts.deliver_message": Kind.ERRAND,
    "accounts.verify_identity": Kind.ERRAND,
    "accounts.note_cpr": Kind.FACT,
    "accounts.note_end_of_cpr": Kind.FACT,
    "accounts.note_investment": Kind.FACT,
    "accounts.note_end_of_investment": Kind.FACT,
    "accounts.note_bought_quotas": Kind.FACT,
    "accounts.note_end_of_purchase": Kind.FACT,
    "accounts.note_end_of_position": Kind.FACT,
    "accounts.note_swap": Kind.FACT,
    "accounts.note_money_in": Kind.FACT,
    "accounts.note_money_held": Kind.FACT,
    "accounts.note_money_freed": Kind.FACT,
    "accounts.note_disbursement": Kind.FACT,
    "accounts.note_payment": Kind.FACT,
    "accounts.note_withdrawal": Kind.FACT,
    "accounts.note_end_of_withdrawal": Kind.FACT,
    "accounts.warn_of_bank_account": Kind.FACT,
    "accounts.warn_of_withdrawal": Kind.FACT,
    "accounts.warn_of_quotas_offered": Kind.FACT,
}
EVENTS = 22


async def history() -> History:
    sergio, marina, cpr, investment, refused, kept, returned, bought, not_bought = (uuid4() for _ in range(9))
    money = {"user_id": marina, "amount_minor": 500}
    told = in_order(
        heard.CPRDrafted(cpr_id=cpr, farmer_id=sergio),
        heard.DepositConfirmed(deposit_id=uuid4(), user_id=marina, amount_minor=10_000),
        heard.InvestmentRequested(investment_id=investment, investor_id=marina),
        heard.HoldPlaced(reference_id=investment, user_id=marina, amount_minor=3_000),
        heard.InvestmentConfirmed(investment_id=investment, investor_id=marina),
        heard.InvestmentRequested(investment_id=refused, investor_id=marina),
        heard.InvestmentRefused(investment_id=refused, investor_id=marina),
        heard.QuotasSwapped(purchase_id=bought, seller_id=sergio, buyer_id=marina, price_minor=300, net_minor=297),
        heard.QuotasWanted(purchase_id=bought, buyer_id=marina),
        heard.QuotasBought(purchase_id=bought, buyer_id=marina),
        heard.QuotaPositionClosed(position_id=bought, investor_id=marina),
        heard.QuotasWanted(purchase_id=not_bought, buyer_id=marina),
        heard.QuotaPurchaseRefused(purchase_id=not_bought, buyer_id=marina),
        heard.HoldReleased(reference_id=uuid4(), user_id=marina, amount_minor=70),
        heard.CPRDisbursed(cpr_id=cpr, farmer_id=sergio, net_minor=2_900),
        heard.PaymentConfirmed(installment_id=uuid4(), farmer_id=sergio, amount_minor=800, method="WALLET"),
        heard.QuotasOffered(offer_id=uuid4(), seller_id=marina, price_minor=3_500),
        heard.BankAccountRegistered(bank_account_id=uuid4(), user_id=marina),
        heard.WithdrawalRequested(withdrawal_id=returned, **money),
        heard.WithdrawalReturned(withdrawal_id=returned, **money),
        heard.WithdrawalRequested(withdrawal_id=kept, **money),
        heard.CPRSettled(cpr_id=cpr, farmer_id=sergio),
    )
    names = {
        sergio: "sergio", marina: "marina", cpr: "cpr", investment: "investment", refused: "refused", kept: "kept",
        returned: "returned", bought: "bought", not_bought: "not bought",
    }  # fmt: skip
    return History(at_noon(told), names)


@given(order=orders_of(EVENTS))
@tries
async def test_any_order_ends_the_same(accounts: Accounts, order: list[int]) -> None:
    await check_order(accounts.subgraph, history, order)


async def test_the_history_reaches_every_reaction_but_errands(accounts: Accounts) -> None:
    told = await history()
    assert len(told.events) == EVENTS
    assert queues_reached(accounts.subgraph, told) == {queue for queue in KINDS if KINDS[queue] is not Kind.ERRAND}
