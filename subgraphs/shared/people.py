"""
Who somebody is, asked of accounts at the moment it is needed, and kept by nobody else.

Events, outboxes and read models know people by id only. So what accounts erases is erased everywhere, and a stolen
copy of another domain's database names nobody. Whoever asks gets the fields that accounts grants that service, and
nothing of people whose account is closed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Protocol
from uuid import UUID

import aiohttp
import pydantic

from subgraphs.shared.clock import Clock
from subgraphs.shared.webhooks import sign_webhook

PEOPLE_PATH = "/internal/people"
"""Accounts' door for the other services; on the port of its own process only, never on a published one."""

SERVICE_HEADER = "x-service"
"""Which service asks; its signature proves it."""

PEOPLE_MAX = 100
"""People asked about at once."""

ANSWER_SECONDS = 5.0
"""A look-up by key takes milliseconds; whoever asks may ask again."""


class PeopleUnavailable(ConnectionError):
    """Accounts does not answer, or not in time. Nothing is known about the person; ask again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What the asking service may know; the rest is None."""

    full_name: str | None = None
    """Of a verified identity only; of a company its legal name."""
    cpf: str | None = None
    """Eleven digits, of a verified identity only."""
    cnpj: str | None = None
    """Fourteen characters, of a verified company only."""
    email: str | None = None
    phone: str | None = None
    """In E.164, of a confirmed one only."""
    related: tuple[UUID, ...] = ()
    """Of a company those who act for it, and of these as of a person the companies that they act for."""

    @property
    def tax_id(self) -> str | None:
        """CPF or CNPJ, whichever they have; eleven digits or fourteen characters tell which (`tax_ids`)."""
        return self.cpf or self.cnpj


class People(Protocol):
    async def find(self, user_ids: Collection[UUID]) -> Mapping[UUID, Person]:
        """
        People with an open account, by id; at most PEOPLE_MAX are asked about at once. Raises PeopleUnavailable.

        Never inside a transaction: the answer comes from another service.
        """
        ...


class Question(pydantic.BaseModel):
    """What is asked at PEOPLE_PATH, on the wire."""

    user_ids: Annotated[list[UUID], pydantic.Field(max_length=PEOPLE_MAX)]


ANSWER = pydantic.TypeAdapter(dict[UUID, Person])
"""The answer on the wire."""


class PeopleOverHTTP:
    """`People` where accounts is another process. Each question is signed with the asking service's own secret."""

    def __init__(self, url: str, *, service: str, secret: str, clock: Clock) -> None:
        self._url = url
        self._service = service
        self._secret = secret
        self._clock = clock

    async def find(self, user_ids: Collection[UUID]) -> Mapping[UUID, Person]:
        body = Question(user_ids=sorted(set(user_ids))).model_dump_json().encode()
        headers = {
            SERVICE_HEADER: self._service,
            "content-type": "application/json",
            **sign_webhook(self._secret, body, now=self._clock.unmoved()),
        }
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as client,
                client.post(self._url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                response.raise_for_status()
                return ANSWER.validate_json(await response.read())
        except (aiohttp.ClientError, TimeoutError, pydantic.ValidationError) as error:
            # Not the error's own text: it may hold a part of the answer.
            raise PeopleUnavailable(f"accounts cannot be asked who somebody is: {type(error).__name__}") from None
