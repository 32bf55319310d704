"""Who may invest."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.marketplace.models.metadata import Base
from subgraphs.shared.person_kind import PersonKind


class Investor(Base):
    """
    A person, or a company, whose identity accounts has verified.

    The row is also the lock under which one person's investments take turns, so that two at the same moment cannot
    both fit under the same limit.
    """

    __tablename__ = "investors"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    verified_at: Mapped[datetime]
    person: Mapped[str] = mapped_column(server_default=PersonKind.NATURAL)
    """What the tax law sees in them, a `PersonKind`: what they do from now on says it too."""
