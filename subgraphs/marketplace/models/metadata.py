"""The marketplace's own metadata: its tables and no other domain's."""

from sqlalchemy import MetaData

from subgraphs.shared import database
from subgraphs.shared.consents.tables import consents_tables


class Base(database.Base):
    """Mapped classes of the marketplace derive from this."""

    metadata = MetaData(naming_convention=database.Base.metadata.naming_convention)
    __abstract__ = True


consents_tables(Base.metadata)
