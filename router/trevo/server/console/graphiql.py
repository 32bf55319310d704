"""
The GraphiQL page: a built folder, the list of ready operations, and a way to a token, all from our own origin.

The page is closed to everything else by its Content-Security-Policy. Files are served from a table that was read
from the folder, so a path in a request is only ever looked up, never opened.
"""

import mimetypes
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlencode

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from trevo.config.graphiql_settings import GraphiQLSettings
from trevo.server.console.example_operations import read_example_operations
from trevo.server.content_coding import choose_coding

TOKEN_REQUEST_BYTES_MAX = 8_192
TOKEN_ANSWER_BYTES_MAX = 65_536
TOKEN_SECONDS_MAX = 10
PROGRESS_BYTES_MAX = 4_000

_LENGTH = re.compile(r"[0-9]{1,9}")

STYLE_NONCE = b"STYLE_NONCE"
"""Stands in the built page where the nonce of its one inserted style sheet goes."""


@dataclass(frozen=True)
class BuiltFile:
    """One file of the built page with the compressed forms that lie beside it, by content coding."""

    media_type: str
    bodies: Mapping[str, bytes]

    @property
    def codings(self) -> tuple[str, ...]:
        """Those it lies there in, the smallest first."""
        return tuple(coding for coding in ("br", "gzip") if coding in self.bodies)


class BuiltPage:
    """
    The files of the built page, in memory, read again when the page is built anew.

    The page is 1.5 MB; its text files were compressed when it was built.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read_at: tuple[int, int] | None = None
        self._files: Mapping[str, BuiltFile] = MappingProxyType({})

    def get_files(self) -> Mapping[str, BuiltFile]:
        """The files by their path inside the folder; empty while the page is not built."""
        try:
            stat = (self._folder / "index.html").stat()
        except FileNotFoundError:
            self._read_at, self._files = None, MappingProxyType({})
            return self._files
        state = (stat.st_mtime_ns, stat.st_ino)
        if state != self._read_at:
            self._files = MappingProxyType(_read_built_files(self._folder))
            self._read_at = state
        return self._files


def _read_built_files(folder: Path) -> dict[str, BuiltFile]:
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    files = {}
    for name, content in contents.items():
        if name.endswith((".gz", ".br")):
            continue
        bodies = {"identity": content}
        for coding, suffix in (("br", ".br"), ("gzip", ".gz")):
            if f"{name}{suffix}" in contents:
                bodies[coding] = contents[f"{name}{suffix}"]
        # Not the machine's own table: some register .js as text/plain, which a browser refuses with nosniff.
        media_type = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}.get(
            Path(name).suffix, mimetypes.guess_type(name)[0] or "application/octet-stream"
        )
        files[name] = BuiltFile(media_type, bodies)
    return files


def graphiql_app(settings: GraphiQLSettings, *, shows_plans: bool = False) -> Starlette:
    """The page as an ASGI application, for the path prefix /graphiql of a server that keeps whole paths."""
    return Starlette(routes=graphiql_routes(settings, shows_plans=shows_plans))


def graphiql_routes(settings: GraphiQLSettings, *, shows_plans: bool = False) -> list[BaseRoute]:
    """The routes of the page at /graphiql, to be added to the application's own; *shows_plans*: some may see plans."""
    page = BuiltPage(settings.folder)
    # A token endpoint elsewhere is passed on by us: the page itself may talk to no other origin.
    relays_token = settings.token_url is not None and not settings.token_url.startswith("/")
    token_path = "/graphiql/token" if relays_token else settings.token_url

    # Handlers that touch files are plain functions: Starlette runs these beside the event loop.
    def show_page(_request: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        index = page.get_files().get("index.html")
        if index is None:
            body, status = _waiting_page(settings, nonce).encode(), 503
        else:
            body, status = index.bodies["identity"].replace(STYLE_NONCE, nonce.encode()), 200
        return Response(body, status, _page_headers(nonce), media_type="text/html; charset=utf-8")

    def show_asset(request: Request) -> Response:
        file = page.get_files().get(f"assets/{request.path_params['name']}")
        if file is None:
            return Response("No such file.", 404, {"cache-control": "no-store"}, media_type="text/plain")
        coding = choose_coding(request.headers.get("accept-encoding", ""), file.codings).coding
        headers = {
            # The build puts a hash of the content into each name.
            "cache-control": "public, max-age=31536000, immutable",
            "vary": "accept-encoding",
            "x-content-type-options": "nosniff",
            "content-type": file.media_type,
        }
        if coding != "identity":
            headers["content-encoding"] = coding
        return Response(file.bodies[coding], headers=headers)

    def show_config(_request: Request) -> Response:
        config = {
            "title": settings.title,
            "endpoint": settings.endpoint,
            "tokenUrl": token_path,
            "people": [person.model_dump() for person in settings.people] if token_path else [],
            "hint": settings.hint,
            "showsPlans": shows_plans,
            "logUrl": settings.log_url,
        }
        return JSONResponse(config, headers={"cache-control": "no-store"})

    def show_examples(_request: Request) -> Response:
        folder = settings.operations
        examples = read_example_operations(folder) if folder is not None and folder.is_dir() else []
        return JSONResponse({"examples": examples}, headers={"cache-control": "no-store"})

    routes: list[BaseRoute] = [
        Route("/graphiql", show_page),
        Route("/graphiql/", lambda _request: RedirectResponse("/graphiql", 308)),
        Route("/graphiql/config.json", show_config),
        Route("/graphiql/examples.json", show_examples),
        Route("/graphiql/assets/{name}", show_asset),
    ]
    if relays_token and settings.token_url is not None:
        routes.append(_token_route(settings.token_url))
    return routes


def _page_headers(nonce: str) -> dict[str, str]:
    policy = (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        f"style-src 'self' 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cross-origin-opener-policy": "same-origin",
    }


def _waiting_page(settings: GraphiQLSettings, nonce: str) -> str:
    """What the page says until it is built. It loads itself again, without a script."""
    progress = ""
    if settings.progress is not None and settings.progress.is_file():
        progress = settings.progress.read_text(encoding="utf-8", errors="replace")[-PROGRESS_BYTES_MAX:]
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta http-equiv="refresh" content="2"><meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{escape(settings.title)}</title>
<style nonce="{nonce}">
  body {{ max-width: 42rem; margin: 15vh auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; }}
  pre {{ white-space: pre-wrap; opacity: .75; }}
</style>
<h1>GraphiQL is not built yet</h1>
<p>The first start builds it, in about half a minute; this page loads itself again until it is there.
The GraphQL endpoint <code>{escape(settings.endpoint)}</code> already works.</p>
<pre>{escape(progress)}</pre>
</html>
"""


def _token_route(url: str) -> Route:
    async def pass_on(request: Request) -> Response:
        """Pass a password or refresh grant on to the token endpoint, and its answer back, both unchanged."""
        length = request.headers.get("content-length", "")
        if not _LENGTH.fullmatch(length) or int(length) > TOKEN_REQUEST_BYTES_MAX:
            return _token_refusal(413, "invalid_request", f"Send at most {TOKEN_REQUEST_BYTES_MAX} bytes.")
        form = await request.form(max_files=0, max_fields=10)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        if fields.get("grant_type") not in {"password", "refresh_token"}:
            return _token_refusal(400, "unsupported_grant_type", "Use the password or the refresh_token grant.")
        timeout = aiohttp.ClientTimeout(total=TOKEN_SECONDS_MAX)
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        if request.client is not None:
            # Or everybody who signs in by this page would be counted as one address, ours.
            headers["x-forwarded-for"] = request.client.host
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as client,
                client.post(url, data=urlencode(fields), headers=headers, allow_redirects=False) as answer,
            ):
                media_type = answer.headers.get("content-type", "application/json")
                body = b""
                async for chunk in answer.content.iter_any():
                    body += chunk
                    if len(body) > TOKEN_ANSWER_BYTES_MAX:
                        return _token_refusal(502, "server_error", "The token endpoint's answer is too large.")
                return Response(body, answer.status, {"cache-control": "no-store"}, media_type=media_type)
        except (aiohttp.ClientError, TimeoutError):
            return _token_refusal(502, "temporarily_unavailable", "The token endpoint did not answer. Try again.")

    return Route("/graphiql/token", pass_on, methods=["POST"])


def _token_refusal(status: int, error: str, description: str) -> Response:
    """An error in the form of the token endpoint itself (RFC 6749, 5.2)."""
    body = {"error": error, "error_description": description}
    return JSONResponse(body, status, {"cache-control": "no-store"})
