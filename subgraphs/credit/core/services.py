"""What credit's resolvers, routes and reactions work with."""

from dataclasses import dataclass

from subgraphs.credit.core.settings import CreditSettings
from subgraphs.credit.ports.bureau import Bureau
from subgraphs.credit.ports.document_store import DocumentStore
from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.people import People


@dataclass(frozen=True)
class Services:
    settings: CreditSettings
    database: Database
    clock: Clock
    bureau: Bureau
    documents: DocumentStore
    people: People
