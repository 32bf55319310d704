"""Of every fact somebody is told, or it says here why not."""

from importlib import import_module
from pathlib import Path

from subgraphs.notifications.domain.catalogue import TELLINGS
from subgraphs.notifications.domain.holder_catalogue import HOLDER_TELLINGS

ROOT = Path(__file__).resolve().parents[2]
DOMAINS = sorted(path.parents[1].name for path in (ROOT / "subgraphs").glob("*/schemas/events.py"))

OWN_ERRAND = "an errand of its domain to itself"
OWN_ACT = "whom it concerns did it a moment ago, and saw the answer"
TOLD_BY = "{} tells it, when it is true for the person"

NOT_TOLD = {
    "accounts.account_closed.v1": "accounts mails it; there is no inbox any more",
    "accounts.consent_given.v1": OWN_ACT,
    "accounts.consent_text_laid_down.v1": TOLD_BY.format("accounts.consent_asked.v1"),
    "accounts.consent_withdrawn.v1": OWN_ACT,
    "accounts.message_queued.v1": OWN_ERRAND,
    "accounts.profile_updated.v2": OWN_ACT,
    "accounts.sessions_ended.v1": "accounts.security_alert.v1 tells what ended them; ending them oneself is an own act",
    "accounts.signing_key_withdrawn.v1": "it is between services",
    "accounts.standing_confirmed.v1": "it is between services",
    "contracts.answer_awaited.v1": "it is between services",
    "contracts.cpr_activated.v1": TOLD_BY.format("wallet.cpr_disbursed.v1"),
    "contracts.cpr_drafted.v1": TOLD_BY.format("credit.request_approved.v1"),
    "contracts.cpr_registered.v1": TOLD_BY.format("marketplace.offering_opened.v1"),
    "contracts.schedule_agreed.v1": TOLD_BY.format("contracts.cpr_renegotiated.v1 or renegotiation_ended.v1"),
    "contracts.signature_requested.v1": OWN_ERRAND,
    "credit.document_added.v1": OWN_ACT,
    "credit.scoring_overdue.v1": OWN_ERRAND,
    "distribution.answer_awaited.v1": "it is between services",
    "distribution.deductions_laid_down.v1": "it is between services: rules of a day, nobody's alone",
    "distribution.installment_distributed.v1": TOLD_BY.format("wallet.payout_credited.v1"),
    "marketplace.answer_awaited.v1": "it is between services",
    "marketplace.investment_closed.v1": TOLD_BY.format("contracts.cpr_settled.v1"),
    "marketplace.investment_requested.v1": TOLD_BY.format("marketplace.investment_confirmed.v1 or …_refused.v1"),
    "marketplace.quota_position_closed.v1": TOLD_BY.format("marketplace.quotas_sold.v1 or contracts.cpr_settled.v1"),
    "marketplace.quota_roll_told.v1": TOLD_BY.format("contracts.renegotiation_vote_opened.v1"),
    "marketplace.quotas_wanted.v1": TOLD_BY.format("marketplace.quotas_bought.v1 or quota_purchase_refused.v1"),
    "marketplace.trading_stopped.v1": OWN_ERRAND,
    "wallet.answer_awaited.v1": "it is between services",
    "wallet.charge_cancelled.v1": "what replaced it tells: another charge, a payment, a new schedule",
    "wallet.hold_placed.v1": TOLD_BY.format("marketplace.investment_confirmed.v1"),
    "wallet.hold_refused.v1": TOLD_BY.format("marketplace.investment_refused.v1"),
    "wallet.hold_released.v1": TOLD_BY.format("marketplace.investment_cancelled.v1"),
    "wallet.payment_confirmed.v1": TOLD_BY.format("contracts.installment_paid.v1 or …_partly_paid.v1"),
    "wallet.quota_swap_refused.v1": TOLD_BY.format("marketplace.quota_purchase_refused.v1"),
    "wallet.quotas_swapped.v1": TOLD_BY.format("marketplace.quotas_bought.v1 and quotas_sold.v1"),
    "wallet.schedule_kept.v1": TOLD_BY.format("contracts.renegotiation_ended.v1"),
    "wallet.schedule_replaced.v1": TOLD_BY.format("contracts.cpr_renegotiated.v1"),
}


def test_every_fact_is_told_to_somebody_or_says_why_not() -> None:
    published = {
        payload.type
        for domain in DOMAINS
        for payload in getattr(import_module(f"subgraphs.{domain}.schemas.events"), "PUBLISHED", ())
    }
    told = {payload.type for payload in (*TELLINGS, *HOLDER_TELLINGS)}
    assert published - told == NOT_TOLD.keys()
