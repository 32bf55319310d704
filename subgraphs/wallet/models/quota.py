"""
Who holds which quotas, as far as they change hands: positions, and the swaps between them. Both are facts.

A position is what one person got at once: by an investment (and then it has its id), or by a swap (and then it has
that one's). What is left of it is what no swap has taken; the database counts it (see the migration `wallet_0014`).
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.named import Named
from subgraphs.shared.person_kind import PersonKind
from subgraphs.wallet.models.declarative import Base


class QuotaRegister(Base):
    """How many swaps a CPR has seen. Its row is what swaps and payments of the CPR take turns at."""

    __tablename__ = "quota_registers"

    cpr_id: Mapped[UUID] = mapped_column(primary_key=True)
    swap_count: Mapped[int]


class QuotaPosition(Base):
    """Quotas that one person came to at once. One that an investment opened is noted when it is first sold of."""

    __tablename__ = "quota_positions"
    __table_args__ = (CheckConstraint("unpaid_principal_minor >= 0", name="unpaid_principal_not_negative"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    investment_id: Mapped[UUID]
    """The investment by which these quotas came into being."""
    cpr_id: Mapped[UUID] = mapped_column(ForeignKey("quota_registers.cpr_id"))
    owner_id: Mapped[UUID]
    quota_count: Mapped[int]
    sold_quotas: Mapped[int]
    """Counted by the database with each swap."""
    cost_minor: Mapped[int]
    """What the owner paid for all of them."""
    acquired_at: Mapped[datetime]
    """When their money was lent, or went to who had them before: from then on their days count."""
    unpaid_principal_minor: Mapped[int | None]
    """
    What of the whole CPR's principal was still to come when they were bought.

    None of those that an investment opened, for which all of it was, and of those bought before the wallet was told.
    """

    @property
    def left_quotas(self) -> int:
        return self.quota_count - self.sold_quotas


class QuotaSwap(Base):
    """Quotas and money that changed hands. The position that the buyer got has the swap's id."""

    __tablename__ = "quota_swaps"
    __table_args__ = (
        UniqueConstraint("cpr_id", "number"),
        Index("ix_quota_swaps_seller_position_id", "seller_position_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID] = mapped_column(ForeignKey("quota_registers.cpr_id"))
    number: Mapped[int] = mapped_column(server_default=FetchedValue())
    """Its place among the swaps of the CPR, from 1, without gaps; written by the database."""
    seller_position_id: Mapped[UUID] = mapped_column(ForeignKey("quota_positions.id"))
    seller_id: Mapped[UUID]
    seller_person: Mapped[PersonKind] = mapped_column(Named(PersonKind), server_default=PersonKind.NATURAL)
    """What the tax law sees in the seller, by which their gain is taxed."""
    buyer_id: Mapped[UUID]
    quota_count: Mapped[int]
    price_minor: Mapped[int]
    """What the buyer paid."""
    cost_minor: Mapped[int]
    """What the seller had paid for these quotas, less what was paid back since."""
    fee_minor: Mapped[int]
    tax_minor: Mapped[int]
    held_days: Mapped[int]
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transfers.id"), unique=True)
    swapped_at: Mapped[datetime]


class SwapRequest(Base):
    """What became of a purchase. Whoever inserts the row first has decided it, for ever."""

    __tablename__ = "swap_requests"

    purchase_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str | None]
    """Why it was refused; None where the quotas changed hands."""
    decided_at: Mapped[datetime]


class SecondaryFeeRate(Base):
    """The part of the price that the platform keeps when quotas change hands."""

    __tablename__ = "secondary_fee_rates"

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    note: Mapped[str]


SCALE = "LEI_11033"
"""The scale of Lei 11.033/2004 art. 1, which a rule goes by that names no other."""


class GainTaxTreatment(StrEnum):
    EXEMPT = "EXEMPT"
    REGRESSIVE = "REGRESSIVE"
    """By the rule's scale: the longer held, the less."""
    FLAT = "FLAT"
    """By the rule's own rate, however long it was held."""


class GainTaxRule(Base):
    """
    How the gain of one kind of person who sells quotas of a registered CPR is taxed, for sales from a day on.

    Rules for CPRs issued from the same day on replace each other; a CPR goes by those of the latest such day that is
    not after its own. So a law that leaves older titles as they were is one row.
    """

    __tablename__ = "gain_tax_rules"
    __table_args__ = (
        CheckConstraint("(treatment = 'FLAT') = (rate IS NOT NULL)", name="flat_has_a_rate"),
        CheckConstraint("rate >= 0 AND rate < 1", name="rate"),
    )

    person: Mapped[PersonKind] = mapped_column(Named(PersonKind), primary_key=True, server_default=PersonKind.NATURAL)
    issued_from: Mapped[date] = mapped_column(primary_key=True, server_default="0001-01-01")
    """The first day of issue that it is for."""
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    treatment: Mapped[GainTaxTreatment] = mapped_column(Named(GainTaxTreatment))
    scale: Mapped[str] = mapped_column(server_default=SCALE)
    """By which brackets a regressive treatment goes."""
    rate: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    """A flat treatment's."""
    legal_basis: Mapped[str]
    doubt: Mapped[str]
    """What the law leaves open, so that whoever changes the rule knows."""


class GainTaxBracket(Base):
    """A regressive scale: the rate of a gain on what was held from so many days on."""

    __tablename__ = "gain_tax_brackets"

    scale: Mapped[str] = mapped_column(primary_key=True, server_default=SCALE)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    """Lines of a scale with the same day are one table."""
    days_from: Mapped[int] = mapped_column(primary_key=True)
    rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
