"""
What people are told, in one place: which fact becomes which words for whom.

Portuguese is what they read; English stands beside it for developers and support. `{name}` is filled from the fact's
payload as the language writes it (`telling.py`): `*_minor` as reais, dates, `{quotas}` and `{why}` as `reasons.py`
words them.
"""

from typing import Any

from subgraphs.notifications.domain.telling import Telling, Words
from subgraphs.notifications.domain.vocabulary import Category
from subgraphs.notifications.schemas import heard
from subgraphs.shared.messaging.event import EventPayload


def _told(category: Category, person: str | None, *words: str, **more: Any) -> Telling:
    """*words*: title and body in Portuguese, title and body in English."""
    return Telling(category, person, Words(*words), **more)


def _is_somebodys(payload: Any) -> bool:
    return payload.user_id is not None


_WELCOME = _told(
    Category.ACCOUNT, "user_id",
    "Boas-vindas à Peerseed", "Sua conta foi criada.",
    "Welcome to Peerseed", "Your account has been created.",
)  # fmt: skip
_VERIFIED = _told(
    Category.ACCOUNT, "user_id",
    "Identidade verificada", "Seus documentos foram conferidos. Sua conta está completa.",
    "Identity verified", "Your documents were checked. Your account is complete.",
)  # fmt: skip
_NOT_VERIFIED = (
    "Identidade não verificada", "Não foi possível verificar sua identidade. O motivo está no seu perfil.",
    "Identity not verified", "Your identity could not be verified. The reason is in your profile.",
)  # fmt: skip
_ANOTHER_PHOTO = (
    "Precisamos de outra foto",
    "Para concluir a verificação da sua identidade, envie outra foto. O que ela precisa mostrar está no seu perfil.",
    "Another photo is needed",
    "To complete the check of your identity, send another photo. What it has to show is in your profile.",
)
_NOT_APPROVED = _told(
    Category.CREDIT_REQUEST, "farmer_id",
    "Pedido não aprovado", "Seu pedido de crédito não foi aprovado. O motivo está no pedido.",
    "Request not approved", "Your credit request was not approved. The reason is in the request.",
    subject_type="CreditRequest", subject="credit_request_id",
)  # fmt: skip

TELLINGS: dict[type[EventPayload], Telling] = {
    heard.UserRegistered: _WELCOME,
    heard.UserRegisteredV1: _WELCOME,
    heard.IdentityVerified: _VERIFIED,
    heard.IdentityVerifiedV1: _VERIFIED,
    heard.IdentityRejected: _told(
        Category.ACCOUNT, "user_id", *_NOT_VERIFIED, subject_type="IdentityCheck", subject="identity_check_id"
    ),
    heard.IdentityRejectedV1: _told(Category.ACCOUNT, "user_id", *_NOT_VERIFIED),
    heard.IdentityUploadRequested: _told(
        Category.ACCOUNT, "user_id", *_ANOTHER_PHOTO, subject_type="IdentityCheck", subject="identity_check_id"
    ),
    heard.IdentityUploadRequestedV1: _told(Category.ACCOUNT, "user_id", *_ANOTHER_PHOTO),
    heard.SecurityAlert: _told(
        Category.SECURITY, "user_id",
        "Alerta de segurança", "{kind} Se não foi você, abra o link do e-mail que enviamos: ele para tudo.",
        "Security alert", "{kind} If it was not you, open the link in the e-mail we sent: it stops everything.",
    ),
    heard.IdentityCheckSubmitted: _told(
        Category.ACCOUNT, "user_id",
        "Documentos recebidos", "Recebemos a sua foto e o seu documento. Avisaremos quando forem conferidos.",
        "Documents received", "We received your photo and your document. We will tell you when they are checked.",
        subject_type="IdentityCheck", subject="identity_check_id",
    ),
    heard.ConsentAsked: _told(
        Category.ACCOUNT, "user_id",
        "Texto atualizado",
        "Mudou algo que você aceitou: {text}. A nova versão vale a partir de {valid_from}; leia e aceite no seu "
        "perfil. O aceite anterior deixa de valer em {earlier_good_until}.",
        "Text updated",
        "Something that you agreed to has changed: {text}. The new version holds from {valid_from}; read and "
        "agree to it in your profile. What you agreed to before is good no more from {earlier_good_until}.",
    ),
    heard.UserSuspended: _told(
        Category.ACCOUNT, "user_id",
        "Conta suspensa", "Sua conta foi suspensa. O que você tem aqui continua seu; fale com o nosso atendimento.",
        "Account suspended", "Your account was suspended. What you have here is still yours; please talk to support.",
    ),
    heard.UserReactivated: _told(
        Category.ACCOUNT, "user_id",
        "Conta reativada", "Sua conta está ativa de novo.",
        "Account reactivated", "Your account is active again.",
    ),
    heard.RequestSubmitted: _told(
        Category.CREDIT_REQUEST, "farmer_id",
        "Pedido recebido", "Recebemos seu pedido de crédito de {amount_minor}. A análise já começou.",
        "Request received", "We received your credit request of {amount_minor}. The analysis has begun.",
        subject_type="CreditRequest", subject="credit_request_id",
    ),
    heard.RequestScored: _told(
        Category.CREDIT_REQUEST, "farmer_id",
        "Seu AgroScore saiu", "Seu AgroScore é {score} (nota {grade}). Veja o que o formou; um analista vai decidir.",
        "Your AgroScore is there", "Your AgroScore is {score} (grade {grade}). See what made it; an analyst decides.",
        subject_type="AgroScore", subject="score_id",
    ),
    heard.RequestApproved: _told(
        Category.CREDIT_REQUEST, "farmer_id",
        "Pedido aprovado", "Seu pedido de {amount_minor} foi aprovado. Assine a CPR para abrir a oferta.",
        "Request approved", "Your request of {amount_minor} was approved. Sign the CPR to open the offering.",
        subject_type="CreditRequest", subject="credit_request_id",
    ),
    heard.RequestRejected: _NOT_APPROVED,
    heard.RequestRejectedV1: _NOT_APPROVED,
    heard.CPRSigned: _told(
        Category.CREDIT_REQUEST, "farmer_id",
        "CPR assinada", "Sua assinatura foi confirmada. A CPR segue para registro; depois disso a oferta é aberta.",
        "CPR signed", "Your signature is confirmed. The CPR goes to be registered; then the offering opens.",
        subject_type="CPR", subject="cpr_id",
    ),
    heard.CPRCancelled: _told(
        Category.CREDIT_REQUEST, "farmer_id",
        "CPR cancelada", "Sua CPR foi cancelada e nada é devido. O motivo está na CPR.",
        "CPR cancelled", "Your CPR was cancelled, and nothing is owed. The reason is in the CPR.",
        subject_type="CPR", subject="cpr_id",
    ),
    heard.OfferingOpened: _told(
        Category.FUNDING, "farmer_id",
        "Captação iniciada", "Sua oferta está aberta: {quotas} até {closes_at}.",
        "Funding started", "Your offering is open: {quotas} until {closes_at}.",
        subject_type="Offering", subject="offering_id",
    ),
    heard.OfferingMilestoneReached: _told(
        Category.FUNDING, "farmer_id",
        "{percent} % captados", "Sua oferta alcançou {percent} % das cotas.",
        "{percent} % funded", "Your offering has reached {percent} % of its quotas.",
        subject_type="Offering", subject="offering_id",
        # The last milestone is the offering being funded, which has words of its own.
        applies=lambda payload: payload.percent < 100,
    ),
    heard.OfferingExpired: _told(
        Category.FUNDING, "farmer_id",
        "O prazo da sua oferta terminou",
        "Captação: {funded_quotas} de {quotas}. Decida até {decide_by}: aceitar, prorrogar ou cancelar.",
        "Your offering's deadline has passed",
        "Funded: {funded_quotas} of {quotas}. Decide until {decide_by}: accept, extend or cancel.",
        subject_type="Offering", subject="offering_id",
    ),
    heard.OfferingFunded: _told(
        Category.FUNDING, "farmer_id",
        "Captação concluída", "Sua oferta foi captada: {principal_minor}. O desembolso está a caminho.",
        "Funded", "Your offering has been funded: {principal_minor}. The disbursement is on its way.",
        subject_type="Offering", subject="offering_id",
    ),
    heard.OfferingCancelled: _told(
        Category.FUNDING, "farmer_id",
        "Oferta cancelada", "Sua oferta foi cancelada e os valores voltaram aos investidores.",
        "Offering cancelled", "Your offering was cancelled and the money went back to the investors.",
        subject_type="Offering", subject="offering_id",
    ),
    heard.CPRDisbursed: _told(
        Category.FUNDING, "farmer_id",
        "Crédito na carteira", "{net_minor} foram creditados na sua carteira.",
        "Credit in your wallet", "{net_minor} have been credited to your wallet.",
        subject_type="CPR", subject="cpr_id",
    ),
    heard.InstallmentDueSoon: _told(
        Category.INSTALLMENT, "farmer_id",
        "Parcela a vencer", "A parcela {number}, de {amount_minor}, vence em {due_on}.",
        "Installment due soon", "Installment {number} of {amount_minor} is due on {due_on}.",
        subject_type="Installment", subject="installment_id",
    ),
    heard.InstallmentPaid: _told(
        Category.INSTALLMENT, "farmer_id",
        "Pagamento recebido", "Recebemos o pagamento da parcela {number}: {amount_minor}.",
        "Payment received", "We received the payment of installment {number}: {amount_minor}.",
        subject_type="Installment", subject="installment_id",
    ),
    heard.InstallmentPartlyPaid: _told(
        Category.INSTALLMENT, "farmer_id",
        "Pagamento parcial",
        "Os {amount_minor} que você pagou da parcela {number} são menos do que era devido. Multa e juros foram pagos "
        "primeiro; faltam {outstanding_minor}, que podem ser pagos com uma nova cobrança.",
        "Paid in part",
        "The {amount_minor} that you paid of installment {number} are less than was owed. Fine and interest were paid "
        "first; {outstanding_minor} are left, and can be paid with a new charge.",
        subject_type="Installment", subject="installment_id",
    ),
    heard.InstallmentLate: _told(
        Category.INSTALLMENT, "farmer_id",
        "Parcela em atraso", "A parcela {number} venceu em {due_on} e ainda não foi paga. Multa e juros já correm.",
        "Installment late", "Installment {number} was due on {due_on} and is unpaid. A fine and interest now apply.",
        subject_type="Installment", subject="installment_id",
    ),
    heard.CPRDefaulted: _told(
        Category.INSTALLMENT, "farmer_id",
        "CPR inadimplente", "Há parcela em atraso há mais de um mês. Até pagá-la, você não pode pedir novo crédito.",
        "CPR in default", "An installment has been late for over a month. Until it is paid you cannot ask for credit.",
        subject_type="CPR", subject="cpr_id",
    ),
    heard.CPRRecovered: _told(
        Category.INSTALLMENT, "farmer_id",
        "CPR regularizada", "Sua CPR não está mais inadimplente. Obrigado por regularizar.",
        "CPR in order again", "Your CPR is no longer in default. Thank you for putting it in order.",
        subject_type="CPR", subject="cpr_id",
    ),
    heard.CPRSettled: _told(
        Category.INSTALLMENT, "farmer_id",
        "CPR quitada", "Todas as parcelas foram pagas. Parabéns!",
        "CPR settled", "All installments have been paid. Congratulations!",
        subject_type="CPR", subject="cpr_id",
    ),
    heard.RenegotiationProposed: _told(
        Category.INSTALLMENT, "farmer_id",
        "Proposta de renegociação",
        "Há novas condições propostas para a sua CPR em atraso. Veja o novo cronograma e responda até {answer_until}.",
        "Renegotiation proposed",
        "New terms are proposed for your late CPR. Look at the new schedule and answer by {answer_until}.",
        subject_type="Renegotiation", subject="renegotiation_id",
    ),
    heard.RenegotiationEnded: _told(
        Category.INSTALLMENT, "farmer_id",
        "Renegociação encerrada", "A renegociação da sua CPR não seguiu adiante: {why}. Tudo fica como era.",
        "Renegotiation ended", "The renegotiation of your CPR came to nothing: {why}. All is owed as before.",
        subject_type="Renegotiation", subject="renegotiation_id",
        # Who refused knows.
        applies=lambda payload: payload.reason != "REFUSED",
    ),
    heard.CPRRenegotiated: _told(
        Category.INSTALLMENT, "farmer_id",
        "CPR renegociada",
        "O novo cronograma está em vigor: {installment_count} parcelas, a primeira em {first_due_on}. Cobranças "
        "abertas do cronograma anterior não valem mais.",
        "CPR renegotiated",
        "The new schedule is in force: {installment_count} installments, the first on {first_due_on}. Charges of the "
        "one before are no longer good.",
        subject_type="Renegotiation", subject="renegotiation_id",
    ),
    heard.DepositConfirmed: _told(
        Category.DEPOSIT, "user_id",
        "Depósito confirmado", "{amount_minor} entraram na sua carteira.",
        "Deposit confirmed", "{amount_minor} arrived in your wallet.",
        subject_type="Deposit", subject="deposit_id",
    ),
    heard.SurplusCredited: _told(
        Category.DEPOSIT, "user_id",
        "Pagamento creditado na carteira", "{amount_minor} foram creditados na sua carteira: {why}.",
        "Payment credited to your wallet", "{amount_minor} have been credited to your wallet: {why}.",
    ),
    heard.PaymentReturnRequested: _told(
        Category.DEPOSIT, "user_id",
        "Pagamento em devolução", "Um pagamento de {amount_minor} está voltando para quem pagou: {why}.",
        "Payment on its way back", "A payment of {amount_minor} is going back to who made it: {why}.",
        subject_type="PaymentReturn", subject="return_id", applies=_is_somebodys,
    ),
    heard.PaymentReturned: _told(
        Category.DEPOSIT, "user_id",
        "Pagamento devolvido", "{amount_minor} voltaram para quem pagou.",
        "Payment returned", "{amount_minor} are with who paid them again.",
        subject_type="PaymentReturn", subject="return_id", applies=_is_somebodys,
    ),
    heard.PaymentReturnFailed: _told(
        Category.DEPOSIT, "user_id",
        "Devolução não concluída", "O banco de quem pagou não aceitou {amount_minor}; voltaram para a sua carteira.",
        "Return not completed", "The payer's bank did not take {amount_minor}; they are back in your wallet.",
        subject_type="PaymentReturn", subject="return_id", applies=lambda payload: payload.source == "WALLET",
    ),
    heard.MoneyClaimOpened: _told(
        Category.DEPOSIT, "user_id",
        "Valor bloqueado",
        "O banco de quem pagou pede {amount_minor} de volta. Durante a análise, {blocked_minor} ficam bloqueados.",
        "Money blocked",
        "The payer's bank wants {amount_minor} back. While this is looked at, {blocked_minor} are blocked.",
        subject_type="MoneyClaim", subject="claim_id", applies=_is_somebodys,
    ),
    heard.MoneyClaimEnded: _told(
        Category.DEPOSIT, "user_id",
        "Pedido de devolução encerrado",
        "Voltaram ao banco de quem pagou {taken_minor}; foram liberados {released_minor}. Você deve {debt_minor}, "
        "descontados dos próximos créditos.",
        "Claim ended",
        "{taken_minor} went back to the payer's bank; {released_minor} are free again. You owe {debt_minor}, which is "
        "taken of your next credits.",
        subject_type="MoneyClaim", subject="claim_id", applies=_is_somebodys,
    ),
    heard.InvestmentConfirmed: _told(
        Category.INVESTMENT, "investor_id",
        "Investimento confirmado", "Você reservou {quotas}: {amount_minor}.",
        "Investment confirmed", "You have reserved {quotas}: {amount_minor}.",
        subject_type="Investment", subject="investment_id",
    ),
    heard.InvestmentRefused: _told(
        Category.INVESTMENT, "investor_id",
        "Investimento não realizado", "Seu investimento não foi realizado e nada foi cobrado: {why}.",
        "Investment not made", "Your investment was not made and nothing was charged: {why}.",
        subject_type="Investment", subject="investment_id",
    ),
    heard.InvestmentCancelled: _told(
        Category.INVESTMENT, "investor_id",
        "Investimento cancelado", "A oferta foi cancelada; {amount_minor} voltam a estar disponíveis.",
        "Investment cancelled", "The offering was cancelled; {amount_minor} are available again.",
        subject_type="Investment", subject="investment_id",
    ),
    heard.QuotasBought: _told(
        Category.INVESTMENT, "buyer_id",
        "Compra de cotas concluída", "Você comprou {quotas} de outro investidor por {amount_minor}.",
        "Purchase of quotas completed", "You bought {quotas} of another investor for {amount_minor}.",
        subject_type="QuotaPurchase", subject="purchase_id",
    ),
    heard.QuotasSold: _told(
        Category.INVESTMENT, "seller_id",
        "Venda de cotas concluída", "Você vendeu {quotas}; {net_minor} entraram na sua carteira.",
        "Sale of quotas completed", "You sold {quotas}; {net_minor} arrived in your wallet.",
        subject_type="QuotaPurchase", subject="purchase_id",
    ),
    heard.QuotaPurchaseRefused: _told(
        Category.INVESTMENT, "buyer_id",
        "Compra de cotas não realizada", "Sua compra de cotas não foi realizada e nada foi cobrado: {why}.",
        "Quotas not bought", "Your purchase of quotas was not made and nothing was charged: {why}.",
        subject_type="QuotaPurchase", subject="purchase_id",
    ),
    heard.QuotaOfferEnded: _told(
        Category.INVESTMENT, "seller_id",
        "Oferta de cotas encerrada", "Sua oferta de cotas foi encerrada: {why}.",
        "Offer of quotas ended", "Your offer of quotas ended: {why}.",
        subject_type="QuotaOffer", subject="offer_id",
    ),
    heard.PayoutCredited: _told(
        Category.PAYOUT, "user_id",
        "Rendimento creditado", "{amount_minor} de uma parcela paga entraram na sua carteira.",
        "Payout credited", "{amount_minor} from a paid installment arrived in your wallet.",
        subject_type="Payout", subject="payout_id",
    ),
    heard.BankAccountRegistered: _told(
        Category.SECURITY, "user_id",
        "Nova conta bancária",
        "Uma conta bancária foi cadastrada para seus saques. Se não foi você, pause as saídas, ou abra o link do "
        "e-mail que enviamos: ele para tudo.",
        "New bank account",
        "A bank account was registered for your withdrawals. If it was not you, pause money out, or open the link in "
        "the e-mail we sent: it stops everything.",
    ),
    heard.WithdrawalRequested: _told(
        Category.SECURITY, "user_id",
        "Saque solicitado",
        "Foi pedido um saque de {amount_minor}. Se não foi você, pause as saídas, ou abra o link do e-mail que "
        "enviamos: ele para tudo.",
        "Withdrawal requested",
        "A withdrawal of {amount_minor} was requested. If it was not you, pause money out, or open the link in the "
        "e-mail we sent: it stops everything.",
        subject_type="Withdrawal", subject="withdrawal_id",
    ),
    heard.QuotasOffered: _told(
        Category.SECURITY, "seller_id",
        "Cotas à venda",
        "Cotas suas foram postas à venda por {price_minor} cada. Se não foi você, pause as saídas, ou abra o link do "
        "e-mail que enviamos: ele para tudo.",
        "Quotas for sale",
        "Quotas of yours were offered for sale at {price_minor} each. If it was not you, pause money out, or open the "
        "link in the e-mail we sent: it stops everything.",
        subject_type="QuotaOffer", subject="offer_id",
    ),
    heard.WithdrawalSettled: _told(
        Category.WITHDRAWAL, "user_id",
        "Saque enviado", "{amount_minor} foram enviados à sua conta bancária.",
        "Withdrawal sent", "{amount_minor} were sent to your bank account.",
        subject_type="Withdrawal", subject="withdrawal_id",
    ),
    heard.WithdrawalReturned: _told(
        Category.WITHDRAWAL, "user_id",
        "Saque devolvido", "Seu saque não foi concluído; {amount_minor} voltaram à sua carteira.",
        "Withdrawal returned", "Your withdrawal was not completed; {amount_minor} are back in your wallet.",
        subject_type="Withdrawal", subject="withdrawal_id",
    ),
}  # fmt: skip
