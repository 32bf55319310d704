"""Facts of other domains about what people have open here, as accounts receives them."""

import uuid
from typing import Any

from subgraphs.accounts.schemas import heard
from subgraphs.shared.messaging.event import Event
from tests.subgraphs.accounts.people import Person


def cpr_drafted(farmer: Person) -> Event:
    return Event.of(heard.CPRDrafted(cpr_id=uuid.uuid4(), farmer_id=uuid.UUID(farmer.id)))


def cpr_settled(drafted: Event) -> Event:
    return Event.of(heard.CPRSettled.model_validate(drafted.data))


def cpr_cancelled(drafted: Event) -> Event:
    return Event.of(heard.CPRCancelled.model_validate(drafted.data))


def investment_requested(investor: Person) -> Event:
    return Event.of(heard.InvestmentRequested(investment_id=uuid.uuid4(), investor_id=uuid.UUID(investor.id)))


def investment_confirmed(investor: Person) -> Event:
    return Event.of(heard.InvestmentConfirmed(investment_id=uuid.uuid4(), investor_id=uuid.UUID(investor.id)))


def after_investment(began: Event, payload_class: Any) -> Event:
    """What became of the investment of *began*."""
    return Event.of(payload_class.model_validate(began.data))


def quotas_wanted(buyer: Person) -> Event:
    return Event.of(heard.QuotasWanted(purchase_id=uuid.uuid4(), buyer_id=uuid.UUID(buyer.id)))


def purchase_refused(wanted: Event) -> Event:
    return Event.of(heard.QuotaPurchaseRefused.model_validate(wanted.data))


def quotas_bought(wanted: Event) -> Event:
    return Event.of(heard.QuotasBought.model_validate(wanted.data))


def position_closed(wanted: Event) -> Event:
    """The end of what was bought."""
    ended = {"position_id": wanted.data["purchase_id"], "investor_id": wanted.data["buyer_id"]}
    return Event.of(heard.QuotaPositionClosed.model_validate(ended))


def deposit(person: Person, amount_minor: int) -> Event:
    return Event.of(
        heard.DepositConfirmed(deposit_id=uuid.uuid4(), user_id=uuid.UUID(person.id), amount_minor=amount_minor)
    )


def withdrawal_requested(person: Person, amount_minor: int) -> Event:
    return Event.of(
        heard.WithdrawalRequested(withdrawal_id=uuid.uuid4(), user_id=uuid.UUID(person.id), amount_minor=amount_minor)
    )


def withdrawal_settled(requested: Event) -> Event:
    return Event.of(heard.WithdrawalSettled.model_validate(requested.data))


def withdrawal_returned(requested: Event) -> Event:
    return Event.of(heard.WithdrawalReturned.model_validate(requested.data))
