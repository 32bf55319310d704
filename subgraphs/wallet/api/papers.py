"""What is on the wallet's files, in Portuguese."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from subgraphs.shared.exports.paper import Column, Kind, Paper, Table, amount, holder_facts
from subgraphs.shared.exports.parameters import Days
from subgraphs.shared.money import format_brl
from subgraphs.shared.people import Person
from subgraphs.wallet.api.messages import STATEMENT_LINES, TRANSFER_LINES
from subgraphs.wallet.crud.exports import Movement, Posting
from subgraphs.wallet.models import Side

STATEMENT_COLUMNS = (
    Column("Data e hora", Kind.INSTANT, 30),
    Column("Descrição", width=60),
    Column("Valor (R$)", Kind.MONEY, 25),
    Column("Saldo (R$)", Kind.MONEY, 25),
    Column("Referência", width=50),
)
TRANSFER_COLUMNS = (
    Column("Data e hora", Kind.INSTANT, 30),
    Column("Tipo", width=36),
    Column("Descrição", width=40),
    Column("Transferência", width=50),
    Column("Conta", width=62),
    Column("Débito (R$)", Kind.MONEY, 25),
    Column("Crédito (R$)", Kind.MONEY, 25),
    Column("Referência", width=50),
    Column("Estorno de", width=50),
)

STATEMENT_NOTE = (
    "Valores em reais, do mais antigo ao mais recente. O saldo é o disponível; o que está reservado para investimentos "
    "ou a caminho do banco não está nele."
)


def signed(movement: Movement) -> int:
    """By how much the balance rose: what people have is what we owe them, so a credit raises it."""
    return movement.amount_minor if movement.side is Side.CREDIT else -movement.amount_minor


def statement_paper(
    movements: Sequence[Movement], *, holder: Person, days: Days, opening_minor: int | None, made_at: datetime
) -> Paper:
    """The statement of *holder*; with both ends and sums where all kinds are in it (*opening_minor* is known)."""
    amounts = [signed(movement) for movement in movements]
    received = sum(one for one in amounts if one > 0)
    spent = sum(one for one in amounts if one < 0)
    facts = [*holder_facts(holder), ("Período", str(days))]
    if opening_minor is None:
        facts.append(("Lançamentos", "só dos tipos escolhidos"))
    else:
        facts += [
            ("Saldo no início", format_brl(opening_minor)),
            ("Entradas", format_brl(received)),
            ("Saídas", format_brl(spent)),
            ("Saldo no fim", format_brl(opening_minor + received + spent)),
        ]
    rows = [
        (
            movement.occurred_at,
            STATEMENT_LINES[movement.kind],
            change,
            movement.balance_after_minor,
            str(movement.reference_id),
        )
        for movement, change in zip(movements, amounts, strict=True)
    ]
    empty = "Nenhum lançamento no período."
    return Paper(
        title="Extrato da carteira",
        facts=facts,
        tables=[Table(title="Lançamentos", columns=STATEMENT_COLUMNS, rows=rows, if_empty=empty)],
        notes=[STATEMENT_NOTE],
        made_at=made_at,
    )


def transfers_paper(
    postings: Sequence[Posting], *, days: Days, parameters: Mapping[str, str], made_at: datetime
) -> Paper:
    """The transfers that *parameters* ask for, a row per entry."""
    rows = [
        (
            posting.occurred_at,
            posting.kind.value,
            TRANSFER_LINES[posting.kind],
            str(posting.transfer_id),
            posting.account_code,
            posting.amount_minor if posting.side is Side.DEBIT else None,
            posting.amount_minor if posting.side is Side.CREDIT else None,
            str(posting.reference_id),
            str(posting.reverses_id) if posting.reverses_id else None,
        )
        for posting in postings
    ]
    debited = sum(posting.amount_minor for posting in postings if posting.side is Side.DEBIT)
    credited = sum(posting.amount_minor for posting in postings if posting.side is Side.CREDIT)
    named = {"kinds": "Tipos", "userId": "Pessoa", "reference": "Referência"}
    return Paper(
        title="Transferências",
        facts=[
            ("Período", str(days)),
            *((label, parameters[name]) for name, label in named.items() if name in parameters),
            ("Transferências", str(len({posting.transfer_id for posting in postings}))),
            ("Débitos e créditos", f"{amount(debited)} e {amount(credited)}"),
        ],
        tables=[
            Table(
                title="Lançamentos",
                columns=TRANSFER_COLUMNS,
                rows=rows,
                sums=(None, "Soma", None, None, None, debited, credited, None, None),
                if_empty="Nenhuma transferência.",
            )
        ],
        notes=["Valores em reais, do mais antigo ao mais recente; uma linha por lançamento, os débitos primeiro."],
        made_at=made_at,
        is_wide=True,
    )
