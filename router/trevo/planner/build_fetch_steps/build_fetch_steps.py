"""
The third stage: cuts the tree into fetch steps.

Before, what several requests can give is entered in each of them (`ask_of_each`).

Every branch that enters a subgraph begins a step; the step asks for all branches below it, as far as the next
entrance. It comes after the steps that answer what its way needs, and after the one that found its object.

Where some of what is asked there is wanted later (`@defer`), the branch begins a step for each such *share* of it: what
is wanted at once, what for one fragment alone, and what for several, whichever they are. What only the planner needs
goes with what is wanted at once, if anything is, and is not asked for twice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from graphlib import CycleError, TopologicalSorter

from trevo.graph import QueryGraph, Requirement
from trevo.operation.deferral import NOW, Mark, sooner
from trevo.operation.selection import FragmentSelection, Selections
from trevo.plan.inputs import merge_representations
from trevo.plan.nodes import (
    ContextSource,
    Each,
    Key,
    OnTypes,
    Path,
    RepresentationField,
    RepresentationFragment,
    RepresentationInput,
    RepresentationSelection,
)
from trevo.planner.build_fetch_steps.ask_of_each import ask_of_each
from trevo.planner.build_fetch_steps.fetch_step import (
    ContextValue,
    FetchStep,
    Output,
    OutputField,
    StepKind,
    hasten,
)
from trevo.planner.choose_paths.place import Place
from trevo.planner.choose_paths.tree import Branch, Tree
from trevo.planner.errors import PlanningError
from trevo.supergraph import ContextArgument, TypeReference


def build_fetch_steps(
    graph: QueryGraph, tree: Tree, *, root: StepKind = StepKind.QUERY, first_id: int = 0
) -> list[FetchStep]:
    """The steps of *tree*, each after those it needs, numbered from *first_id* on; those at the root of kind *root*."""
    ask_of_each(graph, tree)
    building = _Building(graph, root=root, first_id=first_id)
    building.visit(tree.root, _Where((), frozenset({tree.root.node.type_name}), tree.root.place))
    return building.finish()


_Member = tuple[Place, str]
"""A place of the data tree, and a response key there."""


@dataclass(frozen=True, slots=True)
class _Where:
    """A place in the data tree, and which of the objects there are meant."""

    path: Path
    types: frozenset[str]
    place: Place
    above: "_Where | None" = None
    """Where the object is whose field led here."""
    is_narrowed: bool = False

    def below(self, key: str, list_depth: int, types: frozenset[str]) -> "_Where":
        on_types = (OnTypes(self.types),) if self.is_narrowed else ()
        return _Where((*self.path, *on_types, Key(key), *(Each(),) * list_depth), types, self.place.below(key), self)

    def only(self, types: frozenset[str]) -> "_Where":
        if self.types <= types:
            return self
        return replace(self, types=self.types & types, is_narrowed=True)


class _Building:
    def __init__(self, graph: QueryGraph, *, root: StepKind, first_id: int) -> None:
        self._graph = graph
        self._root = root
        self._steps: dict[Branch, dict[Mark, FetchStep]] = {}
        """By the branch that enters a subgraph, and for whom something is asked there."""
        self._shares: dict[Branch, Mark] = {}
        """Of what is taken first where a subgraph is entered: the step that asks for it."""
        self._count = first_id
        self._inputs: dict[RepresentationInput, RepresentationInput] = {}
        """What is sent, each by itself: equal ones are one."""
        self._taken: dict[_Member, list[Branch]] = {}
        self._contexts: dict[Branch, tuple[ContextValue, ...]] = {}
        """By the branch of a field that takes arguments from objects above."""
        self._read: dict[tuple[Branch, Mark], list[_Member]] = {}
        """By the branch and the share of a step: the members above that are read for its contexts."""

    def visit(self, branch: Branch, place: "_Where") -> None:
        """Make the steps below *branch*, whose object is at *place*."""
        for below in branch.branches.values():
            if below.way is not None:
                self._steps[below] = {share: self._step(below, share, place) for share in self._share_out(below)}
                self.visit(below, place)
            elif below.move is not None:
                if not below.is_spare:
                    self._taken.setdefault((place.place, below.key), []).append(below)
                if below.move.target is not None:
                    types = self._graph.supergraph.possible(self._declared(below).name)
                    self.visit(below, place.below(below.key, below.move.list_depth, types))
            else:
                narrowed = place.only(self._graph.supergraph.possible(below.node.type_name))
                # A type that the object cannot have after what was asked around: nothing will be found.
                if narrowed.types:
                    self.visit(below, narrowed)

    def _share_out(self, entrance: Branch) -> list[Mark]:
        """Into which steps goes what is asked where *entrance* leads to."""
        taken = list(entrance.first_taken())
        # One step for all that several fragments want, whichever they are: of these there are more sets than fragments.
        several = [each.deferred for each in taken if each.deferred and len(each.deferred) > 1]
        together = reduce(sooner, several) if several else NOW

        def own_share(branch: Branch) -> Mark:
            own = branch.deferred or NOW
            return together if len(own) > 1 else own

        shares = dict.fromkeys(own_share(each) for each in taken if each.is_for_client)
        for each in taken:
            own = own_share(each)
            self._shares[each] = NOW if NOW in shares and not each.is_for_client else own
        found = dict.fromkeys(self._shares[each] for each in taken) or {entrance.deferred or NOW: None}
        return sorted(found, key=len)

    def _step_of(self, branch: Branch) -> FetchStep | None:
        """The step that answers *branch*; None where there is nothing to be found."""
        taken: Branch | None = None
        while branch.way is None:
            taken = branch if branch.move is not None else taken
            assert branch.above is not None  # noqa: S101 - every path begins by entering a subgraph
            branch = branch.above
        steps = self._steps.get(branch, {})
        return next(iter(steps.values()), None) if taken is None else steps.get(self._shares[taken])

    def finish(self) -> list[FetchStep]:
        for branch, shares in self._steps.items():
            arrival = branch.above
            assert arrival is not None  # noqa: S101 - a way starts somewhere
            before = [*branch.needs, arrival] if arrival.above is not None else branch.needs
            needed = {step.id for each in before if (step := self._step_of(each))}
            for share, step in shares.items():
                read = (self._step_of(each) for each in self._taken_for(branch, share))
                step.after |= needed | {each.id for each in read if each}
        steps = [step for shares in self._steps.values() for step in shares.values()]
        if any(self._read.values()):
            _check_order(steps)
        _run_mutations_in_turn(steps)
        hasten(steps)
        return steps

    def _taken_for(self, branch: Branch, share: Mark) -> Iterator[Branch]:
        """What is taken of objects above for the contexts of the step for *share* at *branch*."""
        for member in self._read[branch, share]:
            if member not in self._taken:
                raise PlanningError(f"A field takes {member[1]} from a context, which is not to be had there.")
            yield from self._taken[member]

    def _step(self, branch: Branch, share: Mark, place: "_Where") -> FetchStep:
        way, arrival = branch.way, branch.above
        assert way is not None  # noqa: S101 - the caller looked
        assert arrival is not None  # noqa: S101 - a way starts somewhere
        contexts = self._find_contexts(branch, share, place)
        kind = StepKind.ENTITIES
        inputs: list[RepresentationInput] = []
        if way.entrance.key is None:
            if contexts:
                raise PlanningError(
                    f"A field of {way.target.type_name} takes from a context, but has no key to be asked by."
                )
            kind = self._root if arrival.above is None else self._kind_of_root_again(way.target.type_name)
        else:
            selections = self._sent(arrival, way.entrance.key, way.requires)
            sent = RepresentationInput(place.types, way.entrance.typename, selections, place.is_narrowed)
            # Most objects are sent in one way wherever they are found, and plans are kept.
            inputs = [self._inputs.setdefault(sent, sent)]
        number, self._count = self._count, self._count + 1
        return FetchStep(
            id=number,
            kind=kind,
            subgraph=branch.node.subgraph,
            path=place.path,
            inputs=inputs,
            outputs={branch.node.type_name: self._output(branch, branch.node.type_name, share)},
            conditions=frozenset(branch.conditions),
            contexts=frozenset(contexts),
            deferred=share,
        )

    def _find_contexts(self, branch: Branch, share: Mark, place: "_Where") -> list[ContextValue]:
        """What the fields of the step for *share* at *branch* take from objects above *place*."""
        found: list[ContextValue] = []
        read = self._read[branch, share] = []
        for field in branch.first_taken():
            assert field.move is not None  # noqa: S101 - a field was taken
            if not field.move.contexts or self._shares[field] != share:
                continue
            values = []
            for argument in field.move.contexts:
                sources = tuple(self._sources(argument, place, read))
                values.append(ContextValue(argument.name, argument.type.text, sources))
            self._contexts[field] = tuple(values)
            found += values
        return found

    def _sources(self, argument: ContextArgument, place: "_Where", read: list["_Member"]) -> Iterator[ContextSource]:
        level, holder = 0, place.above
        while holder is not None:
            level += 1
            setting = holder.types & self._graph.supergraph.contexts[argument.context]
            alike: dict[tuple[RepresentationSelection, ...], set[str]] = {}
            for type_name in sorted(setting):
                selections = self._graph.field_set(type_name, argument.selection)
                sent = self._represent(selections, holder.place, type_name, key_from=None)
                alike.setdefault(sent, set()).add(type_name)
                read += _members_read(sent, holder.place)
            for sent, types in alike.items():
                yield ContextSource(level, None if types == holder.types else frozenset(types), sent)
            if setting == holder.types:
                return
            holder = holder.above

    def _kind_of_root_again(self, type_name: str) -> StepKind:
        """How to ask for fields of a root type that a field has returned."""
        roots = self._graph.supergraph.root_types
        if type_name == roots.get("subscription"):
            raise PlanningError(f"The fields of {type_name} can only be had at the root of a subscription.")
        if type_name != roots.get("mutation"):
            return StepKind.QUERY
        if self._root is not StepKind.MUTATION:
            # Whoever sends a query relies on it that nothing changes.
            raise PlanningError(f"The fields of {type_name} can only be had in a mutation, as they change something.")
        return StepKind.MUTATION

    def _declared(self, branch: Branch) -> TypeReference:
        """The type of a taken field in the supergraph."""
        assert branch.move is not None  # noqa: S101 - the caller looked
        return self._graph.supergraph.types[branch.move.node.type_name].fields[branch.move.name].type

    def _output(self, branch: Branch, declared_type: str, share: Mark | None = None) -> Output:
        """What is asked of an object that the supergraph declares as *declared_type*; of it all, or a *share*."""
        is_certain = not self._graph.supergraph.types[declared_type].is_abstract
        output = Output(needs_typename=not is_certain and branch.node.kind != "interface object")
        self._fill(output, branch, share)
        return output

    def _fill(self, output: Output, branch: Branch, share: Mark | None) -> None:
        for below in branch.branches.values():
            if below.way is not None:
                continue
            if below.move is None:
                if below.node.type_name == branch.node.type_name:
                    self._fill(output, below, share)
                else:
                    self._fill(output.fragments.setdefault(below.node.type_name, Output()), below, share)
                continue
            if share is not None and self._shares[below] != share:
                continue
            selection = below.selection
            assert selection is not None  # noqa: S101 - taken together with the move
            inner = None
            if below.move.target is not None:
                inner = self._output(below, self._declared(below).name)
            condition = below.conditions[0]
            made = OutputField(
                below.key,
                selection.name,
                selection.arguments,
                selection.variables,
                condition,
                below.move.type_text,
                inner,
                self._contexts.get(below, ()),
            )
            known = output.fields.setdefault((f"{below.key}{selection.arguments}", condition), made)
            if known is not made and known.output and inner:
                known.output.merge(inner)

    def _sent(
        self, arrival: Branch, key: Requirement, requires: Requirement | None
    ) -> tuple[RepresentationSelection, ...]:
        type_name = arrival.node.type_name
        selections = self._represent(key.sent, arrival.place, type_name, key_from=arrival.node.subgraph)
        if requires is None:
            return selections
        required = self._represent(requires.sent, arrival.place, type_name, key_from=None)
        merged = merge_representations(selections, required)
        assert merged is not None  # noqa: S101 - at one place, one field is read from one key
        return merged

    def _represent(
        self, selections: Selections, place: Place, type_name: str, *, key_from: str | None
    ) -> tuple[RepresentationSelection, ...]:
        """How *selections* are sent; *key_from* names the subgraph that gives them where they are a key."""
        found: list[RepresentationSelection] = []
        for selection in selections:
            if isinstance(selection, FragmentSelection):
                inner = self._represent(selection.selections, place, selection.type_name, key_from=key_from)
                found.append(RepresentationFragment(frozenset({selection.type_name}), inner))
            elif not selection.is_typename:
                source = place.key_for(selection)
                inner = ()
                field, is_key = self._graph.supergraph.types[type_name].fields[selection.name], key_from is not None
                if selection.selections:
                    declared = field.type.name
                    inner = self._represent(selection.selections, place.below(source), declared, key_from=key_from)
                    if self._graph.supergraph.types[declared].is_abstract:
                        # Whoever computes with such an object has to know what it is.
                        inner = (RepresentationField("__typename", "__typename", (), is_key), *inner)
                may_be_null = key_from is not None and not field.type_in(key_from).text.endswith("!")
                is_list = not inner and field.type.text.startswith("[")
                found.append(RepresentationField(selection.name, source, inner, is_key, may_be_null, is_list))
        return tuple(found)


def _members_read(selections: Iterable[RepresentationSelection], place: Place) -> Iterator["_Member"]:
    """The leaves that *selections* read at *place*."""
    for each in selections:
        if isinstance(each, RepresentationFragment):
            yield from _members_read(each.selections, place)
        elif each.selections:
            yield from _members_read(each.selections, place.below(each.source))
        elif each.name != "__typename":
            yield (place, each.source)


def _check_order(steps: Iterable[FetchStep]) -> None:
    """Raises PlanningError where what a context says needs, however indirectly, what is computed of it."""
    try:
        TopologicalSorter({step.id: step.after for step in steps}).prepare()
    except CycleError:
        raise PlanningError("A field takes from a context what cannot be had without the field itself.") from None


def _run_mutations_in_turn(steps: list[FetchStep]) -> None:
    """Let each mutation among *steps* wait for the ones before it, and for what is asked because of these."""
    mutations = [step for step in steps if step.kind is StepKind.MUTATION]
    because_of = [_following(steps, step.id) for step in mutations] if len(mutations) > 1 else []
    for index, later in enumerate(mutations):
        not_before = set[int]().union(*because_of[index:])
        for earlier in because_of[:index]:
            later.after |= earlier - not_before


def _following(steps: list[FetchStep], step_id: int) -> set[int]:
    """The step and all that come after it, however indirectly."""
    found = {step_id}
    while more := {step.id for step in steps if step.after & found} - found:
        found |= more
    return found
