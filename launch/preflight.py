"""
What would stop the product from starting, said at once, before anything heavy is loaded or begun.

`make run` and `make run-split` ask this first: `python -m launch.preflight PORTS`. Each reason is one sentence that
says what to do. Nothing but the standard library and what is light is imported, so that the answer takes no second.
"""

import os
import socket
import sys

from launch.home import Home

PORT_DEFAULT = 4000
PORT_LAST = 65_535
METRICS_PORT_DISTANCE = 10
"""The figures' first port is so far beyond the router's, unless `METRICS_PORT` names another."""


class CannotStart(Exception):
    """Something that the person who starts has to see to; the message says what."""


def port_named(name: str, default: int) -> int:
    """The port that the environment's *name* says. Raises CannotStart for what is none."""
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= PORT_LAST):
        raise CannotStart(f"{name}={text} is no port: name one from 1 to {PORT_LAST}, as in `make run {name}=5000`.")
    return int(text)


def ports_wanted(count: int) -> list[tuple[str, int]]:
    """The *count* ports of the product and as many for its figures, each with the setting that moves it."""
    port = port_named("PORT", PORT_DEFAULT)
    figures = port_named("METRICS_PORT", port + METRICS_PORT_DISTANCE)
    wanted = [("PORT", port + further) for further in range(count)]
    return wanted + [("METRICS_PORT", figures + further) for further in range(count)]


def require_free(wanted: list[tuple[str, int]], home: Home) -> None:
    """Raises CannotStart, with the first of the ports that somebody else has or that may not be taken."""
    running = home.addresses()
    if running is not None:
        raise CannotStart(
            f"Peerseed runs already, at {running.graphql}: stop it first (Ctrl-C where it runs), or start another with "
            "a PEERSEED_HOME and a PORT of its own."
        )
    for name, port in wanted:
        with socket.socket() as probe:
            # As servers do: what was served a moment ago does not keep the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except PermissionError:
                raise CannotStart(
                    f"Port {port} is for administrators alone: choose one above 1023, as in `make run {name}=5000`."
                ) from None
            except (OSError, OverflowError):
                raise CannotStart(
                    f"Port {port} is taken: stop what listens there, or choose another, as in `make run {name}=5000`."
                ) from None


def main() -> int:
    """Look at what a start with so many ports needs; 1 and a sentence where something is missing."""
    from launch.postgres import PostgresUnavailable, require_embeddable  # noqa: PLC0415  # imports more than ports need

    try:
        home = Home()
        require_free(ports_wanted(int(sys.argv[1])), home)
        if not os.environ.get("DATABASE_URL"):
            require_embeddable()
    except (CannotStart, PostgresUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
