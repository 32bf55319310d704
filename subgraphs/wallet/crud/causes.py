"""
What each transfer ought to move, by what is recorded of its cause; and what is recorded and ought to have moved money.

The database asks the same of each transfer when it is committed (the triggers of the migrations
`wallet_0019` and later). The books ask it themselves, of all of them: who owns the tables can switch triggers off.
"""

from collections.abc import Iterable

# The platform's own accounts, as the chart names them.
_SUSPENSE = "'ffffffff-0000-8000-8000-000000000001'::uuid"
_ORIGINATION_FEE = "'ffffffff-0000-8000-8000-000000000002'::uuid"
_PERFORMANCE_FEE = "'ffffffff-0000-8000-8000-000000000003'::uuid"
_IOF = "'ffffffff-0000-8000-8000-000000000004'::uuid"
_INCOME_TAX = "'ffffffff-0000-8000-8000-000000000005'::uuid"
_GATEWAY = "'ffffffff-0000-8000-8000-000000000006'::uuid"
_BANK = "'ffffffff-0000-8000-8000-000000000007'::uuid"
_SECONDARY_FEE = "'ffffffff-0000-8000-8000-000000000008'::uuid"
_RETURNS = "'ffffffff-0000-8000-8000-000000000010'::uuid"
_PERSON_DEBTS = "'ffffffff-0000-8000-8000-000000000011'::uuid"

# A line for each entry that the cause asks for, as if nobody had left: `number`, `transfer_id`, `account_id`, `side`,
# `amount_minor`. A transfer whose cause is not there, or says another moment or another object, has no line.
_DEPOSITED = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN gateway_payments AS p ON p.id = t.cause_id AND p.received_at = t.occurred_at
    JOIN charges AS c ON c.id = p.charge_id AND c.id = t.reference_id AND c.txid = p.txid
        AND c.amount_minor = p.amount_minor
    JOIN wallets AS w ON w.user_id = c.payer_id
    CROSS JOIN LATERAL (VALUES
        ({_GATEWAY}, 'DEBIT', p.amount_minor),
        (w.available_id, 'CREDIT', p.amount_minor)) AS line (account_id, side, amount_minor)
    WHERE (t.kind = 'DEPOSIT' AND p.outcome = 'CREDITED' AND c.purpose IN ('DEPOSIT', 'SETTLEMENT'))
       OR (t.kind = 'SURPLUS' AND p.outcome = 'SURPLUS')
"""  # noqa: S608  # our own text
_QUARANTINED = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN gateway_payments AS p ON p.id = t.cause_id AND p.received_at = t.occurred_at
    CROSS JOIN LATERAL (VALUES
        ({_GATEWAY}, 'DEBIT', p.amount_minor),
        ({_SUSPENSE}, 'CREDIT', p.amount_minor)) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'SUSPENSE' AND t.reference_id = t.cause_id AND p.outcome IN ('QUARANTINED', 'RESOLVED', 'RETURNED')
"""  # noqa: S608  # our own text
# What was in the wallet of somebody who left.
_LEFT_BEHIND = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN wallets AS w ON w.user_id = t.cause_id
    JOIN unclaimed_credits AS u ON u.transfer_id = t.id AND u.user_id = w.user_id
    CROSS JOIN LATERAL (VALUES
        (w.available_id, 'DEBIT', u.amount_minor),
        ({_SUSPENSE}, 'CREDIT', u.amount_minor)) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'SUSPENSE' AND t.reference_id = t.cause_id
"""  # noqa: S608  # our own text
# To the wallet of whom the proposal names, but never to that of who proposed or approved it.
_GIVEN_OUT = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN staff_actions AS s ON s.id = t.cause_id AND s.subject_id = t.reference_id AND s.at = t.occurred_at
    LEFT JOIN staff_proposals AS said ON said.id = s.proposal_id
    LEFT JOIN gateway_payments AS p ON p.id = s.subject_id AND s.action = 'RESOLVE_SUSPENSE'
    LEFT JOIN unclaimed_credits AS u ON u.id = s.subject_id AND s.action = 'RELEASE_UNCLAIMED'
    JOIN ledger_entries AS e ON e.transfer_id = t.id AND e.side = 'CREDIT'
    JOIN wallets AS w ON w.available_id = e.account_id AND w.user_id <> s.actor_id
        AND w.user_id IS DISTINCT FROM s.approved_by
        AND (said.id IS NULL OR said.content ->> 'user_id' = w.user_id::text)
    CROSS JOIN LATERAL (VALUES
        ({_SUSPENSE}, 'DEBIT', coalesce(s.amount_minor, p.amount_minor, u.amount_minor)),
        (e.account_id, 'CREDIT', coalesce(s.amount_minor, p.amount_minor, u.amount_minor))
        ) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'SUSPENSE_RESOLVED' AND coalesce(p.id, u.id) IS NOT NULL
"""  # noqa: S608  # our own text
_PAID_OUT = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN staff_actions AS s ON s.id = t.cause_id AND s.subject_id = t.reference_id AND s.at = t.occurred_at
        AND s.action = 'PAY_OUT_UNCLAIMED'
    LEFT JOIN staff_proposals AS said ON said.id = s.proposal_id
    JOIN unclaimed_credits AS u ON u.id = s.subject_id
    JOIN unclaimed_payouts AS paid ON paid.transfer_id = t.id
        AND (said.id IS NULL OR said.content ->> 'bank_reference' = paid.bank_reference)
    CROSS JOIN LATERAL (VALUES
        ({_SUSPENSE}, 'DEBIT', u.amount_minor),
        ({_BANK}, 'CREDIT', u.amount_minor)) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'SUSPENSE_PAID_OUT'
"""  # noqa: S608  # our own text
_HELD = """
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN holds AS h ON h.id = t.cause_id AND h.reference_id = t.reference_id
    JOIN wallets AS w ON w.id = h.wallet_id AND w.user_id = h.user_id
    CROSS JOIN LATERAL (VALUES
        (CASE t.kind WHEN 'HOLD' THEN w.available_id ELSE w.held_id END, 'DEBIT'),
        (CASE t.kind WHEN 'HOLD' THEN w.held_id ELSE w.available_id END, 'CREDIT')) AS side (account_id, side)
    CROSS JOIN LATERAL (VALUES
        (side.account_id, side.side, h.amount_minor - CASE t.kind WHEN 'HOLD' THEN 0 ELSE h.captured_minor END)
        ) AS line (account_id, side, amount_minor)
    WHERE (t.kind = 'HOLD' AND h.placed_at = t.occurred_at)
       OR (t.kind = 'HOLD_RELEASE' AND h.status <> 'ACTIVE' AND h.ended_at = t.occurred_at)
"""  # our own text
# Into the escrow of the CPR that the offering's money went to.
_CAPTURED = """
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN holds AS h ON h.id = t.cause_id AND h.reference_id = t.reference_id AND h.ended_at = t.occurred_at
    JOIN wallets AS w ON w.id = h.wallet_id AND w.user_id = h.user_id
    JOIN disbursements AS d ON d.offering_id = h.offering_id AND d.disbursed_at = t.occurred_at
    JOIN ledger_accounts AS escrow ON escrow.code = 'escrow:' || d.cpr_id
    CROSS JOIN LATERAL (VALUES
        (w.held_id, 'DEBIT', h.captured_minor),
        (escrow.id, 'CREDIT', h.captured_minor)) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'HOLD_CAPTURE' AND h.status = 'CAPTURED'
"""  # our own text
_DISBURSED = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN disbursements AS d ON d.offering_id = t.cause_id AND d.cpr_id = t.reference_id
        AND d.disbursed_at = t.occurred_at
    JOIN offering_fundings AS f ON f.offering_id = d.offering_id AND f.status = 'DISBURSED'
    JOIN registered_cprs AS c ON c.cpr_id = d.cpr_id AND c.farmer_id = d.farmer_id
    JOIN wallets AS w ON w.user_id = d.farmer_id
    JOIN ledger_accounts AS escrow ON escrow.code = 'escrow:' || d.cpr_id
    CROSS JOIN LATERAL (VALUES
        (escrow.id, 'DEBIT', d.principal_minor),
        ({_ORIGINATION_FEE}, 'CREDIT', d.origination_fee_minor),
        ({_IOF}, 'CREDIT', d.iof_minor),
        (w.available_id, 'CREDIT', d.net_minor)) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'DISBURSEMENT'
"""  # noqa: S608  # our own text
# From the gateway, or from the farmer's own wallet.
_INSTALLMENT_PAID = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN installment_payments AS ip ON ip.id = t.cause_id AND ip.installment_id = t.reference_id
        AND ip.confirmed_at = t.occurred_at
    JOIN installments AS i ON i.id = ip.installment_id
    JOIN ledger_accounts AS clearing ON clearing.id = ip.clearing_id AND clearing.code = 'distribution:' || ip.id
    LEFT JOIN gateway_payments AS p ON p.id = ip.id AND p.outcome = 'INSTALLMENT' AND p.method = ip.method
        AND p.amount_minor = ip.amount_minor
    LEFT JOIN wallets AS w ON w.user_id = i.farmer_id AND ip.method = 'WALLET'
    CROSS JOIN LATERAL (VALUES
        (CASE WHEN p.id IS NULL THEN w.available_id ELSE {_GATEWAY} END, 'DEBIT',
         ip.amount_minor),
        (ip.clearing_id, 'CREDIT', ip.amount_minor)) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'INSTALLMENT_PAYMENT' AND coalesce(p.id, w.id) IS NOT NULL
"""  # noqa: S608  # our own text
_HOLDER_PAID = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN distribution_payouts AS d ON d.payout_id = t.cause_id
    JOIN distribution_parts AS part ON part.distribution_id = d.distribution_id AND part.part = d.part
        AND part.credited_at = t.occurred_at
    JOIN installment_payments AS ip ON ip.id = part.payment_id
    JOIN wallets AS w ON w.user_id = d.user_id
    CROSS JOIN LATERAL (VALUES
        (ip.clearing_id, 'DEBIT', d.gross_minor),
        (w.available_id, 'CREDIT', d.net_minor),
        ({_PERFORMANCE_FEE}, 'CREDIT', d.fee_minor),
        ({_INCOME_TAX}, 'CREDIT', d.tax_minor)) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'PAYOUT' AND t.reference_id = t.cause_id
"""  # noqa: S608  # our own text
_SWAPPED = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN quota_swaps AS s ON s.id = t.cause_id AND s.transfer_id = t.id AND s.swapped_at = t.occurred_at
    JOIN wallets AS buyer ON buyer.user_id = s.buyer_id
    JOIN wallets AS seller ON seller.user_id = s.seller_id
    CROSS JOIN LATERAL (VALUES
        (buyer.available_id, 'DEBIT', s.price_minor),
        (seller.available_id, 'CREDIT', s.price_minor - s.fee_minor - s.tax_minor),
        ({_SECONDARY_FEE}, 'CREDIT', s.fee_minor),
        ({_INCOME_TAX}, 'CREDIT', s.tax_minor)) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'QUOTA_SWAP' AND t.reference_id = t.cause_id
"""  # noqa: S608  # our own text
_WITHDRAWN = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN withdrawals AS d ON d.id = t.cause_id
    JOIN wallets AS w ON w.id = d.wallet_id AND w.user_id = d.user_id
    LEFT JOIN ledger_transfers AS sent ON sent.kind = 'WITHDRAWAL_SENT' AND sent.cause_id = d.id
    CROSS JOIN LATERAL (VALUES
        ('WITHDRAWAL', w.available_id, w.processing_id),
        ('WITHDRAWAL_SENT', w.processing_id, {_GATEWAY}),
        ('GATEWAY_SETTLEMENT', {_GATEWAY},
         {_BANK}),
        ('WITHDRAWAL_RETURN', CASE WHEN sent.id IS NULL THEN w.processing_id
            ELSE {_BANK} END, w.available_id)
        ) AS way (kind, from_id, to_id)
    CROSS JOIN LATERAL (VALUES
        (way.from_id, 'DEBIT', d.amount_minor),
        (way.to_id, 'CREDIT', d.amount_minor)) AS line (account_id, side, amount_minor)
    WHERE way.kind = t.kind AND t.reference_id = t.cause_id AND (
        (t.kind = 'WITHDRAWAL' AND d.requested_at = t.occurred_at)
        -- One that came back had another end before, of which only the transfer tells.
        OR (t.kind IN ('WITHDRAWAL_SENT', 'GATEWAY_SETTLEMENT')
            AND ((d.status = 'SETTLED' AND d.ended_at = t.occurred_at) OR d.status = 'RETURNED'))
        OR (t.kind = 'WITHDRAWAL_RETURN' AND d.status = 'RETURNED' AND d.ended_at = t.occurred_at))
"""  # noqa: S608  # our own text
_SETTLED = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN gateway_payments AS p ON p.id = t.cause_id AND p.settled_at = t.occurred_at
    CROSS JOIN LATERAL (VALUES
        ({_BANK}, 'DEBIT', p.amount_minor),
        ({_GATEWAY}, 'CREDIT', p.amount_minor)) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'GATEWAY_SETTLEMENT' AND t.reference_id = t.cause_id
"""  # noqa: S608  # our own text
_REMITTED = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN remittances AS r ON r.id = t.cause_id AND r.paid_at = t.occurred_at
    CROSS JOIN LATERAL (VALUES
        (CASE r.tax WHEN 'IOF' THEN {_IOF} ELSE {_INCOME_TAX} END, 'DEBIT', r.amount_minor),
        ({_BANK}, 'CREDIT', r.amount_minor)) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'TAX_REMITTANCE' AND t.reference_id = t.cause_id
"""  # noqa: S608  # our own text
# Out of the platform's own earnings, by the slip that it was paid by.
_REMITTED_LATE = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN remittances AS r ON r.id = t.cause_id AND r.paid_at = t.occurred_at
    JOIN late_remittances AS late ON late.remittance_id = r.id AND late.paid_on = r.late_on
        AND late.account_id IN ({_ORIGINATION_FEE}, {_PERFORMANCE_FEE}, {_SECONDARY_FEE})
    CROSS JOIN LATERAL (VALUES
        (late.account_id, 'DEBIT', late.fine_minor + late.interest_minor),
        ({_BANK}, 'CREDIT', late.fine_minor + late.interest_minor)) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'LATE_REMITTANCE' AND t.reference_id = t.cause_id
"""  # noqa: S608  # our own text
# Back to who paid it, out of suspense or of the wallet that it had gone to.
_GIVEN_BACK = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN payment_returns AS r ON r.id = t.cause_id AND r.payment_id = t.reference_id
    LEFT JOIN wallets AS w ON w.user_id = r.user_id
    LEFT JOIN ledger_transfers AS sent ON sent.kind = 'PAYMENT_RETURN_SENT' AND sent.cause_id = r.id
    CROSS JOIN LATERAL (VALUES
        (CASE r.source WHEN 'SUSPENSE' THEN {_SUSPENSE} ELSE w.available_id END)) AS source (account_id)
    CROSS JOIN LATERAL (VALUES
        ('PAYMENT_RETURN', source.account_id, {_RETURNS}),
        ('PAYMENT_RETURN_SENT', {_RETURNS}, {_BANK}),
        ('PAYMENT_RETURN_FAILED', CASE WHEN sent.id IS NULL THEN {_RETURNS}
            ELSE {_BANK} END, source.account_id)
        ) AS way (kind, from_id, to_id)
    CROSS JOIN LATERAL (VALUES
        (way.from_id, 'DEBIT', r.amount_minor),
        (way.to_id, 'CREDIT', r.amount_minor)) AS line (account_id, side, amount_minor)
    WHERE way.kind = t.kind AND (
        (t.kind = 'PAYMENT_RETURN' AND r.requested_at = t.occurred_at)
        -- One that failed had perhaps arrived before, of which only the transfer tells.
        OR (t.kind = 'PAYMENT_RETURN_SENT'
            AND ((r.status = 'SETTLED' AND r.ended_at = t.occurred_at) OR r.status = 'FAILED'))
        OR (t.kind = 'PAYMENT_RETURN_FAILED' AND r.status = 'FAILED' AND r.ended_at = t.occurred_at))
      AND (r.reason <> 'DECIDED' OR EXISTS (
        SELECT FROM staff_actions AS s JOIN staff_proposals AS said ON said.id = s.proposal_id
        WHERE s.id = r.id AND s.action = 'RETURN_PAYMENT' AND s.subject_id = r.payment_id AND s.at = r.requested_at
          AND coalesce((said.content ->> 'amount_minor')::bigint, r.amount_minor) = r.amount_minor))
"""  # noqa: S608  # our own text
# What is taken of a person for a claim of a payer's bank: blocked while that is open, for the debt afterwards.
_COLLECTED = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN claim_collections AS c ON c.id = t.cause_id AND c.claim_id = t.reference_id AND c.collected_at = t.occurred_at
    JOIN money_claims AS m ON m.id = c.claim_id
    JOIN wallets AS w ON w.user_id = m.user_id
    JOIN ledger_accounts AS blocked ON blocked.code = 'claim:' || m.id
    CROSS JOIN LATERAL (VALUES
        (w.available_id, 'DEBIT', c.amount_minor),
        (CASE WHEN c.pays_debt THEN {_PERSON_DEBTS} ELSE blocked.id END, 'CREDIT', c.amount_minor)
        ) AS line (account_id, side, amount_minor)
    WHERE t.kind = CASE WHEN c.pays_debt THEN 'DEBT_PAID' ELSE 'CLAIM_BLOCK' END
"""  # noqa: S608  # our own text
# What was blocked goes to the payer's bank as far as that took it, or is free again; the rest of that is a debt.
_CLAIMED = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN money_claims AS m ON m.id = t.cause_id AND m.payment_id = t.reference_id AND m.ended_at = t.occurred_at
    LEFT JOIN wallets AS w ON w.user_id = m.user_id
    LEFT JOIN ledger_accounts AS blocked ON blocked.code = 'claim:' || m.id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount_minor), 0) AS minor, least(coalesce(sum(amount_minor), 0), m.taken_minor) AS used
        FROM claim_collections WHERE claim_id = m.id AND NOT pays_debt) AS was_blocked
    CROSS JOIN LATERAL (VALUES
        ('CLAIM_PAID', blocked.id, 'DEBIT', was_blocked.used),
        ('CLAIM_PAID', CASE WHEN m.user_id IS NULL THEN {_SUSPENSE} ELSE {_PERSON_DEBTS} END, 'DEBIT',
         m.taken_minor - was_blocked.used),
        ('CLAIM_PAID', {_BANK}, 'CREDIT', m.taken_minor),
        ('CLAIM_RELEASE', blocked.id, 'DEBIT', was_blocked.minor - was_blocked.used),
        ('CLAIM_RELEASE', w.available_id, 'CREDIT', was_blocked.minor - was_blocked.used)
        ) AS line (kind, account_id, side, amount_minor)
    WHERE line.kind = t.kind AND m.status <> 'OPEN' AND (t.kind = 'CLAIM_RELEASE' OR m.status = 'PAID')
"""  # noqa: S608  # our own text
# The same entries with their sides exchanged, because staff said so of all that the same fact moved. Before there were
# proposals, they said it of one transfer.
_REVERSED = """
    SELECT t.number, t.id AS transfer_id, e.account_id,
        CASE e.side WHEN 'DEBIT' THEN 'CREDIT' ELSE 'DEBIT' END AS side, e.amount_minor
    FROM ledger_transfers AS t
    JOIN ledger_transfers AS undone ON undone.id = t.reverses_id AND undone.id = t.cause_id
        AND undone.reference_id = t.reference_id AND undone.kind IN (
            'DEPOSIT', 'SURPLUS', 'SUSPENSE_RESOLVED', 'SUSPENSE_PAID_OUT', 'GATEWAY_SETTLEMENT')
    JOIN ledger_entries AS e ON e.transfer_id = undone.id
    WHERE t.kind = 'REVERSAL' AND EXISTS (
        SELECT FROM staff_actions AS s
        WHERE s.action = 'REVERSE_TRANSFER' AND s.at = t.occurred_at AND (
            (s.proposal_id IS NULL AND s.subject_id = undone.id)
            OR (s.proposal_id IS NOT NULL AND s.subject_id = undone.cause_id
                AND NOT EXISTS (
                    SELECT FROM ledger_transfers AS other
                    LEFT JOIN ledger_transfers AS back ON back.reverses_id = other.id
                    WHERE other.cause_id = undone.cause_id AND back.id IS NULL AND other.kind IN (
                        'DEPOSIT', 'SURPLUS', 'SUSPENSE', 'SUSPENSE_RESOLVED', 'SUSPENSE_PAID_OUT',
                        'INSTALLMENT_PAYMENT', 'WITHDRAWAL', 'GATEWAY_SETTLEMENT'))
                AND NOT EXISTS (
                    SELECT FROM ledger_entries AS moved
                    JOIN ledger_accounts AS account ON account.id = moved.account_id
                    WHERE moved.transfer_id = undone.id AND account.owner_id IN (s.actor_id, s.approved_by)))))
"""  # our own text

BY_KIND = {
    "DEPOSIT": (_DEPOSITED,),
    "SURPLUS": (_DEPOSITED,),
    "SUSPENSE": (_QUARANTINED, _LEFT_BEHIND),
    "SUSPENSE_RESOLVED": (_GIVEN_OUT,),
    "SUSPENSE_PAID_OUT": (_PAID_OUT,),
    "HOLD": (_HELD,),
    "HOLD_RELEASE": (_HELD,),
    "HOLD_CAPTURE": (_CAPTURED,),
    "DISBURSEMENT": (_DISBURSED,),
    "INSTALLMENT_PAYMENT": (_INSTALLMENT_PAID,),
    "PAYOUT": (_HOLDER_PAID,),
    "QUOTA_SWAP": (_SWAPPED,),
    "WITHDRAWAL": (_WITHDRAWN,),
    "WITHDRAWAL_SENT": (_WITHDRAWN,),
    "WITHDRAWAL_RETURN": (_WITHDRAWN,),
    "GATEWAY_SETTLEMENT": (_WITHDRAWN, _SETTLED),
    "REVERSAL": (_REVERSED,),
    "TAX_REMITTANCE": (_REMITTED,),
    "LATE_REMITTANCE": (_REMITTED_LATE,),
    "PAYMENT_RETURN": (_GIVEN_BACK,),
    "PAYMENT_RETURN_SENT": (_GIVEN_BACK,),
    "PAYMENT_RETURN_FAILED": (_GIVEN_BACK,),
    "CLAIM_BLOCK": (_COLLECTED,),
    "DEBT_PAID": (_COLLECTED,),
    "CLAIM_PAID": (_CLAIMED,),
    "CLAIM_RELEASE": (_CLAIMED,),
}
"""Where the entries of a kind of transfer are asked for."""


def differences(expected: Iterable[str], *, where: str) -> str:
    """
    What transfers move beyond what their causes ask for, by account and side; negative for what they lack.

    What would have been credited to somebody who has left is in suspense, and noted.
    """
    return f"""
    SELECT moved.number, moved.transfer_id, moved.account_id, moved.side, sum(moved.amount_minor) AS amount_minor
    FROM (
        SELECT t.number, t.id AS transfer_id, e.account_id, e.side, e.amount_minor
        FROM ledger_transfers AS t JOIN ledger_entries AS e ON e.transfer_id = t.id
        UNION ALL
        SELECT t.number, t.id, line.account_id, 'CREDIT', line.amount_minor
        FROM ledger_transfers AS t
        JOIN unclaimed_credits AS u ON u.transfer_id = t.id
        JOIN wallets AS w ON w.user_id = u.user_id
        CROSS JOIN LATERAL (VALUES
            (w.available_id, u.amount_minor), ({_SUSPENSE}, -u.amount_minor)) AS line (account_id, amount_minor)
        WHERE t.kind <> 'SUSPENSE'
        UNION ALL
        SELECT number, transfer_id, account_id, side, -amount_minor FROM ({" UNION ALL ".join(expected)}) AS expected
    ) AS moved
    WHERE {where}
    GROUP BY moved.number, moved.transfer_id, moved.account_id, moved.side
    HAVING sum(moved.amount_minor) <> 0
    """  # noqa: S608  # our own text


# Which transfers there have to be, by what is recorded.
DUE_TRANSFERS = """
    SELECT 'hold' AS fact, id AS cause_id, 'HOLD' AS kind FROM holds
    UNION ALL
    SELECT 'hold', id, 'HOLD_CAPTURE' FROM holds WHERE captured_minor > 0
    UNION ALL
    SELECT 'hold', id, 'HOLD_RELEASE' FROM holds WHERE status <> 'ACTIVE' AND captured_minor < amount_minor
    UNION ALL
    SELECT 'payment', id, CASE outcome WHEN 'CREDITED' THEN 'DEPOSIT' WHEN 'SURPLUS' THEN 'SURPLUS'
        WHEN 'INSTALLMENT' THEN 'INSTALLMENT_PAYMENT' ELSE 'SUSPENSE' END
    FROM gateway_payments
    UNION ALL
    SELECT 'payment', id, 'GATEWAY_SETTLEMENT' FROM gateway_payments WHERE settled_at IS NOT NULL
    UNION ALL
    SELECT 'installment payment', id, 'INSTALLMENT_PAYMENT' FROM installment_payments
    UNION ALL
    SELECT 'payout', payout_id, 'PAYOUT' FROM distribution_payouts WHERE gross_minor > 0
    UNION ALL
    SELECT 'disbursement', offering_id, 'DISBURSEMENT' FROM disbursements
    UNION ALL
    SELECT 'offering', offering_id, 'DISBURSEMENT' FROM offering_fundings WHERE status = 'DISBURSED'
    UNION ALL
    SELECT 'swap', id, 'QUOTA_SWAP' FROM quota_swaps
    UNION ALL
    SELECT 'withdrawal', id, 'WITHDRAWAL' FROM withdrawals
    UNION ALL
    SELECT 'withdrawal', id, unnest(ARRAY['WITHDRAWAL_SENT', 'GATEWAY_SETTLEMENT']) FROM withdrawals
    WHERE status = 'SETTLED'
    UNION ALL
    SELECT 'withdrawal', id, 'WITHDRAWAL_RETURN' FROM withdrawals WHERE status = 'RETURNED'
    UNION ALL
    SELECT 'decision', id, CASE action WHEN 'PAY_OUT_UNCLAIMED' THEN 'SUSPENSE_PAID_OUT' ELSE 'SUSPENSE_RESOLVED' END
    FROM staff_actions WHERE action IN ('RESOLVE_SUSPENSE', 'RELEASE_UNCLAIMED', 'PAY_OUT_UNCLAIMED')
    UNION ALL
    SELECT 'remittance', id, 'TAX_REMITTANCE' FROM remittances WHERE status = 'PAID'
    UNION ALL
    SELECT 'return', id, 'PAYMENT_RETURN' FROM payment_returns
    UNION ALL
    SELECT 'return', id, 'PAYMENT_RETURN_SENT' FROM payment_returns WHERE status = 'SETTLED'
    UNION ALL
    SELECT 'return', id, 'PAYMENT_RETURN_FAILED' FROM payment_returns WHERE status = 'FAILED'
    UNION ALL
    SELECT 'claim', id, 'CLAIM_PAID' FROM money_claims WHERE status = 'PAID'
    UNION ALL
    SELECT 'claim', m.id, 'CLAIM_RELEASE' FROM money_claims AS m WHERE status <> 'OPEN' AND taken_minor < (
        SELECT sum(amount_minor) FROM claim_collections WHERE claim_id = m.id AND NOT pays_debt)
    UNION ALL
    SELECT 'collection', id, CASE WHEN pays_debt THEN 'DEBT_PAID' ELSE 'CLAIM_BLOCK' END FROM claim_collections
    UNION ALL
    SELECT 'remittance', r.id, 'LATE_REMITTANCE' FROM remittances AS r JOIN late_remittances AS late
        ON late.remittance_id = r.id AND late.paid_on = r.late_on AND late.account_id IS NOT NULL
"""
