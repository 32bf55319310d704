"""Look-ups of one request, in batches: one SQL statement for all keys of a kind. Each sees only what is the asker's."""

from uuid import UUID

from subgraphs.shared.scopes import Sight
from subgraphs.wallet import crud, models
from subgraphs.wallet.api.context import Context
from subgraphs.wallet.crud.wallets import WalletBalances
from subgraphs.wallet.domain.payers import open_payer
from subgraphs.wallet.ports.payment_gateway import Payer


async def wallets_by_user(context: Context, user_ids: list[UUID]) -> list[WalletBalances | None]:
    mine = [user_id for user_id in user_ids if context.identity.sees_own(user_id, Sight.MONEY)]
    async with context.read() as session:
        found = {row.wallet.user_id: row for row in await crud.wallets.list_balances_of_users(session, mine)}
    return [found.get(user_id) for user_id in user_ids]


async def wallets_by_id(context: Context, wallet_ids: list[UUID]) -> list[WalletBalances | None]:
    async with context.read() as session:
        rows = await crud.wallets.list_balances(session, wallet_ids)
    found = {row.wallet.id: row for row in rows if context.identity.sees_own(row.wallet.user_id, Sight.MONEY)}
    return [found.get(wallet_id) for wallet_id in wallet_ids]


async def deposits_by_id(context: Context, deposit_ids: list[UUID]) -> list[models.Charge | None]:
    async with context.read() as session:
        found = await crud.charges.list_deposits(session, deposit_ids, payer_id=context.identity.as_owner(Sight.MONEY))
    return [found.get(deposit_id) for deposit_id in deposit_ids]


async def charges_by_id(context: Context, charge_ids: list[UUID]) -> list[models.Charge | None]:
    async with context.read() as session:
        found = await crud.charges.list_charges(session, charge_ids, payer_id=context.identity.as_owner(Sight.MONEY))
    return [found.get(charge_id) for charge_id in charge_ids]


async def open_charges_by_installment(context: Context, installment_ids: list[UUID]) -> list[models.Charge | None]:
    async with context.read() as session:
        found = await crud.charges.list_open_charges(
            session, installment_ids, payer_id=context.identity.as_owner(Sight.MONEY), now=context.clock.now()
        )
    return [found.get(installment_id) for installment_id in installment_ids]


async def open_settlements_by_cpr(context: Context, cpr_ids: list[UUID]) -> list[models.Charge | None]:
    async with context.read() as session:
        found = await crud.charges.list_open_settlements(
            session, cpr_ids, payer_id=context.identity.as_owner(Sight.MONEY), now=context.clock.now()
        )
    return [found.get(cpr_id) for cpr_id in cpr_ids]


Owed = tuple[list[models.Installment], dict[UUID, models.InstallmentPayment]]
"""Installments of the asker, and their last payments by installment."""


async def owed_by_installment(context: Context, installment_ids: list[UUID]) -> list[Owed]:
    async with context.read() as session:
        found = await crud.installments.list_owed(
            session, installment_ids, farmer_id=context.identity.as_owner(Sight.MONEY)
        )
        last = await crud.installments.list_last_payments(session, [row.id for row in found])
    return [([row for row in found if row.id == installment_id], last) for installment_id in installment_ids]


async def owed_by_cpr(context: Context, cpr_ids: list[UUID]) -> list[Owed]:
    async with context.read() as session:
        found = await crud.installments.list_owed_of_cprs(
            session, cpr_ids, farmer_id=context.identity.as_owner(Sight.MONEY)
        )
        last = await crud.installments.list_last_payments(session, [row.id for row in found])
    return [([row for row in found if row.cpr_id == cpr_id], last) for cpr_id in cpr_ids]


async def withdrawals_by_id(context: Context, withdrawal_ids: list[UUID]) -> list[models.Withdrawal | None]:
    async with context.read() as session:
        found = await crud.withdrawals.list_withdrawals(
            session, withdrawal_ids, user_id=context.identity.as_owner(Sight.MONEY)
        )
    return [found.get(withdrawal_id) for withdrawal_id in withdrawal_ids]


async def returns_by_id(context: Context, return_ids: list[UUID]) -> list[models.PaymentReturn | None]:
    async with context.read() as session:
        found = await crud.returns.list_returns(session, return_ids, user_id=context.identity.as_owner(Sight.MONEY))
    return [found.get(return_id) for return_id in return_ids]


async def claims_by_id(context: Context, claim_ids: list[UUID]) -> list[models.MoneyClaim | None]:
    owner_id = context.identity.as_owner(Sight.MONEY)
    async with context.read() as session:
        found = await crud.claims.list_claims(session, claim_ids)
    mine = {claim_id: claim for claim_id, claim in found.items() if owner_id and claim.user_id == owner_id}
    return [mine.get(claim_id) for claim_id in claim_ids]


async def unfinished_claims_by_user(context: Context, user_ids: list[UUID]) -> list[list[models.MoneyClaim]]:
    """Whoever gets a wallet to ask about is its owner."""
    async with context.read() as session:
        found = await crud.claims.list_unfinished(session, user_ids)
    return [[claim for claim in found if claim.user_id == user_id] for user_id in user_ids]


async def payers_by_payment(context: Context, payment_ids: list[UUID]) -> list[Payer | None]:
    """For staff: whoever gets a payment to ask about has been let in already."""
    async with context.read() as session:
        rows = await crud.returns.list_payers(session, payment_ids)
    vault = context.services.vault
    found = {payment.id: open_payer(vault, payer, payment) for payer, payment in rows}
    return [found.get(payment_id) for payment_id in payment_ids]


async def left_in_suspense_by_payment(context: Context, payment_ids: list[UUID]) -> list[int]:
    """For staff, as above. In cents."""
    async with context.read() as session:
        found = await crud.suspense.list_left(session, payment_ids)
    return [found.get(payment_id, 0) for payment_id in payment_ids]


async def returns_by_payment(context: Context, payment_ids: list[UUID]) -> list[list[models.PaymentReturn]]:
    """For staff, as above."""
    async with context.read() as session:
        found = await crud.returns.list_of_payments(session, payment_ids)
    return [[made for made in found if made.payment_id == payment_id] for payment_id in payment_ids]


async def claims_by_payment(context: Context, payment_ids: list[UUID]) -> list[list[models.MoneyClaim]]:
    """For staff, as above."""
    async with context.read() as session:
        found = await crud.claims.list_of_payments(session, payment_ids)
    return [[claim for claim in found if claim.payment_id == payment_id] for payment_id in payment_ids]


async def payers_by_deposit(context: Context, charge_ids: list[UUID]) -> list[Payer | None]:
    """Whoever gets a deposit to ask about is its owner."""
    async with context.read() as session:
        rows = await crud.returns.list_payers_of_deposits(session, charge_ids)
    vault = context.services.vault
    found = {payment.charge_id: open_payer(vault, payer, payment) for payer, payment in rows}
    return [found.get(charge_id) for charge_id in charge_ids]


async def bank_accounts_by_user(context: Context, user_ids: list[UUID]) -> list[list[models.BankAccount]]:
    mine = [user_id for user_id in user_ids if context.identity.sees_own(user_id, Sight.MONEY)]
    async with context.read() as session:
        found = await crud.bank_accounts.list_in_use(session, mine)
    return [[account for account in found if account.user_id == user_id] for user_id in user_ids]


async def bank_accounts_by_id(context: Context, account_ids: list[UUID]) -> list[models.BankAccount | None]:
    async with context.read() as session:
        found = await crud.bank_accounts.list_by_id(
            session, account_ids, user_id=context.identity.as_owner(Sight.MONEY)
        )
    return [found.get(account_id) for account_id in account_ids]


async def entries_by_transfer(
    context: Context, transfer_ids: list[UUID]
) -> list[list[tuple[models.LedgerEntry, models.LedgerAccount]]]:
    """For staff: whoever gets a transfer to ask about has been let in already."""
    async with context.read() as session:
        found = await crud.ledger.list_entries_with_accounts(session, transfer_ids)
    return [[pair for pair in found if pair[0].transfer_id == transfer_id] for transfer_id in transfer_ids]
