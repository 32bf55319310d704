"""Distribution's own metadata: its tables and no other domain's."""

from sqlalchemy import MetaData

from subgraphs.shared import database


class Base(database.Base):
    """Mapped classes of distribution derive from this."""

    metadata = MetaData(naming_convention=database.Base.metadata.naming_convention)
    __abstract__ = True
