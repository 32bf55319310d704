"""Writes the document of a request for entities: all calls of a fetch, or those that go without the others."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from trevo.plan.nodes import EntityCall


@lru_cache(maxsize=64)
def response_keys(count: int) -> Sequence[str]:
    """What the calls of a request with *count* of them are called in it."""
    return ("_entities",) if count == 1 else tuple(f"_e{index}" for index in range(count))


def representation_variables(count: int, used: Collection[str]) -> Sequence[str]:
    """The variables that take what is sent, beside those that the client has *used*."""
    prefix = "representations"
    while any(name.startswith(prefix) for name in used):
        prefix = f"_{prefix}"
    return _numbered(prefix, count)


@lru_cache(maxsize=64)
def _numbered(prefix: str, count: int) -> Sequence[str]:
    return (prefix,) if count == 1 else tuple(f"{prefix}{index}" for index in range(count))


def context_variables(call: EntityCall, number: int, count: int) -> Sequence[str]:
    """What the variables of *call*'s contexts are called where it goes as the *number*-th of *count* calls."""
    suffix = "" if count == 1 else f"_{number}"
    return tuple(f"{context.variable}{suffix}" for context in call.contexts)


def variables_of(calls: Sequence[EntityCall]) -> tuple[str, ...]:
    """The client's variables that *calls* use."""
    return tuple(dict.fromkeys(name for call in calls for name in call.variables))


def write_entities(calls: Sequence[EntityCall], definitions: Mapping[str, str]) -> str:
    """The document that asks *calls*; *definitions* has the type and default of each of the client's variables."""
    used, count = variables_of(calls), len(calls)
    names = representation_variables(count, used)
    defined = [f"${name}: {definitions[name]}" for name in used] + [f"${name}: [_Any!]!" for name in names]
    for number, call in enumerate(calls):
        taken = zip(context_variables(call, number, count), call.contexts, strict=True)
        defined += [f"${name}: {context.type_text}" for name, context in taken]
    fields = [
        f"{'' if count == 1 else f'{key}: '}_entities(representations: ${name}) {_selections(call, number, count)}"
        for number, (key, name, call) in enumerate(zip(response_keys(count), names, calls, strict=True))
    ]
    return f"query ({', '.join(defined)}) {{ {' '.join(fields)} }}"


def _selections(call: EntityCall, number: int, count: int) -> str:
    if not call.contexts:
        return call.selections
    names = dict(zip((each.variable for each in call.contexts), context_variables(call, number, count), strict=True))
    # Nothing else in the text is called so: the planner has seen to it.
    return re.sub(rf"\$({'|'.join(names)})\b", lambda found: f"${names[found[1]]}", call.selections)
