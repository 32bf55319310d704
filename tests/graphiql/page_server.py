"""A small server with the GraphiQL page: a schema of its own, a token endpoint, and what the page sent to them."""

import asyncio
import contextlib
import gzip
import http.client
import json
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from strawberry.types import Info

from trevo.config.graphiql_settings import DemoPerson, GraphiQLSettings
from trevo.server.console.graphiql import graphiql_routes

MARINA = DemoPerson(label="Marina, investor", username="marina@example.com", password="Semente#2026")
SERGIO = DemoPerson(label="Sérgio, farmer", username="sergio@example.com", password="Colheita#2026")


@strawberry.type(description="A CPR open for funding.")
class Offering:
    id: strawberry.ID
    crop: str


@strawberry.type
class Query:
    @strawberry.field(description="Whoever the token speaks for.")
    def signed_in_as(self, info: Info) -> str | None:
        header: str = info.context["authorization"] or ""
        return header.removeprefix("Bearer ") or None

    @strawberry.field
    def offering(self, id: strawberry.ID) -> Offering | None:
        return Offering(id=id, crop="soy") if id == "o1" else None


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def unread_count(self) -> int:  # answered by the endpoint below
        yield 0


SCHEMA = strawberry.Schema(query=Query, subscription=Subscription)


@dataclass
class Server:
    """The running server and what it was sent."""

    url: str
    page: GraphiQLSettings
    token_requests: list[dict[str, str]] = field(default_factory=list)
    token_seconds: int = 600
    token_url: str = ""
    may_sign_in: threading.Event = field(default_factory=threading.Event)
    """Until it is set nobody who asks for a token gets one."""

    @property
    def graphiql(self) -> str:
        return f"{self.url}/graphiql"


class AnnouncingServer(uvicorn.Server):
    """Says when it listens, so that nobody has to ask again and again."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, *arguments: Any, **named: Any) -> None:
        await super().startup(*arguments, **named)
        self.listening.set()


@contextlib.contextmanager
def serve(app: Starlette) -> Iterator[str]:
    """Serve *app* over real HTTP on a free port."""
    server = AnnouncingServer(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off", ws="none")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert server.listening.wait(20)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; the path of its request was sent as written, without tidying."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> bytes:
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.body)


def ask(url: str, path: str, *, form: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> Answer:
    """GET *path* of the server at *url*, or POST *form* to it."""
    body = None if form is None else urlencode(form)
    sent = {} if form is None else {"content-type": "application/x-www-form-urlencoded"}
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET" if body is None else "POST", path, body, sent | (headers or {}))
        response = connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


async def answer_graphql(request: Request) -> Response:
    body = await request.json()
    if body["query"].lstrip().startswith("subscription"):
        named = next((name for name in ENDINGS if f" {name} " in body["query"]), "Complete")
        return StreamingResponse(two_results(ENDINGS[named]), media_type="text/event-stream")
    result = await SCHEMA.execute(
        body["query"],
        variable_values=body.get("variables"),
        operation_name=body.get("operationName"),
        context_value={"authorization": request.headers.get("authorization")},
    )
    errors = {"errors": [error.formatted for error in result.errors]} if result.errors else {}
    return JSONResponse({"data": result.data, **errors}, media_type="application/graphql-response+json")


COMPLETE = "event: complete\ndata:\n\n"
CHANGED = {"message": "The graph has changed; subscribe again.", "extensions": {"code": "SUPERGRAPH_CHANGED"}}
ENDINGS = {
    "Complete": COMPLETE,
    "Refused": f"event: next\ndata: {json.dumps({'errors': [CHANGED]})}\n\n{COMPLETE}",
    "Lost": "",
    "Endless": None,
}
"""What comes after two results, by the subscription's name; None: nothing, and the stream stays open."""


async def two_results(ending: str | None) -> AsyncIterator[str]:
    yield ":\n\n"
    for count in (1, 2):
        yield f"event: next\ndata: {json.dumps({'data': {'unreadCount': count}})}\n\n"
    if ending is None:
        await asyncio.Event().wait()
    yield ending or ""


def grant_tokens(server: Server) -> Route:
    """A token endpoint: the password grant for the demo people, each refresh token good for one use."""
    usable: set[str] = set()

    async def token(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        server.token_requests.append(form)
        await asyncio.to_thread(server.may_sign_in.wait, 20)
        known = {person.username: person for person in (MARINA, SERGIO)}
        if form["grant_type"] == "password":
            person = known.get(form["username"])
            name = person.username.split("@")[0] if person and person.password == form["password"] else None
        else:
            name = form["refresh_token"].split("-")[0] if form["refresh_token"] in usable else None
            usable.discard(form["refresh_token"])
        if name is None:
            refusal = {"error": "invalid_grant", "error_description": "E-mail or password is wrong."}
            return JSONResponse(refusal, 400)
        number = len(server.token_requests)
        usable.add(f"{name}-refresh-{number}")
        return JSONResponse(
            {
                "access_token": f"{name}-{number}",
                "token_type": "Bearer",
                "expires_in": server.token_seconds,
                "refresh_token": f"{name}-refresh-{number}",
            }
        )

    return Route("/oauth/token", token, methods=["POST"])


@contextlib.contextmanager
def run_server(folder: Path, operations: Path, *more: Route) -> Iterator[Server]:
    """The page at /graphiql with its token endpoint at another origin, as where accounts is a process of its own."""
    server = Server("", GraphiQLSettings(folder=folder))
    server.may_sign_in.set()
    with serve(Starlette(routes=[grant_tokens(server)])) as accounts:
        server.token_url = f"{accounts}/oauth/token"
        server.page = GraphiQLSettings(
            folder=folder,
            title="Peerseed GraphiQL",
            operations=operations,
            hint="Marina has an offering.",
            progress=folder.parent / "progress.txt",
            token_url=server.token_url,
            people=(MARINA, SERGIO, DemoPerson(label="Nobody", username="nobody@example.com", password="wrong")),
        )
        endpoint = Route("/graphql", answer_graphql, methods=["POST"])
        with serve(Starlette(routes=[*graphiql_routes(server.page), endpoint, *more])) as url:
            server.url = url
            yield server
