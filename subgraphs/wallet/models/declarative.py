"""The wallet's declarative class: its tables, with those that every domain has alike, in metadata of their own."""

from sqlalchemy import MetaData

from subgraphs.shared import database
from subgraphs.shared.idempotency import idempotency_table
from subgraphs.shared.messaging.tables import messaging_tables
from subgraphs.shared.parameters.tables import recorded_rules_table
from subgraphs.shared.proposals import proposals_table
from subgraphs.shared.staff_acts import staff_acts_table
from subgraphs.shared.staff_looks import staff_looks_table
from subgraphs.shared.standing.tables import standing_tables


class Base(database.Base):
    metadata = MetaData(naming_convention=database.Base.metadata.naming_convention)
    __abstract__ = True


messaging_tables(Base.metadata)
staff_acts_table(Base.metadata)
staff_looks_table(Base.metadata)
proposals_table(Base.metadata)
recorded_rules_table(Base.metadata)
idempotency_table(Base.metadata)
standing_tables(Base.metadata)
