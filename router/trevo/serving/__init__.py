"""
The server under every HTTP port of the product: the router's and each subgraph's.

It is uvicorn, told what we want of it, with bounds on connections that uvicorn has none for; and what an application
should find done before it is called: the client's address, and headers that every answer has. What may be decided
without a socket is decided in `trevo.door`. This package imports neither the router nor the subgraphs nor the launcher.
"""
