"""Fee and tax: what is taken from the interest, each rule with the day it begins to hold."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.distribution.models.metadata import Base

SCALE = "LEI_11033"
"""The scale of Lei 11.033/2004 art. 1, which a rule goes by that names no other."""


class Instrument(StrEnum):
    """What the law sees in a quota."""

    REGISTERED_CPR = "REGISTERED_CPR"
    """A financial CPR registered with an authorised registry."""
    OTHER_CREDIT = "OTHER_CREDIT"


class TaxTreatment(StrEnum):
    """How the yield is taxed."""

    EXEMPT = "EXEMPT"
    """No income tax on the interest."""
    REGRESSIVE = "REGRESSIVE"
    """By the days held and the rule's scale, the longer the less."""
    FLAT = "FLAT"
    """By the rule's own rate, however long it was held."""


class TaxBase(StrEnum):
    """What of a payout is yield."""

    INTEREST = "INTEREST"
    INTEREST_LESS_FEE = "INTEREST_LESS_FEE"


class PerformanceFee(Base):
    """The platform's share of the interest, for positions acquired from a day on."""

    __tablename__ = "performance_fees"
    __table_args__ = (CheckConstraint("rate BETWEEN 0.15 AND 0.20", name="within_agreed_range"),)

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[Decimal] = mapped_column(Numeric(6, 4))
    note: Mapped[str]
    of_late_charges: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether it is taken of fine and interest for being late as well, and not of the contract's interest alone."""


class TaxRule(Base):
    """
    How the yield of one instrument is taxed for one kind of person, for payments from a day on.

    Rules for titles issued from the same day on replace each other; a title goes by those of the latest such day that
    is not after its own. So a law that leaves older titles as they were is one row.
    """

    __tablename__ = "tax_rules"
    __table_args__ = (
        CheckConstraint("person IN ('NATURAL', 'LEGAL')", name="person_known"),
        CheckConstraint("instrument IN ('REGISTERED_CPR', 'OTHER_CREDIT')", name="instrument_known"),
        CheckConstraint("treatment IN ('EXEMPT', 'REGRESSIVE', 'FLAT')", name="treatment_known"),
        CheckConstraint("(treatment = 'FLAT') = (rate IS NOT NULL)", name="flat_has_a_rate"),
        CheckConstraint("rate >= 0 AND rate < 1", name="rate_sensible"),
        CheckConstraint("base IN ('INTEREST', 'INTEREST_LESS_FEE')", name="base_known"),
    )

    person: Mapped[str] = mapped_column(primary_key=True)
    instrument: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    treatment: Mapped[str]
    base: Mapped[str]
    note: Mapped[str]
    """The law, and where it leaves a doubt, the doubt."""
    issued_from: Mapped[date] = mapped_column(primary_key=True, server_default="0001-01-01")
    """The first day of issue that it is for."""
    scale: Mapped[str] = mapped_column(server_default=SCALE)
    """By which brackets a regressive treatment goes."""
    rate: Mapped[Decimal | None] = mapped_column(Numeric(6, 4))
    """A flat treatment's."""


class TaxBracket(Base):
    """One line of a regressive scale that holds from a day on."""

    __tablename__ = "tax_brackets"
    __table_args__ = (CheckConstraint("rate >= 0 AND rate < 1 AND days_from >= 0", name="sensible"),)

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    """Lines of a scale with the same day are one table."""
    days_from: Mapped[int] = mapped_column(primary_key=True)
    """Days held from which this rate applies, until the next line's."""
    rate: Mapped[Decimal] = mapped_column(Numeric(6, 4))
    scale: Mapped[str] = mapped_column(primary_key=True, server_default=SCALE)
