"""
Documents by id, as the build of an application writes them down. Two forms are read:

    {"format": "apollo-persisted-query-manifest", "version": 1,
     "operations": [{"id": "…", "name": "…", "type": "query", "body": "query …"}]}
    {"<id>": "query …"}                                                               Relay's

A document is named by its id, and by the SHA-256 of its text. What cannot be used is refused whole, with the reason:
half of a manifest would answer half of an application.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from trevo.config.settings import Settings

FORMAT = "apollo-persisted-query-manifest"
VERSIONS = (1,)
ID_CHARACTERS_MAX = 256
SHA256_PREFIX = "sha256:"
"""Says that what follows is the hash of the text; all ids are kept, and looked up, without it."""

_ID = re.compile(r"[A-Za-z0-9._~-]+|(?:x-[A-Za-z0-9._~-]+|sha256):[A-Za-z0-9._~-]+")


class ManifestFault(ValueError):
    """A manifest that cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What can be named."""

    texts: Mapping[str, str] = field(default_factory=dict)
    """By id, and by hash."""
    known: frozenset[str] = frozenset()
    """The texts themselves."""

    def __len__(self) -> int:
        return len(self.known)


def is_document_id(text: str) -> bool:
    """Whether *text* may name a document (GraphQL over HTTP, appendix A)."""
    return len(text) <= ID_CHARACTERS_MAX and _ID.fullmatch(text) is not None


def hash_of(text: str) -> str:
    """The SHA-256 of *text*, in hexadecimal digits; also of one with half of a surrogate pair, which has no UTF-8."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_manifests(paths: Sequence[Path], *, bytes_max: int, documents_max: int, characters_max: int) -> Manifest:
    """
    The documents of all files at *paths*, within the bounds; *characters_max* is of one document.

    Raises ManifestFault, and OSError where a file cannot be read.
    """
    texts: dict[str, str] = {}
    count, left = 0, bytes_max
    for path in paths:
        with path.open("rb") as file:
            content = file.read(left + 1)  # never more of it than may be
        left -= len(content)
        if left < 0:
            raise ManifestFault(f"{path}: the manifests are larger than {bytes_max} bytes")
        for id_, text in _documents_in(path, content):
            count += 1
            if count > documents_max:
                raise ManifestFault(f"{path}: the manifests have more than {documents_max} documents")
            if len(text) > characters_max:
                raise ManifestFault(f"{path}: the document '{id_}' is longer than {characters_max} characters")
            for name in _names_of(path, id_, text):
                if texts.setdefault(name, text) != text:
                    raise ManifestFault(f"{path}: the id '{name}' has two different documents")
    return Manifest(texts, frozenset(texts.values()))


def read_manifests_of(settings: Settings) -> Manifest | None:
    """What *settings* name; None where they name nothing. Raises as `read_manifests` does."""
    named = settings.persisted_documents
    if named.mode == "off":
        return None
    return read_manifests(
        named.manifests,
        bytes_max=named.bytes_max,
        documents_max=named.documents_max,
        characters_max=settings.limits.query_characters_max,
    )


def _documents_in(path: Path, content: bytes) -> Iterator[tuple[str, str]]:
    """Id and text of each document in *content*, of the file at *path*."""
    try:
        document = orjson.loads(content)
    except ValueError as error:
        raise ManifestFault(f"{path}: this is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise ManifestFault(f"{path}: a manifest is a JSON object")
    operations = document.get("operations")
    if isinstance(document.get("format"), str) or isinstance(operations, list):
        if document.get("format") != FORMAT or document.get("version") not in VERSIONS:
            raise ManifestFault(f"{path}: its format must be '{FORMAT}' and its version 1")
        if not isinstance(operations, list):
            raise ManifestFault(f"{path}: its 'operations' must be a list")
        pairs: Iterator[tuple[Any, Any]] = (
            (each.get("id"), each.get("body")) if isinstance(each, dict) else (None, None) for each in operations
        )
    else:
        pairs = iter(document.items())
    for number, (id_, text) in enumerate(pairs, start=1):
        if not isinstance(id_, str) or not is_document_id(id_):
            raise ManifestFault(f"{path}: document {number} has no id that a client could send")
        if not isinstance(text, str) or not text.strip():
            raise ManifestFault(f"{path}: the document '{id_}' has no text")
        yield id_, text


def _names_of(path: Path, id_: str, text: str) -> tuple[str, str]:
    """Both names of the document that *path* has under *id_*."""
    digest = hash_of(text)
    if id_.startswith(SHA256_PREFIX) and id_ != f"{SHA256_PREFIX}{digest}":
        raise ManifestFault(f"{path}: the id '{id_}' is not the SHA-256 of its document")
    return id_.removeprefix(SHA256_PREFIX), digest
