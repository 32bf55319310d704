"""
Which party stands behind a port: a sandbox of ours, or what a setting names as `package.module:factory`.

The factory gets the domain's settings and gives an object that keeps the port's protocol.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

SANDBOX = "sandbox"


def load_port(named: str, settings: Any, *, sandbox: Callable[[], Any]) -> Any:
    """The party that *named* means. Raises ValueError when there is no such factory."""
    if named == SANDBOX:
        return sandbox()
    module, separator, factory = named.partition(":")
    if not separator:
        raise ValueError(f"{named!r} is neither {SANDBOX!r} nor of the form package.module:factory")
    try:
        make = getattr(import_module(module), factory)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"{named!r} cannot be loaded: {error}") from error
    return make(settings)
