"""The messages that accounts sends, in Portuguese for the person and in English beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from subgraphs.accounts.models.vocabulary import AlertKind, Channel, MoneyOutAlertKind


class Letter(StrEnum):
    CONFIRM_EMAIL = "CONFIRM_EMAIL"
    CONFIRM_PHONE = "CONFIRM_PHONE"
    ALREADY_REGISTERED = "ALREADY_REGISTERED"
    CPF_IN_USE = "CPF_IN_USE"
    CPF_TRIED = "CPF_TRIED"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105  # a kind of letter
    UNLOCK_SIGN_IN = "UNLOCK_SIGN_IN"
    ALERT = "ALERT"
    ALERT_BY_PHONE = "ALERT_BY_PHONE"
    COMPANY_ALERT = "COMPANY_ALERT"
    CHANGE_DISOWNED = "CHANGE_DISOWNED"


@dataclass(frozen=True)
class Text:
    """One language of a letter; `{name}` is filled in."""

    subject: str
    body: str


@dataclass(frozen=True)
class Written:
    """A letter filled in and ready to go."""

    channel: Channel
    to: str
    subject: str
    text: str
    text_english: str
    data: Mapping[str, str]
    """The link or code on its own, for programs that test or show it."""


_CHANNELS = {Letter.CONFIRM_PHONE: Channel.SMS, Letter.ALERT_BY_PHONE: Channel.SMS}

_PORTUGUESE = {
    Letter.CONFIRM_EMAIL: Text(
        "Confirme seu e-mail",
        "Olá, {name}! Confirme seu e-mail na Peerseed por este endereço, válido por 48 horas: {link}\n"
        "Se não foi você quem abriu a conta, não faça nada.",
    ),
    Letter.CONFIRM_PHONE: Text(
        "Código da Peerseed", "Peerseed: seu código é {code}. Vale por 10 minutos. Não o passe a ninguém."
    ),
    Letter.ALREADY_REGISTERED: Text(
        "Você já tem uma conta",
        "Alguém tentou abrir uma conta na Peerseed com este e-mail, que já tem uma. Se foi você, entre com sua senha "
        "ou peça uma nova em {link}. Se não foi, não faça nada: sua conta continua como estava.",
    ),
    Letter.CPF_IN_USE: Text(
        "Não foi possível abrir sua conta",
        "Já existe uma conta na Peerseed com os dados informados. Se for sua, entre com o e-mail dela. Se não for, "
        "fale conosco.",
    ),
    Letter.CPF_TRIED: Text(
        "Alguém usou seu CPF num cadastro",
        "Alguém tentou abrir outra conta na Peerseed com o seu CPF. Se foi você, entre com este e-mail; cada pessoa "
        "tem uma só conta. Se não foi, não faça nada: nenhuma conta foi aberta.",
    ),
    Letter.RESET_PASSWORD: Text(
        "Escolha uma nova senha",
        "Olá, {name}! Escolha uma nova senha da Peerseed por este endereço, válido por uma hora e uma só vez: {link}\n"
        "Se você não pediu, não faça nada.",
    ),
    Letter.UNLOCK_SIGN_IN: Text(
        "Código para entrar num aparelho novo",
        "Olá, {name}! Alguém tentou muitas vezes entrar na sua conta da Peerseed, sem conseguir. Nos aparelhos em que "
        "você já entrou nada muda. Para entrar num aparelho novo, use sua senha e este código, válido por uma hora: "
        "{code}\nNão o passe a ninguém. Se não foi você, não faça nada.",
    ),
    Letter.ALERT: Text(
        "Foi você?",
        "Olá, {name}! {what} Se foi você, não faça nada. Se não foi, abra {link}\n"
        "Não precisa entrar: encerramos todas as sessões, nada sai da sua carteira por um dia e você escolhe uma nova "
        "senha. O endereço vale uma só vez; não o passe a ninguém.",
    ),
    Letter.COMPANY_ALERT: Text(
        "Foi a sua empresa?",
        "Olá, {name}! {what} Se foi você ou outro representante, não faça nada. Se não foi, abra {link}\n"
        "Não precisa entrar: encerramos as sessões de todos os representantes, nada sai da carteira da empresa por um "
        "dia, e o que mudou nos representantes desde então volta atrás. O endereço vale uma só vez; não o passe a "
        "ninguém.",
    ),
    Letter.ALERT_BY_PHONE: Text("Foi você?", "Peerseed: {what} Se não foi você, abra {link} e paramos tudo."),
    Letter.CHANGE_DISOWNED: Text(
        "Sua conta está parada",
        "Olá, {name}! Você nos disse que não foi você. Encerramos todas as sessões e nada sai da sua carteira por um "
        "dia. Para voltar a entrar, escolha uma nova senha por este endereço, válido por uma hora e uma só vez: "
        "{link}\nDepois confira seus contatos e suas contas bancárias.",
    ),
}

_ENGLISH = {
    Letter.CONFIRM_EMAIL: Text(
        "Confirm your e-mail",
        "Hello {name}! Confirm your e-mail with Peerseed at this address, good for 48 hours: {link}\n"
        "If it was not you who opened the account, do nothing.",
    ),
    Letter.CONFIRM_PHONE: Text(
        "Peerseed code", "Peerseed: your code is {code}. Good for 10 minutes. Give it to nobody."
    ),
    Letter.ALREADY_REGISTERED: Text(
        "You already have an account",
        "Somebody tried to open a Peerseed account with this e-mail, which has one. If it was you, sign in with your "
        "password or ask for a new one at {link}. If not, do nothing: your account is as it was.",
    ),
    Letter.CPF_IN_USE: Text(
        "Your account could not be opened",
        "There is a Peerseed account with these data already. If it is yours, sign in with its e-mail. If not, "
        "talk to us.",
    ),
    Letter.CPF_TRIED: Text(
        "Somebody used your CPF to sign up",
        "Somebody tried to open another Peerseed account with your CPF. If it was you, sign in with this e-mail; "
        "everybody has one account. If not, do nothing: no account was opened.",
    ),
    Letter.RESET_PASSWORD: Text(
        "Choose a new password",
        "Hello {name}! Choose a new Peerseed password at this address, good for one hour and one time: {link}\n"
        "If you did not ask for it, do nothing.",
    ),
    Letter.UNLOCK_SIGN_IN: Text(
        "Code to sign in on a new device",
        "Hello {name}! Somebody tried many times to sign in to your Peerseed account, in vain. Nothing changes on "
        "devices that you signed in on before. To sign in on a new one, use your password and this code, good for one "
        "hour: {code}\nGive it to nobody. If it was not you, do nothing.",
    ),
    Letter.ALERT: Text(
        "Was it you?",
        "Hello {name}! {what_english} If it was you, do nothing. If not, open {link}\n"
        "You need not sign in: we end all sessions, nothing leaves your wallet for a day, and you choose a new "
        "password. The address works once; give it to nobody.",
    ),
    Letter.COMPANY_ALERT: Text(
        "Was it your company?",
        "Hello {name}! {what_english} If it was you or another representative, do nothing. If not, open {link}\n"
        "You need not sign in: we end the sessions of all representatives, nothing leaves the company's wallet for a "
        "day, and what has changed in who represents it since then is undone. The address works once; give it to "
        "nobody.",
    ),
    Letter.ALERT_BY_PHONE: Text("Was it you?", "Peerseed: {what_english} If not you, open {link} and we stop it all."),
    Letter.CHANGE_DISOWNED: Text(
        "Your account is stopped",
        "Hello {name}! You told us that it was not you. We ended all sessions, and nothing leaves your wallet for a "
        "day. To sign in again, choose a new password at this address, good for one hour and one time: {link}\n"
        "Then look over your contacts and bank accounts.",
    ),
}

_ALERTS: Mapping[AlertKind | MoneyOutAlertKind, tuple[str, str]] = {
    "REFRESH_TOKEN_REUSED": (
        "Uma sessão sua foi usada em dois lugares e encerrada.",
        "A session of yours was used in two places and ended.",
    ),
    "PASSWORD_CHANGED": ("Sua senha foi alterada.", "Your password was changed."),
    "PASSWORD_RESET": ("Sua senha foi redefinida por e-mail.", "Your password was reset by e-mail."),
    "EMAIL_CHANGE_REQUESTED": ("Foi pedida a troca do seu e-mail.", "A change of your e-mail was requested."),
    "EMAIL_CHANGED": ("O e-mail da sua conta foi trocado.", "Your account's e-mail was changed."),
    "TOTP_ENABLED": ("A verificação em duas etapas foi ativada.", "The second factor was switched on."),
    "TOTP_DISABLED": ("A verificação em duas etapas foi desativada.", "The second factor was switched off."),
    "RECOVERY_CODE_USED": ("Um código de recuperação foi usado.", "A recovery code was used."),
    "REPRESENTATIVES_CHANGED": (
        "Mudou quem pode agir pela empresa.",
        "Who may act for the company has changed.",
    ),
    "BANK_ACCOUNT_REGISTERED": (
        "Uma conta bancária foi cadastrada para seus saques.",
        "A bank account was registered for your withdrawals.",
    ),
    "WITHDRAWAL_REQUESTED": ("Foi pedido um saque de {amount}.", "A withdrawal of {amount} was requested."),
    "QUOTAS_OFFERED": (
        "Cotas suas foram postas à venda por {amount} cada.",
        "Quotas of yours were offered for sale at {amount} each.",
    ),
}
"""What an alert tells of, in Portuguese and in English."""


def describe(kind: AlertKind | MoneyOutAlertKind, **details: str) -> dict[str, str]:
    """What happened, as an alert's letter says it."""
    what, what_english = _ALERTS[kind]
    return {"what": what.format(**details), "what_english": what_english.format(**details)}


def write(letter: Letter, *, to: str, **data: str) -> Written:
    """*letter* to *to*, filled with *data*."""
    portuguese, english = _PORTUGUESE[letter], _ENGLISH[letter]
    return Written(
        channel=_CHANNELS.get(letter, Channel.EMAIL),
        to=to,
        subject=portuguese.subject,
        text=portuguese.body.format(**data),
        text_english=f"{english.subject}\n{english.body.format(**data)}",
        data=data,
    )
