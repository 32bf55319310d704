"""
Which party stands behind a port: what a setting names as `package.module:factory`, or a sandbox of ours.

The factory gets the domain's settings and gives an object that keeps the port's protocol. A sandbox stands in only
where sandboxes were asked for: one that took a real party's place unnoticed would "pay" and "sign" for anybody.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from subgraphs.shared.settings import SANDBOXES, SubgraphSettings

SANDBOX = "sandbox"


class SandboxNotAskedFor(Exception):
    """A port has no real party and sandboxes were not asked for; the message says which setting names one."""


def load_port(settings: SubgraphSettings, setting: str, *, sandbox: Callable[[], Any]) -> Any:
    """
    The party that *setting* of *settings* names.

    Raises SandboxNotAskedFor, and ValueError when there is no such factory.
    """
    named: str = getattr(settings, setting)
    variable = f"{settings.model_config['env_prefix']}{setting}".upper()
    if named == SANDBOX:
        if not settings.sandboxes:
            raise SandboxNotAskedFor(
                f"{variable} names no party, so a sandbox would stand in for it. Set {variable} to "
                f"package.module:factory, or {SANDBOXES}=1 where nothing is real."
            )
        return sandbox()
    module, separator, factory = named.partition(":")
    if not separator:
        raise ValueError(f"{variable}: {named!r} is neither {SANDBOX!r} nor of the form package.module:factory")
    try:
        make = getattr(import_module(module), factory)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"{variable}: {named!r} cannot be loaded: {error}") from error
    return make(settings)
