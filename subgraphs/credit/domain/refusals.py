"""What the rules of credit say no to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from subgraphs.credit.models.vocabulary import RequestStatus
from subgraphs.shared.refusal import Message, Refusal


@dataclass
class CreditRequestNotFound(Refusal):
    """There is no such request, or it is not yours."""

    message = Message(
        pt="Pedido de crédito não encontrado.",
        en="There is no such credit request.",
    )

    credit_request_id: Annotated[UUID, "The id that was sent."]


@dataclass
class OpenRequestExists(Refusal):
    """One request at a time: the one named here is not decided yet."""

    message = Message(
        pt="Você já tem um pedido em andamento. Acompanhe a resposta antes de fazer outro.",
        en="You have an undecided request; wait for its answer before making another.",
    )

    credit_request_id: Annotated[UUID, "The id of the undecided request."]


@dataclass
class AmountAboveLimit(Refusal):
    """More than the platform, the grade, or the farmer asked for, allows."""

    message = Message(
        pt="O valor de {requested_minor} passa do limite de {limit_minor}.",
        en="{requested_minor} is above the limit of {limit_minor}.",
    )

    limit_minor: Annotated[int, "The most that can be lent."]
    requested_minor: Annotated[int, "What was asked for."]


@dataclass
class CreditBelowMinimum(Refusal):
    """Less than the platform lends."""

    message = Message(
        pt="O valor mínimo é {minimum_minor}; foi pedido {requested_minor}.",
        en="The minimum is {minimum_minor}; {requested_minor} was asked for.",
    )

    minimum_minor: Annotated[int, "The least that is lent."]
    requested_minor: Annotated[int, "What was asked for."]


@dataclass
class TermOutOfRange(Refusal):
    """Shorter or longer than the platform lends."""

    message = Message(
        pt="O prazo precisa ser de {months_min} a {months_max} meses.",
        en="The term has to be {months_min} to {months_max} months.",
    )

    months_min: Annotated[int, "The shortest term, in months."]
    months_max: Annotated[int, "The longest term, in months."]


@dataclass
class FarmerInArrears(Refusal):
    """A CPR of the farmer's is more than 30 days late."""

    message = Message(
        pt="Há uma CPR com mais de 30 dias de atraso. Regularize o pagamento para pedir novo crédito.",
        en="A CPR is more than 30 days late; pay it before asking for new credit.",
    )

    cpr_id: Annotated[UUID, "The id of the CPR that is late."]
    since: Annotated[datetime, "When it was found to be more than 30 days late."]


@dataclass
class NotInAnalysis(Refusal):
    """Only a scored, undecided request can be decided."""

    message = Message(
        pt="O pedido não está em análise.",
        en="The request is not in analysis (it is {status}).",
    )

    status: Annotated[RequestStatus, "Where the request stands."]


@dataclass
class GradeTooLow(Refusal):
    """Nothing is lent on this grade."""

    message = Message(
        pt="A nota {grade} (AgroScore {score}) não permite crédito.",
        en="Nothing is lent on grade {grade} (AgroScore {score}).",
    )

    grade: Annotated[str, "The grade that the request has."]
    score: Annotated[int, "The AgroScore that it has."]


@dataclass
class FarmerIdentityNotVerified(Refusal):
    """The farmer's identity is not verified yet."""

    message = Message(
        pt="A identidade do produtor ainda não foi verificada.",
        en="The farmer's identity is not verified yet.",
    )

    farmer_id: Annotated[UUID, "Whose identity: a person's id."]


@dataclass
class OwnCreditRequest(Refusal):
    """Nobody decides about their own request."""

    message = Message(
        pt="Ninguém decide sobre o próprio pedido.",
        en="Nobody decides about their own request.",
    )

    credit_request_id: Annotated[UUID, "The id that was sent."]


@dataclass
class RequestDecided(Refusal):
    """The request is decided: documents cannot change that any more."""

    message = Message(
        pt="O pedido já foi decidido; não recebe mais documentos.",
        en="The request is decided (it is {status}); it takes no more documents.",
    )

    status: RequestStatus


@dataclass
class TooManyDocuments(Refusal):
    """The request has as many documents as it may have."""

    message = Message(
        pt="O pedido já tem {documents_max} documentos, o máximo permitido.",
        en="The request has {documents_max} documents already, which is the most.",
    )

    documents_max: int
