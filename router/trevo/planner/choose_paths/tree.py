"""
The tree of chosen paths: what is selected where, and through which subgraphs.

    start
    └─ enter catalog
       └─ books
          ├─ isbn                     needed by the way into stock
          └─ enter stock by isbn
             └─ price

Paths share their beginnings. Entering a subgraph hangs below the arrival it starts from, beside the fields that are
taken there; it brings along the fields that its key and requirement need, wherever they are found.
"""

from collections.abc import Iterator

from trevo.graph import FieldMove, Node
from trevo.operation.deferral import NOW, Mark, sooner
from trevo.operation.selection import FieldSelection, print_condition
from trevo.plan.conditions import ALWAYS, Condition
from trevo.planner.choose_paths.place import Place
from trevo.planner.find_paths.path import ENTER_COST, FIELD_COST, Cast, Path, Segment, Take, Way


class Branch:
    """A place in the tree, reached by one segment from the branch above."""

    __slots__ = (
        "above",
        "branches",
        "conditions",
        "deferred",
        "is_for_client",
        "is_spare",
        "key",
        "move",
        "needs",
        "node",
        "place",
        "selection",
        "way",
    )

    def __init__(self, above: "Branch | None", node: Node, place: Place) -> None:
        self.above = above
        self.node = node
        self.place = place
        self.branches: dict[tuple[object, ...], Branch] = {}
        # After a Take:
        self.move: FieldMove | None = None
        self.selection: FieldSelection | None = None
        self.key = ""
        # After a Way:
        self.way: Way | None = None
        self.needs: list[Branch] = []
        """The leaves of what the way needs."""
        # After a Take or a Way:
        self.conditions: list[Condition] = []
        """Any of which calls for this branch; none that another implies."""
        self.deferred: Mark | None = None
        """For which deferred fragments alone it is wanted; None before anything is known."""
        self.is_for_client = False
        """Whether the client selected it, or something below it; else the planner needs it."""
        self.is_spare = False
        """Whether it is taken elsewhere too, and here in case that fails."""

    @property
    def is_leaf(self) -> bool:
        return self.move is not None and self.move.target is None

    def entrance(self) -> "Branch":
        """The nearest branch that enters a subgraph, this one included: the request that answers it."""
        branch = self
        while branch.way is None:
            assert branch.above is not None  # noqa: S101 - every path begins by entering a subgraph
            branch = branch.above
        return branch

    def want(self, mark: Mark) -> bool:
        """Have it wanted for *mark* too; False where it is already."""
        before, self.deferred = self.deferred, mark if self.deferred is None else sooner(self.deferred, mark)
        return self.deferred != before

    def take(self, move: FieldMove, selection: FieldSelection, key: str, condition: Condition) -> "Branch":
        """The branch of a field of the object here."""
        identity = (move.id, key, selection.arguments, condition)
        below = self.branches.get(identity)
        if below is None:
            place = self.place.below(key) if move.target else self.place
            below = self.branches[identity] = Branch(self, move.target or move.node, place)
            below.move, below.selection, below.key = move, selection, key
            below.conditions.append(condition)
        return below

    def look_at(self, node: Node) -> "Branch":
        """The branch of the object here as *node*."""
        identity = ("cast", node.id)
        below = self.branches.get(identity)
        if below is None:
            below = self.branches[identity] = Branch(self, node, self.place)
        return below

    def ask_too(self, move: FieldMove, leaf: "Branch") -> None:
        """Take here, by *move*, what is taken as *leaf* elsewhere."""
        assert leaf.selection is not None  # noqa: S101 - a leaf was taken
        spare = self.take(move, leaf.selection, leaf.key, leaf.conditions[0])
        spare.is_for_client, spare.is_spare = leaf.is_for_client, True
        spare.want(leaf.deferred or NOW)

    def first_taken(self) -> Iterator["Branch"]:
        """What is taken of the object here, also as an object of some type."""
        for below in self.branches.values():
            if below.move is not None:
                yield below
            elif below.way is None:
                yield from below.first_taken()

    def walk(self) -> Iterator["Branch"]:
        yield self
        for branch in self.branches.values():
            yield from branch.walk()

    def __str__(self) -> str:
        return "\n".join(self._lines(""))

    def _lines(self, indent: str) -> Iterator[str]:
        condition = " or ".join(print_condition(each).strip() or "always" for each in self.conditions)
        suffix = f"  ({condition})" if condition not in {"", "always"} else ""
        if self.way:
            key = f" by {self.way.entrance.key}" if self.way.entrance.key else ""
            requires = f" with {self.way.requires}" if self.way.requires else ""
            yield f"{indent}enter {self.node}{key}{requires}{suffix}"
        elif self.selection and self.move:
            alias = "" if self.key == self.selection.name else f"{self.key}: "
            yield f"{indent}{alias}{self.selection.name}{self.selection.arguments}{suffix}"
        elif self.above:
            yield f"{indent}on {self.node}"
        else:
            yield f"{indent}start"
        for branch in self.branches.values():
            yield from branch._lines(indent + "   ")  # noqa: SLF001 - of the same class


class Tree:
    """Grows by one path at a time; says beforehand what a path would add to the cost."""

    def __init__(self, start: Node, place: Place) -> None:
        self.root = Branch(None, start, place)
        self._entered: set[tuple[Place, str]] = set()
        """The subgraphs that are entered for objects at a place, by whichever way."""

    def __str__(self) -> str:
        return str(self.root)

    def let_go(self) -> None:
        """
        Forget what lies above what: nobody looks at the tree any more.

        Else only the collector of garbage would find it, with all that was worked out for it.
        """
        for branch in self.root.walk():
            branch.above = None

    @property
    def requests(self) -> int:
        return sum(branch.way is not None for branch in self.root.walk())

    @property
    def cost(self) -> int:
        return sum(ENTER_COST if branch.way else FIELD_COST for branch in self.root.walk())

    def cost_of(self, path: Path) -> int:
        """What the tree would cost more with *path*."""
        cost = 0
        branch: Branch | None = self.root
        for segment in path.segments():
            below = branch.branches.get(_identity(segment, branch.place)) if branch else None
            if below is None:
                cost += _cost_in(branch, segment)
            branch = below
        return cost

    def requests_of(self, path: Path) -> list[Branch]:
        """The branches that *path* goes through and that enter a subgraph, as far as it is in the tree."""
        found: list[Branch] = []
        branch = self.root
        for segment in path.segments():
            below = branch.branches.get(_identity(segment, branch.place))
            if below is None:
                break
            if below.way is not None:
                found.append(below)
            branch = below
        return found

    def has_company_for(self, path: Path) -> bool:
        """Whether the first request that *path* would add asks who is asked about the same objects anyway."""
        branch = self.root
        for segment in path.segments():
            below = branch.branches.get(_identity(segment, branch.place))
            if below is None:
                return isinstance(segment, Way) and (branch.place, segment.target.subgraph) in self._entered
            branch = below
        return False

    def add(self, path: Path) -> Branch:
        """Grow by *path*, with everything its ways need; gives the leaf."""
        branch, mark = self.root, path.deferred
        for segment in path.segments():
            if isinstance(segment, Way):
                branch = self._enter(branch, segment, _condition_after(path, segment), mark)
            else:
                branch = _step(branch, segment)
            branch.want(mark)
            branch.is_for_client = True
        return branch

    def _enter(self, branch: Branch, way: Way, condition: Condition, mark: Mark) -> Branch:
        identity = _identity(way, branch.place)
        entered = branch.branches.get(identity)
        if entered is None:
            entered = branch.branches[identity] = Branch(branch, way.target, branch.place)
            entered.way = way
            self._entered.add((branch.place, way.target.subgraph))
        is_sooner = entered.want(mark)
        if _add_condition(entered.conditions, condition) or is_sooner:
            for need in way.needs:
                leaf = self._add_need(branch, need, condition, mark)
                if leaf not in entered.needs:
                    entered.needs.append(leaf)
        return entered

    def _add_need(self, branch: Branch, need: Path, condition: Condition, mark: Mark) -> Branch:
        for segment in need.segments():
            if isinstance(segment, Way):
                branch = self._enter(branch, segment, condition, mark)
            elif isinstance(segment, Take):
                key = branch.place.key_for(segment.selection)
                branch = branch.take(segment.move, segment.selection, key, condition)
            else:
                branch = _step(branch, segment)
            branch.want(mark)
        return branch


def _step(branch: Branch, segment: Take | Cast) -> Branch:
    if isinstance(segment, Take):
        selection = segment.selection
        return branch.take(segment.move, selection, _key(segment, branch.place), selection.condition)
    return branch.look_at(segment.node)


def _key(take: Take, place: Place) -> str:
    return take.selection.key or place.key_for(take.selection)


def _identity(segment: Segment, place: Place) -> tuple[object, ...]:
    if isinstance(segment, Take):
        selection = segment.selection
        return (segment.move.id, _key(segment, place), selection.arguments, selection.condition)
    if isinstance(segment, Way):
        return ("way", segment.id)
    return ("cast", segment.node.id)


def _cost_in(branch: Branch | None, segment: Segment) -> int:
    if not isinstance(segment, Way):
        return FIELD_COST
    if branch is None:
        return segment.cost
    missing = (other for other in segment.others if _identity(other, branch.place) not in branch.branches)
    return segment.own_cost + sum(other.own_cost for other in missing)


def _condition_after(path: Path, way: Way) -> Condition:
    """Of the field that *way* is taken for."""
    following: Condition = ALWAYS
    step: Path | None = path
    while step is not None and step.segment is not way:
        if isinstance(step.segment, Take):
            following = step.segment.selection.condition
        step = step.previous
    return following


def _add_condition(conditions: list[Condition], condition: Condition) -> bool:
    """Note another condition; False where one of those known holds whenever it does."""
    if any(known <= condition for known in conditions):
        return False
    conditions[:] = [known for known in conditions if not condition <= known]
    conditions.append(condition)
    return True
