"""What another domain gives as the code of a reason, a person reads as words."""

from typing import get_args

from subgraphs.contracts.models import OPEN_RENEGOTIATIONS, RenegotiationStatus
from subgraphs.marketplace.domain.investments import HOLD_TIMED_OUT
from subgraphs.marketplace.domain.offerings import OFFERING_CANCELLED
from subgraphs.marketplace.models import QuotaOfferStatus
from subgraphs.notifications.domain.catalogue import TELLINGS
from subgraphs.notifications.domain.holder_catalogue import HOLDER_TELLINGS
from subgraphs.notifications.domain.reasons import REASONS
from subgraphs.notifications.schemas import heard
from subgraphs.shared.messaging.event import EventPayload
from subgraphs.wallet.schemas import events as of_wallet

ENDED_BY_SOMEBODY = {QuotaOfferStatus.OPEN, QuotaOfferStatus.SOLD, QuotaOfferStatus.WITHDRAWN}
"""Where an offer's seller is told nothing of its end: it has none, or they know."""


def test_every_reason_in_a_notification_has_its_words() -> None:
    refusals_of_holds = get_args(of_wallet.HoldRefused.model_fields["reason"].annotation)
    given: dict[type[EventPayload], set[str]] = {
        heard.InvestmentRefused: {*refusals_of_holds, HOLD_TIMED_OUT, OFFERING_CANCELLED},
        heard.QuotaPurchaseRefused: set(get_args(of_wallet.SwapRefusal)),
        heard.SurplusCredited: set(get_args(of_wallet.SurplusCredited.model_fields["reason"].annotation)),
        heard.PaymentReturnRequested: set(get_args(of_wallet.PaymentReturnRequested.model_fields["reason"].annotation)),
        heard.QuotaOfferEnded: {status.value for status in QuotaOfferStatus} - ENDED_BY_SOMEBODY,
        heard.RenegotiationEnded: {
            status.value for status in RenegotiationStatus if status not in (*OPEN_RENEGOTIATIONS, "IN_FORCE")
        },
    }
    assert {payload: set(words) for payload, words in REASONS.items()} == given


def test_no_notification_shows_a_code() -> None:
    tellings = [*TELLINGS.values(), *HOLDER_TELLINGS.values()]
    shown = [telling for telling in tellings if "{reason}" in telling.words.body + telling.words.body_english]
    assert shown == []
