"""The ASGI application: which path is answered by what."""

from collections.abc import Mapping

from trevo.gateway.router import Router
from trevo.server.respond import respond
from trevo.serving.asgi import ASGIApp, Receive, Scope, Send, path_of
from trevo.serving.client_address import ClientAddress
from trevo.serving.response_headers import ResponseHeaders


class RouterApp:
    """
    Exact paths first, then prefixes from the longest on; serves alone or mounted in another ASGI application.

    Mounted, it may never see a lifespan; then the router starts with its first request.
    """

    def __init__(
        self,
        router: Router,
        routes: Mapping[str, ASGIApp],
        prefixes: Mapping[str, ASGIApp],
        sockets: Mapping[str, ASGIApp],
    ) -> None:
        self.router = router
        self._sockets = dict(sockets)
        self._answer = ResponseHeaders(ClientAddress(self._choose, router.settings.trusted_proxies))
        self._routes = dict(routes)
        self._prefixes = sorted(prefixes.items(), key=lambda item: len(item[0]), reverse=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope, receive, send)

    async def _choose(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await self.router.start()
            await self._sockets.get(path_of(scope), _no_socket)(scope, receive, send)
        else:
            await self.router.start()
            await self._find(path_of(scope))(scope, receive, send)

    def _find(self, path: str) -> ASGIApp:
        if path in self._routes:
            return self._routes[path]
        for prefix, app in self._prefixes:
            if path == prefix or path.startswith(f"{prefix.rstrip('/')}/"):
                return app
        return _not_found

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.router.start()
                    await self.router.warm()
                except Exception as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    raise
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.router.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


async def _no_socket(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1000})  # before it is accepted: answered 403


async def _not_found(_scope: Scope, _receive: Receive, send: Send) -> None:
    await respond(send, 404, b"Not found", "text/plain; charset=utf-8")
