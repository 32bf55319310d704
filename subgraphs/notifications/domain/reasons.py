"""
The words for what facts tell as codes and counts, in Portuguese and in English: why something did not come about or
ended, and how many quotas.

Each reason is the end of a sentence of the catalogue's, after a colon.
"""

from collections.abc import Mapping

from subgraphs.notifications.schemas import heard
from subgraphs.shared.messaging.event import EventPayload

Words = tuple[str, str]
"""In Portuguese, in English."""

REASONS: Mapping[type[EventPayload], Mapping[str, Words]] = {
    heard.InvestmentRefused: {
        "INSUFFICIENT_FUNDS": ("o saldo disponível não é suficiente", "the available balance is not enough"),
        "OFFERING_CLOSED": ("a oferta já estava encerrada", "the offering had ended"),
        "OFFERING_CANCELLED": ("a oferta foi cancelada", "the offering was cancelled"),
        "HOLD_TIMED_OUT": ("a confirmação não veio a tempo", "it was not confirmed in time"),
    },
    heard.QuotaPurchaseRefused: {
        "INSUFFICIENT_FUNDS": ("o saldo disponível não é suficiente", "the available balance is not enough"),
        "QUOTAS_SOLD": ("o vendedor não tem mais essas cotas", "the seller no longer has these quotas"),
        "INSTALLMENT_PAID_MEANWHILE": (
            "uma parcela da CPR foi paga enquanto isso",
            "an installment of the CPR was paid meanwhile",
        ),
        "CPR_SETTLED": ("a CPR foi quitada", "the CPR was repaid"),
        "PERSON_NOT_ACTIVE": ("sua conta não está ativa", "your account is not active"),
        "MONEY_OUT_PAUSED": ("as saídas da sua carteira estão pausadas", "money out of your wallet is paused"),
        "SELLER_UNAVAILABLE": ("o vendedor não pode vender agora", "the seller cannot sell now"),
        "TIMED_OUT": ("a confirmação não veio a tempo", "it was not confirmed in time"),
    },
    heard.SurplusCredited: {
        "PAID_BEFORE": ("não podiam mais pagar a cobrança", "they could no longer pay their charge"),
        "MORE_THAN_PAID": ("sobraram do pagamento da sua CPR", "they are left of what you paid for your CPR"),
    },
    heard.PaymentReturnRequested: {
        "ANOTHER_PAYER": (
            "veio da conta de outra pessoa. Deposite de uma conta sua",
            "it came from somebody else's account. Deposit from an account of your own",
        ),
        "PAID_TWICE": ("o boleto já estava pago", "the boleto was paid before"),
        "DECIDED": ("verificamos que é de quem pagou", "we found that it is the payer's"),
    },
    heard.QuotaOfferEnded: {
        "CPR_DEFAULTED": (
            "a CPR está inadimplente. As cotas continuam suas",
            "its CPR is in default. The quotas are still yours",
        ),
        "CPR_SETTLED": ("a CPR foi quitada e nada mais resta a receber", "its CPR was repaid, and nothing more is due"),
        "CPR_RENEGOTIATING": (
            "novas condições foram propostas para a CPR. As cotas continuam suas",
            "new terms are proposed for its CPR. The quotas are still yours",
        ),
    },
    heard.RenegotiationEnded: {
        "REFUSED": ("o produtor não aceitou a proposta", "the farmer did not accept the proposal"),
        "WITHDRAWN": ("a proposta foi retirada", "the proposal was withdrawn"),
        "EXPIRED": ("a proposta não foi respondida a tempo", "the proposal was not answered in time"),
        "REJECTED": ("os investidores não a aprovaram", "the investors did not consent"),
        "OVERTAKEN": (
            "algo foi pago enquanto isso, ou o prazo passou",
            "something was paid meanwhile, or its time was over",
        ),
    },
}

UNKNOWN_REASON = ("não foi possível continuar", "it could not go on")
"""For reasons that other domains learn to give before we learn their words."""


def reason_words(payload_class: type[EventPayload], reason: str) -> Words:
    return REASONS[payload_class].get(reason, UNKNOWN_REASON)


def quota_words(count: int) -> Words:
    return ("1 cota", "1 quota") if count == 1 else (f"{count} cotas", f"{count} quotas")
