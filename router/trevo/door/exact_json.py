"""
JSON that loses nothing on its way through a door.

orjson reads and writes nearly everything. It has three bounds that JSON has not:

    18446744073709551616        a whole number of more than 64 bits becomes a float
    "\\ud800"                    half of a surrogate pair is refused, and with it all that stands around it
    [[[[ … ]]]]                 1,024 levels are read, but only 254 written

For these there is a slower way, which is gone only where one of them is met. A number is known before it is read, by
the length of its digits; the others by orjson's refusal.
"""

import json
import math
import re
from typing import Any, NamedTuple, NoReturn

import orjson

_DIGITS = bytes(ord("0") if ord("0") <= byte <= ord("9") else ord(" ") for byte in range(256))
_LONG = b"0" * 19
"""The shortest number of more than 64 bits is -9223372036854775809; a run of digits that long is rare in any text."""
_STRIDE, _OF_A_LONG_ONE = 6, b"000"
"""Of every sixth byte, at least three in a row are digits wherever nineteen are; a look at these costs a third."""
_LOOKS_MAX = 8
"""At what only may be a long number; a text with more of that, as with many ids of digits, is looked through whole."""
_BEFORE_A_VALUE, _AFTER_A_VALUE = b"[:, \t\r\n", b"],} \t\r\n"
_HALF = re.compile("[\ud800-\udfff]")
_REFUSED_HALF = "surrogate"
"""What orjson says of halves of surrogate pairs, and of nothing else."""


class Read(NamedTuple):
    """A value, and whether halves of surrogate pairs may stand in its texts; mostly one can tell without a look."""

    value: Any
    may_have_halves: bool


def read(text: bytes | str) -> Read:
    """
    What *text* stands for. Halves of surrogate pairs are kept as they are; see `has_half`.

    Raises ValueError.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if _has_long_number(raw):
        return Read(_loads_exactly(raw), may_have_halves=True)
    try:
        return Read(orjson.loads(raw), may_have_halves=False)
    except orjson.JSONDecodeError as error:
        if _REFUSED_HALF not in str(error):
            raise
    return Read(_loads_exactly(raw), may_have_halves=True)


def loads(text: bytes | str) -> Any:
    """What *text* stands for, as `read` gives it. Raises ValueError."""
    return read(text).value


def _has_long_number(raw: bytes) -> bool:
    sample = raw[::_STRIDE].translate(_DIGITS)
    start = sample.find(_OF_A_LONG_ONE)
    for _ in range(_LOOKS_MAX):
        if start < 0:
            return False
        if raw[start * _STRIDE : (start + 2) * _STRIDE + 1].isdigit():
            break
        start = sample.find(_OF_A_LONG_ONE, start + 1)
    return _has_long_number_anywhere(raw)


def _has_long_number_anywhere(raw: bytes) -> bool:
    # Only around runs of digits is there a closer look: codes of payments and of bills have such runs in their texts.
    shape = raw.translate(_DIGITS)
    start = shape.find(_LONG)
    while start >= 0:
        end = shape.find(b" ", start)
        if end < 0:
            end = len(raw)
        before = start - 1 if raw[start - 1 : start] == b"-" else start
        if raw[max(before - 1, 0) : before] in _BEFORE_A_VALUE and raw[end : end + 1] in _AFTER_A_VALUE:
            return True
        start = shape.find(_LONG, end)
    return False


def _loads_exactly(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode(), parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number is too large for a float")
    return number


def dumps(value: Any, *, sort_keys: bool = False) -> bytes:
    """
    *value* as JSON; what has no form in JSON (a Decimal, a date of one's own) as its text.

    Halves of surrogate pairs are written as they were read, as escapes. Raises TypeError for what cannot be written:
    what holds itself, has no text, or is a number with more digits than Python writes.
    """
    option = orjson.OPT_SORT_KEYS if sort_keys else None
    try:
        return orjson.dumps(value, default=str, option=option)
    except TypeError:
        pass
    try:
        return _write(value, sort_keys=sort_keys)
    except ValueError as error:
        raise TypeError(str(error)) from error


class _Text(str):
    """Something that is JSON already."""

    __slots__ = ()


_ENDS = frozenset({"}", "]"})


def _write(value: Any, *, sort_keys: bool) -> bytes:
    # Without recursion: what is written here may be deeper than Python's own calls may be.
    written: list[str] = []
    pending: list[Any] = [value]
    within: dict[int, None] = {}
    """In what the item stands, from the outermost on."""
    while pending:
        item = pending.pop()
        if type(item) is _Text:
            written.append(item)
            if item in _ENDS:
                within.popitem()
            continue
        if isinstance(item, (dict, list, tuple)):
            if id(item) in within:
                raise TypeError("a value holds itself")
            within[id(item)] = None
        if isinstance(item, dict):
            members = sorted(item.items()) if sort_keys else list(item.items())
            pending.append(_Text("}"))
            for number in range(len(members) - 1, -1, -1):
                key, member = members[number]
                pending += (member, _Text(f"{',' if number else ''}{_leaf(str(key))}:"))
            written.append("{")
        elif isinstance(item, (list, tuple)):
            pending.append(_Text("]"))
            for number in range(len(item) - 1, -1, -1):
                pending += (item[number], _Text("," if number else ""))
            written.append("[")
        else:
            written.append(_leaf(item))
    return "".join(written).encode()


def _leaf(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str) and _HALF.search(value):
        return json.dumps(value)
    return orjson.dumps(value, default=str).decode()


_CONTAINERS = (dict, list)


def copy_tree(value: Any) -> Any:
    """
    *value* with containers of its own, for who may change what it is given, or writes different things where the same
    stands at several places.

    A value that is nested deeper than calls may be is copied by way of its text.
    """
    try:
        return _copy(value)
    except RecursionError:
        return loads(dumps(value))


def _copy(value: Any) -> Any:
    if type(value) is dict:
        return {key: _copy(child) if type(child) in _CONTAINERS else child for key, child in value.items()}
    if type(value) is list:
        return [_copy(child) if type(child) in _CONTAINERS else child for child in value]
    return value


def has_half(value: Any) -> bool:
    """Whether some text in *value* is no text, because half of a surrogate pair stands in it alone."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if not item.isascii() and _HALF.search(item):
                return True
        elif isinstance(item, dict):
            waiting += item.keys()
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return False


def without_halves(text: str) -> str:
    """*text* for people to read: a sign of replacement stands for what is no text."""
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", text)
