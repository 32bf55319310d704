"""
The third stage: cuts the tree into fetch steps.

Every branch that enters a subgraph begins a step; the step asks for all branches below it, as far as the next
entrance. It comes after the steps that answer what its way needs, and after the one that found its object.
"""

from router.graph import QueryGraph, Requirement
from router.operation.selection import FragmentSelection, Selections
from router.plan.nodes import (
    Each,
    Key,
    OnTypes,
    Path,
    RepresentationField,
    RepresentationFragment,
    RepresentationSelection,
)
from router.planner.fetch_step import (
    EntityInput,
    FetchStep,
    Output,
    OutputField,
    StepKind,
    merge_representations,
    without_last_types,
)
from router.planner.place import Place
from router.planner.tree import Branch, Tree


def build_fetch_steps(graph: QueryGraph, tree: Tree, *, mutation: bool = False, first_id: int = 0) -> list[FetchStep]:
    """The steps of *tree*, each after those it needs, numbered from *first_id* on."""
    building = _Building(graph, mutation=mutation, first_id=first_id)
    building.visit(tree.root, ())
    return building.finish()


class _Building:
    def __init__(self, graph: QueryGraph, *, mutation: bool, first_id: int) -> None:
        self._graph = graph
        self._mutation = mutation
        self._first_id = first_id
        self._steps: dict[Branch, FetchStep] = {}

    def visit(self, branch: Branch, path: Path) -> None:
        for below in branch.branches.values():
            if below.way is not None:
                self._steps[below] = self._step(below, path)
                self.visit(below, path)
            elif below.move is not None:
                if below.move.target is not None:
                    self.visit(below, (*path, Key(below.key), *(Each(),) * below.move.list_depth))
            else:
                types = self._graph.supergraph.possible(below.node.type_name)
                self.visit(below, (*path, OnTypes(types)))

    def finish(self) -> list[FetchStep]:
        for branch, step in self._steps.items():
            arrival = branch.above
            assert arrival is not None  # noqa: S101 - a way starts somewhere
            if arrival.above is not None:
                step.after.add(self._steps[arrival.entrance()].id)
            step.after |= {self._steps[need.entrance()].id for need in branch.needs}
        return list(self._steps.values())

    def _step(self, branch: Branch, path: Path) -> FetchStep:
        way, arrival = branch.way, branch.above
        assert way is not None  # noqa: S101 - the caller looked
        assert arrival is not None  # noqa: S101 - a way starts somewhere
        kind = StepKind.ENTITIES
        inputs: list[EntityInput] = []
        if way.entrance.key is None:
            kind = StepKind.MUTATION if self._mutation and arrival.above is None else StepKind.QUERY
        else:
            inputs = [self._input(arrival, way.entrance.typename, way.entrance.key, way.requires)]
        return FetchStep(
            id=self._first_id + len(self._steps),
            kind=kind,
            subgraph=branch.node.subgraph,
            path=without_last_types(path),
            inputs=inputs,
            outputs={branch.node.type_name: self._output(branch, branch.node.type_name)},
            condition=frozenset.intersection(*branch.conditions),
        )

    def _output(self, branch: Branch, declared_type: str) -> Output:
        """What is asked of an object that the supergraph declares as *declared_type*."""
        is_certain = not self._graph.supergraph.types[declared_type].is_abstract
        output = Output(needs_typename=not is_certain and branch.node.kind != "interface object")
        self._fill(output, branch)
        return output

    def _fill(self, output: Output, branch: Branch) -> None:
        for below in branch.branches.values():
            if below.way is not None:
                continue
            if below.move is None:
                if below.node.type_name == branch.node.type_name:
                    self._fill(output, below)
                else:
                    self._fill(output.fragments.setdefault(below.node.type_name, Output()), below)
                continue
            selection = below.selection
            assert selection is not None  # noqa: S101 - taken together with the move
            inner = None
            if below.move.target is not None:
                declared = self._graph.supergraph.types[below.move.node.type_name].fields[selection.name].type
                inner = self._output(below, declared.name)
            condition = below.conditions[0]
            made = OutputField(
                below.key,
                selection.name,
                selection.arguments,
                selection.variables,
                condition,
                below.move.type_text,
                inner,
            )
            known = output.fields.setdefault((below.key, condition), made)
            if known is not made and known.output and inner:
                known.output.merge(inner)

    def _input(self, arrival: Branch, typename: str, key: Requirement, requires: Requirement | None) -> EntityInput:
        types = self._graph.supergraph.possible(arrival.node.type_name)
        selections = _representation(key.sent, arrival.place, is_key=True)
        if requires:
            merged = merge_representations(selections, _representation(requires.sent, arrival.place, is_key=False))
            assert merged is not None  # noqa: S101 - at one place, one field is read from one key
            selections = merged
        return EntityInput(types, typename, selections)


def _representation(selections: Selections, place: Place, *, is_key: bool) -> tuple[RepresentationSelection, ...]:
    found: list[RepresentationSelection] = []
    for selection in selections:
        if isinstance(selection, FragmentSelection):
            inner = _representation(selection.selections, place, is_key=is_key)
            found.append(RepresentationFragment(frozenset({selection.type_name}), inner))
        else:
            source = place.key_for(selection)
            inner = _representation(selection.selections, place.below(source), is_key=is_key)
            found.append(RepresentationField(selection.name, source, inner, is_key))
    return tuple(found)
