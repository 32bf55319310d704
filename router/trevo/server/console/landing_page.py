"""
What somebody who opens the router in a browser is shown while a graph is being made; never in production.

    /           what this is, where GraphiQL is, a request to copy
    /graphql    in a browser, without a query: on to GraphiQL, or to that page where there is none
"""

import secrets
from html import escape
from shlex import quote

from trevo.config.settings import Settings
from trevo.server.respond import respond
from trevo.serving.asgi import ASGIApp, Receive, Scope, Send
from trevo.serving.request_headers import read_headers

HTML = "text/html"
_QUERY = '{"query": "{ __typename }"}'


def landing_page(settings: Settings) -> ASGIApp:
    """The page at `/`."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await respond(send, 405, b"Method not allowed", "text/plain; charset=utf-8", {"allow": "GET, HEAD"})
            return
        origin = f"{scope.get('scheme', 'http')}://{read_headers(scope).get('host', 'localhost')}"
        nonce = secrets.token_urlsafe(16)
        policy = f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'"
        headers = {"content-security-policy": policy, "cache-control": "no-store"}
        await respond(send, 200, _page(settings, origin, nonce).encode(), f"{HTML}; charset=utf-8", headers)

    return app


def leading_browsers(endpoint: ASGIApp, settings: Settings) -> ASGIApp:
    """*endpoint*, from which a browser that asks it nothing is led on."""
    target = "/" if settings.graphiql is None else "/graphiql"

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_asked = scope["method"] != "GET" or scope.get("query_string")
        if is_asked or HTML not in read_headers(scope).get("accept", ""):
            await endpoint(scope, receive, send)
            return
        there = scope.get("root_path", "") + target
        await respond(send, 303, b"", "text/plain; charset=utf-8", {"location": there, "vary": "accept"})

    return app


def _page(settings: Settings, origin: str, nonce: str) -> str:
    title = "GraphQL" if settings.graphiql is None else settings.graphiql.title
    endpoint = origin + settings.graphql_path
    command = f"curl {quote(endpoint)} -H 'content-type: application/json' -d {quote(_QUERY)}"
    explorer = (
        "<p>No GraphiQL is served here: <code>ROUTER_GRAPHIQL__FOLDER</code> names a built one.</p>"
        if settings.graphiql is None
        else '<p><a href="/graphiql">GraphiQL</a> writes, runs and explains operations.</p>'
    )
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{escape(title)}</title>
<style nonce="{nonce}">
  body {{ max-width: 42rem; margin: 15vh auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; }}
  pre {{ white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; border: 1px solid; border-radius: .5rem; }}
</style>
<h1>{escape(title)}</h1>
<p>A GraphQL graph over several services, behind one address: <code>{escape(endpoint)}</code>.
It takes operations by POST, and queries by GET; subscriptions as server-sent events, or over a web socket.</p>
{explorer}
<pre>{escape(command)}</pre>
</html>
"""
