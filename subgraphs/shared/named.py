"""The type of a column that says which of an enumeration's members it is, in every domain."""

from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

E = TypeVar("E", bound=StrEnum)


class Named(TypeDecorator[E]):
    """
    An enum kept as the text of its member.

    Text with a CHECK instead of a PostgreSQL enum: a new member is then an ordinary migration that takes no long lock.
    """

    impl = Text
    cache_ok = True

    def __init__(self, members: type[E]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:  # noqa: ARG002  # SQLAlchemy's protocol
        return None if value is None else self.members(value).value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> E | None:  # noqa: ARG002  # SQLAlchemy's protocol
        return None if value is None else self.members(value)
