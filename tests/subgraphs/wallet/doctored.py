"""Ways to doctor the books, and what the database or the check says of each (`doctoring.py` says how)."""

# ruff: noqa: S608  # that is what they do

from subgraphs.wallet.domain import chart
from tests.subgraphs.wallet.books_story import CARLOS_BANK, DORA, ELSE, INVESTED, PURCHASE
from tests.subgraphs.wallet.doctoring import (
    CAUSE,
    DENIED,
    DEPOSITED,
    FORGED,
    GOES_ON,
    INVENTED,
    LAST_DEPOSIT,
    MINE,
    MISSING,
    NO_CAUSE,
    STAYS,
    Doctored,
    Who,
    given_out,
    half_undone,
    of,
    the,
    transfer,
)
from tests.subgraphs.wallet.schedules import AGREED
from tests.subgraphs.wallet.staff_pairs import BRUNO
from tests.subgraphs.wallet.wallet_world import ANA, CARLOS, CPR, MARINA, OFFERING, SERGIO, number

REFUSED = [
    Doctored("ten million out of the fee account", Who.SERVICE,
             transfer("DISBURSEMENT", ("origination_fee", "DEBIT", 10_000_000_00), (MINE, "CREDIT", 10_000_000_00)),
             "ck_ledger_balances_not_below_zero"),
    Doctored("all fees out of their account", Who.SERVICE,
             transfer("DISBURSEMENT", ("origination_fee", "DEBIT", 30_00), (MINE, "CREDIT", 30_00)), NO_CAUSE),
    Doctored("a disbursement out of the bank", Who.SERVICE,
             transfer("DISBURSEMENT", ("bank", "CREDIT", 5_00), ("gateway", "DEBIT", 5_00), cause=OFFERING),
             "uq_ledger_transfers_kind_cause_id"),
    Doctored("a second disbursement of a CPR", Who.SERVICE, f"""
        INSERT INTO offering_fundings VALUES ('{CAUSE}', 'DISBURSED', now());
        INSERT INTO disbursements VALUES ('{CAUSE}', '{CPR}', '{SERGIO}', 'A', 100, 0, 0, 100, now());""",
             "uq_disbursements_cpr_id"),
    Doctored("a payout without a distribution", Who.SERVICE,
             transfer("PAYOUT", ("gateway", "DEBIT", 5_00), (MINE, "CREDIT", 5_00)), NO_CAUSE),
    Doctored("a payout out of another's wallet", Who.SERVICE,
             transfer("PAYOUT", (f"available:{MARINA}", "DEBIT", 5_00), (MINE, "CREDIT", 5_00)), NO_CAUSE),
    Doctored("a payout of a payment that is paid out", Who.SERVICE, f"""
        INSERT INTO distribution_parts SELECT '{CAUSE}', 2, id, 2, now() FROM installment_payments LIMIT 1;
        INSERT INTO distribution_payouts VALUES ('{CAUSE}', '{CAUSE}', 2, '{CARLOS}', 500, 0, 0, 500);
        INSERT INTO ledger_transfers (id, kind, cause_id, reference_id, occurred_at)
        VALUES ('{FORGED}', 'PAYOUT', '{CAUSE}', '{CAUSE}', now());
        INSERT INTO ledger_entries (id, transfer_id, account_id, side, amount_minor) SELECT gen_random_uuid(),
            '{FORGED}', clearing_id, 'DEBIT', 500 FROM installment_payments LIMIT 1;""",
             "ck_ledger_balances_not_below_zero"),
    Doctored("a second distribution of a payment", Who.SERVICE,
             f"INSERT INTO distribution_parts SELECT '{CAUSE}', 1, id, 1, now() FROM installment_payments LIMIT 1",
             "uq_distribution_parts_payment_id_part"),
    Doctored("a payout that is recorded and not made", Who.SERVICE, f"""
        INSERT INTO distribution_parts SELECT '{CAUSE}', 2, id, 2, now() FROM installment_payments LIMIT 1;
        INSERT INTO distribution_payouts VALUES ('{CAUSE}', '{CAUSE}', 2, '{CARLOS}', 500, 0, 0, 500);""", MISSING),
    Doctored("a deposit without a payment", Who.SERVICE, DEPOSITED, NO_CAUSE),
    Doctored("a payment without its deposit", Who.SERVICE, INVENTED, MISSING),
    Doctored("a deposit of more than was paid", Who.SERVICE, INVENTED.replace("1000000", "999999") + DEPOSITED,
             NO_CAUSE),
    Doctored("a deposit dated last year", Who.SERVICE, INVENTED + DEPOSITED.replace("now()", "now() - interval '1y'"),
             "is dated"),
    Doctored("a deposit at another moment than its payment", Who.SERVICE,
             INVENTED + DEPOSITED.replace("now()", "now() - interval '1s'"), NO_CAUSE),
    Doctored("a surplus of nothing", Who.SERVICE,
             transfer("SURPLUS", ("bank", "DEBIT", 5_00), (MINE, "CREDIT", 5_00)), NO_CAUSE),
    Doctored("the release of a hold that goes on", Who.SERVICE,
             transfer("HOLD_RELEASE", (f"held:{MARINA}", "DEBIT", 100_00), (f"available:{MARINA}", "CREDIT", 100_00)),
             NO_CAUSE),
    Doctored("a hold that ends and gives nothing back", Who.SERVICE,
             "UPDATE holds SET status = 'EXPIRED', ended_at = now() WHERE status = 'ACTIVE'", MISSING),
    Doctored("a hold released to somebody else", Who.SERVICE, f"""
        UPDATE holds SET status = 'RELEASED', ended_at = now() WHERE status = 'ACTIVE';
        INSERT INTO ledger_transfers (id, kind, cause_id, reference_id, occurred_at)
        SELECT '{FORGED}', 'HOLD_RELEASE', id, reference_id, now() FROM holds WHERE ended_at = now();
        INSERT INTO ledger_entries (id, transfer_id, account_id, side, amount_minor)
        VALUES (gen_random_uuid(), '{FORGED}', '{chart.held(MARINA).id}', 'DEBIT', 10000),
               (gen_random_uuid(), '{FORGED}', '{chart.available(CARLOS).id}', 'CREDIT', 10000);""", NO_CAUSE),
    Doctored("a hold captured into a fee", Who.SERVICE, f"""
        UPDATE holds SET status = 'CAPTURED', captured_minor = amount_minor, ended_at = now() WHERE status = 'ACTIVE';
        INSERT INTO ledger_transfers (id, kind, cause_id, reference_id, occurred_at)
        SELECT '{FORGED}', 'HOLD_CAPTURE', id, reference_id, now() FROM holds WHERE ended_at = now();
        INSERT INTO ledger_entries (id, transfer_id, account_id, side, amount_minor)
        VALUES (gen_random_uuid(), '{FORGED}', '{chart.held(MARINA).id}', 'DEBIT', 10000),
               (gen_random_uuid(), '{FORGED}', '{chart.ORIGINATION_FEE}', 'CREDIT', 10000);""", NO_CAUSE),
    Doctored("a hold of another person's", Who.SERVICE,
             f"UPDATE holds SET user_id = '{CARLOS}' WHERE status = 'ACTIVE'", STAYS),
    Doctored("a hold of less than was held", Who.SERVICE,
             "UPDATE holds SET amount_minor = 1 WHERE status = 'ACTIVE'", STAYS),
    Doctored("a new hold in another's wallet", Who.SERVICE, f"""
        INSERT INTO holds (id, purpose, reference_id, offering_id, user_id, wallet_id, amount_minor, status,
            captured_minor, placed_at, expires_at)
        SELECT '{CAUSE}', 'investment', '{CAUSE}', '{CAUSE}', '{CARLOS}', id, 100, 'ACTIVE', 0, now(), now()
        FROM wallets WHERE user_id = '{MARINA}'; SET CONSTRAINTS ALL DEFERRED;""", "fk_holds_wallet_of_its_person"),
    Doctored("half a reversal", Who.SERVICE,
             transfer("REVERSAL", (MINE, "DEBIT", 5_00), ("gateway", "CREDIT", 5_00)).replace(
                 f"'{CAUSE}', '{CAUSE}', '{CAUSE}'", ", ".join([of("DEPOSIT")] * 3)), NO_CAUSE),
    Doctored("the reversal of a payout", Who.SERVICE,
             transfer("REVERSAL", (MINE, "DEBIT", 5_00), ("gateway", "CREDIT", 5_00)).replace(
                 f"'{CAUSE}', '{CAUSE}', '{CAUSE}'", ", ".join([of("PAYOUT")] * 3)), NO_CAUSE),
    Doctored("a whole reversal that nobody asked for", Who.SERVICE, f"""
        INSERT INTO ledger_transfers (id, kind, cause_id, reference_id, reverses_id, occurred_at)
        SELECT '{FORGED}', 'REVERSAL', id, reference_id, id, now() FROM ledger_transfers
        WHERE kind = 'DEPOSIT' ORDER BY number LIMIT 1;
        INSERT INTO ledger_entries (id, transfer_id, account_id, side, amount_minor)
        SELECT gen_random_uuid(), '{FORGED}', account_id, CASE side WHEN 'DEBIT' THEN 'CREDIT' ELSE 'DEBIT' END,
               amount_minor FROM ledger_entries WHERE transfer_id = {of("DEPOSIT")} AND amount_minor < 1;
        INSERT INTO ledger_entries (id, transfer_id, account_id, side, amount_minor)
        VALUES (gen_random_uuid(), '{FORGED}', '{chart.available(MARINA).id}', 'DEBIT', 100),
               (gen_random_uuid(), '{FORGED}', '{chart.GATEWAY}', 'CREDIT', 100);""", NO_CAUSE),
    Doctored("a withdrawal that is recorded and not taken", Who.SERVICE, f"""
        INSERT INTO withdrawals (id, user_id, wallet_id, bank_account_id, amount_minor, status, requested_at)
        SELECT '{CAUSE}', user_id, wallet_id, bank_account_id, 100, 'REQUESTED', now() FROM withdrawals LIMIT 1""",
             MISSING),
    Doctored("a withdrawal to another's bank account", Who.SERVICE, f"""
        INSERT INTO withdrawals (id, user_id, wallet_id, bank_account_id, amount_minor, status, requested_at)
        SELECT '{CAUSE}', user_id, wallet_id, '{CARLOS_BANK}', 100, 'REQUESTED', now() FROM withdrawals LIMIT 1""",
             "fk_withdrawals_bank_account_of_its_person"),
    Doctored("a withdrawal of more than was taken", Who.SERVICE,
             "UPDATE withdrawals SET amount_minor = amount_minor * 9 WHERE status = 'REQUESTED'", STAYS),
    Doctored("a withdrawal that arrives without money", Who.SERVICE,
             "UPDATE withdrawals SET status = 'SETTLED', ended_at = now() WHERE status = 'REQUESTED'", MISSING),
    Doctored("a withdrawal that came back and is sent again", Who.SERVICE,
             "UPDATE withdrawals SET status = 'REQUESTED', ended_at = NULL WHERE status = 'RETURNED'", GOES_ON),
    Doctored("a settlement for nothing", Who.SERVICE,
             transfer("GATEWAY_SETTLEMENT", ("gateway", "DEBIT", 5_00), ("bank", "CREDIT", 5_00)), NO_CAUSE),
    Doctored("a payment that is unsettled again", Who.SERVICE, "UPDATE gateway_payments SET settled_at = NULL",
             GOES_ON),
    Doctored("a payment that went elsewhere", Who.SERVICE,
             "UPDATE gateway_payments SET outcome = 'QUARANTINED' WHERE outcome = 'CREDITED'", GOES_ON),
    Doctored("a payment for another charge", Who.SERVICE, "UPDATE gateway_payments SET charge_id = NULL", DENIED),
    Doctored("a charge for another person", Who.SERVICE, f"UPDATE charges SET payer_id = '{CARLOS}'", STAYS),
    Doctored("a charge that is open again", Who.SERVICE,
             "UPDATE charges SET status = 'OPEN', paid_at = NULL WHERE status = 'PAID'", GOES_ON),
    Doctored("an installment of a cent", Who.SERVICE, "UPDATE installments SET amount_minor = 1", STAYS),
    Doctored("being late for nothing", Who.SERVICE,
             "UPDATE installments SET late_fine_rate = 0.02, late_monthly_rate = 0.01; "
             "UPDATE installments SET late_fine_rate = 0", GOES_ON),
    Doctored("an installment of another farmer", Who.SERVICE, f"UPDATE installments SET farmer_id = '{CARLOS}'", STAYS),
    Doctored("a debt that is owed no more", Who.SERVICE,
             f"UPDATE installments SET replaced_by = '{AGREED}' WHERE cpr_id = '{CPR}' AND number = 3",
             "of principal for"),
    Doctored("a debt that is owed again", Who.SERVICE, "UPDATE installments SET replaced_by = NULL", GOES_ON),
    Doctored("a schedule that replaces nothing", Who.SERVICE,
             f"INSERT INTO schedule_replacements VALUES ('{CAUSE}', '{CPR}', NULL, now())", "of principal for"),
    Doctored("a schedule that was not taken up after all", Who.SERVICE,
             "UPDATE schedule_replacements SET reason = 'TIMED_OUT'", DENIED),
    Doctored("an installment paid by nobody", Who.SERVICE, f"""
        INSERT INTO ledger_accounts (id, code, kind, normal_side, may_go_negative)
        VALUES ('{CAUSE}', 'distribution:{CAUSE}', 'DISTRIBUTION', 'CREDIT', false);
        INSERT INTO installment_payments (id, installment_id, clearing_id, amount_minor, method, confirmed_at,
            swaps_before, number, late_days, late_due_minor, late_minor, settled_minor, pays,
            reduction_minor)
        SELECT '{CAUSE}', id, '{CAUSE}', 40000, 'PIX', now(), 1, 1, 0, 0, 0, 40000, true, 0
        FROM installments WHERE number = 3;""", MISSING),
    Doctored("an offering that is open again", Who.SERVICE,
             f"UPDATE offering_fundings SET status = 'OPEN' WHERE offering_id = '{OFFERING}'", GOES_ON),
    Doctored("an offering disbursed without money", Who.SERVICE,
             f"UPDATE offering_fundings SET status = 'DISBURSED' WHERE offering_id = '{number(0x0E)}'", MISSING),
    Doctored("quotas for nothing", Who.SERVICE, f"""
        INSERT INTO quota_positions SELECT '{CAUSE}', investment_id, cpr_id, '{CARLOS}', 1, 0, 100, now()
        FROM quota_positions LIMIT 1""", "nothing was lent or paid"),
    Doctored("suspense given to who proposed it", Who.SERVICE,
             given_out(proposed_by=CARLOS, approved_by=BRUNO, to=CARLOS), NO_CAUSE),
    Doctored("suspense given to who approved it", Who.SERVICE,
             given_out(proposed_by=BRUNO, approved_by=CARLOS, to=CARLOS), NO_CAUSE),
    Doctored("suspense given to another than was proposed", Who.SERVICE,
             given_out(proposed_by=ANA, approved_by=BRUNO, to=MARINA), NO_CAUSE),
    Doctored("suspense given by one alone", Who.SERVICE,
             given_out(proposed_by=ANA, approved_by=ANA, to=CARLOS), "ck_staff_proposals_two_people"),
    Doctored("suspense given before anybody approved it", Who.SERVICE,
             given_out(proposed_by=ANA, approved_by=BRUNO, to=CARLOS).replace("APPROVED", "REJECTED"),
             "nobody has approved"),
    Doctored("a decision without a proposal", Who.SERVICE, f"""
        INSERT INTO staff_actions (id, actor_id, action, subject_id, reason, at)
        SELECT '{CAUSE}', '{ANA}', 'RESOLVE_SUSPENSE', id, 'mine', now() FROM gateway_payments""",
             "nobody has approved"),
    Doctored("a decision of other people than its proposal's", Who.SERVICE,
             given_out(proposed_by=ANA, approved_by=BRUNO, to=CARLOS, actor=MARINA), "fk_staff_actions_proposal"),
    Doctored("a proposal approved and not done", Who.SERVICE, f"""
        UPDATE staff_proposals SET outcome = 'APPROVED', decided_by = '{BRUNO}', decided_at = now()
        WHERE outcome IS NULL""", "is approved and not done"),
    Doctored("a proposal edited before it is approved", Who.OWNER,
             "UPDATE staff_proposals SET content = '{}' WHERE outcome IS NULL", "stays as it was made"),
    Doctored("a proposal that was rejected, approved", Who.OWNER, f"""
        UPDATE staff_proposals SET outcome = 'REJECTED', decided_by = '{BRUNO}', decided_at = now()
        WHERE outcome IS NULL;
        UPDATE staff_proposals SET outcome = 'APPROVED' WHERE outcome = 'REJECTED'""", "stays as it was made"),
    Doctored("proposals emptied", Who.OWNER, "TRUNCATE staff_proposals CASCADE", "refused|stays as it was"),
    Doctored("half of a fact undone", Who.SERVICE, half_undone(), NO_CAUSE),
    Doctored("money in suspense called decided on", Who.SERVICE,
             "UPDATE gateway_payments SET outcome = 'RESOLVED' WHERE outcome = 'QUARANTINED'",
             "and 700 of it are in suspense"),
    Doctored("suspense given without a decision", Who.SERVICE,
             transfer("SUSPENSE_RESOLVED", ("suspense", "DEBIT", 7_00), (MINE, "CREDIT", 7_00)), NO_CAUSE),
    Doctored("money of somebody who is here called unclaimed", Who.SERVICE, f"""
        INSERT INTO unclaimed_credits SELECT '{CAUSE}', id, '{MARINA}', 100, 'gone', NULL FROM ledger_transfers
        WHERE kind = 'PAYOUT' LIMIT 1""", NO_CAUSE),
    Doctored("a wallet with another's accounts", Who.SERVICE, f"""
        INSERT INTO ledger_accounts (id, code, kind, normal_side, may_go_negative, owner_id)
        SELECT gen_random_uuid(), lower(kind) || ':{CAUSE}', kind, 'CREDIT', false, '{CAUSE}'
        FROM unnest(ARRAY['AVAILABLE', 'HELD', 'PROCESSING']) AS kind;
        INSERT INTO wallets SELECT '{CAUSE}', '{number(1)}', available.id, held.id, processing.id, now()
        FROM ledger_accounts AS available, ledger_accounts AS held, ledger_accounts AS processing
        WHERE available.code = 'available:{CAUSE}' AND held.code = 'held:{CAUSE}'
          AND processing.code = 'processing:{CAUSE}'""", "are not of its owner"),
    Doctored("an account called another's", Who.SERVICE, f"""
        INSERT INTO ledger_accounts (id, code, kind, normal_side, may_go_negative, owner_id)
        VALUES ('{CAUSE}', 'available:{CAUSE}', 'AVAILABLE', 'CREDIT', false, '{MARINA}')""",
             "ck_ledger_accounts_whose_code"),
    Doctored("an account of ours that may owe", Who.SERVICE, f"""
        INSERT INTO ledger_accounts (id, code, kind, normal_side, may_go_negative)
        VALUES ('{CAUSE}', 'fee', 'ORIGINATION_FEE', 'CREDIT', true)""", "ck_ledger_accounts_who_may_owe"),
    Doctored("another owner of a wallet", Who.SERVICE, f"UPDATE wallets SET user_id = '{CAUSE}'", DENIED),
    Doctored("a lower fee", Who.SERVICE, "UPDATE origination_fee_rates SET rate = 0", DENIED),
    Doctored("a balance", Who.SERVICE, "UPDATE ledger_balances SET balance_minor = 0", DENIED),
    Doctored("a wallet's owner, by the tables' owner", Who.OWNER, f"UPDATE wallets SET user_id = '{CAUSE}'", STAYS),
    Doctored("payments deleted", Who.OWNER, "DELETE FROM gateway_payments WHERE settled_at IS NOT NULL", STAYS),
    Doctored("holds emptied", Who.OWNER, "TRUNCATE holds", STAYS),
    Doctored("payouts emptied", Who.OWNER, "TRUNCATE distribution_payouts", STAYS),
    Doctored("a rule edited in place", Who.OWNER, "UPDATE origination_fee_rates SET rate = 0", STAYS),
    Doctored("the record of rules edited", Who.OWNER, "UPDATE recorded_rules SET recorded_by = 'nobody'", STAYS),
    Doctored("a fee account that may owe", Who.OWNER,
             "UPDATE ledger_accounts SET may_go_negative = true WHERE code = 'origination_fee'",
             "the ledger is never changed"),
    Doctored("a hold's wallet, quietly", Who.QUIETLY,
             f"UPDATE holds SET wallet_id = {the('wallets', f'user_id = $${CARLOS}$$')} WHERE status = 'ACTIVE'",
             "fk_holds_wallet_of_its_person"),
    Doctored("accounts that may owe, quietly", Who.QUIETLY,
             "UPDATE ledger_accounts SET may_go_negative = true WHERE code = 'origination_fee'",
             "ck_ledger_accounts_who_may_owe"),
    Doctored("the owner of an account, quietly", Who.QUIETLY,
             f"UPDATE ledger_accounts SET owner_id = '{CARLOS}' WHERE code = 'available:{MARINA}'",
             "ck_ledger_accounts_whose_code"),
]  # fmt: skip
"""What the database itself does not let be."""

TWO_ACCOUNTS = " ".join(
    f"UPDATE ledger_accounts SET code = 'available:{new}', owner_id = '{new}' WHERE id = '{account.id}';"
    for account, new in (
        (chart.available(MARINA), CAUSE),
        (chart.available(CARLOS), MARINA),
        (chart.available(MARINA), CARLOS),
    )
)
AS_IF_NEVER = f"""
    CREATE TEMP TABLE undone AS SELECT id, cause_id FROM ledger_transfers WHERE cause_id = {LAST_DEPOSIT};
    DELETE FROM gateway_payments WHERE id IN (SELECT cause_id FROM undone);
    DELETE FROM ledger_entries WHERE transfer_id IN (SELECT id FROM undone);
    DELETE FROM ledger_transfers WHERE id IN (SELECT id FROM undone);
    UPDATE ledger_balances AS balance SET balance_minor = last.balance_after_minor, entry_count = last.sequence,
        last_hash = last.hash
    FROM (SELECT DISTINCT ON (account_id) * FROM ledger_entries ORDER BY account_id, sequence DESC) AS last
    WHERE last.account_id = balance.account_id;
"""
NAMED = [
    Doctored("a deposit of an invented payment", Who.SERVICE, INVENTED + DEPOSITED, "not known to the gateway"),
    Doctored("a deposit dated by a clock that was said to be moved", Who.SERVICE,
             "SET peerseed.clock = 'MOVED';" + (INVENTED + DEPOSITED).replace("now()", "'2026-01-02'"),
             "is dated 2026-01-02 00:00 by a MOVED clock"),
    Doctored("a person who left and is here", Who.SERVICE,
             f"UPDATE standing_people SET status = 'ACTIVE' WHERE user_id = '{DORA}'", "who has not left"),
    Doctored("money for somebody who has left", Who.SERVICE, (INVENTED + DEPOSITED).replace(str(CARLOS), str(DORA)),
             f"available:{DORA}: R$ 10.000,00 is in the wallet of somebody who has left"),
    Doctored("money in suspense that was called decided on", Who.QUIETLY,
             "UPDATE gateway_payments SET outcome = 'RESOLVED' WHERE outcome = 'QUARANTINED'",
             "is RESOLVED, and 700 cents of it are in suspense"),
    Doctored("a decision on a part of what was given out", Who.QUIETLY,
             "UPDATE staff_actions SET amount_minor = 499 WHERE action = 'RESOLVE_SUSPENSE'",
             "(SUSPENSE_RESOLVED) is not what its cause says"),
    Doctored("a rule for days that are over", Who.OWNER,
             "INSERT INTO origination_fee_rates VALUES ('C', '2025-06-01', 0.04)", "are of no rule"),
    Doctored("a new schedule of less", Who.QUIETLY,
             "UPDATE installments SET amount_minor = amount_minor - 1 WHERE brought_by IS NOT NULL",
             "brings 99999 cents of principal for 100000 that were open"),
    Doctored("a debt that was taken for replaced", Who.QUIETLY,
             f"UPDATE installments SET replaced_by = '{AGREED}' WHERE cpr_id = '{CPR}' AND number = 3",
             "brings 100000"),
    Doctored("a schedule said not to be taken up", Who.QUIETLY,
             "UPDATE schedule_replacements SET reason = 'TIMED_OUT'", "brings 100000"),
    Doctored("triggers that stay off", Who.OWNER, "ALTER TABLE holds DISABLE TRIGGER fact_stays",
             "rule fact_stays on holds is switched off"),
    Doctored("keys that stay off", Who.SUPERUSER, "ALTER TABLE withdrawals DISABLE TRIGGER ALL",
             "on withdrawals is switched off"),
    Doctored("a wallet's owner", Who.QUIETLY, f"UPDATE wallets SET user_id = '{CAUSE}' WHERE user_id = '{ELSE}'",
             f"is {CAUSE}'s, and available:{ELSE} is not theirs"),
    Doctored("two accounts swapped", Who.QUIETLY, TWO_ACCOUNTS, "is not the one that its code available:"),
    Doctored("settled payments deleted", Who.QUIETLY, "DELETE FROM gateway_payments WHERE outcome = 'CREDITED' "
             "AND id NOT IN (SELECT payment_id FROM money_claims)",
             "(DEPOSIT) is not what its cause says"),
    Doctored("a payment of more", Who.QUIETLY,
             "UPDATE gateway_payments SET amount_minor = amount_minor + 1 WHERE outcome = 'SURPLUS' OR txid LIKE 'y%'",
             "the gateway says R$ 7,00"),
    Doctored("a payment for another charge", Who.QUIETLY,
             "UPDATE gateway_payments SET charge_id = NULL WHERE outcome = 'CREDITED'",
             "(DEPOSIT) is not what its cause says"),
    Doctored("a payment before it was paid", Who.QUIETLY,
             "UPDATE gateway_payments SET paid_at = received_at + interval '1 day'", "the gateway says"),
    Doctored("a payout of somebody else's", Who.QUIETLY,
             f"UPDATE distribution_payouts SET user_id = '{SERGIO}' WHERE fee_minor = 0",
             "(PAYOUT) is not what its cause says"),
    Doctored("a payout with another tax", Who.QUIETLY, "UPDATE distribution_payouts SET tax_minor = tax_minor + 1, "
             "net_minor = net_minor - 1 WHERE tax_minor > 0", "income_tax_payable of R$ 0,01 is missing"),
    Doctored("a distribution under two names", Who.QUIETLY,
             f"INSERT INTO distribution_parts SELECT '{CAUSE}', 2, id, 2, now() FROM installment_payments LIMIT 1",
             "has not one distribution"),
    Doctored("a hold that never was", Who.QUIETLY, f"DELETE FROM holds WHERE reference_id = '{INVESTED}'",
             "(HOLD_CAPTURE) is not what its cause says"),
    Doctored("a hold that expired instead", Who.QUIETLY,
             "UPDATE holds SET status = 'EXPIRED', captured_minor = 0 WHERE status = 'CAPTURED'",
             "its HOLD_RELEASE is not in the ledger"),
    Doctored("a hold that goes on", Who.QUIETLY,
             "UPDATE holds SET status = 'ACTIVE', ended_at = NULL WHERE status = 'RELEASED'",
             "active holds are of R$ 50,00"),
    Doctored("withdrawals that never were", Who.QUIETLY, "DELETE FROM withdrawals WHERE status = 'SETTLED'",
             "(WITHDRAWAL_SENT) is not what its cause says"),
    Doctored("a withdrawal of another sum", Who.QUIETLY,
             "UPDATE withdrawals SET amount_minor = 1 WHERE status = 'SETTLED'", "(WITHDRAWAL) is not what its cause"),
    Doctored("an installment paid another way", Who.QUIETLY, "UPDATE installment_payments SET method = 'BOLETO'",
             "(INSTALLMENT_PAYMENT) is not what its cause says"),
    Doctored("an installment paid at another hour", Who.QUIETLY,
             "UPDATE installment_payments SET confirmed_at = confirmed_at + interval '1 hour'",
             "(INSTALLMENT_PAYMENT) is not what its cause says"),
    Doctored("swaps to come counted before a payment", Who.QUIETLY,
             "UPDATE installment_payments SET swaps_before = 2", "counts 2 swaps before it, there were 1"),
    Doctored("swaps before a payment not counted", Who.QUIETLY,
             "UPDATE installment_payments SET swaps_before = 0", "counts 0 swaps before it, there were 1"),
    Doctored("a paid installment that is owed again", Who.QUIETLY, "UPDATE installment_payments SET pays = false",
             "does not follow those before it"),
    Doctored("an installment settled by more than was paid", Who.QUIETLY,
             "UPDATE installments SET amount_minor = amount_minor + 1; "
             "UPDATE installment_payments SET settled_minor = settled_minor + 1", "does not follow those before it"),
    Doctored("a payment that was early", Who.QUIETLY, "UPDATE installment_payments SET reduction_minor = 1",
             "does not follow those before it"),
    Doctored("an installment that was of more", Who.QUIETLY, "UPDATE installments SET amount_minor = 99999",
             "does not follow those before it"),
    Doctored("a clearing account called the bank's", Who.QUIETLY,
             "UPDATE ledger_accounts SET kind = 'BANK', may_go_negative = true WHERE kind = 'DISTRIBUTION'; "
             "UPDATE ledger_balances SET may_go_negative = true "
             "WHERE account_id IN (SELECT id FROM ledger_accounts WHERE kind = 'BANK')",
             "it is not what it is called"),
    Doctored("an escrow that we own", Who.QUIETLY,
             "UPDATE ledger_accounts SET normal_side = 'DEBIT' WHERE kind = 'ESCROW'", "it is not what it is called"),
    Doctored("a disbursement to another farmer", Who.QUIETLY, f"UPDATE disbursements SET farmer_id = '{CARLOS}'",
             "(DISBURSEMENT) is not what its cause says"),
    Doctored("a disbursement with a smaller fee", Who.QUIETLY,
             "UPDATE disbursements SET origination_fee_minor = 0, net_minor = principal_minor", "are of no rule"),
    Doctored("a CPR of another farmer", Who.QUIETLY, f"UPDATE registered_cprs SET farmer_id = '{CARLOS}'",
             "(DISBURSEMENT) is not what its cause says"),
    Doctored("a CPR that nobody registered", Who.SUPERUSER, "DELETE FROM registered_cprs",
             "(DISBURSEMENT) is not what its cause says"),
    Doctored("a rule edited in place", Who.QUIETLY, "UPDATE secondary_fee_rates SET rate = 0.015",
             "is stated and was not recorded"),
    Doctored("a rule taken away", Who.QUIETLY, "DELETE FROM parameters WHERE name = 'night_limit_minor'",
             "was recorded and is not stated"),
    Doctored("a rule and its record", Who.QUIETLY, """
        ALTER TABLE recorded_rules DISABLE TRIGGER USER;
        UPDATE parameters SET value = 1 WHERE name = 'night_from_hour';
        UPDATE recorded_rules SET content = jsonb_set(content, '{value}', '1')
        WHERE content->>'name' = 'night_from_hour';
        ALTER TABLE recorded_rules ENABLE TRIGGER USER""", "breaks the chain of rules"),
    Doctored("a decision that nobody approved", Who.QUIETLY,
             "UPDATE staff_proposals SET outcome = 'REJECTED' WHERE outcome = 'APPROVED'",
             "is not what one of the staff proposed and another approved"),
    Doctored("a decision of one alone", Who.QUIETLY,
             "UPDATE staff_actions SET proposal_id = NULL, approved_by = NULL",
             "is not what one of the staff proposed and another approved"),
    Doctored("a proposal approved, and its decision taken away", Who.SUPERUSER,
             "DELETE FROM staff_actions WHERE action = 'RESOLVE_SUSPENSE'", "is approved and not done"),
    Doctored("half of a reversal taken away", Who.SUPERUSER, """
        WITH gone AS (DELETE FROM ledger_transfers WHERE kind = 'REVERSAL' AND reverses_id IN (
            SELECT id FROM ledger_transfers WHERE kind = 'GATEWAY_SETTLEMENT') RETURNING id)
        DELETE FROM ledger_entries WHERE transfer_id IN (SELECT id FROM gone)""",
             "(REVERSAL) is not what its cause says"),
    Doctored("a reversal that nobody decided", Who.QUIETLY,
             "DELETE FROM staff_actions WHERE action = 'REVERSE_TRANSFER'",
             "(REVERSAL) is not what its cause says"),
    Doctored("a transfer at another time", Who.QUIETLY,
             "UPDATE ledger_transfers SET occurred_at = occurred_at - interval '1 day' WHERE kind = 'HOLD'",
             "breaks the chain"),
    Doctored("a transfer recorded at another time", Who.QUIETLY,
             "UPDATE ledger_transfers SET recorded_at = recorded_at - interval '1 day' WHERE kind = 'HOLD'",
             "by a SYSTEM clock"),
    Doctored("both sides of a transfer raised", Who.QUIETLY,
             f"UPDATE ledger_entries SET amount_minor = amount_minor + 1 WHERE transfer_id = {of('HOLD')}",
             "(HOLD) is not what its cause says"),
    Doctored("an unclaimed credit that never was", Who.QUIETLY, "DELETE FROM unclaimed_credits",
             "(SUSPENSE) is not what its cause says"),
    Doctored("an unclaimed credit that another settled", Who.QUIETLY,
             f"UPDATE unclaimed_credits SET settled_by = {of('SUSPENSE_RESOLVED')}", "does not settle it"),
    Doctored("quotas unsold", Who.QUIETLY, "UPDATE quota_positions SET sold_quotas = 0",
             "0 quotas are counted as sold, swaps took 2"),
    Doctored("a position of another person", Who.QUIETLY, f"UPDATE quota_positions SET owner_id = '{SERGIO}'",
             "is of nothing that was lent or bought"),
    Doctored("a swap without its fee", Who.QUIETLY, "UPDATE quota_swaps SET fee_minor = 0",
             "(QUOTA_SWAP) is not what its cause says"),
    Doctored("a swap of somebody else's", Who.QUIETLY, f"UPDATE quota_swaps SET seller_id = '{SERGIO}'",
             "sells what its seller does not hold"),
    Doctored("a swap that never was", Who.QUIETLY, f"DELETE FROM quota_swaps WHERE id = '{PURCHASE}'",
             "1 swaps are counted, there are 0"),
    Doctored("a balance", Who.SUPERUSER,
             "UPDATE ledger_balances SET balance_minor = balance_minor + 1 WHERE may_go_negative", "the balance says"),
    Doctored("payouts that were never told of", Who.SUPERUSER, "DELETE FROM distribution_payouts",
             "(PAYOUT) is not what its cause says"),
    Doctored("two wallets swapped", Who.SUPERUSER, " ".join(
        f"UPDATE wallets SET user_id = '{new}' WHERE user_id = '{old}';"
        for old, new in ((MARINA, CAUSE), (CARLOS, MARINA), (CAUSE, CARLOS))), f"available:{CARLOS} is not theirs"),
    Doctored("entries without a trigger", Who.SUPERUSER,
             transfer("DEPOSIT", ("gateway", "DEBIT", 5_00), (MINE, "CREDIT", 5_00)).replace(
                 "occurred_at)", "occurred_at, transaction_id)").replace(
                 "now())", "now(), 1)").replace("side, amount_minor)", "side, amount_minor, sequence, "
                 "balance_after_minor, previous_hash, hash)").replace("leg.amount\n", "leg.amount, 99, 0, '', ''\n"),
             "(DEPOSIT) is not what its cause says"),
    Doctored("the last deposit, as if it had never been", Who.SUPERUSER, AS_IF_NEVER,
             "is the gateway's, and not recorded"),
]  # fmt: skip
"""What the books name."""
