"""A client that speaks as it is told, byte by byte, and a server with a small application."""

import asyncio
from contextlib import asynccontextmanager, suppress

import uvicorn

from trevo.door.client_address import NOBODY
from trevo.door.connections import ConnectionBounds
from trevo.serving.config import ServingConfig

REQUEST = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 2\r\n\r\nhi"


async def echo(scope, receive, send):
    """Answers a request with its body; a web socket with its messages."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
    else:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            if not message["more_body"]:
                break
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": bytes(body)})


class Connection:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    def say(self, data):
        self.writer.write(data)

    async def flood(self):
        """Say 90 megabytes, or as much of it as is taken; how many bytes that was."""
        said = 0
        with suppress(ConnectionError):
            while said < 90_000_000:
                self.say(b"x" * 100_000)
                await self.writer.drain()
                said += 100_000
        return said

    async def answer(self):
        """The status and the body of the next answer."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 20)
        lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return int(lines[0].split()[1]), body

    async def is_closed(self):
        """Waits until the server has closed it; whether there was nothing more to read."""
        try:
            return await asyncio.wait_for(self.reader.read(), 20) == b""
        except ConnectionError:
            return True


class Server(uvicorn.Server):
    def __init__(self, config):
        super().__init__(config)
        self.connections = config.connections

    @asynccontextmanager
    async def connect(self):
        port = self.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield Connection(reader, writer)
        finally:
            writer.close()

    async def until_open(self, count):
        """Wait until so many connections are open."""
        await until(lambda: len(self.connections) == count)

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.servers[0].sockets[0].getsockname()[1]}"


async def until(holds):
    """Wait for what no event of ours tells: that a socket is closed, or how much has come."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@asynccontextmanager
async def server_with(app=echo, *, trusted=NOBODY, **bounds):
    config = ServingConfig(app, ConnectionBounds(**bounds), trusted=trusted, socket_bytes_max=1_000, stop_seconds_max=5)
    config.load()
    server = Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server
    finally:
        await server.shutdown()
