"""The declarative base of credit's tables."""

from sqlalchemy import MetaData

from subgraphs.shared.consents.tables import consents_tables
from subgraphs.shared.database import Base as SharedBase
from subgraphs.shared.idempotency import idempotency_table
from subgraphs.shared.messaging.tables import messaging_tables
from subgraphs.shared.parameters.tables import recorded_rules_table
from subgraphs.shared.proposals import proposals_table
from subgraphs.shared.staff_looks import staff_looks_table
from subgraphs.shared.standing.tables import standing_tables


class Base(SharedBase):
    __abstract__ = True
    metadata = MetaData(naming_convention=SharedBase.metadata.naming_convention)


messaging_tables(Base.metadata)
proposals_table(Base.metadata)
recorded_rules_table(Base.metadata)
staff_looks_table(Base.metadata)
idempotency_table(Base.metadata)
consents_tables(Base.metadata)
standing_tables(Base.metadata)
