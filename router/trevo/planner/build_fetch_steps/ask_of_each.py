"""
What several requests can give of one object is asked of each of them.

A shared object is read in several requests that do not wait for each other: a root field that several subgraphs have,
an entity that two are asked about. Each leaf was taken in one of them, which is enough as long as that one answers. If
it fails, what others could have said as well is lost with it: the object for want of its `id: ID!`, and whatever is
asked for by that. So a leaf that is taken in one request is asked for in the others too, where their subgraphs have it:

    wallet        { me { id wallet { … } } }
    marketplace   { me { portfolio { … } } }        becomes   { me { portfolio { … } id } }

The values are equal, as the field is shareable; where they are not, that of the last answer is taken. A request that
fails then costs what it alone was to bring. This is free, or it is not done:

- There is no request more, since only leaves are asked for, of objects that are asked for anyway.
- Nobody waits longer. Who reads a member of an object waits for all that bring the object itself, so it may lie in
  each of these; what is read of an entity lies where it was taken, for another's answer to it is not waited for.
- A leaf with a price of its own (`@cost`) is asked for once. So is what changes something.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trevo.graph import FieldMove, Node, QueryGraph
from trevo.operation.deferral import NOW, sooner
from trevo.planner.choose_paths.tree import Branch, Tree

_WORK_MAX = 20_000
"""Leaves that are looked for in other requests, in all: a large operation is not worth planning for long."""


def ask_of_each(graph: QueryGraph, tree: Tree) -> None:
    """Add to *tree*, at each of the requests that read an object beside each other, the leaves taken in others."""
    _Asking(graph, tree).visit([_Face(tree.root.node, tree.root)])


@dataclass(eq=False, slots=True)
class _Face:
    """An object as one subgraph knows it, in one request."""

    node: Node
    branch: Branch | None
    """None where the request does not look at objects of this type yet."""
    above: "_Face | None" = None
    """The same object, of whatever type; only where there is no branch."""

    @property
    def known(self) -> Branch:
        """The nearest branch that is in the tree."""
        if self.branch is not None:
            return self.branch
        assert self.above is not None  # noqa: S101 - what is in no tree was made of what is
        return self.above.known

    def grown(self) -> Branch:
        if self.branch is None:
            assert self.above is not None  # noqa: S101 - what is in no tree was made of what is
            self.branch = self.above.grown().look_at(self.node)
        return self.branch


class _Asking:
    def __init__(self, graph: QueryGraph, tree: Tree) -> None:
        self._graph = graph
        self._changing = {graph.supergraph.root_types.get(each) for each in ("mutation", "subscription")}
        self._weights = graph.supergraph.cost_rules.weights
        self._read = {need for branch in tree.root.walk() for need in branch.needs}
        """The leaves that other requests are sent."""
        self._before: dict[Branch, frozenset[Branch]] = {}
        self._visited: set[frozenset[Branch]] = set()
        """Fields of objects, each by its branches in all requests."""
        self._work = 0

    def visit(self, faces: list[_Face]) -> None:
        """*faces* are all of one object, but for those in requests that its keys lead to."""
        faces = list(_with_entered(faces))
        casts: dict[str, list[_Face]] = {}
        taken: dict[tuple[str, str], list[_Face]] = {}
        leaves: list[tuple[_Face, Branch]] = []
        for face in faces:
            for below in face.branch.branches.values() if face.branch is not None else ():
                if below.is_leaf:
                    leaves.append((face, below))
                elif below.selection is not None:
                    taken.setdefault((below.key, below.selection.arguments), []).append(_Face(below.node, below))
                elif below.way is None:
                    casts.setdefault(below.node.type_name, []).append(_Face(below.node, below))
        if len(faces) > 1:
            self._share(leaves, faces)
        for type_name, narrowed in casts.items():
            self.visit([*narrowed, *self._others_as(type_name, narrowed, faces)])
        for below_it in taken.values():
            branches = frozenset(face.known for face in below_it)
            # An object type among interfaces is looked at both as what it is and beside them.
            if branches not in self._visited:
                self._visited.add(branches)
                self.visit(below_it)

    def _others_as(self, type_name: str, narrowed: Iterable[_Face], faces: Iterable[_Face]) -> Iterator[_Face]:
        """Those of *faces* that are not looked at as *type_name* yet, and can be."""
        looked_at = {face.known.above for face in narrowed}
        for face in faces:
            if face.node.type_name == type_name:
                yield face
            elif face.branch is None or face.branch not in looked_at:
                node = self._graph.cast(face.node, type_name)
                if node is not None:
                    yield _Face(node, None, face)

    def _share(self, leaves: Iterable[tuple[_Face, Branch]], faces: Iterable[_Face]) -> None:
        asked: dict[tuple[object, ...], set[str]] = {}
        for face, leaf in leaves:
            asked.setdefault(_meaning(leaf), set()).add(face.node.subgraph)
        for face, leaf in leaves:
            if self._has_price(leaf) or leaf.node.type_name in self._changing:
                continue
            known = asked[_meaning(leaf)]
            for other in faces:
                if other.node.subgraph in known:
                    continue
                self._work += 1
                if self._work > _WORK_MAX:
                    return
                move = self._move(other, leaf)
                if move is not None and self._is_free(other, leaf, face):
                    other.grown().ask_too(move, leaf)
                    known.add(other.node.subgraph)

    def _has_price(self, leaf: Branch) -> bool:
        assert leaf.move is not None  # noqa: S101 - a leaf was taken
        type_name, name = leaf.node.type_name, leaf.move.name
        field = self._graph.supergraph.types[type_name].fields.get(name)
        by_type = self._weights.get(field.type.name, 0) if field is not None else 0
        return self._weights.get(f"{type_name}.{name}", by_type) > 0

    def _move(self, face: _Face, leaf: Branch) -> FieldMove | None:
        """How *leaf* is taken of *face*, if it can be."""
        assert leaf.move is not None  # noqa: S101 - a leaf was taken
        name = leaf.move.name
        if face.node.type_name != leaf.node.type_name or not self._graph.resolves_for_all(face.node, name):
            return None
        return self._graph.field(face.node, name)

    def _is_free(self, face: _Face, leaf: Branch, own: _Face) -> bool:
        """Whether it is of use to ask *leaf*, taken at *own*, at *face* as well, and costs no request and no wait."""
        request, its_own = face.known.entrance(), own.known.entrance()
        if its_own in self._all_before(request) or request in self._all_before(its_own):
            return False
        holder = _holder_of(face.known)
        wanted = leaf.deferred or NOW
        if holder.way is None:
            return sooner(holder.deferred or NOW, wanted) == (holder.deferred or NOW)
        # What is asked of an entity itself goes in requests of their own by for whom it is wanted.
        beside = (each for each in holder.first_taken() if each.is_for_client)
        return leaf not in self._read and any((each.deferred or NOW) == wanted for each in beside)

    def _all_before(self, request: Branch) -> frozenset[Branch]:
        """The requests that *request* waits for, however indirectly, for its object and its key."""
        if request not in self._before:
            # While it is worked out: what comes back to it adds nothing.
            self._before[request] = frozenset()
            assert request.above is not None  # noqa: S101 - a way starts somewhere
            starts = [request.above] if request.above.above is not None else []
            direct = frozenset(each.entrance() for each in (*starts, *request.needs))
            self._before[request] = direct.union(*map(self._all_before, direct))
        return self._before[request]


def _with_entered(faces: Iterable[_Face]) -> Iterator[_Face]:
    """*faces*, and what is entered from them."""
    pending = list(faces)
    for face in pending:
        yield face
        if face.branch is not None:
            pending += [_Face(each.node, each) for each in face.branch.branches.values() if each.way is not None]


def _meaning(leaf: Branch) -> tuple[object, ...]:
    assert leaf.selection is not None  # noqa: S101 - a leaf was taken
    return leaf.key, leaf.selection.arguments, leaf.conditions[0]


def _holder_of(branch: Branch) -> Branch:
    """What led to the object that is looked at in *branch*: a field, or its key."""
    while branch.move is None and branch.way is None:
        assert branch.above is not None  # noqa: S101 - every path begins by entering a subgraph
        branch = branch.above
    return branch
