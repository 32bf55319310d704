"""AgroScores with what they were made of, and which model is in force when."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.credit.models.orm import Base


class AgroScore(Base):
    """The points of one request at one moment. Never changed: new documents make a new score."""

    __tablename__ = "agro_scores"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    credit_request_id: Mapped[UUID] = mapped_column(ForeignKey("credit_requests.id"))
    farmer_id: Mapped[UUID]
    model_version: Mapped[str]
    base_points: Mapped[int] = mapped_column(Integer)
    score: Mapped[int] = mapped_column(Integer)
    grade: Mapped[str]
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Every feature as the model saw it, so that the score can be computed again."""
    bureau_report: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The bureau's answer behind the features."""
    scored_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_agro_scores_farmer_id", "farmer_id", "scored_at", "id"),
        Index("ix_agro_scores_credit_request_id", "credit_request_id"),
    )


class ScoreFactor(Base):
    """One factor's part in a score, in the words of that day: the explanation outlives the model's file."""

    __tablename__ = "score_factors"

    score_id: Mapped[UUID] = mapped_column(ForeignKey("agro_scores.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str]
    points: Mapped[int] = mapped_column(Integer)
    text_pt: Mapped[str]
    text_en: Mapped[str]
    improvement_points: Mapped[int] = mapped_column(Integer)
    """What the best band would add; 0 where it is reached or out of the farmer's hands."""
    improvement_pt: Mapped[str]
    improvement_en: Mapped[str]


class ScoreModel(Base):
    """From which day a version of the scorecard is in force."""

    __tablename__ = "score_models"

    effective_from: Mapped[date] = mapped_column(Date, primary_key=True)
    version: Mapped[str]
