"""
Questions about what is recorded beside the ledger; each answers with a row for each thing that is wrong.

What the database itself refuses is asked again: who owns the tables can switch its rules off, and on again after.
"""

from typing import Any

from sqlalchemy import Row, TextClause, text

from subgraphs.shared.parameters.rules import REWRITTEN, not_as_recorded
from subgraphs.shared.reading import Reader
from subgraphs.wallet.crud.places import WRITTEN
from subgraphs.wallet.crud.remittances import WITHHELD
from subgraphs.wallet.crud.suspense import LEFT, OUTCOME

# A restore that was cut short leaves them so as well.
RULES_SWITCHED_OFF = text("""
    SELECT relation.relname AS place, rule.tgname AS rule
    FROM pg_trigger AS rule JOIN pg_class AS relation ON relation.oid = rule.tgrelid
    WHERE relation.relnamespace = 'public'::regnamespace AND rule.tgenabled <> 'O'
    ORDER BY relation.relname, rule.tgname
""")
ACCOUNTS_OF_OTHERS = text("""
    SELECT wallet.id, wallet.user_id, account.code
    FROM wallets AS wallet
    CROSS JOIN LATERAL (VALUES
        (wallet.available_id, 'AVAILABLE'), (wallet.held_id, 'HELD'), (wallet.processing_id, 'PROCESSING')
        ) AS named (account_id, kind)
    LEFT JOIN ledger_accounts AS account ON account.id = named.account_id
    WHERE account.id IS NULL OR account.kind <> named.kind OR account.owner_id IS DISTINCT FROM wallet.user_id
       OR account.code <> lower(named.kind) || ':' || wallet.user_id
    ORDER BY wallet.id, named.kind
""")
ACCOUNTS_WITHOUT_WALLET = text("""
    SELECT account.code FROM ledger_accounts AS account
    WHERE account.owner_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM wallets AS wallet WHERE wallet.user_id = account.owner_id
            AND account.id IN (wallet.available_id, wallet.held_id, wallet.processing_id))
    ORDER BY account.code
""")
# What a person or a payment has is a debt of ours, and so is what is between them.
ACCOUNTS_OF_ANOTHER_KIND = text("""
    SELECT code, kind, normal_side FROM ledger_accounts
    WHERE (strpos(code, ':') > 0 AND (kind <> upper(split_part(code, ':', 1)) OR normal_side <> 'CREDIT'))
       OR (normal_side = 'DEBIT') <> (kind IN ('GATEWAY', 'BANK', 'PERSON_DEBTS'))
    ORDER BY code
""")
IN_WALLETS_OF_OTHERS = text("""
    SELECT 'hold' AS fact, hold.id, hold.user_id FROM holds AS hold
    JOIN wallets AS wallet ON wallet.id = hold.wallet_id WHERE wallet.user_id <> hold.user_id
    UNION ALL
    SELECT 'withdrawal', withdrawal.id, withdrawal.user_id FROM withdrawals AS withdrawal
    JOIN wallets AS wallet ON wallet.id = withdrawal.wallet_id WHERE wallet.user_id <> withdrawal.user_id
    ORDER BY 1, 2
""")
BANK_ACCOUNTS_OF_OTHERS = text("""
    SELECT withdrawal.id, withdrawal.user_id FROM withdrawals AS withdrawal
    JOIN bank_accounts AS account ON account.id = withdrawal.bank_account_id
    WHERE account.user_id <> withdrawal.user_id ORDER BY withdrawal.id
""")
MAY_OWE = text("""
    SELECT account.code, balance.balance_minor FROM ledger_accounts AS account
    JOIN ledger_balances AS balance ON balance.account_id = account.id
    WHERE account.kind NOT IN ('GATEWAY', 'BANK')
      AND (account.may_go_negative OR balance.may_go_negative OR balance.balance_minor < 0)
    ORDER BY account.code
""")
UNCLAIMED_OF_PEOPLE_WHO_ARE_HERE = text("""
    SELECT credit.id, credit.user_id FROM unclaimed_credits AS credit
    WHERE NOT EXISTS (SELECT FROM standing_people AS person
        WHERE person.user_id = credit.user_id AND person.status = 'CLOSED')
    ORDER BY credit.id
""")
UNCLAIMED_SETTLED_BY_OTHERS = text("""
    SELECT credit.id FROM unclaimed_credits AS credit
    LEFT JOIN ledger_transfers AS transfer ON transfer.id = credit.settled_by
    LEFT JOIN ledger_transfers AS undone ON undone.reverses_id = transfer.id
    WHERE credit.settled_by IS NOT NULL AND (undone.id IS NOT NULL OR NOT coalesce(
        (transfer.kind IN ('SUSPENSE_RESOLVED', 'SUSPENSE_PAID_OUT') AND transfer.reference_id = credit.id)
        OR transfer.reverses_id IS NOT DISTINCT FROM credit.transfer_id, false))
    ORDER BY credit.id
""")
# What is there when somebody leaves, and all that still comes, goes to suspense. Setting it aside takes its moment.
LEFT_WITH_MONEY = text("""
    SELECT account.code, balance.balance_minor
    FROM ledger_accounts AS account
    JOIN ledger_balances AS balance ON balance.account_id = account.id
    JOIN standing_people AS person ON person.user_id = account.owner_id
    WHERE account.kind = 'AVAILABLE' AND balance.balance_minor <> 0
      AND person.status = 'CLOSED' AND person.changed_at < CAST(:left_before AS timestamptz)
    ORDER BY account.code
""")
RETURNED_TWICE = text("""
    SELECT payment.id, payment.amount_minor, sum(back.amount_minor) AS total
    FROM gateway_payments AS payment
    JOIN (SELECT payment_id, amount_minor FROM payment_returns WHERE status <> 'FAILED'
          UNION ALL SELECT payment_id, CASE status WHEN 'PAID' THEN taken_minor ELSE amount_minor END
          FROM money_claims WHERE status <> 'REJECTED') AS back
        ON back.payment_id = payment.id
    GROUP BY payment.id HAVING sum(back.amount_minor) > payment.amount_minor ORDER BY payment.id
""")
# It is in suspense while something of it is; then it went back, unless staff gave out what was left.
IN_SUSPENSE_OR_NOT = text(f"""
    SELECT payment.id, payment.outcome, {LEFT} AS left_minor
    FROM gateway_payments AS payment
    WHERE payment.outcome IN ('QUARANTINED', 'RESOLVED', 'RETURNED')
      AND ({LEFT} < 0 OR payment.outcome <> {OUTCOME})
    ORDER BY payment.id
""")  # noqa: S608  # our own text
# Only what was in suspense goes back from there.
BACK_FROM_NO_SUSPENSE = text("""
    SELECT payment.id FROM gateway_payments AS payment
    WHERE payment.outcome NOT IN ('QUARANTINED', 'RESOLVED', 'RETURNED') AND EXISTS (
        SELECT FROM payment_returns AS back
        WHERE back.payment_id = payment.id AND back.source = 'SUSPENSE' AND back.status <> 'FAILED'
        UNION ALL
        SELECT FROM money_claims AS claim
        WHERE claim.payment_id = payment.id AND claim.user_id IS NULL AND claim.status = 'PAID')
    ORDER BY payment.id
""")
# Out of the wallet that it had gone to.
RETURNED_BY_OTHERS = text("""
    SELECT back.id, back.user_id FROM payment_returns AS back
    WHERE back.source = 'WALLET' AND NOT EXISTS (
        SELECT FROM ledger_transfers AS transfer
        JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id AND entry.side = 'CREDIT'
        JOIN wallets AS wallet ON wallet.available_id = entry.account_id AND wallet.user_id = back.user_id
        WHERE (transfer.kind IN ('DEPOSIT', 'SURPLUS') AND transfer.cause_id = back.payment_id)
           OR (transfer.kind = 'SUSPENSE_RESOLVED' AND transfer.reference_id = back.payment_id))
    ORDER BY back.id
""")
# Of who got the payment, or whom it paid for.
CLAIMED_OF_OTHERS = text("""
    SELECT claim.id, claim.user_id FROM money_claims AS claim
    JOIN gateway_payments AS payment ON payment.id = claim.payment_id
    LEFT JOIN charges AS charge ON charge.id = payment.charge_id
    WHERE claim.user_id IS NOT NULL AND claim.user_id IS DISTINCT FROM charge.payer_id AND NOT EXISTS (
        SELECT FROM ledger_transfers AS transfer
        JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id AND entry.side = 'CREDIT'
        JOIN wallets AS wallet ON wallet.available_id = entry.account_id AND wallet.user_id = claim.user_id
        WHERE transfer.kind = 'SUSPENSE_RESOLVED' AND transfer.reference_id = payment.id)
    ORDER BY claim.id
""")
CLAIMS_MISCOUNT = text("""
    SELECT id, blocked_minor, debt_minor FROM (
        SELECT claim.*, coalesce(sum(taken.amount_minor) FILTER (WHERE NOT taken.pays_debt), 0) AS was_blocked,
            coalesce(sum(taken.amount_minor) FILTER (WHERE taken.pays_debt), 0) AS was_paid
        FROM money_claims AS claim LEFT JOIN claim_collections AS taken ON taken.claim_id = claim.id
        GROUP BY claim.id) AS claim
    WHERE blocked_minor <> CASE status WHEN 'OPEN' THEN was_blocked ELSE 0 END
       OR debt_minor <> CASE WHEN status = 'PAID' AND user_id IS NOT NULL
            THEN taken_minor - least(was_blocked, taken_minor) - was_paid ELSE 0 END
       OR (status = 'PAID') <> (taken_minor > 0)
    ORDER BY id
""")
BLOCKED_OTHERWISE = text("""
    SELECT account.code, balance.balance_minor, coalesce(claim.blocked_minor, 0) AS blocked
    FROM ledger_accounts AS account
    JOIN ledger_balances AS balance ON balance.account_id = account.id
    LEFT JOIN money_claims AS claim ON account.code = 'claim:' || claim.id
    WHERE account.kind = 'CLAIM' AND balance.balance_minor <> coalesce(claim.blocked_minor, 0)
    ORDER BY account.code
""")
DISTRIBUTIONS_IN_TWO = text("""
    SELECT payment_id FROM distribution_parts GROUP BY payment_id
    HAVING count(DISTINCT distribution_id) > 1 OR count(DISTINCT parts) > 1 OR count(*) <> count(DISTINCT part)
        OR count(*) > max(parts)
    ORDER BY payment_id
""")
PAID_OUT_TWICE = text("""
    SELECT payment.id, payment.amount_minor, sum(payout.gross_minor) AS total
    FROM installment_payments AS payment
    JOIN distribution_parts AS part ON part.payment_id = payment.id
    JOIN distribution_payouts AS payout ON payout.distribution_id = part.distribution_id AND payout.part = part.part
    GROUP BY payment.id HAVING sum(payout.gross_minor) > payment.amount_minor ORDER BY payment.id
""")
DISBURSED_OTHERWISE = text("""
    SELECT paid.offering_id, paid.principal_minor, coalesce(sum(hold.captured_minor), 0) AS captured
    FROM disbursements AS paid LEFT JOIN holds AS hold ON hold.offering_id = paid.offering_id
    GROUP BY paid.offering_id HAVING coalesce(sum(hold.captured_minor), 0) <> paid.principal_minor
    ORDER BY paid.offering_id
""")
REGISTERS_MISCOUNT = text("""
    SELECT register.cpr_id, register.swap_count, count(swap.id) AS swaps, max(swap.number) AS last
    FROM quota_registers AS register LEFT JOIN quota_swaps AS swap ON swap.cpr_id = register.cpr_id
    GROUP BY register.cpr_id
    HAVING register.swap_count <> count(swap.id) OR register.swap_count <> coalesce(max(swap.number), 0)
    ORDER BY register.cpr_id
""")
POSITIONS_MISCOUNT = text("""
    SELECT position.id, position.sold_quotas, coalesce(sum(swap.quota_count), 0) AS sold
    FROM quota_positions AS position LEFT JOIN quota_swaps AS swap ON swap.seller_position_id = position.id
    GROUP BY position.id
    HAVING position.sold_quotas <> coalesce(sum(swap.quota_count), 0) OR position.sold_quotas > position.quota_count
    ORDER BY position.id
""")
POSITIONS_OF_NOTHING = text("""
    SELECT position.id FROM quota_positions AS position
    LEFT JOIN quota_swaps AS swap ON swap.id = position.id
    LEFT JOIN holds AS hold ON hold.purpose = 'investment' AND hold.reference_id = position.id
    WHERE NOT coalesce(swap.buyer_id = position.owner_id AND swap.cpr_id = position.cpr_id
            AND swap.quota_count = position.quota_count AND swap.price_minor = position.cost_minor
            AND swap.swapped_at = position.acquired_at, false)
      AND NOT coalesce(position.investment_id = position.id AND hold.user_id = position.owner_id
            AND hold.captured_minor = position.cost_minor AND hold.ended_at = position.acquired_at
            AND coalesce(hold.quota_count, position.quota_count) = position.quota_count, false)
    ORDER BY position.id
""")
SWAPS_OF_OTHERS = text("""
    SELECT swap.id FROM quota_swaps AS swap
    LEFT JOIN quota_positions AS sold ON sold.id = swap.seller_position_id
    LEFT JOIN quota_positions AS bought ON bought.id = swap.id
    WHERE (sold.owner_id, sold.cpr_id) IS DISTINCT FROM (swap.seller_id, swap.cpr_id) OR bought.id IS NULL
    ORDER BY swap.id
""")
# By the ledger's order, which the register's lock keeps. Each looked at the clock before it waited for that.
PAYMENTS_MISCOUNT_SWAPS = text("""
    SELECT payment.id, payment.swaps_before, count(swap.id) AS swaps
    FROM installment_payments AS payment
    JOIN installments AS installment ON installment.id = payment.installment_id
    JOIN ledger_transfers AS paid ON paid.kind = 'INSTALLMENT_PAYMENT' AND paid.cause_id = payment.id
    LEFT JOIN (quota_swaps AS swap JOIN ledger_transfers AS swapped ON swapped.id = swap.transfer_id)
        ON swap.cpr_id = installment.cpr_id AND swapped.number < paid.number
    GROUP BY payment.id HAVING count(swap.id) <> payment.swaps_before
    ORDER BY payment.id
""")
PAYMENTS_OUT_OF_LINE = text("""
    SELECT id, number, installment_id FROM (
        SELECT payment.*, owed.amount_minor AS owed_minor,
            row_number() OVER earlier AS place,
            coalesce(lag(settled_minor) OVER earlier, 0) AS settled_before,
            coalesce(lag(late_days) OVER earlier, 0) AS late_days_before,
            coalesce(lag(late_due_minor - late_minor) OVER earlier, 0) AS late_left_before,
            coalesce(lag(pays) OVER earlier, false) AS paid_before
        FROM installment_payments AS payment JOIN installments AS owed ON owed.id = payment.installment_id
        WINDOW earlier AS (PARTITION BY payment.installment_id ORDER BY payment.number)) AS payment
    WHERE paid_before OR number <> place OR late_days < late_days_before OR late_due_minor < late_left_before
       OR late_minor <> least(amount_minor, late_due_minor)
       OR settled_minor <> settled_before + amount_minor - late_minor + reduction_minor
       OR settled_minor > owed_minor
       OR pays <> (settled_minor = owed_minor AND late_minor = late_due_minor)
    ORDER BY installment_id, number
""")
SCHEDULES_OF_ANOTHER_DEBT = text("""
    SELECT made.renegotiation_id, coalesce(brought.principal, 0)::bigint AS brought,
           coalesce(ended.principal, 0)::bigint AS ended
    FROM schedule_replacements AS made
    LEFT JOIN (
        SELECT brought_by, count(*) AS installments, sum(amount_minor - interest_minor) AS principal,
               min(cpr_id::text) AS first_cpr, max(cpr_id::text) AS last_cpr
        FROM installments WHERE brought_by IS NOT NULL GROUP BY brought_by
        ) AS brought ON brought.brought_by = made.renegotiation_id
    LEFT JOIN (
        SELECT old.replaced_by, count(*) AS installments, count(old.interest_minor) AS known,
               sum(least(old.amount_minor - coalesce(paid.settled, 0), old.amount_minor - old.interest_minor))
                   AS principal,
               bool_or(coalesce(paid.whole, false)) AS was_paid,
               min(old.cpr_id::text) AS first_cpr, max(old.cpr_id::text) AS last_cpr
        FROM installments AS old
        LEFT JOIN (
            SELECT installment_id, max(settled_minor) AS settled, bool_or(pays) AS whole
            FROM installment_payments GROUP BY installment_id) AS paid ON paid.installment_id = old.id
        WHERE old.replaced_by IS NOT NULL GROUP BY old.replaced_by
        ) AS ended ON ended.replaced_by = made.renegotiation_id
    WHERE (made.reason IS NULL) <> (brought.installments IS NOT NULL)
       OR (made.reason IS NULL) <> (ended.installments IS NOT NULL)
       OR ended.was_paid
       OR (ended.known = ended.installments AND brought.principal <> ended.principal)
       OR made.cpr_id::text <> least(brought.first_cpr, ended.first_cpr)
       OR made.cpr_id::text <> greatest(brought.last_cpr, ended.last_cpr)
    ORDER BY made.renegotiation_id
""")
PAID_AFTER_BEING_REPLACED = text("""
    SELECT payment.id, payment.installment_id
    FROM installment_payments AS payment
    JOIN installments AS installment ON installment.id = payment.installment_id
    JOIN schedule_replacements AS made ON made.renegotiation_id = installment.replaced_by
    WHERE payment.confirmed_at > made.decided_at
    ORDER BY payment.id
""")
DATED_BY_ANOTHER_CLOCK = text(f"""
    SELECT id, kind, occurred_at, recorded_at, clock FROM ledger_transfers AS transfer
    WHERE {WRITTEN.format(row="transfer")} AND (
        (clock = 'SYSTEM' AND abs(extract(epoch FROM occurred_at - recorded_at)) > 3600)
        OR (clock = 'MOVED' AND NOT CAST(:may_be_moved AS boolean)))
    ORDER BY number
""")  # noqa: S608  # our own text
RULES_NOT_AS_RECORDED = text(
    not_as_recorded(
        (
            "gain_tax_brackets",
            "gain_tax_rules",
            "iof_rates",
            "iof_rules",
            "late_tax_rules",
            "origination_fee_rates",
            "parameters",
            "remittance_rules",
            "secondary_fee_rates",
        )
    )
)
RECORDED_RULES_REWRITTEN = text(REWRITTEN)
# What one person did alone before the rule of two is left as it is.
STAFF_ALONE = text("""
    SELECT act.id, act.action FROM staff_actions AS act
    LEFT JOIN staff_proposals AS said ON said.id = act.proposal_id
    WHERE NOT coalesce((said.kind, said.subject_id, said.proposed_by, said.decided_by, said.outcome, said.decided_at)
            = (act.action, act.subject_id, act.actor_id, act.approved_by, 'APPROVED', act.at)
            AND act.actor_id <> act.approved_by, false)
      AND (act.proposal_id IS NOT NULL OR (act.at AT TIME ZONE 'America/Sao_Paulo')::date >= (
            SELECT min(valid_from) FROM parameters WHERE name = 'staff_decide_in_pairs'))
    ORDER BY act.id
""")
APPROVED_AND_NOT_DONE = text("""
    SELECT said.id, said.kind FROM staff_proposals AS said
    LEFT JOIN staff_actions AS act ON act.proposal_id = said.id
    WHERE said.outcome = 'APPROVED' AND said.kind <> 'CHANGE_RULE' AND act.id IS NULL
    ORDER BY said.id
""")
DISBURSED_AT_NO_RATE = text("""
    SELECT paid.offering_id, paid.origination_fee_minor, paid.iof_minor
    FROM disbursements AS paid
    JOIN registered_cprs AS cpr ON cpr.cpr_id = paid.cpr_id
    CROSS JOIN LATERAL (SELECT (paid.disbursed_at AT TIME ZONE 'America/Sao_Paulo')::date AS day) AS that
    WHERE paid.iof_minor NOT IN (
            SELECT round(paid.principal_minor * tax.daily_rate * least(cpr.term_months * 30, tax.days_max))
                + round(paid.principal_minor * tax.additional_rate)
            FROM (SELECT DISTINCT ON (person) person, instrument FROM iof_rules
                WHERE valid_from <= that.day ORDER BY person, valid_from DESC) AS rule
            CROSS JOIN LATERAL (SELECT daily_rate, days_max, additional_rate FROM iof_rates
                WHERE instrument = rule.instrument AND valid_from <= that.day
                ORDER BY valid_from DESC LIMIT 1) AS tax
            WHERE rule.person = paid.farmer_person OR paid.farmer_person IS NULL)
       OR paid.origination_fee_minor NOT IN (
            SELECT round(paid.principal_minor * rate) FROM (
                SELECT DISTINCT ON (grade) grade, rate FROM origination_fee_rates
                WHERE valid_from <= that.day ORDER BY grade, valid_from DESC) AS in_force
            WHERE in_force.grade = paid.grade OR paid.grade IS NULL)
    ORDER BY paid.offering_id
""")
SWAPPED_AT_NO_RATE = text("""
    SELECT swap.id, swap.fee_minor, swap.tax_minor
    FROM quota_swaps AS swap
    CROSS JOIN LATERAL (SELECT (swap.swapped_at AT TIME ZONE 'America/Sao_Paulo')::date AS day) AS that
    LEFT JOIN LATERAL (
        SELECT rate FROM secondary_fee_rates WHERE valid_from <= that.day ORDER BY valid_from DESC LIMIT 1
        ) AS fee ON true
    LEFT JOIN registered_cprs AS cpr ON cpr.cpr_id = swap.cpr_id
    LEFT JOIN LATERAL (
        SELECT treatment, scale, rate FROM gain_tax_rules
        WHERE person = swap.seller_person AND valid_from <= that.day AND issued_from
            <= coalesce(cpr.issued_on, (cpr.registered_at AT TIME ZONE 'America/Sao_Paulo')::date)
        ORDER BY issued_from DESC, valid_from DESC LIMIT 1
        ) AS tax ON true
    LEFT JOIN LATERAL (
        SELECT rate FROM gain_tax_brackets
        WHERE scale = tax.scale AND valid_from <= that.day AND days_from <= swap.held_days
        ORDER BY valid_from DESC, days_from DESC LIMIT 1
        ) AS bracket ON true
    WHERE swap.fee_minor IS DISTINCT FROM round(swap.price_minor * fee.rate)
       OR swap.tax_minor IS DISTINCT FROM CASE tax.treatment WHEN 'EXEMPT' THEN 0
            ELSE round(greatest(swap.price_minor - swap.fee_minor - swap.cost_minor, 0)
                * coalesce(tax.rate, bracket.rate)) END
    ORDER BY swap.id
""")
REMITTED_OTHERWISE = text(f"""
    SELECT remittance.id, remittance.amount_minor, coalesce(sum(withheld.amount_minor), 0) AS withheld
    FROM remittances AS remittance
    LEFT JOIN remitted_entries AS noted ON noted.remittance_id = remittance.id
    LEFT JOIN ({WITHHELD}) AS withheld ON withheld.entry_id = noted.entry_id AND withheld.tax = remittance.tax
        AND withheld.person = remittance.person AND withheld.withheld_on <= remittance.period_to
    GROUP BY remittance.id
    HAVING remittance.amount_minor <> coalesce(sum(withheld.amount_minor), 0) OR count(*) <> count(withheld.entry_id)
    ORDER BY remittance.id
""")  # noqa: S608  # our own text
REMITTED_BY_NO_RULE = text("""
    SELECT remittance.id, remittance.revenue_code FROM remittances AS remittance
    WHERE remittance.revenue_code NOT IN (
        SELECT revenue_code FROM remittance_rules AS rule
        WHERE rule.tax = remittance.tax AND rule.person = remittance.person AND rule.valid_from <= remittance.period_to)
    ORDER BY remittance.id
""")


REMITTED_LATE_OTHERWISE = text("""
    SELECT late.remittance_id AS id, late.paid_on, late.fine_minor, late.interest_minor
    FROM late_remittances AS late
    JOIN remittances AS remittance ON remittance.id = late.remittance_id
    LEFT JOIN LATERAL (SELECT * FROM late_tax_rules WHERE valid_from <= late.paid_on ORDER BY valid_from DESC LIMIT 1
        ) AS rule ON true
    CROSS JOIN LATERAL (
        SELECT coalesce(sum((SELECT monthly_interest_rate FROM late_tax_rules
            WHERE valid_from < month + interval '1 month' ORDER BY valid_from DESC LIMIT 1)), 0) AS rate
        FROM generate_series(date_trunc('month', remittance.due_on) + interval '1 month',
            date_trunc('month', late.paid_on) - interval '1 month', interval '1 month') AS month) AS months_over
    WHERE late.paid_on <= remittance.due_on
       OR late.fine_minor IS DISTINCT FROM round(remittance.amount_minor
            * least(rule.daily_fine_rate * (late.paid_on - remittance.due_on), rule.fine_rate_max))
       OR late.interest_minor IS DISTINCT FROM round(remittance.amount_minor * (months_over.rate
            + CASE WHEN date_trunc('month', late.paid_on) > date_trunc('month', remittance.due_on)
                THEN rule.payment_month_rate ELSE 0 END))
    ORDER BY late.remittance_id, late.paid_on
""")


async def ask(session: Reader, question: TextClause, **values: Any) -> list[Row[Any]]:
    """What is wrong by *question*, and nothing when nothing is."""
    return list(await session.execute(question, values))
