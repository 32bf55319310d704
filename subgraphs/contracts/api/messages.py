"""Contracts' refusals in words, for the person in Portuguese and beside it in English."""

from subgraphs.contracts.domain import refusals
from subgraphs.shared import refusal
from subgraphs.shared.graphql.refusals import Message

MESSAGES: dict[type[refusal.Refusal], Message] = {
    refusals.CPRNotFound: Message(pt="CPR não encontrada.", en="There is no such CPR."),
    refusals.CPRNotSignable: Message(
        pt="Esta CPR não está aguardando assinatura.",
        en="The CPR does not wait for a signature (it is {cpr_status}).",
    ),
    refusals.CPRDocumentChanged: Message(
        pt="O texto da CPR mudou desde que foi aberto. Leia de novo antes de assinar.",
        en="The CPR's text is not the one you saw; read it again before signing.",
    ),
    refusals.CPRNotRenegotiable: Message(
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
    ),
    refusals.OwnCPR: Message(
        pt="Ninguém propõe condições para a própria dívida.", en="Nobody proposes terms for their own debt."
    ),
    refusals.RenegotiationOutsideLimits: Message(
        pt="A proposta passa dos limites: até {term_months_max} meses, juros de {annual_rate_min} a {annual_rate_max} "
        "ao ano, desconto de até {late_discount_max} dos encargos.",
        en="The proposal goes beyond the limits: up to {term_months_max} months, {annual_rate_min} to "
        "{annual_rate_max} a year, a discount of up to {late_discount_max} of the late charges.",
    ),
    refusals.RenegotiationNotFound: Message(pt="Renegociação não encontrada.", en="There is no such renegotiation."),
    refusals.RenegotiationClosed: Message(
        pt="Esta renegociação não está mais aberta para isso.",
        en="The renegotiation does not wait for this (it is {renegotiation_status}).",
    ),
    refusals.RelatedToBorrower: Message(
        pt="Quem tem ligação com o devedor não vota: a decisão é dos demais investidores.",
        en="Who is related to the borrower does not vote: it is for the other holders to decide.",
    ),
    refusals.AlreadyVoted: Message(
        pt="Você já votou. O voto é dado uma só vez.", en="You have voted already; a vote is given once."
    ),
}
