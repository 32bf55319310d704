"""
The printed form of a distribution: one aligned line per payout, then the sums.

    installment 2f4e…  paid 2026-12-23 09:00  R$ 945,60 = principal 745.60 + interest 200.00
    position      quotas  principal  interest   gross    fee   tax     net  tax rate  days  status
    000000000001      60     447.36    120.00  567.36  18.00  0.00  549.36    exempt    30  pending
"""

from collections.abc import Sequence

from subgraphs.distribution.models import Distribution, Payout
from subgraphs.shared.clock import BRASILIA
from subgraphs.shared.money import format_brl, to_decimal

ID_END = 12
"""Characters of an id that are shown; the first ones tell the time and are alike in all."""

COLUMNS = (
    "position",
    "quotas",
    "principal",
    "interest",
    "gross",
    "fee",
    "tax",
    "net",
    "tax rate",
    "days",
    "status",
)


def print_distribution(distribution: Distribution, payouts: Sequence[Payout]) -> str:
    """*distribution* with its *payouts*, for people, logs and tests."""
    paid_at = distribution.paid_at.astimezone(BRASILIA)
    head = (
        f"installment {distribution.installment_id}  paid {paid_at:%Y-%m-%d %H:%M}  "
        f"{format_brl(distribution.total_minor)} = principal {_amount(distribution.principal_minor)}"
        f" + interest {_amount(distribution.interest_minor)}"
    )
    rows = [COLUMNS, *(_row(payout) for payout in payouts), _sums(distribution)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    return "\n".join([head, *(_line(row, widths) for row in rows)])


def _row(payout: Payout) -> tuple[str, ...]:
    rate = "exempt" if payout.tax_treatment == "EXEMPT" else f"{(payout.tax_rate * 100).normalize():f} %"
    return (
        str(payout.position_id)[-ID_END:],
        str(payout.quota_count),
        _amount(payout.principal_minor),
        _amount(payout.interest_minor),
        _amount(payout.gross_minor),
        _amount(payout.fee_minor),
        _amount(payout.tax_minor),
        _amount(payout.net_minor),
        rate,
        str(payout.held_days),
        payout.status.lower(),
    )


def _sums(distribution: Distribution) -> tuple[str, ...]:
    return (
        "sum",
        str(distribution.quota_count),
        _amount(distribution.principal_minor),
        _amount(distribution.interest_minor),
        _amount(distribution.total_minor),
        _amount(distribution.fee_minor),
        _amount(distribution.tax_minor),
        _amount(distribution.net_minor),
        "",
        "",
        "",
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *amounts = (
        cell.ljust(width) if column in (0, len(COLUMNS) - 1) else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *amounts]).rstrip()


def _amount(minor: int) -> str:
    return f"{to_decimal(minor):,}"
