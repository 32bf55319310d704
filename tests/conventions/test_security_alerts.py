"""What notifications tells as a matter of security it does not mail: accounts does, with the link that stops it."""

from typing import get_args

import orjson

from subgraphs.accounts.domain import letters
from subgraphs.accounts.models.vocabulary import AlertKind, MoneyOutAlertKind
from subgraphs.accounts.schemas import events as of_accounts
from subgraphs.notifications.domain.catalogue import TELLINGS
from subgraphs.notifications.domain.telling import SECURITY_ALERTS
from subgraphs.notifications.domain.vocabulary import Category
from tests.conventions.test_schemas import ROOT


def test_every_security_notice_is_mailed_by_accounts() -> None:
    told = {payload.type for payload, telling in TELLINGS.items() if telling.category is Category.SECURITY}
    heard = orjson.loads((ROOT / "schema" / "queues.json").read_bytes())
    mailed = {type_ for queue, types in heard.items() if queue.startswith("accounts.warn_") for type_ in types}
    assert told == mailed | {of_accounts.SecurityAlert.type}


def test_every_kind_of_alert_has_its_words_in_letters_and_in_inboxes() -> None:
    kinds = set(get_args(AlertKind))
    assert letters._ALERTS.keys() == kinds | set(get_args(MoneyOutAlertKind))
    assert SECURITY_ALERTS.keys() == kinds | {"CHANGE_DISOWNED"}
