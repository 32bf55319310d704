"""A client of its own for answers in parts: it reads them off the wire as they come, and puts them together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any

import aiohttp
import orjson

MULTIPART = "multipart/mixed"
_DELIMITER = b"\r\n---"


class Parts:
    """The parts of one response; strict about every byte between them."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.headers = response.headers
        self.status = response.status
        self._content = response.content
        self._buffer = b"\r\n"
        self._has_begun = False
        self.is_over = False

    async def next(self) -> dict[str, Any]:
        """The next part; all of it is there without anything that comes after it."""
        if not self._has_begun:
            assert await self._until(_DELIMITER) == b""
            self._has_begun = True
        text = await self._until(_DELIMITER)
        head, _, body = text.partition(b"\r\n\r\n")
        assert head == b"\r\nContent-Type: application/json; charset=utf-8"
        part = orjson.loads(body)
        if not part["hasNext"]:
            assert await self._until(b"--\r\n") == b""
            assert await self._content.read() == b""
            self.is_over = True
        return part

    async def all(self) -> list[dict[str, Any]]:
        found = []
        while not self.is_over:
            found.append(await self.next())
        return found

    async def _until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            more = await self._content.readany()
            assert more, f"the response ends before {mark!r}, after {self._buffer!r}"
            self._buffer += more
        found, _, self._buffer = self._buffer.partition(mark)
        return found


@asynccontextmanager
async def opened(
    http: aiohttp.ClientSession, query: str, *, accept: str = MULTIPART, **request: Any
) -> AsyncIterator[Parts]:
    headers = {"content-type": "application/json", "accept": accept, "accept-encoding": "identity"}
    async with http.post("/graphql", data=orjson.dumps({"query": query, **request}), headers=headers) as response:
        yield Parts(response)


async def parts_of(http: aiohttp.ClientSession, query: str, **request: Any) -> list[dict[str, Any]]:
    async with opened(http, query, **request) as parts:
        return await parts.all()


def put_together(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """What a client has when the last part has come: data, all errors, and which fragments failed."""
    first, *later = parts
    whole: dict[str, Any] = {"data": deepcopy(first["data"]), "errors": list(first.get("errors", ())), "failed": []}
    pending: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for number, part in enumerate(parts):
        assert part["hasNext"] is (number < len(parts) - 1)
        for announced in part.get("pending", ()):
            assert announced["id"] not in seen, "an id is used twice"
            seen.add(announced["id"])
            pending[announced["id"]] = announced
        for each in part.get("incremental", ()) if part is not first else ():
            path = [*pending[each["id"]]["path"], *each.get("subPath", ())]
            target = _at(whole["data"], path)
            assert target.keys().isdisjoint(each["data"]), "a field comes twice"
            target.update(each["data"])
            whole["errors"] += each.get("errors", ())
        for completed in part.get("completed", ()):
            gone = pending.pop(completed["id"])
            assert isinstance(_at(whole["data"], gone["path"]), dict), "a place that is not there"
            if "errors" in completed:
                whole["failed"].append(gone)
                whole["errors"] += completed["errors"]
    assert not pending, "a fragment never ends"
    assert len(parts) > 1 or "pending" not in first
    assert later or "hasNext" in first
    return whole


def put_fragments_together(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The same, of parts of the form of 2022: what each says is merged, members of one object by their names."""
    first, *later = parts
    whole: dict[str, Any] = {"data": deepcopy(first["data"]), "errors": list(first.get("errors", ())), "failed": []}
    assert first.keys() <= {"errors", "data", "hasNext", "extensions"}
    told: set[str] = set()
    for number, part in enumerate(parts):
        assert part["hasNext"] is (number < len(parts) - 1)
    for part in later:
        assert part.keys() <= {"incremental", "hasNext", "extensions"}
        for each in part.get("incremental", ()):
            assert each.keys() <= {"path", "label", "data", "errors"}
            name = repr((each["path"], each.get("label")))
            assert "label" not in each or name not in told, "a fragment comes twice"
            told.add(name)
            target = _at(whole["data"], each["path"])
            assert isinstance(target, dict), "a place that is not there"
            whole["errors"] += each.get("errors", ())
            if each["data"] is None:
                assert each["errors"], "nobody says why a fragment does not come"
                whole["failed"].append(each)
            else:
                _merge(target, each["data"])
    return whole


def _merge(into: Any, data: Any) -> None:
    """What is told again is the same; what a list has, is known from its first mention."""
    if isinstance(into, dict) and isinstance(data, dict):
        for key, value in data.items():
            if key in into:
                _merge(into[key], value)
            else:
                into[key] = deepcopy(value)
    elif isinstance(into, list) and isinstance(data, list) and len(into) == len(data):
        for old, new in zip(into, data, strict=True):
            _merge(old, new)
    else:
        assert into == data, "what was told has changed"


def _at(data: Any, path: list[str | int]) -> Any:
    for part in path:
        data = data[part]
    return data
