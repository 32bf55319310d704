"""
What a fetch asks about: the objects of the data tree that have what is sent.

All that a call asks for goes together for an object that has all of it. Of an object that lacks something because it
failed, each part of the call is asked for alone: it may be another part that needs what is missing.
"""

from collections.abc import Sequence

from trevo.execute.errors import DEPENDENCY_FAILED, DEPENDENCY_MESSAGE, Failure
from trevo.execute.execution import Execution
from trevo.execute.prepare import PreparedCall, PreparedFetch, PreparedPart
from trevo.execute.representations import Lack, collect_representations
from trevo.execute.request import Asked
from trevo.execute.response_path import find_objects

_LACKING = {
    Lack.FAILED: (DEPENDENCY_MESSAGE, DEPENDENCY_FAILED),
    Lack.KEY: ("This cannot be asked for, because the object came without its key.", "KEY_MISSING"),
    Lack.TYPE: ("This cannot be asked for, because the object is of an unknown type.", "INVALID_TYPE"),
}
"""What is said at the fields of objects that cannot be asked about."""


def collect_parts(fetch: PreparedFetch, parts: Sequence[PreparedPart], execution: Execution) -> list[Asked]:
    """Each call that *parts* of *fetch* come to, and what it asks about."""
    found: list[Asked] = []
    if len(parts) == len(fetch.parts):
        for call, of_call in zip(fetch.calls, fetch.parts_of, strict=True):
            found += _collect_together(call, of_call, of_call, execution)
        return found
    for number, call in enumerate(fetch.calls):
        of_call = fetch.parts_of[number]
        going = [part for part in of_call if part in parts]
        if all(part in parts or not execution.holds(part.node.condition) for part in of_call):
            found += _collect_together(call, of_call, going, execution)
        else:
            found += [_collect_alone(part, None, execution) for part in going]
    return found


def _collect_together(
    call: PreparedCall, of_call: Sequence[PreparedPart], going: Sequence[PreparedPart], execution: Execution
) -> list[Asked]:
    if not going:
        return []
    asked = _collect(call, None, execution)
    failed = asked.collected.left_out.pop(Lack.FAILED, []) if len(of_call) > 1 else []
    _tell_of_lacks(asked, execution)
    if not failed:
        return [asked]
    among = {id(node) for node in failed}
    return [asked, *(_collect_alone(part, among, execution) for part in going)]


def _collect_alone(part: PreparedPart, among: set[int] | None, execution: Execution) -> Asked:
    assert part.alone is not None  # noqa: S101 - a part of a call
    asked = _collect(part.alone, among, execution)
    _tell_of_lacks(asked, execution)
    return asked


def _collect(call: PreparedCall, among: set[int] | None, execution: Execution) -> Asked:
    """What *call* asks about; *among* objects of these identities, if it is given."""
    execution.failures.spread()
    objects = [node for path in call.node.paths for node in find_objects(execution.data, path)]
    if among is not None:
        objects = [node for node in objects if id(node) in among]
    return Asked(call, collect_representations(objects, call.inputs, execution.failures))


def _tell_of_lacks(asked: Asked, execution: Execution) -> None:
    for lack, left_out in asked.collected.left_out.items():
        if lack is Lack.NOTHING:
            execution.failures.excuse(left_out, asked.call.outputs)
        else:
            message, code = _LACKING[lack]
            execution.failures.add(Failure(message, code, is_reported=True), left_out, asked.call.outputs)
