"""
Extensions that the settings name.

    acme.audit:Audit     in the module `acme.audit`: an extension, or what gives one when it is called
    audit                likewise, as an installed distribution announces it under `trevo.extensions`

What is installed is not used for that alone: only who is named is loaded.
"""

import importlib
from collections.abc import Iterable
from importlib.metadata import entry_points
from typing import Any

from trevo.extensions.extension import Extension

GROUP = "trevo.extensions"


def load_extensions(names: Iterable[str]) -> list[Extension]:
    """
    The extensions called *names*, in that order.

    Raises ValueError where one cannot be loaded, or is none.
    """
    return [_load(name) for name in names]


def _load(name: str) -> Extension:
    try:
        found = _attribute(name) if ":" in name else _announced(name)
        made = found if isinstance(found, Extension) else found()
        if not isinstance(made, Extension):
            raise TypeError(f"{made!r} is no Extension")
    except Exception as error:
        raise ValueError(f"The extension {name} cannot be loaded: {error}") from error
    return made


def _attribute(name: str) -> Any:
    module_name, _, path = name.partition(":")
    found: Any = importlib.import_module(module_name)
    for part in path.split("."):
        found = getattr(found, part)
    return found


def _announced(name: str) -> Any:
    announced = {each.name: each for each in entry_points(group=GROUP)}
    if name not in announced:
        known = ", ".join(sorted(announced)) or "none"
        raise LookupError(f"no installed distribution announces it under {GROUP} (there is: {known})")
    return announced[name].load()
