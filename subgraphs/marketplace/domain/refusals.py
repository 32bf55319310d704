"""What the marketplace's rules say no to."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from subgraphs.marketplace.models import OfferingStatus, QuotaOfferStatus
from subgraphs.shared.refusal import Message, Refusal


@dataclass
class InvestorNotVerified(Refusal):
    """Only people whose identity is verified may invest."""

    message = Message(pt="Verifique sua identidade antes de investir.", en="Verify your identity before you invest.")
    is_an_answer = False


@dataclass
class OfferingNotFound(Refusal):
    """There is no such offering, or it is not yours to decide about."""

    message = Message(pt="Oferta não encontrada.", en="There is no such offering.")


@dataclass
class OfferingClosed(Refusal):
    """The offering takes no investments any more."""

    message = Message(pt="Esta oferta não recebe mais investimentos.", en="This offering takes no more investments.")

    offering_status: Annotated[OfferingStatus, "Where the offering stands."]


@dataclass
class OwnOffering(Refusal):
    """A farmer may not invest in their own CPR."""

    message = Message(pt="Você não pode investir na sua própria CPR.", en="You cannot invest in your own CPR.")


@dataclass
class BelowMinimum(Refusal):
    """The investment is smaller than the smallest one allowed."""

    message = Message(
        pt="O investimento mínimo é de {minimum_minor}.", en="The smallest investment is {minimum_minor}."
    )

    minimum_minor: Annotated[int, "The smallest investment."]
    requested_minor: Annotated[int, "What the quotas come to that were asked for."]


@dataclass
class QuotasUnavailable(Refusal):
    """Fewer quotas are free than were asked for."""

    message = Message(
        pt="Cotas livres: {available_quotas}. Você pediu {requested_quotas}.",
        en="Free quotas: {available_quotas}. You asked for {requested_quotas}.",
    )

    available_quotas: Annotated[int, "How many can be had."]
    requested_quotas: Annotated[int, "How many were asked for."]


@dataclass
class BorrowerLimitExceeded(Refusal):
    """One lender may have only so much in one borrower."""

    message = Message(
        pt="O limite por produtor é de {limit_minor}. Você ainda pode investir {remaining_minor} com este produtor.",
        en="The limit per farmer is {limit_minor}. You may still invest {remaining_minor} with this farmer.",
    )

    limit_minor: Annotated[int, "The most that one investor may have with one farmer."]
    committed_minor: Annotated[int, "What you have with this farmer already."]
    requested_minor: Annotated[int, "What the quotas come to that were asked for."]
    remaining_minor: Annotated[int, "What you may still invest with this farmer."]


@dataclass
class ConcentrationNotConfirmed(Refusal):
    """
    Much of your portfolio would be in one CPR. Send the phrase as `confirmationPhrase` if you understand the
    risk.
    """

    message = Message(
        pt="Boa parte da sua carteira ficaria nesta CPR. Para continuar, escreva: {phrase}",
        en="Much of your portfolio would be in this CPR. To go on, write: {phrase}",
    )
    is_an_answer = False

    share: Annotated[Decimal, "Of the portfolio with this investment, as a fraction."]
    phrase: Annotated[str, "To be sent as it is."]
    """To be sent as it is."""


@dataclass
class OfferingNotExpired(Refusal):
    """There is nothing to decide: the offering still runs, or has ended for good."""

    message = Message(
        pt="Não há o que decidir sobre esta oferta agora.", en="There is nothing to decide about this offering now."
    )

    offering_status: Annotated[OfferingStatus, "Where the offering stands."]


@dataclass
class InvestmentsStillPending(Refusal):
    """The wallet has not answered for every investment; try again in a few minutes."""

    message = Message(
        pt="Ainda há investimentos em confirmação. Tente de novo em alguns minutos.",
        en="Some investments are still being confirmed. Try again in a few minutes.",
    )
    is_an_answer = False

    pending: Annotated[int, "How many investments the wallet has not answered for."]


@dataclass
class NothingFunded(Refusal):
    """There is no part to take: nothing is funded."""

    message = Message(
        pt="Nenhuma cota foi financiada, então não há parte a receber.",
        en="Nothing is funded: there is no part to take.",
    )


@dataclass
class ExtensionLimitReached(Refusal):
    """The offering was extended as often as is allowed."""

    message = Message(
        pt="O prazo desta oferta já foi prorrogado tanto quanto é permitido (máximo: {limit}).",
        en="This offering was extended as often as is allowed (at most: {limit}).",
    )

    limit: Annotated[int, "How often an offering may be extended."]


@dataclass
class PositionNotFound(Refusal):
    """There is no such position, or it is not yours."""

    message = Message(pt="Posição não encontrada.", en="There is no such position.")
    is_an_answer = False


WhyNotTraded = Literal["NOT_ACTIVE", "DEFAULTED", "SETTLED", "RENEGOTIATING"]
"""NOT_ACTIVE: the CPR's money is not lent yet. RENEGOTIATING: new terms are proposed, and not decided."""


@dataclass
class CPRNotTraded(Refusal):
    """Quotas of this CPR cannot be offered."""

    message = Message(
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
    )

    reason: Annotated[WhyNotTraded, "NOT_ACTIVE (its money is not lent yet), DEFAULTED, SETTLED or RENEGOTIATING."]

    @property
    def is_an_answer(self) -> bool:
        return self.reason != "NOT_ACTIVE"


@dataclass
class QuotaOfferNotFound(Refusal):
    """There is no such offer of quotas, or it is not yours to withdraw."""

    message = Message(pt="Oferta de cotas não encontrada.", en="There is no such offer of quotas.")


@dataclass
class QuotaOfferClosed(Refusal):
    """The offer of quotas has ended."""

    message = Message(pt="Esta oferta de cotas já foi encerrada.", en="This offer of quotas has ended.")

    offer_status: Annotated[QuotaOfferStatus, "How the offer has ended."]


@dataclass
class InstallmentPaidMeanwhile(Refusal):
    """An installment was paid since you looked: look at the offer again before you buy."""

    message = Message(
        pt="Uma parcela desta CPR foi paga enquanto isso. Confira a oferta de novo antes de comprar.",
        en="An installment of this CPR was paid meanwhile. Look at the offer again before you buy.",
    )

    remaining_installments: Annotated[int, "How many installments nothing is paid of now."]


@dataclass
class OwnQuotas(Refusal):
    """Nobody buys from themselves."""

    message = Message(pt="Você não pode comprar as suas próprias cotas.", en="You cannot buy your own quotas.")
