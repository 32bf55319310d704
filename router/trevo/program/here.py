"""
One object in the code that is being written: how its members are read, and how it is found in tables.

    v2 = v1['sku']
    o3 = T4.get(v2) or NOTHING           its entry in a table, if something of it is read
    ... o3['freight'] ...                of NOTHING and UNKNOWN, all members are null
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass

from trevo.execute.representations import PreparedInput
from trevo.plan.nodes import OnTypes, RepresentationField, RepresentationFragment, RepresentationSelection
from trevo.program.layout import CannotCompile, Spot, Table
from trevo.program.module import Function, Known

Found = Callable[[str, str], None]
"""Writes what is done with an object that can be asked about, given its identity and its representation, as code."""


@dataclass(frozen=True, slots=True)
class EntityIdentity:
    """What an object is called in the first table where it is looked up, if that is certain."""

    line: int
    """From which line of the function on it is known."""
    expression: str


class Here:
    """
    The object in *base*, a variable; at the root of the response there is none.

    *type_name* is its runtime type, where the code is for objects that say they are of this type.
    """

    def __init__(self, function: Function, spot: Spot, base: str | None, type_name: str | None = None) -> None:
        self.function = function
        self.spot = spot
        self.type_name = type_name
        self.base = base
        self._entries: Known[Table] = Known(function)
        self._values: Known[str] = Known(function)
        """By key: what the object itself has."""
        self._block = function.blocks[-1]
        """That in which all of it is written."""
        self._for: Table | None = None
        """The table in which the object is being looked up: only what was there before it tells how it is called."""
        self._types: Known[str] = Known(function)
        """What it says it is, wherever that is read."""
        self.base_reads: set[str] = set()
        """What is read of the object itself."""
        self.identity: EntityIdentity | None = None

    def read(self, key: str) -> str:
        """An expression for the member *key*; it raises where nobody has it."""
        sources = self._sources(key)
        if not sources:
            raise CannotCompile("absent")
        return f"{sources[0]}[{key!r}]" if len(sources) == 1 else f"merged({key!r}, {', '.join(sources)})"

    def value(self, key: str) -> str:
        """A variable that has what `read` gives."""
        sources = self._sources(key)
        is_own = sources == [self.base]
        known = self._values.get(key) if is_own else None
        if known is not None:
            return known
        value = self.function.variable("v")
        read = self.read(key)
        if self._is_entry(sources):
            read += f" if {sources[0]} is not NOTHING else unusual()"
        self.function.line(f"{value} = {read}")
        if is_own:
            self._values.put(key, value)
        return value

    def own(self, key: str) -> str | None:
        """The variable that has what the object itself has for *key*, if there is one."""
        return self._values.get(key)

    def value_or_absent(self, key: str) -> str:
        """The same; `ABSENT` where nobody has it."""
        sources = self._sources(key)
        known = self._values.get(key) if sources == [self.base] else None
        if known is not None:
            return known
        value = self.function.variable("v")
        read = f"merged_or_absent({key!r}, {', '.join(sources)})" if sources else "ABSENT"
        self.function.line(f"{value} = {f'{sources[0]}.get({key!r}, ABSENT)' if len(sources) == 1 else read}")
        return value

    def _is_entry(self, sources: Sequence[str]) -> bool:
        """Whether there is nothing but an entry of one table."""
        return len(sources) == 1 and self.base is not None and sources[0] != self.base

    def read_or_none(self, key: str) -> str:
        """Code for the member *key*; None where nobody has it. It raises where what was asked for is absent."""
        sources = self._sources(key)
        if not sources:
            return "None"
        known = self._values.get(key) if sources == [self.base] else None
        if known is not None:
            return known
        if len(sources) > 1:
            return f"merged_or_none({key!r}, {', '.join(sources)})"
        # For their types alone not all objects at one place need have been asked; nor need all who were asked for an
        # object, and one of those may have given it alone.
        is_owed = key != "__typename" and (sources != [self.base] or all(key in each for each in self.spot.outputs))
        return f"{sources[0]}[{key!r}]" if is_owed else f"{sources[0]}.get({key!r})"

    def _sources(self, key: str) -> list[str]:
        sources = [f"T{root.slot}" for root in self.spot.roots if key in root.outputs]
        if self.base is not None and self.spot.has(key):
            self.base_reads.add(key)
            sources.append(self.base)
        sources += [self._entry(table, types) for table, types in self._tables_with(key)]
        return list(dict.fromkeys(sources))

    def _tables_with(self, key: str) -> list[tuple[Table, tuple[OnTypes, ...]]]:
        """Those that may have *key*, as far as they tell how the object is called."""
        return [
            (table, types)
            for table, types in self.spot.tables_with(key)
            if self._may_be(types) and (self._for is None or table.slot in self._for.before)
        ]

    def _may_lack(self, field: RepresentationField) -> bool:
        """Whether an object may rightly be without this key, and so not be asked about."""
        return field.is_key and (field.may_be_null or bool(self._tables_with(field.source)))

    def _may_be(self, types: Iterable[OnTypes]) -> bool:
        return self.type_name is None or all(self.type_name in each.type_names for each in types)

    def _entry(self, table: Table, types: tuple[OnTypes, ...]) -> str:
        entry = self._entries.get(table)
        if entry is None:
            function = self.function
            entry = function.variable("o")
            known_as: list[tuple[int, str]] = []

            def found(identity: str, _representation: str) -> None:
                known_as.append((len(function.lines), identity))
                function.line(f"{entry} = T{table.slot}.get({identity}) or NOTHING")

            outer, self._for = self._for, table
            certain = self._identify(table, types, found, entry=entry)
            self._for = outer
            self._entries.put(table, entry)
            is_first = len(self._entries) == 1 and function.blocks[-1] == self._block
            if certain is not None and is_first and self.identity is None:
                line, identity = known_as[0]
                self.identity = EntityIdentity(line, identity)
        return entry

    def identify(self, table: Table, types: tuple[OnTypes, ...], found: Found) -> None:
        """Write what is done if the object is one of *types* and can be asked about by the call of *table*."""
        self._identify(table, types, found)

    def _identify(
        self, table: Table, types: tuple[OnTypes, ...], found: Found, *, entry: str = ""
    ) -> PreparedInput | None:
        """
        As what it is asked about, where that is certain for all objects here.

        *entry* is the variable for what the table has of it, unless objects are collected to be asked about.
        """
        inputs, function, collecting = table.call.inputs, self.function, not entry
        one_by_one = list(dict.fromkeys((*inputs.by_type.values(), *_given(inputs.unnamed))))
        known = self.type_name
        is_named = known is None and self._is_named()
        if known is not None:
            chosen = inputs.by_type.get(known)
            one_by_one = [chosen] if chosen else []
        elif not is_named:
            one_by_one = _given(inputs.unnamed)
        is_simple = (
            not is_named
            and len(one_by_one) == 1
            and one_by_one[0].read is not None
            and not any(map(self._may_lack, one_by_one[0].fields))
        )
        if entry and not is_simple:
            function.line(f"{entry} = NOTHING")
        if is_named:
            with self.only_of([each.type_names for each in types]):
                self._choose(one_by_one, table, found, entry)
        else:
            for prepared in one_by_one:
                self._identify_as(prepared, table, known and repr(known), found, entry)
            if not one_by_one and collecting and inputs.unnamed is not None:
                function.line("unusual()")
        return one_by_one[0] if is_simple else None

    @contextmanager
    def only_of(self, types: Sequence[frozenset[str]]) -> Iterator[None]:
        """Write something for objects of these *types* alone, and for those that do not say what they are."""
        with ExitStack() as inside:
            for each in types if self._is_named() else ():
                type_name, names = self._read_type(), self.function.module.name("TYPES", each)
                inside.enter_context(self.function.block(f"if {type_name} is None or {type_name} in {names}:"))
            yield

    def _choose(self, among: Sequence[PreparedInput], table: Table, found: Found, entry: str) -> None:
        """By the name that the object has, or has not."""
        inputs, function, type_name = table.call.inputs, self.function, self._read_type()
        word = "if"
        for prepared in among:
            own = frozenset(name for name, each in inputs.by_type.items() if each is prepared)
            test = f"{type_name} in {function.module.name('TYPES', own)}"
            if prepared is inputs.unnamed:
                test = f"{type_name} is None or {test}"
            with function.block(f"{word} {test}:"):
                self._identify_as(prepared, table, type_name, found, entry)
            word = "elif"
        if not entry and inputs.unnamed is not None:
            with function.block("else:"):
                # Whatever stands there was to be asked about, and this is nothing that can be.
                function.line("unusual()")

    def _is_named(self) -> bool:
        return bool(self._sources_of_type())

    def _sources_of_type(self) -> list[str]:
        known = self._types.get("__typename")
        return self._sources("__typename") if known is None else [known]

    def _read_type(self) -> str:
        known = self._types.get("__typename")
        if known is None:
            expression = self.read_or_none("__typename")
            known = self.function.variable("t")
            self.function.line(f"{known} = {expression}")
            self._types.put("__typename", known)
        return known

    def _identify_as(
        self, prepared: PreparedInput, table: Table, type_name: str | None, found: Found, entry: str
    ) -> None:
        input_, function, collecting = prepared.input, self.function, not entry
        names = sorted(input_.type_names)
        if input_.typename is not None:
            sent = repr(input_.typename)
        elif type_name is not None and (len(names) > 1 or prepared is not table.call.inputs.unnamed):
            sent = type_name
        elif len(names) == 1:
            sent = f"({type_name} or {names[0]!r})" if type_name else repr(names[0])
        else:
            function.line("unusual()")
            return
        if sent == type_name and prepared is table.call.inputs.unnamed and collecting and not self.type_name:
            with function.block(f"if {type_name} is None:"):
                function.line("unusual()")
        if entry and any(map(self._may_lack, prepared.fields)):
            function.line(f"{entry} = UNKNOWN")
        if prepared.read is None:
            self._identify_by_text(prepared, table, type_name, sent, found, collecting=collecting)
            return
        with ExitStack() as inside:
            values = [self._sent(field, inside, collecting=collecting) for field in prepared.fields]
            is_told_apart = len(table.call.inputs.by_type) > 1 and table.one_form is None
            parts = [*([sent] if is_told_apart else []), *values]
            identity = parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
            found(identity, write_representation(prepared, sent, values))

    def _sent(self, field: RepresentationField, inside: ExitStack, *, collecting: bool) -> str:
        """A variable for what is sent as *field*; what is written *inside* is for objects with a key."""
        if not field.is_key:
            return self.value_or_absent(field.source)
        value = self.value(field.source)
        entries = self._sources(field.source) if self._tables_with(field.source) else ()
        ask_for_key(self.function, field, value, inside, entries, collecting=collecting)
        return value

    def _identify_by_text(
        self, prepared: PreparedInput, table: Table, type_name: str | None, sent: str, found: Found, *, collecting: bool
    ) -> None:
        """For representations that hold objects or lists, whose identity is their text."""
        function = self.function
        representation = function.variable("r")
        function.line(f"{representation} = {{'__typename': {sent}}}")
        with ExitStack() as inside:
            selections = prepared.input.selections
            self._add_members(representation, selections, table, type_name, inside, collecting=collecting)
            found(f"dumps({representation})", representation)

    def _add_members(
        self,
        representation: str,
        selections: Sequence[RepresentationSelection],
        table: Table,
        type_name: str | None,
        inside: ExitStack,
        *,
        collecting: bool,
    ) -> None:
        function = self.function
        for selection in selections:
            if isinstance(selection, RepresentationFragment):
                if type_name is None:
                    continue
                names = function.module.name("TYPES", selection.type_names)
                if any(map(self._may_lack, _fields(selection.selections))):
                    raise CannotCompile("representation")
                with function.block(f"if {type_name} in {names}:"), ExitStack() as inner:
                    below = selection.selections
                    self._add_members(representation, below, table, type_name, inner, collecting=collecting)
                continue
            value = self._sent(selection, inside, collecting=collecting)
            is_there = nullcontext() if selection.is_key else function.block(f"if {value} is not ABSENT:")
            if selection.selections:
                if self.spot.below(selection.source, type_name=self.type_name).ways:
                    # Part of what is sent lies in tables itself.
                    raise CannotCompile("representation")
                inner_name = function.module.name("SENT", selection)
                value = f"below({value}, {representation}.get({selection.name!r}), {inner_name})"
            with is_there:
                function.line(f"{representation}[{selection.name!r}] = {value}")


def write_representation(prepared: PreparedInput, typename: str, values: Sequence[str]) -> str:
    """Code for what is sent, of variables with its members, which are leaves; what nobody has of it is left out."""
    members = ", ".join(f"{name!r}: {value}" for name, value in zip(prepared.names, values, strict=True))
    whole = f"{{'__typename': {typename}, {members}}}"
    required = [value for field, value in zip(prepared.fields, values, strict=True) if not field.is_key]
    are_there = " and ".join(f"{value} is not ABSENT" for value in required)
    # Mostly they are, and to look is cheaper than to write it twice.
    return f"{whole} if {are_there} else present({whole})" if required else whole


def ask_for_key(
    function: Function,
    field: RepresentationField,
    value: str,
    inside: ExitStack,
    entries: Sequence[str] = (),
    *,
    collecting: bool,
) -> None:
    """
    Let what is written *inside* be for objects with a key: *value* is what they have for *field*.

    *entries* are what it was read from, where those of unknown entities, which have none, may be among them.
    """
    if not field.is_key:
        return
    if collecting and not field.may_be_null:
        with function.block(f"if {value} is None:"):
            function.line(f"without_key({field.source!r}, {', '.join(entries)})" if entries else "unusual()")
    if field.may_be_null or entries:
        inside.enter_context(function.block(f"if {value} is not None:"))


def _given(prepared: PreparedInput | None) -> list[PreparedInput]:
    return [] if prepared is None else [prepared]


def _fields(selections: Sequence[RepresentationSelection]) -> list[RepresentationField]:
    return [each for each in selections if isinstance(each, RepresentationField)]
