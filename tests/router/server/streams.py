"""A client's side of subscriptions: server-sent events, and the protocol graphql-transport-ws."""

import asyncio
from contextlib import asynccontextmanager

import orjson

from tests.router.small_graph import linked

STREAM = "text/event-stream"
PROTOCOL = "graphql-transport-ws"
ADDED = "subscription Added($of: ID) { reviewAdded(of: $of) { body author { name } } }"


def a_review(number=1, author="u1"):
    return linked({"id": f"new{number}", "body": f"words {number}", "author": author, "product": "p1"})


TOKEN_REFUSED = {
    "data": None,
    "errors": [{"message": "The session has ended.", "extensions": {"code": "UNAUTHENTICATED"}}],
}
"""How a subgraph ends a subscription whose token it accepts no more."""


def added(number=1, name="Ada"):
    """What `ADDED` answers for `a_review(number)`."""
    return {"data": {"reviewAdded": {"body": f"words {number}", "author": {"name": name}}}}


class Events:
    """One response that goes on."""

    def __init__(self, response):
        self.response = response

    async def next(self):
        """The type and the data of the next event; None where the response ends."""
        type_ = data = None
        async for line in self.response.content:
            match line.rstrip(b"\n").partition(b":"):
                case (b"event", _, value):
                    type_ = value.strip().decode()
                case (b"data", _, value):
                    data = orjson.loads(value) if value.strip() else None
                case (b"", b"", b"") if type_:
                    return type_, data
        return None

    async def rest(self):
        """All events until the response ends."""
        found = []
        while (event := await self.next()) is not None:
            found.append(event)
        return found

    async def next_line(self):
        """One line as it comes, comments too."""
        return (await self.response.content.readline()).rstrip(b"\n")


@asynccontextmanager
async def listening(http, query=ADDED, variables=None, *, accept=STREAM, **headers):
    """A subscription by POST."""
    sent = {"accept": accept, "content-type": "application/json", **headers}
    body = orjson.dumps({"query": query, "variables": variables or {}})
    async with http.post("/graphql", data=body, headers=sent) as response:
        yield Events(response)


class Socket:
    """One web socket."""

    def __init__(self, socket):
        self.socket = socket

    async def send(self, type_, id_=None, payload=None):
        message = {"type": type_, "id": id_, "payload": payload}
        await self.socket.send_bytes(b"") if type_ is None else await self.socket.send_str(
            orjson.dumps({key: value for key, value in message.items() if value is not None}).decode()
        )

    async def send_text(self, text):
        await self.socket.send_str(text)

    async def receive(self):
        """The next message; the close code and its reason where there is none."""
        message = await asyncio.wait_for(self.socket.receive(), 10)
        if message.type.name == "TEXT":
            return orjson.loads(message.data)
        return self.socket.close_code, message.extra

    async def begin(self, payload=None):
        await self.send("connection_init", payload=payload)
        assert await self.receive() == {"type": "connection_ack"}

    async def subscribe(self, id_="1", query=ADDED, **variables):
        await self.send("subscribe", id_, {"query": query, "variables": variables})


@asynccontextmanager
async def socket_of(http, *, protocols=(PROTOCOL,), path="/graphql", **headers):
    async with http.ws_connect(path, protocols=protocols, headers=headers) as socket:
        yield Socket(socket)
