"""
Which documents have code: those that came again, until their code proves to be of no use.

The code lies with the document that the door has read, and is weighed with it: the least recently asked goes with all
that belongs to it.
"""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import Counter

from subgraphs.shared.availability import is_unavailable
from subgraphs.shared.graphql.compiled.asked import AskedDocument, CannotCompile
from subgraphs.shared.graphql.compiled.run import GiveUp, Program
from subgraphs.shared.graphql.compiled.write import write_program
from trevo.door.cache import memory_of

if TYPE_CHECKING:
    from subgraphs.shared.graphql.context import Context
    from subgraphs.shared.graphql.door import Door, ReadDocument
    from subgraphs.shared.graphql.entities import FederatedSchema

log = structlog.get_logger()

COMPILE_AFTER_USES = 2
"""Of a document that is known; the first who asks for it makes it known."""

FORMS_MAX = 16
"""Of one document: by the operation that is meant, and the values of `@skip` and `@include`."""

FAILURES_MAX = 10
"""In a row. Code that gives up so often because of what it meets, and not of a fault, is of no use."""

OF_NO_USE = frozenset({"info", "list", "long", "type", "value"})
"""Why code gives up where it would probably do so again."""

REST_SECONDS = 10.0
"""
How long code is not tried after something was not available.

Asking again would double the work of what is in trouble. And who waits for it until little time is left would lose what
the other fields have found: graphql-core, asked at once, answers those in time.
"""

WRITTEN = Counter(
    "subgraph_documents_compiled_total",
    "Documents for which code was written, or why there can be none.",
    ["subgraph", "outcome"],
)
RUNS = Counter(
    "subgraph_compiled_runs_total",
    "Requests that were executed by written code, or why it gave up and graphql-core executed them.",
    ["subgraph", "outcome"],
)


class Form:
    """One operation of a document, for certain values of what decides what it selects."""

    __slots__ = ("failures", "program", "rests_until", "told", "uses")

    def __init__(self) -> None:
        self.uses = 0
        self.program: Program | None = None
        self.failures = 0
        self.rests_until = 0.0
        """By the monotonic clock."""
        self.told: set[str] = set()
        """Why it gave up, as far as the log knows."""


class Forms:
    """What is known of one document, beside what the door read."""

    __slots__ = ("_asked", "_forms")

    def __init__(self) -> None:
        self._asked: dict[str | None, AskedDocument | None] = {}
        self._forms: dict[tuple[Any, ...], Form] = {}

    def asked(self, read: "ReadDocument", operation_name: str | None) -> AskedDocument | None:
        """The operation that is meant; None where it is no query."""
        try:
            return self._asked[operation_name]
        except KeyError:
            if operation_name not in read.prices:
                return None  # there is no such operation
        try:
            asked = AskedDocument.of(read.document, operation_name)
        except CannotCompile:
            asked = None
        self._asked[operation_name] = asked
        return asked

    def form(self, operation_name: str | None, conditions: Mapping[str, Any]) -> Form | None:
        key = (operation_name, *conditions.items())
        form = self._forms.get(key)
        if form is None and len(self._forms) < FORMS_MAX:
            form = self._forms[key] = Form()
        return form

    @property
    def weight(self) -> int:
        return sum(form.program.weight for form in self._forms.values() if form.program is not None)


def program_of(
    door: "Door", schema: "FederatedSchema", text: str, operation_name: str | None, variables: Mapping[str, Any]
) -> tuple["ReadDocument", Form] | None:
    """The document in *text*, and the form of it that has code for this request; None where none has."""
    read = door.known(schema, text)
    if read is None or read.errors:
        return None
    asked = read.forms.asked(read, operation_name)
    if asked is None:
        return None
    conditions = {name: variables[name] for name in asked.conditions if name in variables}
    if not all(value is True or value is False for value in conditions.values()):
        return None
    form = read.forms.form(operation_name, conditions)
    if form is None:
        return None
    form.uses += 1
    if form.uses == COMPILE_AFTER_USES:
        form.program = _compile(door, schema, asked, conditions)
        key = (id(schema), text)
        weight = memory_of(key, read.document, read.errors, read.prices) + read.forms.weight
        door.documents.put(key, read, weight=weight)
    return None if form.program is None or time.monotonic() < form.rests_until else (read, form)


def _compile(
    door: "Door", schema: "FederatedSchema", asked: AskedDocument, conditions: Mapping[str, Any]
) -> Program | None:
    try:
        program = write_program(schema, asked, conditions)
    except CannotCompile as reason:
        WRITTEN.labels(door.subgraph, str(reason)).inc()
        return None
    except Exception:
        # No request depends on it.
        log.exception("a document cannot be compiled", subgraph=door.subgraph)
        WRITTEN.labels(door.subgraph, "bug").inc()
        return None
    WRITTEN.labels(door.subgraph, "written").inc()
    return program


async def run_form(door: "Door", form: Form, context: "Context", variables: Mapping[str, Any]) -> dict[str, Any] | None:
    """The data of an answer without errors; None where graphql-core has to say what the answer is."""
    program = form.program
    assert program is not None  # noqa: S101  # `program_of` gives no other
    try:
        data = await program.run(context, variables)
    except GiveUp as why:
        _note_failure(door, form, why.reason)
    except Exception as error:  # noqa: BLE001  # a resolver's, which graphql-core puts in its place
        if is_unavailable(error):
            form.rests_until = time.monotonic() + REST_SECONDS
        _note_failure(door, form, "exception", error=repr(type(error)))
    else:
        form.failures = 0
        door.compiled_run.inc()
        return data
    return None


def _note_failure(door: "Door", form: Form, reason: str, **more: Any) -> None:
    RUNS.labels(door.subgraph, reason).inc()
    if reason not in form.told:
        form.told.add(reason)
        log.debug("compiled document gave up", subgraph=door.subgraph, reason=reason, **more)
    form.failures = form.failures + 1 if reason in OF_NO_USE else 0
    if form.failures >= FAILURES_MAX:
        form.program = None
        WRITTEN.labels(door.subgraph, "dropped").inc()
