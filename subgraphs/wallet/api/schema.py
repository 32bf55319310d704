"""The wallet's part of the graph."""

from strawberry.tools import create_type

from subgraphs.shared.graphql.schema import make_schema
from subgraphs.wallet.api import types
from subgraphs.wallet.api.errors import REFUSAL_TYPES
from subgraphs.wallet.api.messages import REFUSALS
from subgraphs.wallet.api.mutations.create_charge import create_charge
from subgraphs.wallet.api.mutations.create_deposit import create_deposit
from subgraphs.wallet.api.mutations.pause_money_out import pause_money_out
from subgraphs.wallet.api.mutations.pay_installment import pay_installment
from subgraphs.wallet.api.mutations.pay_out_unclaimed_credit import pay_out_unclaimed_credit
from subgraphs.wallet.api.mutations.register_bank_account import register_bank_account
from subgraphs.wallet.api.mutations.release_unclaimed_credit import release_unclaimed_credit
from subgraphs.wallet.api.mutations.remove_bank_account import remove_bank_account
from subgraphs.wallet.api.mutations.request_withdrawal import request_withdrawal
from subgraphs.wallet.api.mutations.resolve_suspended_payment import resolve_suspended_payment
from subgraphs.wallet.api.mutations.reverse_transfer import reverse_transfer
from subgraphs.wallet.api.mutations.set_night_limit import set_night_limit
from subgraphs.wallet.api.mutations.settle_cpr import settle_cpr
from subgraphs.wallet.api.queries import Query

Mutation = create_type(
    "Mutation",
    [
        create_deposit,
        create_charge,
        pay_installment,
        settle_cpr,
        register_bank_account,
        remove_bank_account,
        request_withdrawal,
        set_night_limit,
        pause_money_out,
        resolve_suspended_payment,
        release_unclaimed_credit,
        pay_out_unclaimed_credit,
        reverse_transfer,
    ],
)

schema = make_schema(
    query=Query,
    mutation=Mutation,
    types=[types.Wallet, types.Deposit, types.Withdrawal, types.Charge, types.User, types.Installment, types.CPR],
    refusal_types=REFUSAL_TYPES,
    refusal_messages=REFUSALS,
    money_leaves_by=(
        "payInstallment",
        "settleCPR",
        "registerBankAccount",
        "requestWithdrawal",
        "resolveSuspendedPayment",
        "releaseUnclaimedCredit",
        "payOutUnclaimedCredit",
        "reverseTransfer",
    ),
)
