"""What a refusal says to the person, in Portuguese and in English."""

from subgraphs.accounts.domain import refusals
from subgraphs.shared.graphql.refusals import Message
from subgraphs.shared.refusal import Refusal

MESSAGES: dict[type[Refusal], Message] = {
    refusals.InvalidCredentials: Message(pt="E-mail ou senha incorretos.", en="E-mail or password is wrong."),
    refusals.SecondFactorRequired: Message(
        pt="Informe o código do seu aplicativo autenticador.", en="Send the code of your authenticator app too."
    ),
    refusals.InvalidSecondFactor: Message(
        pt="O código está incorreto ou já foi usado.", en="The code is wrong or was used before."
    ),
    refusals.TooManyAttempts: Message(
        pt="Muitas tentativas. Tente de novo em {retry_after_seconds} s.",
        en="Too many attempts. Try again in {retry_after_seconds} s.",
    ),
    refusals.UnlockRequired: Message(
        pt="Muitas tentativas de entrar nesta conta. Para entrar neste aparelho, informe o código que enviamos ao "
        "e-mail da conta, ou tente de novo em {retry_after_seconds} s.",
        en="Too many attempts to sign in to this account. To sign in on this device, send the code that was mailed to "
        "the account's e-mail, or try again in {retry_after_seconds} s.",
    ),
    refusals.ContactNotConfirmed: Message(
        pt="Confirme seu e-mail ou seu celular para entrar.", en="Confirm your e-mail or your phone to sign in."
    ),
    refusals.AccountSuspended: Message(
        pt="Sua conta está suspensa. Fale conosco.", en="Your account is suspended. Talk to us."
    ),
    refusals.InvalidRefreshToken: Message(pt="Entre de novo.", en="The refresh token is not valid; sign in again."),
    refusals.SessionEnded: Message(pt="Sua sessão terminou. Entre de novo.", en="The session is over; sign in again."),
    refusals.SessionNotFound: Message(pt="Esta sessão já terminou.", en="There is no such open session of yours."),
    refusals.InvalidConfirmation: Message(
        pt="O link ou código está incorreto, venceu ou já foi usado. Peça outro.",
        en="The link or code is wrong, has expired, or was used before. Ask for another.",
    ),
    refusals.InvalidResetToken: Message(
        pt="O link está incorreto, venceu ou já foi usado. Peça outro.",
        en="The link is wrong, has expired, or was used before. Ask for another.",
    ),
    refusals.InvalidAlertLink: Message(
        pt="O link está incorreto, venceu ou já foi usado. Se não consegue entrar, peça uma nova senha ou fale "
        "conosco.",
        en="The link is wrong, has expired, or was used before. If you cannot sign in, ask for a new password or talk "
        "to us.",
    ),
    refusals.WrongPassword: Message(pt="A senha atual está incorreta.", en="The present password is wrong."),
    refusals.TotpAlreadyEnabled: Message(
        pt="A verificação em duas etapas já está ativa.", en="The second factor is enabled already."
    ),
    refusals.TotpNotEnabled: Message(
        pt="A verificação em duas etapas não está ativa.", en="The second factor is not enabled."
    ),
    refusals.UploadNotFound: Message(
        pt="Não encontramos o arquivo enviado. Envie-o de novo.",
        en="There is no such upload of yours that can still be used; upload the file again.",
    ),
    refusals.IdentityAlreadyVerified: Message(
        pt="Sua identidade já foi verificada.", en="The identity is verified already."
    ),
    refusals.IdentityCheckInProgress: Message(
        pt="Sua verificação de identidade está em andamento.", en="An identity check is in progress."
    ),
    refusals.IdentityCheckNotFound: Message(
        pt="Verificação de identidade não encontrada.", en="There is no such identity check."
    ),
    refusals.IdentityCheckAlreadyDecided: Message(
        pt="Esta verificação já foi decidida.", en="The identity check has been decided already."
    ),
    refusals.ScreeningHitNotFound: Message(
        pt="Ocorrência em lista não encontrada.", en="There is no such entry of a list."
    ),
    refusals.ScreeningHitAlreadyDecided: Message(
        pt="Esta ocorrência já foi decidida.", en="The entry has been decided about already."
    ),
    refusals.ScreeningHitsOpen: Message(
        pt="Há ocorrências em listas de sanções ou de pessoas expostas para esta pessoa. Decida-as antes.",
        en="Entries of lists of sanctions or exposed people may be this person. Decide about them first.",
    ),
    refusals.UnderSanctions: Message(
        pt="Há uma ocorrência de sanções para esta pessoa. Só a análise dela libera a conta.",
        en="An entry of sanctions may be this person. Only clearing it lets them in again.",
    ),
    refusals.OwnIdentityCheck: Message(pt="Ninguém decide sobre si mesmo.", en="Nobody decides about themselves."),
    refusals.AccountHasOpenBusiness: Message(
        pt="Antes de encerrar: {open_cprs} CPR(s), {open_investments} investimento(s) e {open_withdrawals} saque(s) "
        "em aberto; saldo na carteira: {wallet_balance_minor}.",
        en="First: {open_cprs} open CPR(s), {open_investments} investment(s), {open_withdrawals} withdrawal(s); "
        "balance of the wallet: {wallet_balance_minor}.",
    ),
    refusals.IdentityNotVerified: Message(pt="Antes, verifique a sua identidade.", en="Prove your own identity first."),
    refusals.CompanyAlreadyRegistered: Message(
        pt="Este CNPJ já está cadastrado. Peça a quem o administra que inclua você, ou fale conosco.",
        en="This CNPJ is registered already. Ask whoever administers it to appoint you, or talk to us.",
    ),
    refusals.RepresentationNotFound: Message(
        pt="Você não representa esta empresa, ou não tem poderes para isto hoje.",
        en="You do not represent this company, or have no power for this today.",
    ),
    refusals.RepresentativeNotEligible: Message(
        pt="O representante precisa ser uma pessoa com identidade verificada, que não seja da equipe da plataforma.",
        en="A representative is a person with a verified identity who is not of the platform's staff.",
    ),
    refusals.RepresentativeAlreadyAppointed: Message(
        pt="Esta pessoa já representa a empresa. Para mudar os poderes, encerre a representação atual antes.",
        en="This person represents the company already. To change the powers, end the present ones first.",
    ),
    refusals.LastAdministrator: Message(
        pt="A empresa precisa de um representante que a administre sem data final. Inclua outro antes, ou encerre a "
        "conta da empresa.",
        en="A company needs one representative who administers it without an end. Appoint another first, or close the "
        "company's account.",
    ),
    refusals.BrokerUnavailable: Message(
        pt="O serviço de mensagens não respondeu. Tente de novo.",
        en="The message broker did not answer. Try again.",
    ),
    refusals.UserNotFound: Message(pt="Pessoa não encontrada.", en="There is no such person."),
    refusals.OwnAccount: Message(
        pt="Ninguém suspende ou reativa a própria conta.", en="Nobody suspends or reactivates themselves."
    ),
}
