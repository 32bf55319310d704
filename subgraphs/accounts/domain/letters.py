"""The messages that accounts sends, in Portuguese for the person and in English beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from subgraphs.accounts.models.vocabulary import Channel


class Letter(StrEnum):
    CONFIRM_EMAIL = "CONFIRM_EMAIL"
    CONFIRM_PHONE = "CONFIRM_PHONE"
    ALREADY_REGISTERED = "ALREADY_REGISTERED"
    CPF_IN_USE = "CPF_IN_USE"
    CPF_TRIED = "CPF_TRIED"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105  # a kind of letter
    UNLOCK_SIGN_IN = "UNLOCK_SIGN_IN"


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


_CHANNELS = {Letter.CONFIRM_PHONE: Channel.SMS}

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
}


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
