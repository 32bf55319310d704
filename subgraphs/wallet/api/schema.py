"""The wallet's part of the graph."""

from strawberry.tools import create_type

from subgraphs.shared.graphql.audit import with_audit_log
from subgraphs.shared.graphql.parameters import with_parameter_changes, with_parameters
from subgraphs.shared.graphql.sagas import with_resuming, with_stuck_sagas
from subgraphs.shared.graphql.schema import make_schema
from subgraphs.wallet.api import types
from subgraphs.wallet.api.mutations.approve_money_proposal import approve_money_proposal
from subgraphs.wallet.api.mutations.create_charge import create_charge
from subgraphs.wallet.api.mutations.create_deposit import create_deposit
from subgraphs.wallet.api.mutations.create_settlement_charge import create_settlement_charge
from subgraphs.wallet.api.mutations.pause_money_out import pause_money_out
from subgraphs.wallet.api.mutations.pay_installment import pay_installment
from subgraphs.wallet.api.mutations.propose_money_move import propose_money_move
from subgraphs.wallet.api.mutations.register_bank_account import register_bank_account
from subgraphs.wallet.api.mutations.reject_money_proposal import reject_money_proposal
from subgraphs.wallet.api.mutations.remove_bank_account import remove_bank_account
from subgraphs.wallet.api.mutations.request_withdrawal import request_withdrawal
from subgraphs.wallet.api.mutations.set_night_limit import set_night_limit
from subgraphs.wallet.api.mutations.settle_cpr import settle_cpr
from subgraphs.wallet.api.queries import Query
from subgraphs.wallet.domain.audit import AUDIT_LOG
from subgraphs.wallet.domain.parameters import PARAMETERS
from subgraphs.wallet.domain.sagas import SAGAS

Mutation = create_type(
    "Mutation",
    [
        create_deposit,
        create_charge,
        create_settlement_charge,
        pay_installment,
        settle_cpr,
        register_bank_account,
        remove_bank_account,
        request_withdrawal,
        set_night_limit,
        pause_money_out,
        propose_money_move,
        approve_money_proposal,
        reject_money_proposal,
    ],
)

schema = make_schema(
    query=with_stuck_sagas(with_audit_log(with_parameters(Query, PARAMETERS), AUDIT_LOG), SAGAS),
    mutation=with_resuming(with_parameter_changes(Mutation, PARAMETERS), SAGAS),
    types=[
        types.Wallet,
        types.Deposit,
        types.Withdrawal,
        types.PaymentReturn,
        types.MoneyClaim,
        types.Charge,
        types.User,
        types.Installment,
        types.CPR,
    ],
    money_leaves_by=(
        "payInstallment",
        "settleCPR",
        "registerBankAccount",
        "requestWithdrawal",
        "proposeMoneyMove",
        "approveMoneyProposal",
        "approveWalletParameters",
    ),
)
