"""Credit's refusals in words, for the person in Portuguese and beside it in English."""

from subgraphs.credit.domain import refusals
from subgraphs.shared import refusal
from subgraphs.shared.graphql.refusals import Message

MESSAGES: dict[type[refusal.Refusal], Message] = {
    refusals.CreditRequestNotFound: Message(
        pt="Pedido de crédito não encontrado.",
        en="There is no such credit request.",
    ),
    refusals.OpenRequestExists: Message(
        pt="Você já tem um pedido em andamento. Acompanhe a resposta antes de fazer outro.",
        en="You have an undecided request; wait for its answer before making another.",
    ),
    refusals.AmountAboveLimit: Message(
        pt="O valor de {requested_minor} passa do limite de {limit_minor}.",
        en="{requested_minor} is above the limit of {limit_minor}.",
    ),
    refusals.CreditBelowMinimum: Message(
        pt="O valor mínimo é {minimum_minor}; foi pedido {requested_minor}.",
        en="The minimum is {minimum_minor}; {requested_minor} was asked for.",
    ),
    refusals.TermOutOfRange: Message(
        pt="O prazo precisa ser de {months_min} a {months_max} meses.",
        en="The term has to be {months_min} to {months_max} months.",
    ),
    refusals.FarmerInArrears: Message(
        pt="Há uma CPR com mais de 30 dias de atraso. Regularize o pagamento para pedir novo crédito.",
        en="A CPR is more than 30 days late; pay it before asking for new credit.",
    ),
    refusals.NotInAnalysis: Message(
        pt="O pedido não está em análise.",
        en="The request is not in analysis (it is {status}).",
    ),
    refusals.GradeTooLow: Message(
        pt="A nota {grade} (AgroScore {score}) não permite crédito.",
        en="Nothing is lent on grade {grade} (AgroScore {score}).",
    ),
    refusals.FarmerIdentityNotVerified: Message(
        pt="A identidade do produtor ainda não foi verificada.",
        en="The farmer's identity is not verified yet.",
    ),
    refusals.OwnCreditRequest: Message(
        pt="Ninguém decide sobre o próprio pedido.",
        en="Nobody decides about their own request.",
    ),
    refusals.RequestDecided: Message(
        pt="O pedido já foi decidido; não recebe mais documentos.",
        en="The request is decided (it is {status}); it takes no more documents.",
    ),
    refusals.TooManyDocuments: Message(
        pt="O pedido já tem {documents_max} documentos, o máximo permitido.",
        en="The request has {documents_max} documents already, which is the most.",
    ),
}
