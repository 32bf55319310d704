"""
What a fetch asks about: the objects of the data tree that have what is sent.

All that a call asks for goes together for an object that has all of it. Of an object that lacks something because it
failed, each part of the call is asked for alone: it may be another part that needs what is missing.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from trevo.execute.contexts import tell_apart
from trevo.execute.errors import DEPENDENCY_FAILED, DEPENDENCY_MESSAGE, Failure
from trevo.execute.execution import Execution
from trevo.execute.prepare import PreparedCall, PreparedFetch, PreparedPart, call_for
from trevo.execute.representations import Collected, Lack, collect_representations
from trevo.execute.request import Asked
from trevo.execute.response_path import find_objects

_LACKING = {
    Lack.FAILED: (DEPENDENCY_MESSAGE, DEPENDENCY_FAILED),
    Lack.KEY: ("This cannot be asked for, because the object came without its key.", "KEY_MISSING"),
    Lack.CONTEXT: ("This cannot be asked for, because nothing above says what it takes from there.", "CONTEXT_MISSING"),
    Lack.TYPE: ("This cannot be asked for, because the object is of an unknown type.", "INVALID_TYPE"),
}
"""What is said at the fields of objects that cannot be asked about."""

_OF_A_PART = (Lack.FAILED, Lack.CONTEXT)
"""What may keep one part of a call from being asked for, and not another."""


def collect_parts(fetch: PreparedFetch, parts: Sequence[PreparedPart], execution: Execution) -> list[Asked]:
    """Each call that *parts* of *fetch* come to, and what it asks about."""
    found: list[Asked] = []
    if len(parts) == len(fetch.parts):
        for call, of_call in zip(fetch.calls, fetch.parts_of, strict=True):
            found += _collect_together(call, of_call, execution)
        return found
    for number, call in enumerate(fetch.calls):
        wanted = [part for part in fetch.parts_of[number] if execution.hold(part.node.conditions)]
        going = [part for part in wanted if part in parts]
        if len(going) == len(wanted) and (len(wanted) == len(fetch.parts_of[number]) or not call.node.contexts):
            found += _collect_together(call_for(fetch, number, wanted), wanted, execution)
        else:
            # Also where variables would be sent that are for what is not wanted.
            found += [asked for part in going for asked in _collect_alone(part, None, execution)]
    return found


def _collect_together(call: PreparedCall, parts: Sequence[PreparedPart], execution: Execution) -> list[Asked]:
    if not parts:
        return []
    found = _collect(call, None, execution)
    failed: list[dict[str, Any]] = []
    if len(parts) > 1:
        failed = [node for asked in found for lack in _OF_A_PART for node in asked.collected.left_out.pop(lack, ())]
    _tell_of_lacks(found, execution)
    if not failed:
        return found
    among = {id(node) for node in failed}
    return [*found, *(asked for part in parts for asked in _collect_alone(part, among, execution))]


def _collect_alone(part: PreparedPart, among: set[int] | None, execution: Execution) -> list[Asked]:
    assert part.alone is not None  # noqa: S101 - a part of a call
    found = _collect(part.alone, among, execution)
    _tell_of_lacks(found, execution)
    return found


def _collect(call: PreparedCall, among: set[int] | None, execution: Execution) -> list[Asked]:
    """What *call* asks about; *among* objects of these identities, if it is given."""
    execution.failures.spread()
    if call.node.contexts:
        return _collect_in_contexts(call, among, execution)
    objects = [node for path in call.node.paths for node in find_objects(execution.data, path)]
    return [Asked(call, _represent(objects, call, among, execution))]


def _collect_in_contexts(call: PreparedCall, among: set[int] | None, execution: Execution) -> list[Asked]:
    found, lacking = tell_apart(execution.data, call.node, execution.failures)
    asked = [Asked(call, _represent(each.objects, call, among, execution), each.values) for each in found]
    if lacking:
        without = Asked(call, Collected())
        for node, lack in lacking:
            if among is None or id(node) in among:
                without.collected.leave_out(node, lack)
        asked.append(without)
    return asked


def _represent(
    objects: list[dict[str, Any]], call: PreparedCall, among: set[int] | None, execution: Execution
) -> Collected:
    if among is not None:
        objects = [node for node in objects if id(node) in among]
    return collect_representations(objects, call.inputs, execution.failures)


def _tell_of_lacks(found: Iterable[Asked], execution: Execution) -> None:
    for asked, lack, left_out in ((each, *lack) for each in found for lack in each.collected.left_out.items()):
        if lack is Lack.NOTHING:
            execution.failures.excuse(left_out, asked.call.node.outputs)
        else:
            message, code = _LACKING[lack]
            execution.failures.add(Failure(message, code, is_reported=True), left_out, asked.call.node.outputs)
