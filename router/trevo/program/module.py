"""Python code that is being written: functions of one namespace, with the objects that they name."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from types import CodeType, FunctionType
from typing import Any

from trevo.program.layout import CannotCompile

FUNCTIONS_MAX = 2_000
"""Of one program; about 5 MB. What would need more is the interpreter's."""

_SLOT = re.compile(r"\bT(\d+)\b")


class Module:
    """All functions of one program. Some are written only when a type is first met."""

    def __init__(self, names: dict[str, Any], *, keep_text: bool = False) -> None:
        self.names = dict(names)
        self.texts: list[str] = []
        """What was written, for people; kept only where it was asked for."""
        self._keep_text = keep_text
        self._pending: list[str] = []
        self._count = 0
        self._functions = 0
        self.lock = Lock()
        """Held by who writes when the program is in use: large answers are written in threads."""

    def number(self) -> int:
        """One that no other name of the module has."""
        self._count += 1
        return self._count

    def name(self, prefix: str, value: Any) -> str:
        """A name for *value*, to be used in the code."""
        name = f"{prefix}_{self.number()}"
        self.names[name] = value
        return name

    def add(self, lines: list[str]) -> None:
        """Add a function; it can be called after the next `write`. Raises CannotCompile where they are too many."""
        self._functions += 1
        if self._functions > FUNCTIONS_MAX:
            raise CannotCompile("large")
        self._pending.append("\n".join(lines) + "\n")

    def write(self) -> None:
        """Make what was added callable."""
        text = "\n\n".join(self._pending)
        self._pending.clear()
        if self._keep_text:
            self.texts.append(text)
        # Everything in it was written here; response keys and type names are GraphQL names, and quoted besides.
        exec(compile(text, "<program>", "exec"), self.names)  # noqa: S102

    def discard(self) -> None:
        """Forget what was added and not written."""
        self._pending.clear()

    def weight(self) -> int:
        """Bytes that the functions take in memory."""
        functions = [each for each in self.names.values() if isinstance(each, FunctionType)]
        own = [each.__code__ for each in functions if each.__globals__ is self.names]
        return sum(map(_weight_of, own)) + self.names.__sizeof__() + 500 * len(own)


def _weight_of(code: CodeType) -> int:
    inner = sum(_weight_of(each) for each in code.co_consts if isinstance(each, CodeType))
    tables = len(code.co_linetable) + len(code.co_exceptiontable) + 8 * (len(code.co_consts) + len(code.co_names))
    # The interpreter keeps what it has learnt of a code beside it.
    return code.__sizeof__() + 2 * len(code.co_code) + tables + inner


class Function:
    """The lines of one function."""

    def __init__(self, module: Module, head: str) -> None:
        self.module = module
        self.lines = [head]
        self.level = 1
        self._variables = 0

    def variable(self, prefix: str) -> str:
        self._variables += 1
        return f"{prefix}{self._variables}"

    def line(self, text: str) -> None:
        self.lines.append("    " * self.level + text)

    def done(self, slots: Iterable[int]) -> None:
        """Add it to the module, with those of *slots* that it reads as variables of its own."""
        head, *lines = self.lines
        named = set(_SLOT.findall("\n".join(lines)))
        used = [f"    T{slot} = T[{slot}]" for slot in sorted(slots) if str(slot) in named]
        self.module.add([head, *used, *lines])

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.line(head)
        self.level += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass")
        self.level -= 1
