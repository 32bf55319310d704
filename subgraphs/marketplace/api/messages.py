"""What people read, in Portuguese and in English."""

from subgraphs.marketplace import models
from subgraphs.marketplace.domain import refusals
from subgraphs.marketplace.domain.fair_price import FairPrice
from subgraphs.marketplace.models import InvestmentStatus, QuotaPurchaseStatus
from subgraphs.shared.graphql.refusals import Message
from subgraphs.shared.money import format_brl
from subgraphs.shared.refusal import Refusal

REFUSAL_MESSAGES: dict[type[Refusal], Message] = {
    refusals.InvestorNotVerified: Message(
        pt="Verifique sua identidade antes de investir.", en="Verify your identity before you invest."
    ),
    refusals.OfferingNotFound: Message(pt="Oferta não encontrada.", en="There is no such offering."),
    refusals.OfferingClosed: Message(
        pt="Esta oferta não recebe mais investimentos.", en="This offering takes no more investments."
    ),
    refusals.OwnOffering: Message(
        pt="Você não pode investir na sua própria CPR.", en="You cannot invest in your own CPR."
    ),
    refusals.BelowMinimum: Message(
        pt="O investimento mínimo é de {minimum_minor}.", en="The smallest investment is {minimum_minor}."
    ),
    refusals.QuotasUnavailable: Message(
        pt="Cotas livres: {available_quotas}. Você pediu {requested_quotas}.",
        en="Free quotas: {available_quotas}. You asked for {requested_quotas}.",
    ),
    refusals.BorrowerLimitExceeded: Message(
        pt="O limite por produtor é de {limit_minor}. Você ainda pode investir {remaining_minor} com este produtor.",
        en="The limit per farmer is {limit_minor}. You may still invest {remaining_minor} with this farmer.",
    ),
    refusals.ConcentrationNotConfirmed: Message(
        pt="Boa parte da sua carteira ficaria nesta CPR. Para continuar, escreva: {phrase}",
        en="Much of your portfolio would be in this CPR. To go on, write: {phrase}",
    ),
    refusals.OfferingNotExpired: Message(
        pt="Não há o que decidir sobre esta oferta agora.", en="There is nothing to decide about this offering now."
    ),
    refusals.InvestmentsStillPending: Message(
        pt="Ainda há investimentos em confirmação. Tente de novo em alguns minutos.",
        en="Some investments are still being confirmed. Try again in a few minutes.",
    ),
    refusals.NothingFunded: Message(
        pt="Nenhuma cota foi financiada, então não há parte a receber.",
        en="Nothing is funded: there is no part to take.",
    ),
    refusals.ExtensionLimitReached: Message(
        pt="O prazo desta oferta já foi prorrogado tanto quanto é permitido (máximo: {limit}).",
        en="This offering was extended as often as is allowed (at most: {limit}).",
    ),
    refusals.PositionNotFound: Message(pt="Posição não encontrada.", en="There is no such position."),
    refusals.CPRNotTraded: Message(
        pt="As cotas desta CPR não podem ser negociadas agora: {reason}.",
        en="Quotas of this CPR cannot be traded now: {reason}.",
        words={
            "reason": {
                "NOT_ACTIVE": ("o crédito ainda não foi liberado", "its money is not lent yet"),
                "DEFAULTED": ("ela está inadimplente", "it is in default"),
                "SETTLED": ("ela já foi paga", "it has been repaid"),
                "RENEGOTIATING": ("ela está em renegociação", "it is being renegotiated"),
            }
        },
    ),
    refusals.QuotaOfferNotFound: Message(pt="Oferta de cotas não encontrada.", en="There is no such offer of quotas."),
    refusals.QuotaOfferClosed: Message(
        pt="Esta oferta de cotas já foi encerrada.", en="This offer of quotas has ended."
    ),
    refusals.InstallmentPaidMeanwhile: Message(
        pt="Uma parcela desta CPR foi paga enquanto isso. Confira a oferta de novo antes de comprar.",
        en="An installment of this CPR was paid meanwhile. Look at the offer again before you buy.",
    ),
    refusals.OwnQuotas: Message(
        pt="Você não pode comprar as suas próprias cotas.", en="You cannot buy your own quotas."
    ),
}

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
    words = PURCHASE_WORDS[QuotaPurchaseStatus(row.status)]
    return f"{act} de {_quotas(row.quota_count)} por {format_brl(row.amount_minor)}: {words}"


def investment_summary(row: models.Investment, position: models.QuotaPosition | None) -> str:
    """One sentence about an investment, and what was sold of the *position* it opened, for its owner's time line."""
    quotas, words = _quotas(row.quota_count), STATUS_WORDS[InvestmentStatus(row.status)]
    if position is not None and position.sold_quotas:
        if position.held_quotas == 0:
            words = "vendido"
        else:
            quotas += f", {position.sold_quotas} {'vendida' if position.sold_quotas == 1 else 'vendidas'}"
    return f"Investimento de {format_brl(row.amount_minor)} ({quotas}): {words}"


def _quotas(count: int) -> str:
    return "1 cota" if count == 1 else f"{count} cotas"
