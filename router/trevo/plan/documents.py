"""Writes the document of a request for entities: all calls of a fetch, or those that go without the others."""

from collections.abc import Collection, Mapping, Sequence

from trevo.plan.nodes import EntityCall


def response_keys(count: int) -> Sequence[str]:
    """What the calls of a request with *count* of them are called in it."""
    return ("_entities",) if count == 1 else tuple(f"_e{index}" for index in range(count))


def representation_variables(count: int, used: Collection[str]) -> Sequence[str]:
    """The variables that take what is sent, beside those that the client has *used*."""
    prefix = "representations"
    while any(name.startswith(prefix) for name in used):
        prefix = f"_{prefix}"
    return (prefix,) if count == 1 else tuple(f"{prefix}{index}" for index in range(count))


def variables_of(calls: Sequence[EntityCall]) -> tuple[str, ...]:
    """The client's variables that *calls* use."""
    return tuple(dict.fromkeys(name for call in calls for name in call.variables))


def write_entities(calls: Sequence[EntityCall], definitions: Mapping[str, str]) -> str:
    """The document that asks *calls*; *definitions* has the type and default of each of the client's variables."""
    used = variables_of(calls)
    names = representation_variables(len(calls), used)
    defined = [f"${name}: {definitions[name]}" for name in used] + [f"${name}: [_Any!]!" for name in names]
    fields = [
        f"{'' if key == '_entities' else f'{key}: '}_entities(representations: ${name}) {call.selections}"
        for key, name, call in zip(response_keys(len(calls)), names, calls, strict=True)
    ]
    return f"query ({', '.join(defined)}) {{ {' '.join(fields)} }}"
