"""What the rules of accounts say no to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from subgraphs.shared.refusal import Message, Refusal
from subgraphs.shared.vocabulary import ConsentPurpose


@dataclass
class InvalidCredentials(Refusal):
    """
    E-mail and password do not belong together.

    Which of the two is wrong is nobody's business.
    """

    message = Message(pt="E-mail ou senha incorretos.", en="E-mail or password is wrong.")


@dataclass
class SecondFactorRequired(Refusal):
    """The password is right; send a code of the authenticator app or a recovery code too."""

    message = Message(
        pt="Informe o código do seu aplicativo autenticador.", en="Send the code of your authenticator app too."
    )


@dataclass
class InvalidSecondFactor(Refusal):
    """The code is wrong, too old, or was used before."""

    message = Message(pt="O código está incorreto ou já foi usado.", en="The code is wrong or was used before.")


@dataclass
class TooManyAttempts(Refusal):
    """Tried too often; wait."""

    message = Message(
        pt="Muitas tentativas. Tente de novo em {retry_after_seconds} s.",
        en="Too many attempts. Try again in {retry_after_seconds} s.",
    )

    retry_after_seconds: Annotated[int, "Seconds until it may be tried again."]


@dataclass
class UnlockRequired(Refusal):
    """
    Too many sign-ins failed on devices that the account does not know. Send the unlockCode that was mailed to its
    owner, or wait; devices that signed in before send their deviceToken and are not held up.

    Said whether or not anybody has the e-mail, and without a look at the password.
    """

    message = Message(
        pt="Muitas tentativas de entrar nesta conta. Para entrar neste aparelho, informe o código que enviamos ao "
        "e-mail da conta, ou tente de novo em {retry_after_seconds} s.",
        en="Too many attempts to sign in to this account. To sign in on this device, send the code that was mailed to "
        "the account's e-mail, or try again in {retry_after_seconds} s.",
    )

    retry_after_seconds: Annotated[int, "Seconds until it goes without the code, if nobody fails meanwhile."]
    """From then on it goes without the code, if nobody fails meanwhile."""


@dataclass
class ContactNotConfirmed(Refusal):
    """Confirm the e-mail or the phone first; resendConfirmation sends link and code again."""

    message = Message(
        pt="Confirme seu e-mail ou seu celular para entrar.", en="Confirm your e-mail or your phone to sign in."
    )


@dataclass
class AccountSuspended(Refusal):
    """Staff has suspended the account."""

    message = Message(pt="Sua conta está suspensa. Fale conosco.", en="Your account is suspended. Talk to us.")


@dataclass
class InvalidRefreshToken(Refusal):
    """
    The refresh token is unknown or was used before; sign in again.

    If it was used before, its whole session has been ended.
    """

    message = Message(pt="Entre de novo.", en="The refresh token is not valid; sign in again.")


@dataclass
class SessionEnded(Refusal):
    """
    The session is over; sign in again.

    Idle too long, too old, signed out, or ended by a change of password.
    """

    message = Message(pt="Sua sessão terminou. Entre de novo.", en="The session is over; sign in again.")


@dataclass
class ScopeNotGranted(Refusal):
    """Nothing that is asked for is the person's, or more than the session has. Only the token endpoint is asked so."""


@dataclass
class SessionNotFound(Refusal):
    """One has no such open session."""

    message = Message(pt="Esta sessão já terminou.", en="There is no such open session of yours.")


@dataclass
class InvalidConfirmation(Refusal):
    """The link or code is wrong, has expired, or was used before."""

    message = Message(
        pt="O link ou código está incorreto, venceu ou já foi usado. Peça outro.",
        en="The link or code is wrong, has expired, or was used before. Ask for another.",
    )


@dataclass
class InvalidResetToken(Refusal):
    """The reset link is wrong, has expired, or was used before."""

    message = Message(
        pt="O link está incorreto, venceu ou já foi usado. Peça outro.",
        en="The link is wrong, has expired, or was used before. Ask for another.",
    )


@dataclass
class InvalidAlertLink(Refusal):
    """
    The link of the security alert is wrong, has expired, or was used before.

    Which of them is not said.
    """

    message = Message(
        pt="O link está incorreto, venceu ou já foi usado. Se não consegue entrar, peça uma nova senha ou fale "
        "conosco.",
        en="The link is wrong, has expired, or was used before. If you cannot sign in, ask for a new password or talk "
        "to us.",
    )


@dataclass
class WrongPassword(Refusal):
    """
    The present password is another.

    It is asked for again before something grave.
    """

    message = Message(pt="A senha atual está incorreta.", en="The present password is wrong.")


@dataclass
class TotpAlreadyEnabled(Refusal):
    """A second factor is in place already."""

    message = Message(pt="A verificação em duas etapas já está ativa.", en="The second factor is enabled already.")


@dataclass
class TotpNotEnabled(Refusal):
    """There is no second factor to confirm or to disable."""

    message = Message(pt="A verificação em duas etapas não está ativa.", en="The second factor is not enabled.")


@dataclass
class UploadNotFound(Refusal):
    """There is no such upload of yours that can still be used."""

    message = Message(
        pt="Não encontramos o arquivo enviado. Envie-o de novo.",
        en="There is no such upload of yours that can still be used; upload the file again.",
    )

    upload_id: Annotated[UUID, "The id that was sent."]


@dataclass
class TooManyUploads(Refusal):
    """Too many uploads belong to nothing; only the upload route can say so."""

    message = Message(
        pt="Há {uploads_max} arquivos enviados e não usados. Use-os antes de enviar outros.",
        en="There are {uploads_max} uploads that belong to nothing yet; use them first.",
    )

    uploads_max: int


@dataclass
class IdentityAlreadyVerified(Refusal):
    """The identity is verified already."""

    message = Message(pt="Sua identidade já foi verificada.", en="The identity is verified already.")


@dataclass
class IdentityCheckInProgress(Refusal):
    """An earlier identity check waits for its result."""

    message = Message(pt="Sua verificação de identidade está em andamento.", en="An identity check is in progress.")

    submitted_at: Annotated[datetime, "When the earlier one was sent in."]


@dataclass
class IdentityCheckNotFound(Refusal):
    """There is no such identity check."""

    message = Message(pt="Verificação de identidade não encontrada.", en="There is no such identity check.")


@dataclass
class IdentityCheckAlreadyDecided(Refusal):
    """The identity check has been decided already."""

    message = Message(pt="Esta verificação já foi decidida.", en="The identity check has been decided already.")

    decided_at: Annotated[datetime, "When it was decided."]


@dataclass
class OwnIdentityCheck(Refusal):
    """Nobody decides about themselves."""

    message = Message(pt="Ninguém decide sobre si mesmo.", en="Nobody decides about themselves.")


@dataclass
class AccountHasOpenBusiness(Refusal):
    """CPRs, investments or withdrawals are open, or there is money in the wallet; settle and withdraw first."""

    message = Message(
        pt="Antes de encerrar: {open_cprs} CPR(s), {open_investments} investimento(s) e {open_withdrawals} saque(s) "
        "em aberto; saldo na carteira: {wallet_balance_minor}.",
        en="First: {open_cprs} open CPR(s), {open_investments} investment(s), {open_withdrawals} withdrawal(s); "
        "balance of the wallet: {wallet_balance_minor}.",
    )

    open_cprs: Annotated[int, "CPRs of theirs that are not settled or cancelled."]
    open_investments: Annotated[int, "Investments of theirs that have not ended."]
    open_withdrawals: Annotated[int, "Withdrawals that are still on their way."]
    wallet_balance_minor: Annotated[int, "What can be withdrawn."]


@dataclass
class ConsentTextNotInForce(Refusal):
    """The version was replaced, or is not known: read the one that is named here, and agree to that."""

    message = Message(
        pt="O texto mudou. Leia e aceite a versão atual (versão {current_version}).",
        en="The text has changed. Read and agree to the version in force (version {current_version}).",
    )

    purpose: Annotated[ConsentPurpose, "What the text is for."]
    version: Annotated[int, "The version that was sent."]
    current_version: Annotated[int, "The version in force: its text is at `consentTexts`."]


@dataclass
class ConsentNeeded(Refusal):
    """Nobody has an account without agreeing to this text; who does not agree any more closes it (`closeAccount`)."""

    message = Message(
        pt="Sem este aceite não é possível ter uma conta. Se não concorda mais, encerre a conta.",
        en="There is no account without this. If you do not agree any more, close the account.",
    )

    purpose: Annotated[ConsentPurpose, "What the text is for."]


@dataclass
class UserNotFound(Refusal):
    """There is no such person, or no longer."""

    message = Message(pt="Pessoa não encontrada.", en="There is no such person.")


@dataclass
class OwnAccount(Refusal):
    """Nobody suspends themselves, nor lifts their own suspension."""

    message = Message(
        pt="Ninguém suspende ou reativa a própria conta.", en="Nobody suspends or reactivates themselves."
    )


@dataclass
class ScreeningHitNotFound(Refusal):
    """There is no such entry of a list."""

    message = Message(pt="Ocorrência em lista não encontrada.", en="There is no such entry of a list.")


@dataclass
class ScreeningHitAlreadyDecided(Refusal):
    """An analyst has decided about the entry already."""

    message = Message(pt="Esta ocorrência já foi decidida.", en="The entry has been decided about already.")

    decided_at: Annotated[datetime, "When it was decided."]


@dataclass
class ScreeningHitsOpen(Refusal):
    """
    Entries of lists may be this person: decide about them first (decideScreeningHit). Who is under sanctions is
    not approved.
    """

    message = Message(
        pt="Há ocorrências em listas de sanções ou de pessoas expostas para esta pessoa. Decida-as antes.",
        en="Entries of lists of sanctions or exposed people may be this person. Decide about them first.",
    )


@dataclass
class UnderSanctions(Refusal):
    """An entry of sanctions may be this person, or is; only clearing it lets them in again."""

    message = Message(
        pt="Há uma ocorrência de sanções para esta pessoa. Só a análise dela libera a conta.",
        en="An entry of sanctions may be this person. Only clearing it lets them in again.",
    )


@dataclass
class IdentityNotVerified(Refusal):
    """Prove your own identity first: submitIdentityCheck."""

    message = Message(pt="Antes, verifique a sua identidade.", en="Prove your own identity first.")


@dataclass
class CompanyAlreadyRegistered(Refusal):
    """
    Somebody else registered this CNPJ; whoever administers that account can appoint you. If it is not theirs, it
    is given back when they cannot prove it.
    """

    message = Message(
        pt="Este CNPJ já está cadastrado. Peça a quem o administra que inclua você, ou fale conosco.",
        en="This CNPJ is registered already. Ask whoever administers it to appoint you, or talk to us.",
    )


@dataclass
class RepresentationNotFound(Refusal):
    """You do not represent this company, or not today, or not for this."""

    message = Message(
        pt="Você não representa esta empresa, ou não tem poderes para isto hoje.",
        en="You do not represent this company, or have no power for this today.",
    )


@dataclass
class RepresentativeNotEligible(Refusal):
    """
    No person with a verified identity has this id, or they are of the platform's staff, who act for nobody else
    here.
    """

    message = Message(
        pt="O representante precisa ser uma pessoa com identidade verificada, que não seja da equipe da plataforma.",
        en="A representative is a person with a verified identity who is not of the platform's staff.",
    )


@dataclass
class RepresentativeAlreadyAppointed(Refusal):
    """The person represents the company already; end that first to give other powers."""

    message = Message(
        pt="Esta pessoa já representa a empresa. Para mudar os poderes, encerre a representação atual antes.",
        en="This person represents the company already. To change the powers, end the present ones first.",
    )


@dataclass
class LastAdministrator(Refusal):
    """
    A company needs one representative who administers it without an end: appoint another first, or close the
    company's account.
    """

    message = Message(
        pt="A empresa precisa de um representante que a administre sem data final. Inclua outro antes, ou encerre a "
        "conta da empresa.",
        en="A company needs one representative who administers it without an end. Appoint another first, or close the "
        "company's account.",
    )


@dataclass
class BrokerUnavailable(Refusal):
    """The message broker does not answer; send the same request again."""

    message = Message(
        pt="O serviço de mensagens não respondeu. Tente de novo.",
        en="The message broker did not answer. Try again.",
    )
