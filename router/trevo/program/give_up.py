"""What the code of a program calls where it meets something that only the interpreter can judge."""

from typing import Any, NoReturn


class GiveUp(Exception):
    """Something is not as usual. *reason* is a label of a metric."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def unusual() -> NoReturn:
    """A value that may not stand there."""
    raise GiveUp("value")


def none(value: Any) -> None:
    """Null, which may stand there; anything else may not."""
    if value is not None:
        raise GiveUp("value")


ABSENT = object()
"""A member that nobody has."""


class Nothing(dict[str, Any]):
    """The entry of an object of which a table has nothing: all its members are null."""

    def __missing__(self, _key: str) -> None:
        return None

    def __bool__(self) -> bool:
        return True


NOTHING = Nothing()
"""Of an object that was not asked about."""
UNKNOWN = Nothing()
"""
Of one that the subgraph does not know, or that had no key to ask with, which it need not have.

Another key that should have come with it is rightly absent, and nobody is asked about it by that.
"""


def without_key(key: str, *sources: dict[str, Any]) -> None:
    """Nothing, for an object whose *key* is null where one of *sources* is of an unknown entity; else it gives up."""
    if not any(source is UNKNOWN for source in sources) or any(key in source for source in sources):
        unusual()


def present(members: dict[str, Any]) -> dict[str, Any]:
    """*members* without those that nobody has: what is required is left out where it is not known."""
    return {name: value for name, value in members.items() if value is not ABSENT}


def merged(key: str, *sources: dict[str, Any]) -> Any:
    """The member *key* that several answers may have. Raises KeyError where none has it that should."""
    value = merged_or_absent(key, *sources)
    if value is not ABSENT:
        return value
    if any(source is UNKNOWN for source in sources):
        return None
    raise KeyError(key)


def merged_or_absent(key: str, *sources: dict[str, Any]) -> Any:
    """The same; `ABSENT` where none has it."""
    value = ABSENT
    for source in sources:
        other = source.get(key, ABSENT)
        if value is ABSENT:
            value = other
        elif other is not ABSENT:
            value = _merge(value, other)
    return value


def merged_or_none(key: str, *sources: dict[str, Any]) -> Any:
    """The same; None where none has it."""
    value = merged_or_absent(key, *sources)
    return None if value is ABSENT else value


def _merge(value: Any, other: Any) -> Any:
    """Both in one, with containers of its own where they are mixed; nothing is changed."""
    if other is None:
        return value
    if value is None:
        return other
    if type(value) is not type(other):
        raise GiveUp("disagreement")
    if type(value) is dict:
        return {**value, **{key: _merge(value.get(key), member) for key, member in other.items()}}
    if type(value) is list:
        if len(value) != len(other):
            raise GiveUp("disagreement")
        return [_merge(*pair) for pair in zip(value, other, strict=True)]
    if value != other:
        raise GiveUp("disagreement")
    return value
