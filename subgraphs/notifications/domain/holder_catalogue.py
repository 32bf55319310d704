"""What holders of a CPR's quotas are told of it, beside what its farmer is told (`catalogue.py`)."""

from typing import Any

from subgraphs.notifications.domain.telling import Telling, Words
from subgraphs.notifications.domain.vocabulary import Category
from subgraphs.notifications.schemas import heard
from subgraphs.shared.messaging.event import EventPayload


def _told(*words: str, **more: Any) -> Telling:
    """*words*: title and body in Portuguese, title and body in English."""
    return Telling(Category.INVESTMENT, None, Words(*words), **more)


HOLDER_TELLINGS: dict[type[EventPayload], Telling] = {
    heard.OfferingExtended: _told(
        "Oferta prorrogada", "Uma oferta em que você reservou cotas foi prorrogada até {closes_at}.",
        "Offering extended", "An offering in which you reserved quotas was extended until {closes_at}.",
        subject_type="Offering", subject="offering_id",
    ),
    heard.CPRDisbursed: _told(
        "Seu dinheiro está trabalhando",
        "O crédito de uma CPR sua foi liberado ao produtor. As datas das parcelas estão na CPR.",
        "Your money is at work",
        "The money of a CPR you hold has gone to the farmer. The dates of its installments are in the CPR.",
        subject_type="CPR", subject="cpr_id",
    ),
    heard.InstallmentPartlyPaid: _told(
        "Parcela paga em parte na sua carteira",
        "Da parcela {number} de uma CPR sua foram pagos {amount_minor}; a sua parte vai para a carteira. "
        "Faltam {outstanding_minor}.",
        "Installment of your portfolio paid in part",
        "Of installment {number} of a CPR you hold {amount_minor} were paid; your part goes to your wallet. "
        "{outstanding_minor} are left.",
        subject_type="CPR", subject="cpr_id",
    ),
    heard.InstallmentLate: _told(
        "Parcela em atraso na sua carteira",
        "A parcela {number} de uma CPR sua venceu em {due_on} e ainda não foi paga. Multa e juros correm a seu favor.",
        "Late installment in your portfolio",
        "Installment {number} of a CPR you hold was due on {due_on} and is unpaid. A fine and interest accrue to you.",
        subject_type="CPR", subject="cpr_id",
    ),
    heard.CPRDefaulted: _told(
        "CPR inadimplente na sua carteira",
        "Uma CPR em que você investiu está com parcela atrasada há mais de um mês. Avisaremos quando for regularizada.",
        "CPR in default in your portfolio",
        "A CPR you invested in has an installment late for over a month. We will tell you when it is in order again.",
        subject_type="CPR", subject="cpr_id",
    ),
    heard.CPRRecovered: _told(
        "CPR regularizada na sua carteira", "Uma CPR em que você investiu não está mais inadimplente.",
        "CPR in order again", "A CPR you invested in is no longer in default.",
        subject_type="CPR", subject="cpr_id",
    ),
    heard.CPRSettled: _told(
        "CPR quitada na sua carteira", "Todas as parcelas de uma CPR em que você investiu foram pagas.",
        "CPR settled in your portfolio", "All installments of a CPR you invested in have been paid.",
        subject_type="CPR", subject="cpr_id",
    ),
    heard.RenegotiationVoteOpened: _told(
        "Seu voto: renegociação de uma CPR",
        "O produtor de uma CPR sua em atraso aceitou novas condições. Veja a proposta e vote até {consent_until}.",
        "Your vote: a CPR is to be renegotiated",
        "The farmer of a late CPR you hold has agreed to new terms. Look at the proposal and vote by {consent_until}.",
        subject_type="Renegotiation", subject="renegotiation_id",
    ),
    heard.RenegotiationEnded: _told(
        "Renegociação encerrada", "A renegociação de uma CPR sua não seguiu adiante: {why}. Tudo fica como era.",
        "Renegotiation ended", "The renegotiation of a CPR you hold came to nothing: {why}. All is as before.",
        subject_type="Renegotiation", subject="renegotiation_id",
        applies=lambda payload: payload.was_voted_on,
    ),
    heard.CPRRenegotiated: _told(
        "CPR renegociada na sua carteira",
        "Uma CPR sua tem novo cronograma: {installment_count} parcelas, a primeira em {first_due_on}.",
        "CPR of your portfolio renegotiated",
        "A CPR you hold has a new schedule: {installment_count} installments, the first on {first_due_on}.",
        subject_type="Renegotiation", subject="renegotiation_id",
    ),
}  # fmt: skip
