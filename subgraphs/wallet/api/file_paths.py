"""Where the files of lists are, on the product's own address. `files.py` serves them."""

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlencode


def statement_path(
    wallet_id: str, form: str, *, first_day: date | None, last_day: date | None, kinds: Sequence[str] | None
) -> str:
    parameters = {"from": first_day, "to": last_day, "kinds": _words(kinds)}
    return f"/wallet/statements/{wallet_id}.{form}{_query(parameters)}"


def transfers_path(
    form: str,
    *,
    first_day: date | None,
    last_day: date | None,
    kinds: Sequence[str] | None,
    user_id: str | None,
    reference: str | None,
) -> str:
    parameters = {
        "from": first_day,
        "to": last_day,
        "kinds": _words(kinds),
        "userId": user_id,
        "reference": reference,
    }
    return f"/wallet/transfers.{form}{_query(parameters)}"


def _words(words: Sequence[str] | None) -> str | None:
    return None if words is None else ",".join(words)


def _query(parameters: Mapping[str, date | str | None]) -> str:
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"?{urlencode(given, safe=',')}" if given else ""
