"""An application behind a real port of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn


@asynccontextmanager
async def served(make_app: Callable[[str], Any]) -> AsyncIterator[str]:
    """
    Serve what *make_app* makes; its address.

    The application is told its address before it is made: a sandbox has to know where its webhooks go.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(make_app(address), log_config=None, lifespan="off", proxy_headers=False))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield address
        finally:
            server.should_exit = True
            await serving
