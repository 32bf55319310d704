"""What the rules of contracts say no to."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from subgraphs.contracts.models.vocabulary import OPEN_RENEGOTIATIONS, CPRStatus, RenegotiationStatus
from subgraphs.shared.refusal import Message, Refusal


@dataclass
class CPRNotFound(Refusal):
    """There is no such CPR, or it is not yours."""

    message = Message(pt="CPR não encontrada.", en="There is no such CPR.")

    cpr_id: Annotated[UUID, "The id that was sent."]


@dataclass
class CPRNotSignable(Refusal):
    """Only a drafted CPR can be signed."""

    message = Message(
        pt="Esta CPR não está aguardando assinatura.",
        en="The CPR does not wait for a signature (it is {cpr_status}).",
    )

    cpr_status: Annotated[CPRStatus, "Where the CPR stands."]


@dataclass
class CPRDocumentChanged(Refusal):
    """The text to be signed is not the one that the digest was made of."""

    message = Message(
        pt="O texto da CPR mudou desde que foi aberto. Leia de novo antes de assinar.",
        en="The CPR's text is not the one you saw; read it again before signing.",
    )

    document_digest: Annotated[str, "SHA-256 of the text there is now."]


WhyNotRenegotiable = Literal["NOT_UNDER_REPAYMENT", "NOT_LATE", "UNDER_RENEGOTIATION", "NO_PRINCIPAL"]
"""NO_PRINCIPAL: only interest and charges are left of it."""


@dataclass
class CPRNotRenegotiable(Refusal):
    """There is nothing to renegotiate about the CPR now."""

    message = Message(
        pt="Esta CPR não pode ser renegociada agora: {reason}.",
        en="This CPR cannot be renegotiated now: {reason}.",
        words={
            "reason": {
                "NOT_UNDER_REPAYMENT": ("nada é devido", "nothing is owed"),
                "NOT_LATE": ("nenhuma parcela está em atraso", "no installment is late enough"),
                "UNDER_RENEGOTIATION": ("já há uma proposta em andamento", "another proposal is open"),
                "NO_PRINCIPAL": ("só restam juros e encargos", "only interest and charges are left"),
            }
        },
    )

    reason: Annotated[
        WhyNotRenegotiable,
        "NOT_UNDER_REPAYMENT, NOT_LATE, UNDER_RENEGOTIATION (another is open) or NO_PRINCIPAL (only interest and "
        "charges are left).",
    ]


@dataclass
class OwnCPR(Refusal):
    """Nobody proposes terms for their own debt."""

    message = Message(
        pt="Ninguém propõe condições para a própria dívida.", en="Nobody proposes terms for their own debt."
    )

    cpr_id: Annotated[UUID, "The id that was sent."]


@dataclass
class CPRNotInDefault(Refusal):
    """Only a debt that is in default is collected."""

    message = Message(
        pt="Só se cobra dessa forma uma CPR inadimplente.",
        en="Only a CPR in default is collected (it is {cpr_status}).",
    )

    cpr_status: Annotated[CPRStatus, "Where the CPR stands."]


@dataclass
class RenegotiationOutsideLimits(Refusal):
    """The proposal goes further than the rules of the day let it."""

    message = Message(
        pt="A proposta passa dos limites: até {term_months_max} meses, juros de {annual_rate_min} a {annual_rate_max} "
        "ao ano, desconto de até {late_discount_max} dos encargos.",
        en="The proposal goes beyond the limits: up to {term_months_max} months, {annual_rate_min} to "
        "{annual_rate_max} a year, a discount of up to {late_discount_max} of the late charges.",
    )

    term_months_max: Annotated[int, "The longest term, in months."]
    annual_rate_min: Annotated[Decimal, 'The lowest rate, a fraction per year: "0.06" is 6 %.']
    annual_rate_max: Annotated[Decimal, "The rate that the CPR has now."]
    late_discount_max: Annotated[Decimal, "What part of the late charges may be waived."]


@dataclass
class RenegotiationNotFound(Refusal):
    """There is no such renegotiation, or it is not yours to decide."""

    message = Message(pt="Renegociação não encontrada.", en="There is no such renegotiation.")
    is_an_answer = False

    renegotiation_id: Annotated[UUID, "The id that was sent."]


@dataclass
class RenegotiationClosed(Refusal):
    """The renegotiation does not wait for this: it is decided, ended or out of time."""

    message = Message(
        pt="Esta renegociação não está mais aberta para isso.",
        en="The renegotiation does not wait for this (it is {renegotiation_status}).",
    )

    renegotiation_status: Annotated[RenegotiationStatus, "Where it stands."]

    @property
    def is_an_answer(self) -> bool:
        return self.renegotiation_status not in OPEN_RENEGOTIATIONS


@dataclass
class RelatedToBorrower(Refusal):
    """You act for the borrower, or for a company with them: it is for the other holders to decide."""

    message = Message(
        pt="Quem tem ligação com o devedor não vota: a decisão é dos demais investidores.",
        en="Who is related to the borrower does not vote: it is for the other holders to decide.",
    )

    renegotiation_id: Annotated[UUID, "The id that was sent."]


@dataclass
class AlreadyVoted(Refusal):
    """You have voted otherwise. A vote is given once."""

    message = Message(pt="Você já votou. O voto é dado uma só vez.", en="You have voted already; a vote is given once.")

    consents: Annotated[bool, "The vote that was given."]
