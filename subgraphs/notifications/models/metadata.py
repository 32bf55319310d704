"""The declarative base of this domain's tables."""

from sqlalchemy import MetaData

from subgraphs.shared import database


class Base(database.Base):
    """Tables of the notifications database."""

    __abstract__ = True
    metadata = MetaData(naming_convention=database.Base.metadata.naming_convention)
