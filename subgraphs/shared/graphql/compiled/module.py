"""Python that is being written: functions of one namespace, with the objects that they name."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from subgraphs.shared.graphql.compiled.asked import CannotCompile

FUNCTIONS_MAX = 300
"""Of one document; what would need more is graphql-core's."""

_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Unit:
    """A function that completes a value."""

    name: str
    waits: bool


class Module:
    """All functions of one document."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = dict(names)
        self._numbers = 0
        self._constants: dict[int, str] = {}
        self._texts: list[str] = []

    def name(self, prefix: str) -> str:
        """A name for a function, which no other has."""
        self._numbers += 1
        return f"{_WORDS.sub('_', prefix).lower().strip('_') or 'x'}_{self._numbers}"

    def constant(self, prefix: str, value: Any) -> str:
        """The name of *value*, to be used in the code."""
        name = self._constants.get(id(value))
        if name is None:
            self._numbers += 1
            name = self._constants[id(value)] = f"{prefix}_{self._numbers}"
            self._names[name] = value
        return name

    def add(self, name: str, parameters: str, lines: list[str], *, waits: bool) -> Unit:
        """A function. Raises CannotCompile where they are too many."""
        if len(self._texts) >= FUNCTIONS_MAX:
            raise CannotCompile("large")
        head = f"{'async ' if waits else ''}def {name}({parameters}):"
        self._texts.append("\n".join([head, *(f"    {line}" for line in lines)]) + "\n")
        return Unit(name, waits)

    def add_table(self, name: str, members: Mapping[str, str]) -> None:
        """A dictionary, both sides of which are names."""
        self._texts.append(f"{name} = {{{', '.join(f'{key}: {value}' for key, value in members.items())}}}\n")

    @property
    def text(self) -> str:
        return "\n\n".join(self._texts)

    def written(self, name: str) -> Callable[..., Any]:
        """The function *name*, ready to be called. Raises what Python says of code that is nested too deeply."""
        # Everything in it was written here; names of the graph are GraphQL names, and quoted besides.
        exec(compile(self.text, "<compiled document>", "exec"), self._names)  # noqa: S102
        function: Callable[..., Any] = self._names[name]
        return function

    def weight(self) -> int:
        """Bytes that the functions and their text take in memory."""
        functions = [each for each in self._names.values() if isinstance(each, FunctionType)]
        own = [each.__code__ for each in functions if each.__globals__ is self._names]
        return len(self.text) + self._names.__sizeof__() + sum(500 + _weight_of(each) for each in own)


def _weight_of(code: CodeType) -> int:
    inner = sum(_weight_of(each) for each in code.co_consts if isinstance(each, CodeType))
    tables = len(code.co_linetable) + len(code.co_exceptiontable) + 8 * (len(code.co_consts) + len(code.co_names))
    # The interpreter keeps what it has learnt of a code beside it.
    return code.__sizeof__() + 2 * len(code.co_code) + tables + inner
