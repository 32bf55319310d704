"""Ways to doctor what goes back to who paid it, and what payers' banks have claimed (`doctored.py` has the others)."""

# ruff: noqa: S608  # that is what they do

from tests.subgraphs.wallet.doctoring import (
    CAUSE,
    DENIED,
    GOES_ON,
    LAST_DEPOSIT,
    MINE,
    MISSING,
    NO_CAUSE,
    Doctored,
    Who,
    transfer,
)
from tests.subgraphs.wallet.wallet_world import CARLOS, MARINA, SERGIO

RETURN = f"""
    INSERT INTO payment_returns (id, payment_id, source, user_id, amount_minor, reason, status, requested_at)
    VALUES ('{CAUSE}', {{payment}}, 'WALLET', '{{user}}', 100, 'DECIDED', 'REQUESTED', now())
"""
COLLECTED = "does not say what was collected for it"

REFUSED = [
    Doctored("a payment that goes back twice", Who.SERVICE, f"""
        INSERT INTO payment_returns (id, payment_id, source, amount_minor, reason, status, requested_at)
        SELECT '{CAUSE}', payment_id, 'SUSPENSE', amount_minor, 'DECIDED', 'REQUESTED', now()
        FROM payment_returns LIMIT 1""", "go back already"),
    Doctored("a payment that goes back out of another's wallet", Who.SERVICE,
             RETURN.format(user=MARINA, payment=LAST_DEPOSIT), "is not in the wallet of"),
    Doctored("a payment that goes back and does not", Who.SERVICE,
             RETURN.format(user=CARLOS, payment=LAST_DEPOSIT), MISSING),
    Doctored("a return that arrives without money", Who.SERVICE,
             "UPDATE payment_returns SET status = 'SETTLED', ended_at = now() WHERE status = 'REQUESTED'", MISSING),
    Doctored("a return that has arrived and is sent again", Who.SERVICE,
             "UPDATE payment_returns SET status = 'SENT', ended_at = NULL WHERE status = 'SETTLED'", GOES_ON),
    Doctored("a part that stays of what went back", Who.SERVICE,
             "UPDATE gateway_payments SET outcome = 'QUARANTINED' WHERE outcome = 'RETURNED'",
             "and 0 of it are in suspense"),
    Doctored("a return of more", Who.SERVICE, "UPDATE payment_returns SET amount_minor = 1", DENIED),
    Doctored("money sent back for nothing", Who.SERVICE,
             transfer("PAYMENT_RETURN_SENT", ("returns", "DEBIT", 5_00), ("bank", "CREDIT", 5_00)), NO_CAUSE),
    Doctored("a payment that goes back because nobody said so", Who.SERVICE,
             RETURN.format(user=CARLOS, payment=LAST_DEPOSIT)
             + ";" + transfer("PAYMENT_RETURN", (MINE, "DEBIT", 1_00), ("returns", "CREDIT", 1_00)).replace(
                 f"'{CAUSE}', '{CAUSE}', NULL", f"'{CAUSE}', {LAST_DEPOSIT}, NULL"), NO_CAUSE),
    Doctored("a claim on more than came", Who.SERVICE, f"""
        INSERT INTO money_claims SELECT '{CAUSE}', 'C-0003', payment_id, user_id, 4500, '', 'OPEN', now(), now(), 0, 0,
            0 FROM money_claims WHERE status = 'OPEN'""", "go back or are claimed already"),
    Doctored("a claim that blocks less than it took", Who.SERVICE,
             "UPDATE money_claims SET blocked_minor = 0 WHERE status = 'OPEN'", COLLECTED),
    Doctored("a debt that is forgiven", Who.SERVICE, "UPDATE money_claims SET debt_minor = 0", COLLECTED),
    Doctored("a debt that rises", Who.SERVICE, "UPDATE money_claims SET debt_minor = 5000 WHERE status = 'PAID'",
             GOES_ON),
    Doctored("a claim that is open again", Who.SERVICE,
             "UPDATE money_claims SET status = 'OPEN', ended_at = NULL WHERE status = 'PAID'", GOES_ON),
    Doctored("a claim on another person", Who.SERVICE, f"UPDATE money_claims SET user_id = '{MARINA}'", GOES_ON),
    Doctored("a debt paid without money", Who.SERVICE, f"""
        INSERT INTO claim_collections SELECT '{CAUSE}', id, true, 100, now() FROM money_claims WHERE debt_minor > 0;
        UPDATE money_claims SET debt_minor = debt_minor - 100 WHERE debt_minor > 0""", MISSING),
    Doctored("money blocked for no claim", Who.SERVICE,
             transfer("CLAIM_BLOCK", (MINE, "DEBIT", 5_00), ("suspense", "CREDIT", 5_00)), NO_CAUSE),
]  # fmt: skip
"""What the database itself does not let be."""

NAMED = [
    Doctored("a return that never was", Who.QUIETLY, "DELETE FROM payment_returns WHERE status = 'REQUESTED'",
             "(PAYMENT_RETURN) is not what its cause says"),
    Doctored("a return of another sum", Who.QUIETLY, "UPDATE payment_returns SET amount_minor = 1",
             "(PAYMENT_RETURN_SENT) is not what its cause says"),
    Doctored("a return that has arrived", Who.QUIETLY,
             "UPDATE payment_returns SET status = 'SETTLED', ended_at = now() WHERE status = 'REQUESTED'",
             "its PAYMENT_RETURN_SENT is not in the ledger"),
    Doctored("a payment that did not go back", Who.QUIETLY,
             "UPDATE gateway_payments SET outcome = 'QUARANTINED' WHERE outcome = 'RETURNED'",
             "is QUARANTINED, and 0 cents of it are in suspense"),
    Doctored("a payment that went back out of suspense and was never there", Who.QUIETLY,
             f"UPDATE payment_returns SET payment_id = {LAST_DEPOSIT}",
             "went back out of suspense, where it was not"),
    Doctored("a return out of another's wallet", Who.QUIETLY,
             f"UPDATE payment_returns SET source = 'WALLET', user_id = '{MARINA}' WHERE status = 'REQUESTED'",
             "and the payment was not in it"),
    Doctored("a return of more than came", Who.QUIETLY,
             "UPDATE payment_returns SET amount_minor = amount_minor + 1", "go back to its payer"),
    Doctored("a debt that was forgiven", Who.QUIETLY, "UPDATE money_claims SET debt_minor = 0",
             "people's debts: R$ 25,00 is there, R$ 0,00 is owed by people"),
    Doctored("a debt that was forgiven, with its count", Who.QUIETLY,
             "UPDATE money_claims SET debt_minor = 1 WHERE status = 'PAID'",
             "1 owed: not what was collected"),
    Doctored("a claim on somebody else", Who.QUIETLY, f"UPDATE money_claims SET user_id = '{SERGIO}'",
             f"is on {SERGIO}, and the payment was not for them"),
    Doctored("a claim that was never paid", Who.QUIETLY,
             "UPDATE money_claims SET status = 'REJECTED', taken_minor = 0, debt_minor = 0 WHERE status = 'PAID'",
             "(CLAIM_PAID) is not what its cause says"),
    Doctored("a claim that blocks nothing", Who.QUIETLY, "UPDATE money_claims SET blocked_minor = 0",
             "1500 cents are there, 0 are blocked"),
    Doctored("collections that never were", Who.QUIETLY, "DELETE FROM claim_collections",
             "(CLAIM_BLOCK) is not what its cause says"),
]  # fmt: skip
"""What the books name."""
