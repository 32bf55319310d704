"""A person says where their withdrawals should go."""

import strawberry

from subgraphs.shared.fresh_proof import require_fresh_proof
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key
from subgraphs.shared.refusal import FreshProofRequired
from subgraphs.wallet.api import types
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.domain import bank_accounts, money_out, refusals
from subgraphs.wallet.models import BankAccountType


@strawberry.input(description="A bank account of one's own.")
class RegisterBankAccountInput:
    bank_code: str = strawberry.field(description="The bank's three digits in the clearing system, such as 001 or 237.")
    branch: str = strawberry.field(description="1 to 5 digits, without check digit.")
    account_number: str = strawberry.field(description="With its check digit.")
    account_type: BankAccountType = strawberry.field(description="What kind of account it is.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@mutation(
    refusals.HolderNotVerified,
    refusals.BankAccountNotYours,
    refusals.TooManyBankAccounts,
    FreshProofRequired,
    refusals.PaymentGatewayUnavailable,
    description="Register a bank account of the same CPF or CNPJ; the bank is asked whether it is.",
    directives=[ONCE],
)
async def register_bank_account(info: Info, input: RegisterBankAccountInput) -> types.BankAccount:
    context = info.context
    services = context.services
    command = bank_accounts.RegisterBankAccount(
        user_id=context.identity.user_id,
        bank_code=input.bank_code,
        branch=input.branch,
        account_number=input.account_number,
        account_type=input.account_type,
        idempotency_key=check_key(input.idempotency_key),
    )
    async with context.read() as session:
        rules = await money_out.get_rules(session, now=context.clock.now())
    require_fresh_proof(context.identity, within=rules.fresh_proof)
    account = await bank_accounts.register_bank_account(services, command)
    return types.BankAccount.from_model(account, services.vault)
