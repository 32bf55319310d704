"""
What stays of a person after their account is closed: the whole list.

Everything else is erased in every domain. Each entry says what stays, why (the law), for how long, and in which
columns; what could name the person is sealed there. Accounts reads the list out when an account is closed, each domain
keeps its part by it, and a test greps a dump of all databases for everything else.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Retention(StrEnum):
    """A kind of data that outlives its person's account."""

    IDENTIFICATION = "IDENTIFICATION"
    """Name, CPF and birth date, encrypted and out of use."""
    WITHDRAWAL_DESTINATIONS = "WITHDRAWAL_DESTINATIONS"
    """Bank accounts that withdrawals went to, encrypted and out of use."""
    PAYERS = "PAYERS"
    """Who made the payments that came in, encrypted and out of use."""
    SIGNATURES = "SIGNATURES"
    """The proof of CPRs' signatures, encrypted."""
    ACCESS_LOG = "ACCESS_LOG"
    """When and from where the person signed in."""
    BUSINESS_RECORDS = "BUSINESS_RECORDS"
    """Ledger entries, contracts, consents and decisions, without name or contact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    what: str
    what_english: str
    why: str
    why_english: str
    law: str
    kept_for: timedelta | None
    """From the closing on; for good when None."""
    columns: tuple[str, ...]
    """`domain.table.column`: where it lies, so that nobody has to guess what to erase, or what not to."""


_FIVE_YEARS = timedelta(days=5 * 365)

RETAINED: dict[Retention, Retained] = {
    Retention.IDENTIFICATION: Retained(
        what="Nome, CPF e data de nascimento, cifrados e fora de uso",
        what_english="Name, CPF and birth date, encrypted and out of use",
        why="Prevenção à lavagem de dinheiro: cadastros são guardados por cinco anos",
        why_english="Prevention of money laundering: records are kept for five years",
        law="Lei 9.613/1998, art. 10, § 2º",
        kept_for=_FIVE_YEARS,
        columns=("accounts.retained_records.content_sealed",),
    ),
    Retention.WITHDRAWAL_DESTINATIONS: Retained(
        what="Contas bancárias para as quais houve saques, cifradas e fora de uso",
        what_english="Bank accounts that withdrawals went to, encrypted and out of use",
        why="Prevenção à lavagem de dinheiro: o destino de cada transferência é guardado por cinco anos",
        why_english="Prevention of money laundering: where transfers went is kept for five years",
        law="Lei 9.613/1998, art. 10, II e § 2º",
        kept_for=_FIVE_YEARS,
        columns=("wallet.bank_accounts.details_sealed",),
    ),
    Retention.PAYERS: Retained(
        what="Nome, CPF ou CNPJ e banco de quem fez os pagamentos recebidos, cifrados e fora de uso",
        what_english="Name, CPF or CNPJ and bank of who made the payments that came in, encrypted and out of use",
        why="Prevenção à lavagem de dinheiro: a origem de cada pagamento é guardada por cinco anos",
        why_english="Prevention of money laundering: where each payment came from is kept for five years",
        law="Lei 9.613/1998, art. 10, II e § 2º",
        kept_for=_FIVE_YEARS,
        columns=("wallet.payment_payers.payer_sealed",),
    ),
    Retention.SIGNATURES: Retained(
        what="Prova das assinaturas de CPRs, com o certificado, cifrada",
        what_english="The proof of CPRs' signatures with the certificate, encrypted",
        why="Prova de títulos assinados enquanto não prescrevem",
        why_english="Proof of signed titles until claims on them lapse",
        law="Lei 10.406/2002 (Código Civil), art. 206, § 5º, I",
        kept_for=_FIVE_YEARS,
        columns=("contracts.provider_orders.answer_sealed",),
    ),
    Retention.ACCESS_LOG: Retained(
        what="Data, hora e endereço de rede dos acessos",
        what_english="Date, time and network address of sign-ins",
        why="Registros de acesso são guardados por seis meses",
        why_english="Access logs are kept for six months",
        law="Lei 12.965/2014 (Marco Civil da Internet), art. 15",
        kept_for=timedelta(days=183),
        columns=("accounts.sessions.address", "accounts.sessions.user_agent"),
    ),
    Retention.BUSINESS_RECORDS: Retained(
        what="Lançamentos da carteira, contratos, consentimentos e registro de decisões, sem nome nem contato",
        what_english="Ledger entries, contracts, consents and the record of decisions, without name or contact",
        why="São prova de negócios com outras pessoas e obrigação fiscal",
        why_english="They prove business with other people and are a fiscal duty",
        law="Lei 13.709/2018, art. 16, I",
        kept_for=None,
        columns=(),
    ),
}
