"""The wallet's part of the graph."""

from strawberry.tools import create_type

from subgraphs.shared.graphql.schema import make_schema
from subgraphs.wallet.api import types
from subgraphs.wallet.api.errors import REFUSAL_TYPES
from subgraphs.wallet.api.messages import REFUSALS
from subgraphs.wallet.api.mutations.create_charge import create_charge
from subgraphs.wallet.api.mutations.create_deposit import create_deposit
from subgraphs.wallet.api.mutations.pay_installment import pay_installment
from subgraphs.wallet.api.mutations.request_withdrawal import request_withdrawal
from subgraphs.wallet.api.queries import Query

Mutation = create_type("Mutation", [create_deposit, create_charge, pay_installment, request_withdrawal])

schema = make_schema(
    query=Query,
    mutation=Mutation,
    types=[types.Wallet, types.Deposit, types.Withdrawal, types.Charge, types.User, types.Installment],
    refusal_types=REFUSAL_TYPES,
    refusal_messages=REFUSALS,
)
