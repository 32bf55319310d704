"""What people read, in Portuguese and in English."""

from subgraphs.marketplace import models
from subgraphs.marketplace.domain.fair_price import FairPrice
from subgraphs.marketplace.models import InvestmentStatus, QuotaPurchaseStatus
from subgraphs.shared.money import format_brl
from subgraphs.shared.refusal import Message

STATUS_WORDS = {
    InvestmentStatus.PENDING: "em confirmação",
    InvestmentStatus.CONFIRMED: "confirmado",
    InvestmentStatus.ACTIVE: "ativo",
    InvestmentStatus.REFUSED: "não realizado",
    InvestmentStatus.CANCELLED: "cancelado, valor devolvido",
    InvestmentStatus.SETTLED: "quitado",
}


PURCHASE_WORDS = {
    QuotaPurchaseStatus.PENDING: "em confirmação",
    QuotaPurchaseStatus.COMPLETED: "concluída",
    QuotaPurchaseStatus.REFUSED: "não realizada, nada foi cobrado",
}


FAIR_PRICE = Message(
    pt="Soma do que cada cota ainda recebe, após taxa e imposto, trazida a hoje a {percent} % ao ano (risco {grade}). "
    "Não considera atraso nem inadimplência.",
    en="The sum of what each quota still receives, after fee and tax, brought to today at {percent} % a year "
    "(risk {grade}). It does not consider lateness or default.",
)


def fair_price_explanation(price: FairPrice, grade: str) -> tuple[str, str]:
    """How a suggested price was come to, in Portuguese and in English."""
    percent = f"{(price.discount_rate * 100).normalize():f}"
    return (
        FAIR_PRICE.pt.format(percent=percent.replace(".", ","), grade=grade),
        FAIR_PRICE.en.format(percent=percent, grade=grade),
    )


def purchase_summary(row: models.QuotaPurchase, *, is_seller: bool) -> str:
    """One sentence about quotas that change hands, for the time line of either side."""
    act = "Venda" if is_seller else "Compra"
    words = PURCHASE_WORDS[row.status]
    return f"{act} de {_quotas(row.quota_count)} por {format_brl(row.amount_minor)}: {words}"


def investment_summary(row: models.Investment, position: models.QuotaPosition | None) -> str:
    """One sentence about an investment, and what was sold of the *position* it opened, for its owner's time line."""
    quotas, words = _quotas(row.quota_count), STATUS_WORDS[row.status]
    if position is not None and position.sold_quotas:
        if position.held_quotas == 0:
            words = "vendido"
        else:
            quotas += f", {position.sold_quotas} {'vendida' if position.sold_quotas == 1 else 'vendidas'}"
    return f"Investimento de {format_brl(row.amount_minor)} ({quotas}): {words}"


def _quotas(count: int) -> str:
    return "1 cota" if count == 1 else f"{count} cotas"
