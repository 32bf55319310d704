"""
The text of a request that only names its document, and whether a text may be asked.

    look     what this process knows by that name; before anything else is done with the request
    find     the text: that one, or what the store knows; or the one that was sent, if it may be
    keep     makes known what was sent with its hash, once it has proved to be a document of this graph

A name is looked up in the manifests first, so nobody can make anything else known by a name that these have.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace

import structlog

from trevo.auth.identity import Identity, bears
from trevo.config.settings import Settings
from trevo.errors import RequestRefused, refuse
from trevo.extensions.told import ClientRequest
from trevo.gateway.request import DocumentName, GraphQLRequest
from trevo.observability.metrics import Metrics
from trevo.persisted.automatic import AutomaticDocuments
from trevo.persisted.manifest import Manifest, hash_of, read_manifests_of

log = structlog.get_logger()

LOGGED_MAX = 1_000
"""Documents, of which each is told once for each client; the oldest may be told again."""
CLIENT_CHARACTERS_MAX = 100
"""Of what a client calls itself, in the log."""


class Documents:
    """
    Decides for all requests.

    Raises ManifestFault where a manifest of *settings* cannot be used, OSError where it cannot be read.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._all_settings = settings
        self._settings = settings.persisted_documents
        self._metrics = metrics
        self._judges = self._settings.mode in {"prefer", "only"}
        self._automatic: AutomaticDocuments | None = None
        if self._settings.automatic.enabled:
            self._automatic = AutomaticDocuments(
                self._settings.automatic,
                characters_max=settings.limits.query_characters_max,
                tell=metrics.document_store.set,
            )
        self._logged: OrderedDict[tuple[str, ...], None] = OrderedDict()
        self.manifest = Manifest()
        self.take_up(self.read())

    def take_up(self, manifest: Manifest) -> None:
        """Answer by *manifest* from now on."""
        self.manifest = manifest
        self._metrics.manifests.set(len(manifest))

    def read(self) -> Manifest:
        """What the manifests say now. Raises ManifestFault and OSError."""
        return read_manifests_of(self._all_settings) or Manifest()

    def look(self, document: DocumentName) -> str:
        """The text that this process knows by the name *document*; empty where it knows none."""
        text = self.manifest.texts.get(document.id)
        if text is None and self._automatic is not None and document.is_hash:
            text = self._automatic.get(document.id)
        return text or ""

    def filled(self, request: GraphQLRequest) -> GraphQLRequest:
        """*request* with its text, where it only names one that this process knows."""
        if request.document is None or request.query:
            return request
        return replace(request, query=self.look(request.document))

    async def find(self, request: GraphQLRequest, asked: ClientRequest) -> str:
        """
        The document that is asked.

        Refuses with `PERSISTED_QUERY_NOT_FOUND`, `PERSISTED_QUERY_NOT_IN_LIST` (404), `PERSISTED_QUERY_NOT_SUPPORTED`,
        `PERSISTED_QUERY_HASH_MISMATCH` and `QUERY_NOT_IN_SAFELIST` (403).
        """
        document = request.document
        if document is None or document.has_text:
            if document is not None and self._settings.can_be_named:
                self._check_hash(document.id, request.query)
            if self._judges:
                self._judge(request, asked)
            return request.query
        text = request.query
        if not text and self._automatic is not None and document.is_hash:
            text = asked.query = await self._automatic.fetch(document.id) or ""
        if not text:
            self._observe("unknown name")
            raise self._unknown(document.id)
        self._observe("named")
        return text

    async def keep(self, request: GraphQLRequest) -> None:
        """Make known what *request*, which may be answered, has sent with its hash."""
        document = request.document
        if self._automatic is None or document is None or not document.has_text or document.id in self.manifest.texts:
            return
        self._observe("made known")
        await self._automatic.keep(document.id, request.query)

    async def close(self) -> None:
        if self._automatic is not None:
            await self._automatic.close()

    def _check_hash(self, id_: str, text: str) -> None:
        known = self._automatic.look(id_) if self._automatic is not None else None
        if text != known and hash_of(text) != id_ and text != self.manifest.texts.get(id_):
            raise refuse("PERSISTED_QUERY_HASH_MISMATCH", "provided sha does not match query", is_transport=True)

    def _judge(self, request: GraphQLRequest, asked: ClientRequest) -> None:
        """Refuse a text that no manifest has, or tell of it."""
        if request.query in self.manifest.known:
            self._observe("known text")
        elif self._settings.mode == "prefer":
            self._observe("unknown text")
            self._log(request, asked.headers)
        elif self._may_bypass(asked.identity):
            self._observe("bypass")
        else:
            self._observe("refused text")
            message = "Only documents of this graph's manifests are answered; send the id of one."
            raise refuse("QUERY_NOT_IN_SAFELIST", message, status=403)

    def _may_bypass(self, identity: Identity | None) -> bool:
        settings = self._settings
        return bears(identity, settings.bypass_scopes, settings.bypass_roles, roles_claim=settings.roles_claim)

    def _log(self, request: GraphQLRequest, headers: Mapping[str, str]) -> None:
        settings = self._settings
        digest = hash_of(request.query)
        names = (settings.client_name_header, settings.client_version_header)
        client, version = (headers.get(name, "")[:CLIENT_CHARACTERS_MAX] for name in names)
        key = (digest, client, version)
        if key in self._logged:
            return
        self._logged[key] = None
        if len(self._logged) > LOGGED_MAX:
            self._logged.popitem(last=False)
        log.warning(
            "a document that no manifest has",
            operation=request.operation_name,
            sha256=digest,
            client=client or None,
            version=version or None,
        )

    def _observe(self, what: str) -> None:
        self._metrics.observe_document(what)

    def _unknown(self, id_: str) -> RequestRefused:
        mode = self._settings.mode
        if mode == "only":
            return refuse("PERSISTED_QUERY_NOT_IN_LIST", f"No manifest has the document '{id_}'.", status=404)
        if mode == "off" and self._automatic is None:
            return refuse("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported", is_transport=True)
        # Word by word what clients look for; they then send the text.
        return refuse("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound", status=404)
