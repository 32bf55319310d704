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
}
