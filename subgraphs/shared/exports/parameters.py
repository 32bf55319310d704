"""What is asked for a file by: the query of `GET …/name.pdf?from=2026-11-01&kinds=DEPOSIT,PAYOUT`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from fastapi import Request

from subgraphs.shared.clock import BRASILIA
from subgraphs.shared.exports.refused import Refused
from subgraphs.shared.instants import read_day


@dataclass(frozen=True, slots=True)
class Days:
    """From a first day to a last one, in Brasília; None is open."""

    first: date | None
    last: date | None

    @property
    def since(self) -> datetime | None:
        return datetime.combine(self.first, time.min, tzinfo=BRASILIA) if self.first else None

    @property
    def until(self) -> datetime | None:
        """The instant at which the day after the last one begins."""
        return datetime.combine(self.last + timedelta(days=1), time.min, tzinfo=BRASILIA) if self.last else None

    def __str__(self) -> str:
        first = f"de {self.first:%d/%m/%Y}" if self.first else "do início"
        return f"{first} a {self.last:%d/%m/%Y}" if self.last else f"{first} até hoje"

    @property
    def in_file_name(self) -> str:
        """`-de-2026-11-01-a-2026-11-30`, or a part of it."""
        first = f"-de-{self.first}" if self.first else ""
        return first + (f"-a-{self.last}" if self.last else "")


def read_parameters(request: Request, known: Collection[str]) -> Mapping[str, str]:
    """The query's parameters. Raises Refused for one that is not *known*, or is there twice: it would be overlooked."""
    pairs = request.query_params.multi_items()
    names = [name for name, _ in pairs]
    for name in names:
        if name not in known or names.count(name) > 1:
            allowed = ", ".join(sorted(known)) or "none"
            english = f"Query parameters are, once each: {allowed}."
            raise Refused(400, "BAD_REQUEST", f"Parâmetros possíveis, uma vez cada: {allowed}.", english)
    return dict(pairs)


def read_days(parameters: Mapping[str, str]) -> Days:
    """`from` and `to`, in this order. Raises Refused."""
    days = Days(_read_day(parameters, "from"), _read_day(parameters, "to"))
    if days.first and days.last and days.last < days.first:
        raise _bad_value("to", "O último dia vem antes do primeiro.", "`to` is before `from`.")
    return days


def _read_day(parameters: Mapping[str, str], name: str) -> date | None:
    if name not in parameters:
        return None
    try:
        found = read_day(parameters[name])
    except ValueError:
        english = f'`{name}` has to be a day like "2026-11-23".'
        raise _bad_value(name, f'Informe o dia de `{name}` como "2026-11-23".', english) from None
    if not date.min < found < date.max:  # the day before or after it is asked for as well
        raise _bad_value(name, f"O dia de `{name}` está fora dos limites.", f"`{name}` is out of range.")
    return found


def read_words(parameters: Mapping[str, str], name: str, known: Collection[str]) -> list[str] | None:
    """Words parted by commas, or None where nothing restricts them. Raises Refused."""
    if name not in parameters:
        return None
    words = parameters[name].split(",") if parameters[name] else []
    if unknown := [word for word in words if word not in known]:
        said = ", ".join(known)
        english = f"`{name}` takes words parted by commas, of: {said}. {unknown[0][:40]!r} is none."
        raise _bad_value(name, f"`{name}` aceita, separados por vírgula: {said}.", english)
    return words


def _bad_value(name: str, message: str, message_english: str) -> Refused:
    return Refused(400, "BAD_REQUEST", message, message_english, parameter=name)
