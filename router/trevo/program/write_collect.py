"""
The code that finds what a call asks about, in one pass.

    def collect_4(T):                            # Item of `items.@`
        T1 = T[1]
        found = {}
        v1 = T1.get('items')
        if v1 is not None:
            for x2 in watched(v1):
                if x2 is not None:
                    v3 = x2['sku']
                    if v3 is None:
                        unusual()
                    if v3 not in found: found[v3] = {'__typename': 'Item', 'sku': v3}
        return found

What is found is what the interpreter finds, in the same order, by the same names.
"""

from itertools import takewhile

from trevo.plan.nodes import Each, Key, OnTypes, Path, PathSegment
from trevo.program.here import Here
from trevo.program.layout import CannotCompile, Spot, Table
from trevo.program.module import Function, Module


def write_collect(module: Module, table: Table, root: Spot) -> str:
    """The name of the function for the call of *table*, which sees what was answered before, as *root* says."""
    name = f"collect_{table.slot}"
    function = Function(module, f"def {name}(T):")
    function.line("found = {}")
    for path in table.call.node.paths:
        _walk(Here(function, root, None), path, table)
    function.line("return found")
    function.done(table.before)
    return name


def _walk(here: Here, path: Path, table: Table) -> None:
    function = here.function
    types = tuple(segment for segment in path if isinstance(segment, OnTypes))
    if len(types) == len(path):

        def found(identity: str, representation: str) -> None:
            if identity.isidentifier():
                known = identity
            else:
                known = function.variable("k")
                function.line(f"{known} = {identity}")
            function.line(f"if {known} not in found: found[{known}] = {representation}")

        here.identify(table, types, found)
        return
    only = [segment.type_names for segment in takewhile(_is_on_types, path) if isinstance(segment, OnTypes)]
    following, *rest = path[len(only) :]
    if not isinstance(following, Key):
        raise CannotCompile("path")
    with here.only_of(only):
        value = function.variable("v")
        function.line(f"{value} = {here.read_or_none(following.name)}")
        with function.block(f"if {value} is not None:"):
            _go_into(function, here.spot.below(following.name, only=only), value, tuple(rest), table)


def _is_on_types(segment: PathSegment) -> bool:
    return isinstance(segment, OnTypes)


def _go_into(function: Function, spot: Spot, value: str, path: Path, table: Table) -> None:
    if path and path[0] == Each():
        item = function.variable("x")
        with function.block(f"for {item} in watched({value}):"), function.block(f"if {item} is not None:"):
            _go_into(function, spot.item(), item, path[1:], table)
    else:
        _walk(Here(function, spot, value), path, table)
