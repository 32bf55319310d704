"""Python code that is being written: functions of one namespace, with the objects that they name."""

import re
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from types import CodeType, FunctionType
from typing import Any, Generic, TypeVar

from trevo.program.layout import CannotCompile

What = TypeVar("What", bound=Hashable)

FUNCTIONS_MAX = 300
"""Of one program, those for types met later included; about 1 MB. What would need more is the interpreter's."""

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
        self.functions = 0
        """How many can be called."""
        self.lacks: CannotCompile | None = None
        """Why it has not all that was to be written when a type was met, where that will never change."""
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
        if self.functions + len(self._pending) >= FUNCTIONS_MAX:
            raise CannotCompile("large")
        self._pending.append("\n".join(lines) + "\n")

    def write(self) -> None:
        """Make what was added callable. Raises CannotCompile where that is more than Python takes."""
        pending, self._pending = self._pending, []
        if self._keep_text:
            self.texts.append("\n\n".join(pending))
        for text in pending:
            # One by one: while something is compiled, no other thread has a turn.
            exec(compile_function(text), self.names)  # noqa: S102
        self.functions += len(pending)

    def discard(self) -> None:
        """Forget what was added and not written."""
        self._pending.clear()

    def weight(self) -> int:
        """Bytes that the functions take in memory."""
        # A list of its own: a thread may be writing.
        functions = [each for each in list(self.names.values()) if isinstance(each, FunctionType)]
        own = [each.__code__ for each in functions if each.__globals__ is self.names]
        return sum(map(_weight_of, own)) + self.names.__sizeof__() + 500 * len(own)


def compile_function(text: str) -> CodeType:
    """The code that defines the function of *text*. Raises CannotCompile where it is nested too deeply for Python."""
    try:
        # Everything in it was written here; response keys and type names are GraphQL names, and quoted besides.
        return compile(text, "<program>", "exec")
    except (RecursionError, SyntaxError, MemoryError):
        # Python allows twenty blocks in each other, and has its own bounds for expressions.
        raise CannotCompile("deep") from None


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
        self.blocks = [0]
        """The blocks that a line written now stands in, the outermost first, each by a number of its own."""
        self._blocks_made = 1
        self._variables = 0

    def variable(self, prefix: str) -> str:
        self._variables += 1
        return f"{prefix}{self._variables}"

    def line(self, text: str) -> None:
        self.lines.append("    " * len(self.blocks) + text)

    def done(self, slots: Iterable[int]) -> None:
        """Add it to the module, with those of *slots* that it reads as variables of its own."""
        head, *lines = self.lines
        named = set(_SLOT.findall("\n".join(lines)))
        used = [f"    T{slot} = T[{slot}]" for slot in sorted(slots) if str(slot) in named]
        self.module.add([head, *used, *lines])

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.line(head)
        self.blocks.append(self._blocks_made)
        self._blocks_made += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass")
        self.blocks.pop()


class Known(Generic[What]):
    """
    The variables of a function, by what they hold.

    Each is known where it has been written whenever a line runs: in the rest of its block, and in blocks within that.
    What another branch wrote, or an earlier item of a list, is no longer known.
    """

    def __init__(self, function: Function) -> None:
        self._function = function
        self._variables: dict[What, list[tuple[int, str]]] = {}

    def __len__(self) -> int:
        """Of how much there is, or was, a variable."""
        return len(self._variables)

    def get(self, what: What) -> str | None:
        blocks = self._function.blocks
        return next((name for block, name in self._variables.get(what, ()) if block in blocks), None)

    def put(self, what: What, variable: str) -> None:
        """*variable* was just written, in the block that lines are written in now."""
        self._variables.setdefault(what, []).append((self._function.blocks[-1], variable))
