"""When the wallet says no."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from subgraphs.shared.refusal import Message, Refusal


@dataclass
class WalletNotReady(Refusal):
    """The wallet of a new person is not open yet; it is a matter of seconds."""

    message = Message(
        pt="Sua carteira está sendo aberta. Tente de novo em instantes.",
        en="Your wallet is being opened. Try again in a moment.",
    )
    is_an_answer = False


@dataclass
class InsufficientFunds(Refusal):
    """More is asked for than is available."""

    message = Message(
        pt="Saldo insuficiente: há {available_minor} disponíveis e a operação é de {requested_minor}.",
        en="Insufficient funds: {available_minor} is available and the operation is of {requested_minor}.",
    )

    available_minor: Annotated[int, "What may be spent now."]
    requested_minor: Annotated[int, "What was asked for."]


@dataclass
class PaymentAmountOutOfRange(Refusal):
    """The amount is beside the limits for one operation."""

    message = Message(
        pt="O valor precisa ficar entre {minimum_minor} e {maximum_minor} por operação.",
        en="The amount must be between {minimum_minor} and {maximum_minor} per operation.",
    )

    minimum_minor: Annotated[int, "The least for one operation."]
    maximum_minor: Annotated[int, "The most for one operation."]


@dataclass
class InstallmentNotOwed(Refusal):
    """There is no such installment that the asker owes; of a loan paid out just now, it takes a few seconds."""

    message = Message(
        pt="Não encontramos esta parcela entre as suas.",
        en="We find no such installment among yours.",
    )
    is_an_answer = False

    installment_id: Annotated[UUID, "The id that was sent."]


@dataclass
class NothingOwed(Refusal):
    """There is no such CPR, or nothing of it that the asker owes."""

    message = Message(
        pt="Não encontramos esta CPR entre as suas, ou nada mais é devido.",
        en="We find no such CPR among yours, or nothing more is owed.",
    )
    is_an_answer = False

    cpr_id: Annotated[UUID, "The id that was sent."]


@dataclass
class InstallmentAlreadyPaid(Refusal):
    """The installment is paid; nothing more is owed for it."""

    message = Message(
        pt="Esta parcela já está paga.",
        en="This installment is paid already.",
    )

    installment_id: Annotated[UUID, "The id that was sent."]


@dataclass
class HolderNotVerified(Refusal):
    """Money leaves the platform only towards a person whose identity is verified."""

    message = Message(
        pt="Confirme sua identidade antes de cadastrar uma conta bancária ou sacar.",
        en="Have your identity verified before you register a bank account or withdraw.",
    )
    is_an_answer = False


@dataclass
class BankAccountNotYours(Refusal):
    """The bank account does not exist, or belongs to another CPF or CNPJ."""

    message = Message(
        pt="A conta bancária precisa existir e ser do mesmo CPF ou CNPJ da sua carteira.",
        en="The bank account must exist and belong to the same CPF or CNPJ as your wallet.",
    )


@dataclass
class BankAccountNotFound(Refusal):
    """There is no such bank account of the asker's."""

    message = Message(
        pt="Não encontramos esta conta bancária entre as suas.",
        en="We find no such bank account among yours.",
    )

    bank_account_id: Annotated[UUID, "The id that was sent."]


@dataclass
class TooManyBankAccounts(Refusal):
    """A person may have only so many bank accounts at a time."""

    message = Message(
        pt="Você já tem {maximum} contas bancárias cadastradas; remova uma antes.",
        en="You have {maximum} bank accounts already; remove one first.",
    )

    maximum: Annotated[int, "How many there may be."]


@dataclass
class PaymentGatewayUnavailable(Refusal):
    """The payment gateway does not answer. Send the same request again, with the same key."""

    message = Message(
        pt="O serviço de pagamentos não respondeu. Nada foi perdido: tente de novo.",
        en="The payment service did not answer. Nothing is lost: send the same request again.",
    )
    is_an_answer = False


@dataclass
class TransferNotFound(Refusal):
    """There is no such transfer."""

    message = Message(pt="Transferência não encontrada.", en="There is no such transfer.")

    transfer_id: Annotated[UUID, "The id that was sent."]


class ReversalObstacle(StrEnum):
    """Why something is not reversed."""

    REVERSED_ALREADY = "REVERSED_ALREADY"
    """It has been undone before."""
    ENDS_OTHERWISE = "ENDS_OTHERWISE"
    """A hold is released, a withdrawal returned, a quota sold again, an installment is its holders'."""
    NOT_SETTLED = "NOT_SETTLED"
    """The gateway has yet to pass the money on to our bank."""
    MONEY_MOVED_ON = "MONEY_MOVED_ON"
    """It is no longer where it went."""


@dataclass
class TransferNotReversible(Refusal):
    """What moved with the transfer is not undone."""

    message = Message(
        pt="Não é possível estornar: {obstacle}.",
        en="This cannot be undone: {obstacle}.",
        words={
            "obstacle": {
                ReversalObstacle.REVERSED_ALREADY: ("já foi estornado", "it has been undone already"),
                ReversalObstacle.ENDS_OTHERWISE: (
                    "este tipo de operação se encerra de outra forma (reserva liberada, saque devolvido, cota vendida)",
                    "what is of this kind ends otherwise (a hold is released, a withdrawal returned, a quota sold)",
                ),
                ReversalObstacle.NOT_SETTLED: (
                    "o provedor de pagamentos ainda não repassou o valor ao banco",
                    "the gateway has yet to pass the money on to the bank",
                ),
                ReversalObstacle.MONEY_MOVED_ON: ("o dinheiro já seguiu adiante", "the money has moved on"),
            }
        },
    )

    obstacle: Annotated[ReversalObstacle, "Why not."]


@dataclass
class OwnMoney(Refusal):
    """Nobody proposes or approves what moves money that is, or may be, their own."""

    message = Message(
        pt="Ninguém propõe nem aprova o que movimenta valores que são ou podem ser seus.",
        en="Nobody proposes or approves what moves money that is, or may be, their own.",
    )


@dataclass
class ProposalOutdated(Refusal):
    """What would move now is not what the proposal says: reject it, and propose anew."""

    message = Message(
        pt="O que seria movimentado mudou desde a proposta: rejeite-a e proponha de novo.",
        en="What would move has changed since it was proposed: reject it, and propose anew.",
    )

    proposal_id: Annotated[UUID, "The id that was sent."]


@dataclass
class PaymentNotInSuspense(Refusal):
    """
    There is no such payment in suspense.

    Or people have decided on it before.
    """

    message = Message(
        pt="Não há pagamento em análise com este número.", en="There is no payment in suspense with this id."
    )

    payment_id: Annotated[UUID, "The id that was sent."]


@dataclass
class PaymentNotReturnable(Refusal):
    """Not so much of this payment can go back to who made it."""

    message = Message(
        pt="Deste pagamento podem ser devolvidos {left_minor}.",
        en="Of this payment {left_minor} can go back.",
    )

    payment_id: Annotated[UUID, "The id that was sent."]
    left_minor: Annotated[int, "What of it is where it went, and can go back."]


@dataclass
class PaymentClaimed(Refusal):
    """The payer's bank wants this payment back: it is given to nobody until that is decided."""

    message = Message(
        pt="O banco de quem pagou pede {claimed_minor} de volta: aguarde a decisão.",
        en="The payer's bank wants {claimed_minor} back: wait until that is decided.",
    )

    payment_id: Annotated[UUID, "The id that was sent."]
    claimed_minor: Annotated[int, "What is claimed of it, by claims that are open."]


@dataclass
class UnclaimedCreditNotOpen(Refusal):
    """There is no such credit of somebody who has left that waits for a decision."""

    message = Message(
        pt="Este crédito não existe ou já teve destino.",
        en="There is no such credit, or it has been settled before.",
    )

    unclaimed_credit_id: Annotated[UUID, "The id that was sent."]


class WhyNotToReceive(StrEnum):
    """Why nobody is given money that is found to be theirs."""

    CLOSED = "CLOSED"
    """Their account is closed."""
    NOT_VERIFIED = "NOT_VERIFIED"
    """Who they are is not verified."""
    PART_IS_ANOTHERS = "PART_IS_ANOTHERS"
    """A part of the payment was given to somebody else."""


@dataclass
class PersonCannotReceive(Refusal):
    """
    Nobody is given money whose account is closed; what they had left, once it is verified.

    Nor the rest of a payment of which somebody else has a part.
    """

    message = Message(
        pt="Esta pessoa não pode receber o valor: {why}.",
        en="This person cannot receive the money: {why}.",
        words={
            "why": {
                WhyNotToReceive.CLOSED: ("a conta está encerrada", "the account is closed"),
                WhyNotToReceive.NOT_VERIFIED: ("a identidade não está verificada", "the identity is not verified"),
                WhyNotToReceive.PART_IS_ANOTHERS: (
                    "uma parte do pagamento é de outra pessoa",
                    "a part of the payment is somebody else's",
                ),
            }
        },
    )

    user_id: Annotated[UUID, "The id that was sent."]
    why: Annotated[WhyNotToReceive, "Why they cannot."]

    @property
    def is_an_answer(self) -> bool:
        return self.why is not WhyNotToReceive.NOT_VERIFIED


@dataclass
class BankReferenceUsed(Refusal):
    """The bank's payment of this reference is entered already."""

    message = Message(
        pt="O pagamento {bank_reference} já foi lançado.",
        en="The payment {bank_reference} is entered already.",
    )

    bank_reference: Annotated[str, "The reference that was sent."]


@dataclass
class CoolingOff(Refusal):
    """After a new bank account, a reset password or a pause of one's own, only small sums leave for a while."""

    message = Message(
        pt="Por segurança, até {until:%d/%m %H:%M} (UTC) podem sair mais {left_minor}.",
        en="For your safety, {left_minor} more may leave until {until:%Y-%m-%d %H:%M} UTC.",
    )

    until: Annotated[datetime, "When all may leave again."]
    left_minor: Annotated[int, "What may still leave until then."]


@dataclass
class NightLimitExceeded(Refusal):
    """More would leave in this night than may."""

    message = Message(
        pt="O seu limite noturno é de {limit_minor}; nesta noite podem sair mais {left_minor}.",
        en="Your limit for a night is {limit_minor}; {left_minor} more may leave in this one.",
    )

    limit_minor: Annotated[int, "What may leave in a night."]
    left_minor: Annotated[int, "What may still leave in this night."]
    until: Annotated[datetime, "When the night ends."]
