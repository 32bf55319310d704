"""
A small graph for the router's tests: four subgraphs, their data, and ways to make them misbehave.

    users       User: id, name, email           me, users, user(id), rename
    products    Product: upc, name, price, …    topProducts, product(upc)
    reviews     Review, User.reviews, Product.reviews; reviewAdded, reviewNeeded
    inventory   Product.inStock, Product.shippingEstimate @requires(price weight)
"""

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import uvicorn
from graphql import ExecutionResult, GraphQLError, build_schema, graphql, parse, subscribe

from trevo.clients.in_process import NamedEvent
from trevo.clients.subgraph_client import LAST_EVENT_ID_HEADER, SubgraphRequest
from trevo.door import exact_json
from trevo.server.app import RouterApp
from trevo.server.serve import server_config

SUPERGRAPH = (Path(__file__).parent / "small_graph.graphql").read_text()

USERS = {
    "u1": {"id": "u1", "name": "Ada", "email": "ada@example.org"},
    "u2": {"id": "u2", "name": "Bob", "email": None},
}
PRODUCTS = {
    "p1": {"upc": "p1", "name": "Chair", "price": 100, "weight": 10, "kind": "SOLID", "maker": "u1"},
    "p2": {"upc": "p2", "name": "Table", "price": 900, "weight": 50, "kind": "SECRET", "maker": "u2"},
}
REVIEWS = {
    "r1": {"id": "r1", "body": "good", "author": "u1", "product": "p1"},
    "r2": {"id": "r2", "body": "bad", "author": "u2", "product": "p1"},
    "r3": {"id": "r3", "body": "fine", "author": "u1", "product": "p2"},
}

END: Any = object()
"""Announced: no more events."""

Resolve = Callable[[str, dict[str, Any]], Any]


@dataclass
class SmallSubgraph:
    """One subgraph: a schema, root values, entities; answers in process or over HTTP, as told."""

    name: str
    sdl: str
    roots: dict[str, Any]
    entities: dict[str, Callable[[dict[str, Any]], Any]]
    requests: list[SubgraphRequest] = field(default_factory=list)
    fault: Callable[[SubgraphRequest], Any] | None = None
    """Answers instead of the schema; raises, waits or returns nonsense."""
    listeners: dict[object, asyncio.Queue[Any]] = field(default_factory=dict)
    last_words: Any = None
    """What a subscription answers after its last event."""
    names_events: bool = False
    """Whether its events have names, by which what came since is told to who comes back."""
    told: list[Any] = field(default_factory=list)
    """What has been announced."""
    listeners_wait: asyncio.Event | None = None
    """Before they listen, until it is set."""
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        any_type = "scalar _Any union _Entity = " + " | ".join(self.entities)
        entities = "extend type Query { _entities(representations: [_Any!]!): [_Entity]! }"
        self.schema = build_schema(f"{self.sdl} {any_type} {entities}")
        for type_name in self.entities:
            self.schema.type_map[type_name].is_type_of = lambda value, _info, n=type_name: (
                value.get("__typename", n) == n
            )

    async def __call__(self, request: SubgraphRequest) -> Any:
        self.requests.append(request)
        if self.fault is not None:
            answer = self.fault(request)
            return await answer if asyncio.iscoroutine(answer) else answer
        return (await self.run(request)).formatted

    async def run(self, request: SubgraphRequest) -> ExecutionResult:
        root = {"_entities": self.resolve_entities, **self.roots}
        return await graphql(
            self.schema,
            request.document,
            root_value=root,
            variable_values=request.variables,
        )

    async def listen(self, request: SubgraphRequest) -> AsyncGenerator[Any, None]:
        """The subscription *request*, in process: a response for every event, until the end is announced."""
        self.requests.append(request)
        last: list[Any] = []
        opened = subscribe(
            self.schema,
            parse(request.document),
            root_value=dict.fromkeys(("reviewAdded", "reviewNeeded"), partial(self._events, request, last)),
            variable_values=request.variables,
        )
        opened = await opened if inspect.isawaitable(opened) else opened
        if isinstance(opened, ExecutionResult):
            yield opened.formatted
            return
        async with aclosing(opened):
            async for result in opened:
                yield NamedEvent(last[-1]["id"], result.formatted) if self.names_events else result.formatted
        if self.last_words is not None:
            yield self.last_words

    def _since(self, request: SubgraphRequest) -> list[Any]:
        """What was announced behind the event that *request* names."""
        name = request.headers.get(LAST_EVENT_ID_HEADER)
        if name is None:
            return []
        names = [event["id"] if isinstance(event, dict) else None for event in self.told]
        return self.told[names.index(name) + 1 :]

    async def _events(
        self, request: SubgraphRequest, last: list[Any], info: Any, **_arguments: Any
    ) -> AsyncGenerator[Any, None]:
        mine, queue = object(), asyncio.Queue[Any]()
        if self.listeners_wait is not None:
            await self.listeners_wait.wait()
        for event in self._since(request):
            queue.put_nowait(event)
        await self._count(mine, queue)
        try:
            while (event := await queue.get()) is not END:
                if isinstance(event, Exception):
                    raise event
                last.append(event)
                yield {info.field_name: event}
        finally:
            await asyncio.shield(self._count(mine, None))

    async def _count(self, listener: object, queue: asyncio.Queue[Any] | None) -> None:
        async with self._changed:
            if queue is None:
                del self.listeners[listener]
            else:
                self.listeners[listener] = queue
            self._changed.notify_all()

    async def until_listeners(self, count: int) -> None:
        """Wait until so many listen."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.listeners) == count)

    def announce(self, *events: Any) -> None:
        """Tell all who listen; an exception breaks their streams, END ends them."""
        self.told += events
        for queue in self.listeners.values():
            for event in events:
                queue.put_nowait(event)

    def resolve_entities(self, _info: Any, representations: list[dict[str, Any]]) -> list[Any]:
        # Like Strawberry, which takes the name out of what it is given.
        found = []
        for representation in representations:
            type_name = representation.pop("__typename")
            try:
                entity = self.entities[type_name](representation)
            except GraphQLError as error:
                found.append(error)
                continue
            found.append(entity and {"__typename": type_name, **entity})
        return found


def failing(message: str, **extensions: Any) -> Callable[..., Any]:
    def resolve(*_args: Any, **_kwargs: Any) -> Any:
        raise GraphQLError(message, extensions=extensions)

    return resolve


def make_users() -> SmallSubgraph:
    people = {key: dict(user) for key, user in USERS.items()}

    def rename(_info: Any, id: str, name: str) -> Any:
        if id not in people:
            raise GraphQLError("No such user.", extensions={"code": "NOT_FOUND", "stacktrace": ["secret"]})
        people[id]["name"] = name
        return people[id]

    sdl = """
      type User { id: ID! name: String! email: String }
      type Query { me: User users: [User!]! user(id: ID!): User }
      type Mutation { rename(id: ID!, name: String!): User }
    """
    roots = {
        "me": lambda _info: people["u1"],
        "users": lambda _info: list(people.values()),
        "user": lambda _info, **key: people.get(key["id"]),
        "rename": rename,
    }
    return SmallSubgraph("users", sdl, roots, {"User": lambda key: people.get(key["id"])})


def make_products() -> SmallSubgraph:
    sdl = """
      enum Kind { SOLID LIQUID SECRET }
      type Product { upc: ID! name: String price: Int weight: Int kind: Kind maker: User }
      type User { id: ID! }
      type Query {
        topProducts(first: Int = 5): [Product] product(upc: ID!): Product search(filter: Filter): [String!]!
      }
      input Filter { word: String!, tags: [String!], inner: Filter }
    """

    def made(product: dict[str, Any]) -> dict[str, Any]:
        return {**product, "maker": {"__typename": "User", "id": product["maker"]}}

    products = {key: made(product) for key, product in PRODUCTS.items()}
    roots = {
        "topProducts": lambda _info, first: list(products.values())[:first],
        "product": lambda _info, upc: products.get(upc),
        "search": lambda _info, **arguments: [repr(arguments)],
    }
    return SmallSubgraph("products", sdl, roots, {"Product": lambda key: products.get(key["upc"])})


def linked(review: dict[str, Any]) -> dict[str, Any]:
    """A review as its subgraph has it."""
    return {
        "__typename": "Review",
        **review,
        "author": {"__typename": "User", "id": review["author"]},
        "product": {"__typename": "Product", "upc": review["product"]},
    }


def make_reviews() -> SmallSubgraph:
    sdl = """
      type Review { id: ID! body: String author: User! product: Product }
      type User { id: ID! reviews: [Review!] }
      type Product { upc: ID! reviews: [Review] }
      type Query { review(id: ID!): Review }
      type Subscription { reviewAdded(of: ID): Review reviewNeeded: Review! }
    """

    def of(field_name: str, key: str) -> list[dict[str, Any]]:
        return [linked(review) for review in REVIEWS.values() if review[field_name] == key]

    entities = {
        "User": lambda key: {"id": key["id"], "reviews": of("author", key["id"])},
        "Product": lambda key: {"upc": key["upc"], "reviews": of("product", key["upc"])},
        "Review": lambda key: linked(REVIEWS[key["id"]]) if key["id"] in REVIEWS else None,
    }
    roots = {"review": lambda _info, **key: entities["Review"](key)}
    return SmallSubgraph("reviews", sdl, roots, entities)


def make_inventory() -> SmallSubgraph:
    sdl = """
      type Product { upc: ID! inStock: Boolean! shippingEstimate: Int }
      type Query { _nothing: Boolean }
    """

    def product(key: dict[str, Any]) -> dict[str, Any]:
        def estimate(_info: Any) -> int:
            return key["price"] // 10 + key["weight"]

        return {"upc": key["upc"], "inStock": key["upc"] == "p1", "shippingEstimate": estimate}

    return SmallSubgraph("inventory", sdl, {}, {"Product": product})


@dataclass
class SmallGraph:
    """The four together."""

    users: SmallSubgraph = field(default_factory=make_users)
    products: SmallSubgraph = field(default_factory=make_products)
    reviews: SmallSubgraph = field(default_factory=make_reviews)
    inventory: SmallSubgraph = field(default_factory=make_inventory)

    @property
    def subgraphs(self) -> list[SmallSubgraph]:
        return [self.users, self.products, self.reviews, self.inventory]


@dataclass
class Served:
    """An ASGI app on a real port."""

    port: int
    server: uvicorn.Server
    task: asyncio.Task[None]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> aiohttp.ClientSession:
        """A client of it, to be closed."""
        return aiohttp.ClientSession(self.origin)

    async def stop(self) -> None:
        self.server.should_exit = True
        await self.task


class _Server(uvicorn.Server):
    """Lets a test wait for the start, and leaves signals to the test runner."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()
        self.before_shutdown: Callable[[], None] = lambda: None

    async def shutdown(self, sockets: Any = None) -> None:
        self.before_shutdown()
        await super().shutdown(sockets)

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    def install_signal_handlers(self) -> None:
        pass


@asynccontextmanager
async def served(app: Any, port: int = 0) -> AsyncIterator[Served]:
    """*app* over HTTP, on a free port unless told otherwise."""
    config = (
        server_config(app, host="127.0.0.1", port=port, stop_seconds_max=10)
        if isinstance(app, RouterApp)
        else uvicorn.Config(
            app,
            port=port,
            http="httptools",
            ws="websockets-sansio",
            lifespan="auto",
            log_config=None,
            proxy_headers=False,
        )
    )
    server = _Server(config)
    if isinstance(app, RouterApp):
        server.before_shutdown = app.router.end_streams
    task = asyncio.create_task(server._serve())
    await server.is_up.wait()
    handle = Served(server.servers[0].sockets[0].getsockname()[1], server, task)
    try:
        yield handle
    finally:
        if not task.done():
            await handle.stop()


def http_app(subgraph: SmallSubgraph, answer: Callable[..., Any] | None = None) -> Any:
    """*subgraph* as an ASGI app; *answer* (scope, receive, send) may misbehave instead."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if answer is not None:
            await answer(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        document = exact_json.loads(body)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        request = SubgraphRequest(document["query"], document.get("variables") or {}, headers)
        if headers.get("accept", "").startswith("text/event-stream"):
            await _answer_with_events(subgraph, request, receive, send)
            return
        await raw_answer(send, 200, exact_json.dumps(await subgraph(request)))

    return app


async def _answer_with_events(subgraph: SmallSubgraph, request: SubgraphRequest, receive: Any, send: Any) -> None:
    await begin_events(send)

    async def pass_on() -> None:
        async with aclosing(subgraph.listen(request)) as events:
            async for body in events:
                await send_event(send, body)
        await send({"type": "http.response.body", "body": b"event: complete\ndata:\n\n"})

    tasks = {asyncio.create_task(pass_on()), asyncio.create_task(until_gone(receive))}
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    for task in done:
        task.result()


async def until_gone(receive: Any) -> None:
    """Wait until the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        continue


async def begin_events(send: Any) -> None:
    """The head of an event stream."""
    headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def send_event(send: Any, body: Any) -> None:
    name, body = (b"id: %b\n" % body.id.encode(), body.body) if isinstance(body, NamedEvent) else (b"", body)
    text = b"event: next\n" + name + b"data: " + orjson.dumps(body) + b"\n\n"
    await send({"type": "http.response.body", "body": text, "more_body": True})


async def raw_answer(
    send: Any, status: int, body: bytes, content_type: bytes = b"application/json", *headers: tuple[bytes, bytes]
) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", content_type), length, *headers],
        }
    )
    await send({"type": "http.response.body", "body": body})
