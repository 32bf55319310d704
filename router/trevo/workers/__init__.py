"""
Several processes that answer on one port, and the one that keeps them.

    supervisor ── binds the port, watches the supergraph, serves /metrics
       │  a socket pair to each: load, serve, reload, figures (`channel.py`)
       ├── worker 1 ─┐
       ├── worker 2 ─┼─ accept from the one listening socket, each a whole router with its share of the bounds
       └── worker n ─┘

The supervisor answers no request, so nothing that a client sends can end it.
"""
