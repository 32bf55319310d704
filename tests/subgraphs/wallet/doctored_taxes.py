"""Ways to doctor what was withheld for the state and paid to it, as `doctored.py` has them for the rest."""

# ruff: noqa: S608  # that is what they do

from tests.subgraphs.wallet.doctoring import (
    CAUSE,
    DENIED,
    GOES_ON,
    MINE,
    NO_CAUSE,
    STAYS,
    Doctored,
    Who,
    transfer,
)

PREPARED = f"""
    INSERT INTO remittances (id, tax, person, revenue_code, period_from, period_to, number, due_on, amount_minor,
        prepared_at, status)
    VALUES ('{CAUSE}', 'INCOME_TAX', 'NATURAL', '8053', current_date, current_date + 1, 9, current_date + 5, 600,
        now(), 'PREPARED');
"""
FEES, PAYABLE = "ffffffff-0000-8000-8000-000000000002", "ffffffff-0000-8000-8000-000000000005"
LATE = """
    INSERT INTO late_remittances SELECT id, due_on + 1, {fine}, 0, '{account}', NULL FROM remittances;
    UPDATE remittances SET late_on = due_on + 1
"""
NOT_WITHHELD = "is not of what was withheld"

REFUSED = [
    Doctored("withheld tax to a wallet", Who.SERVICE,
             transfer("TAX_REMITTANCE", ("income_tax_payable", "DEBIT", 1_00), (MINE, "CREDIT", 1_00)),
             "ck_ledger_balances_not_below_zero"),
    Doctored("money out of the bank to the state for nothing", Who.SERVICE,
             transfer("TAX_REMITTANCE", ("gateway", "DEBIT", 1_00), ("bank", "CREDIT", 1_00)), NO_CAUSE),
    Doctored("being late paid of a person's money", Who.SERVICE,
             transfer("LATE_REMITTANCE", (MINE, "DEBIT", 1_00), ("bank", "CREDIT", 1_00)), NO_CAUSE),
    Doctored("being late paid of what was withheld", Who.SERVICE, f"""
        INSERT INTO late_remittances SELECT id, due_on + 1, 100, 0, '{PAYABLE}', NULL FROM remittances;
        UPDATE remittances SET late_on = due_on + 1""", GOES_ON),
    Doctored("a remittance that was paid in time called late", Who.OWNER, f"""
        INSERT INTO late_remittances SELECT id, due_on + 1, 100, 0, '{FEES}', NULL FROM remittances;
        UPDATE remittances SET late_on = due_on + 1""", GOES_ON),
    Doctored("a remittance of nothing", Who.SERVICE, PREPARED, NOT_WITHHELD),
    Doctored("a remittance of another account's entry", Who.SERVICE, PREPARED + f"""
        INSERT INTO remitted_entries SELECT id, '{CAUSE}' FROM ledger_entries WHERE side = 'CREDIT'
            AND account_id <> 'ffffffff-0000-8000-8000-000000000005' LIMIT 1""", NOT_WITHHELD),
    Doctored("an entry that is remitted twice", Who.SERVICE, PREPARED + f"""
        INSERT INTO remitted_entries SELECT entry_id, '{CAUSE}' FROM remitted_entries LIMIT 1""",
             "pk_remitted_entries"),
    Doctored("a remittance taken back", Who.SERVICE,
             "UPDATE remittances SET status = 'ISSUED', paid_at = NULL, authentication = NULL", GOES_ON),
    Doctored("another receipt for a remittance", Who.SERVICE, "UPDATE remittances SET authentication = 'X'", GOES_ON),
    Doctored("a remittance of another amount", Who.SERVICE, "UPDATE remittances SET amount_minor = 1", DENIED),
    Doctored("a remittance of another amount", Who.OWNER, "UPDATE remittances SET amount_minor = 1", GOES_ON),
    Doctored("a remittance deleted", Who.OWNER, "DELETE FROM remittances", STAYS),
    Doctored("an entry taken out of its remittance", Who.OWNER, "DELETE FROM remitted_entries", STAYS),
    Doctored("a rule for remittances edited in place", Who.OWNER, "UPDATE remittance_rules SET due_business_days = 30",
             STAYS),
]  # fmt: skip

NAMED = [
    Doctored("a remittance of a cent more", Who.QUIETLY, "UPDATE remittances SET amount_minor = amount_minor + 1",
             "of its entries 1200 were withheld"),
    Doctored("entries taken out of their remittance", Who.QUIETLY, "DELETE FROM remitted_entries",
             "of its entries 0 were withheld"),
    Doctored("a remittance of what companies paid", Who.QUIETLY, "UPDATE remittances SET person = 'LEGAL'",
             "of its entries 0 were withheld"),
    Doctored("a remittance under a code of nobody", Who.QUIETLY, "UPDATE remittances SET revenue_code = '9999'",
             "no rule says revenue code 9999"),
    Doctored("a remittance as if it had never been", Who.QUIETLY,
             "DELETE FROM remitted_entries; DELETE FROM remittances", "(TAX_REMITTANCE) is not what its cause says"),
    Doctored("a remittance said to be paid, without its transfer", Who.QUIETLY,
             "INSERT INTO remittances SELECT gen_random_uuid(), tax, person, revenue_code, period_from, period_to, 2,"
             " due_on, 1, prepared_at, status, 'a slip', authentication, paid_at FROM remittances",
             "its TAX_REMITTANCE is not in the ledger"),
    Doctored("a fine that no rule says", Who.QUIETLY, LATE.format(fine=100, account=FEES), "are of no rule"),
    Doctored("a fine that was not paid", Who.QUIETLY, LATE.format(fine=4, account=FEES),
             "its LATE_REMITTANCE is not in the ledger"),
    Doctored("a receipt of less", Who.OWNER, "UPDATE sandbox_tax_slips SET amount_minor = 1",
             "the receipt is of R$ 0,01"),
    Doctored("a rule for remittances taken away", Who.QUIETLY, "DELETE FROM remittance_rules WHERE tax = 'IOF'",
             "rule of remittance_rules was recorded and is not stated"),
]  # fmt: skip
