"""What people read, in Portuguese."""

from subgraphs.distribution.models import Payout
from subgraphs.shared.money import format_brl


def payout_summary(row: Payout) -> str:
    """One sentence about a payout for its owner's time line."""
    quotas = "1 cota" if row.quota_count == 1 else f"{row.quota_count} cotas"
    return (
        f"Recebimento de {format_brl(row.net_minor)} por {quotas}"
        f" (principal {format_brl(row.principal_minor)}, juros {format_brl(row.interest_minor)})"
    )
