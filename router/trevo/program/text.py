"""
The code of a program for people to read: who is asked in which step, what finds the entities, what writes the response.

Of an object whose type is told by the answer, there are functions for all types here; in use, a function is written
when its type is first met.
"""

from trevo.program.module import Module
from trevo.program.program import Program, Step
from trevo.program.write_projection import WrittenByType


def print_program(program: Program) -> str:
    """*program*, which has kept its text."""
    _write_all_types(program.module)
    steps = "\n".join(_step(step) for step in program.steps)
    head = "# T[n] is the answer to a request, or the table of a call: what was sent, what was answered."
    return f"{head}\n{steps}\n\n\n{program.text}"


def _step(step: Step) -> str:
    after = f" after {', '.join(map(str, sorted(step.all_needs)))}" if step.all_needs else ""
    slots = ", ".join(f"T[{call.slot}] by collect_{call.slot}" for call in step.calls) or f"T[{step.slot}]"
    return f"# step {step.number}{after}: {step.fetch.node.subgraph} → {slots}"


def _write_all_types(module: Module) -> None:
    done: set[str] = set()
    while pending := [
        (name, each) for name, each in module.names.items() if isinstance(each, WrittenByType) and name not in done
    ]:
        for name, by_type in pending:
            done.add(name)
            by_type.write_all()
