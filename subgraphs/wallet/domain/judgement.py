"""
The books as a judge: does what is recorded say what the ledger did, and was it allowed?

- each transfer moves what its cause says, between the accounts that it names, at its moment;
- what is recorded to have moved money has its transfer;
- wallets, holds and withdrawals are of one person each, and nobody owes who may not;
- nothing is in the wallet of somebody who has left;
- a payment goes back once, out of suspense or of the wallet that it had gone to, and what is left waits there;
- what payers' banks have claimed is blocked, paid or owed, by who got it;
- a payment has one distribution, which pays out no more than came; a disbursement pays out what was lent;
- positions are of money or of swaps, and swaps are counted;
- payments of an installment follow each other, and settle what is owed of it;
- what staff decided, one proposed and another approved;
- what a renegotiation brings is the principal that was open of what it replaces;
- taxes are remitted of the entries that withheld them, once, by the rules, and being late is paid of what we earned;
- transfers are dated by the clock that they say;
- fees and taxes are those of the rules in force on the day, and these are as they were recorded;
- the database's own rules are in force.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause

from subgraphs.shared.money import format_brl
from subgraphs.shared.reading import Reader
from subgraphs.wallet import crud
from subgraphs.wallet.crud import book_questions as asked
from subgraphs.wallet.crud.places import FROM_THE_START, Since
from subgraphs.wallet.domain import chart

OF_WHAT_IS: tuple[tuple[TextClause, str], ...] = (
    (asked.RULES_SWITCHED_OFF, "the database's rule {rule} on {place} is switched off"),
    (asked.ACCOUNTS_OF_OTHERS, "wallet {id} is {user_id}'s, and {code} is not theirs or not what it is used for"),
    (asked.ACCOUNTS_WITHOUT_WALLET, "{code}: no wallet of its owner has this account"),
    (
        asked.ACCOUNTS_OF_ANOTHER_KIND,
        "{code}: {kind}, raised by a {normal_side}, it is not what it is called",
    ),
    (asked.IN_WALLETS_OF_OTHERS, "{fact} {id} is {user_id}'s, and its wallet is not"),
    (asked.BANK_ACCOUNTS_OF_OTHERS, "withdrawal {id} is {user_id}'s, and its bank account is not"),
    (asked.MAY_OWE, "{code}: may go below zero, or is: {balance_minor} cents"),
    (asked.UNCLAIMED_OF_PEOPLE_WHO_ARE_HERE, "unclaimed credit {id} is of {user_id}, who has not left"),
    (asked.UNCLAIMED_SETTLED_BY_OTHERS, "unclaimed credit {id} is settled by a transfer that does not settle it"),
    (asked.RETURNED_TWICE, "payment {id} of {amount_minor} cents: {total} go back to its payer"),
    (asked.IN_SUSPENSE_OR_NOT, "payment {id} is {outcome}, and {left_minor} cents of it are in suspense"),
    (asked.BACK_FROM_NO_SUSPENSE, "payment {id} went back out of suspense, where it was not"),
    (asked.RETURNED_BY_OTHERS, "return {id} is out of {user_id}'s wallet, and the payment was not in it"),
    (asked.CLAIMED_OF_OTHERS, "claim {id} is on {user_id}, and the payment was not for them"),
    (
        asked.CLAIMS_MISCOUNT,
        "claim {id}: {blocked_minor} cents blocked, {debt_minor} owed: not what was collected",
    ),
    (asked.BLOCKED_OTHERWISE, "{code}: {balance_minor} cents are there, {blocked} are blocked"),
    (asked.DISTRIBUTIONS_IN_TWO, "payment {payment_id} has not one distribution, or parts of it twice"),
    (asked.PAID_OUT_TWICE, "payment {id} of {amount_minor} cents: {total} are paid out"),
    (asked.DISBURSED_OTHERWISE, "offering {offering_id}: {principal_minor} cents are paid out, {captured} were lent"),
    (asked.REGISTERS_MISCOUNT, "CPR {cpr_id}: {swap_count} swaps are counted, there are {swaps}, the last is {last}"),
    (asked.POSITIONS_MISCOUNT, "position {id}: {sold_quotas} quotas are counted as sold, swaps took {sold}"),
    (asked.POSITIONS_OF_NOTHING, "position {id} is of nothing that was lent or bought"),
    (asked.SWAPS_OF_OTHERS, "swap {id} sells what its seller does not hold, or gives its buyer nothing"),
    (asked.PAYMENTS_MISCOUNT_SWAPS, "payment {id} counts {swaps_before} swaps before it, there were {swaps}"),
    (asked.PAYMENTS_OUT_OF_LINE, "payment {number} of installment {installment_id} does not follow those before it"),
    (asked.STAFF_ALONE, "decision {id} ({action}) is not what one of the staff proposed and another approved"),
    (asked.APPROVED_AND_NOT_DONE, "proposal {id} ({kind}) is approved and not done"),
    (
        asked.SCHEDULES_OF_ANOTHER_DEBT,
        "renegotiation {renegotiation_id} brings {brought} cents of principal for {ended} that were open",
    ),
    (asked.PAID_AFTER_BEING_REPLACED, "payment {id} is of installment {installment_id}, which was replaced before"),
    (asked.RULES_NOT_AS_RECORDED, "rule of {rule} {what}: {content}"),
    (asked.RECORDED_RULES_REWRITTEN, "recorded rule {number} ({rule}) breaks the chain of rules"),
    (
        asked.DISBURSED_AT_NO_RATE,
        "offering {offering_id}: {origination_fee_minor} and {iof_minor} cents are of no rule",
    ),
    (asked.SWAPPED_AT_NO_RATE, "swap {id}: {fee_minor} and {tax_minor} cents are of no rule"),
    (asked.REMITTED_OTHERWISE, "remittance {id} of {amount_minor} cents: of its entries {withheld} were withheld"),
    (
        asked.REMITTED_LATE_OTHERWISE,
        "remittance {id} on {paid_on}: {fine_minor} and {interest_minor} cents for being late are of no rule",
    ),
    (asked.REMITTED_BY_NO_RULE, "remittance {id}: no rule says revenue code {revenue_code}"),
)


LEAVING_TIME = timedelta(hours=1)
"""Until what somebody had who has left is set aside."""


JUDGED_AT_ONCE = 1_000
"""Of what was written since a place: so many are found by their ids faster than by reading all."""
CODES_AT_ONCE = 500


async def judge(
    session: Reader, *, now: datetime, clock_may_be_moved: bool, since: Since = FROM_THE_START
) -> list[str]:
    """
    Everything above.

    Of transfers and their causes only what was written *since*. How things stand is asked of all of it: it may change
    without a transfer, and there is less of it.
    """
    found = [problem async for problem in _judge_transfers(session, since)]
    found += [
        f"transfer {row.id} ({row.kind}) is dated {row.occurred_at:%Y-%m-%d %H:%M} by a {row.clock} clock, "
        f"and was recorded {row.recorded_at:%Y-%m-%d %H:%M}"
        for row in await asked.ask(
            session, asked.DATED_BY_ANOTHER_CLOCK, may_be_moved=clock_may_be_moved, age=since.age
        )
    ]
    found += [
        f"{row.code}: {format_brl(row.balance_minor)} is in the wallet of somebody who has left"
        for row in await asked.ask(session, asked.LEFT_WITH_MONEY, left_before=now - LEAVING_TIME)
    ]
    for question, sentence in OF_WHAT_IS:
        found += [sentence.format(**row._asdict()) for row in await asked.ask(session, question)]
    found += [
        f"account {row.id} is not the one that its code {row.code} names"
        async for row in crud.books.stream_codes(session, since=since, batch=CODES_AT_ONCE)
        if row.id not in chart.PLATFORM and row.id != chart.id_of(row.code)
    ]
    return found


async def _judge_transfers(session: Reader, since: Since) -> AsyncIterator[str]:
    """Does each balance, and move what its cause says; and has each cause its transfer?"""
    transfers = _parts(since, crud.cause_questions.stream_transfers(session, since=since))
    facts = _parts(since, crud.cause_questions.stream_facts(session, since=since))
    async for ids in transfers:
        for row in await crud.books.list_unbalanced_transfers(session, ids):
            yield f"transfer {row.id} ({row.kind}): debits minus credits are {format_brl(int(row.sum))}"
        for problem in _of_transfers(await crud.cause_questions.list_differences(session, ids)):
            yield problem
    async for ids in facts:
        for row in await crud.cause_questions.list_facts_without_transfer(session, ids):
            yield f"{row.fact} {row.cause_id} is recorded, and its {row.kind} is not in the ledger"


async def _parts(since: Since, found: AsyncIterator[Sequence[UUID]]) -> AsyncIterator[Sequence[UUID] | None]:
    """What is asked of at once: None for all there is."""
    if since.is_everything:
        yield None
        return
    async for ids in found:
        for start in range(0, len(ids), JUDGED_AT_ONCE):
            yield ids[start : start + JUDGED_AT_ONCE]


def _of_transfers(differences: list[Row[Any]]) -> Iterator[str]:
    """A sentence for each transfer: what it moves beyond its cause, and what it lacks."""
    for (_, transfer_id, kind), rows in groupby(differences, key=lambda row: (row.number, row.id, row.kind)):
        lines = "; ".join(
            f"{row.side.lower()} {row.code} of {format_brl(abs(int(row.amount_minor)))} "
            + ("has no cause" if row.amount_minor > 0 else "is missing")
            for row in rows
        )
        yield f"transfer {transfer_id} ({kind}) is not what its cause says: {lines}"
