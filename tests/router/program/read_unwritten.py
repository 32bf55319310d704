"""
What a function reads that was not written on every way that leads there: names of its own, by the rules of Python.

    if t in BOOKS:
        o = books.get(t)
    print(o)             ← read, and written for books alone; in a loop it would be what an earlier item left

A loop may have no items, and what it writes is not there in its next round.
"""

import ast
from collections.abc import Iterable


def read_unwritten(text: str) -> set[str]:
    """The names that functions of *text* read somewhere without having certainly written them."""
    found: set[str] = set()
    for function in ast.parse(text).body:
        assert isinstance(function, ast.FunctionDef)
        reading = _Reading({each.arg for each in function.args.args}, _names_written(function))
        reading.block(function.body)
        found |= {f"{name} in {function.name}" for name in reading.unwritten}
    return found


def _names_written(function: ast.FunctionDef) -> set[str]:
    return {each.id for each in ast.walk(function) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


class _Reading:
    def __init__(self, written: set[str], own: set[str]) -> None:
        self.written = written
        self.own = own
        """Those of the function: all others are the module's."""
        self.unwritten: set[str] = set()

    def block(self, statements: Iterable[ast.stmt]) -> None:
        for each in statements:
            self.statement(each)

    def statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.If():
                self.expression(statement.test)
                before = set(self.written)
                self.block(statement.body)
                first, self.written = self.written, before
                self.block(statement.orelse)
                # Where one of them returns, only the other goes on.
                self.written = first & self.written if not _ends(statement.body) else self.written
            case ast.For():
                self.expression(statement.iter)
                before = set(self.written)
                self.expression(statement.target)
                self.block(statement.body)
                self.written = before
            case ast.Assign():
                self.expression(statement.value)
                for target in statement.targets:
                    self.expression(target)
            case ast.Expr() | ast.Return():
                self.expression(statement.value)
            case ast.Pass():
                pass
            case _:
                raise AssertionError(f"programs have no {type(statement).__name__}")

    def expression(self, node: ast.AST | None) -> None:
        match node:
            case ast.Name(ctx=ast.Store()):
                self.written.add(node.id)
            case ast.Name():
                if node.id in self.own and node.id not in self.written:
                    self.unwritten.add(node.id)
            case ast.NamedExpr():
                self.expression(node.value)
                self.expression(node.target)
            case ast.IfExp():
                self.expression(node.test)
                self.one_of(node.body, node.orelse)
            case ast.BoolOp():
                first, *others = node.values
                self.expression(first)
                before = set(self.written)
                for each in others:
                    self.expression(each)
                # After `and`, what follows in an `IfExp` may rely on all of it; programs write in the first alone.
                self.written = before
            case ast.ListComp():
                (loop,) = node.generators
                self.expression(loop.iter)
                before = set(self.written)
                self.expression(loop.target)
                self.expression(node.elt)
                self.written = before
            case None:
                pass
            case _:
                for each in ast.iter_child_nodes(node):
                    self.expression(each)

    def one_of(self, *ways: ast.AST) -> None:
        before, after = self.written, []
        for each in ways:
            self.written = set(before)
            self.expression(each)
            after.append(self.written)
        self.written = set.intersection(*after)


def _ends(body: list[ast.stmt]) -> bool:
    return isinstance(body[-1], ast.Return)
