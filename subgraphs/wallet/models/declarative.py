"""The wallet's declarative class: its tables, with the messaging pair, in metadata of their own."""

from sqlalchemy import MetaData

from subgraphs.shared import database
from subgraphs.shared.messaging.tables import messaging_tables


class Base(database.Base):
    metadata = MetaData(naming_convention=database.Base.metadata.naming_convention)
    __abstract__ = True


messaging_tables(Base.metadata)
