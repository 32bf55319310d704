"""The language in which somebody is written to."""

from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.notifications.models.metadata import Base


class ChosenLanguage(Base):
    """A person's choice; who made none is written to in Portuguese."""

    __tablename__ = "chosen_languages"
    __table_args__ = (CheckConstraint("language IN ('PORTUGUESE', 'ENGLISH')", name="language_known"),)

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    language: Mapped[str]
