"""The income statement as people hand it in: in Portuguese, a page a year."""

from datetime import date, datetime

from subgraphs.distribution.domain.income import IncomeStatement
from subgraphs.shared import tax_ids
from subgraphs.shared.clock import business_date
from subgraphs.shared.exports.paper import Column, Kind, Paper, Table, day, holder_facts
from subgraphs.shared.people import Person

TOTAL_COLUMNS = (Column("Quadro", width=75), Column("Valor (R$)", Kind.MONEY, 25))
NOTES = (
    "Rendimentos contam no ano em que foram creditados na carteira (regime de caixa), pelo calendário de Brasília.",
    "Saldos são o principal ainda não devolvido; o custo das cotas vendidas também conta só essa parte.",
    "Prejuízos na venda de cotas não foram compensados.",
    "Juros isentos: Lei 11.033/2004, art. 3º, V. O tratamento de cada pagamento é o da regra vigente na data dele.",
)
COMPANY_NOTES = (
    "Rendimentos contam no ano em que foram creditados na carteira; a empresa os apropria pelo seu próprio regime.",
    *NOTES[1:3],
    "O imposto retido é antecipação do devido pela empresa (Lei 8.981/1995, art. 76, I), e definitivo no Simples.",
)


def income_paper(
    statement: IncomeStatement,
    *,
    investor: Person,
    is_theirs: bool,
    payer_name: str,
    payer_cnpj: str,
    made_at: datetime,
) -> Paper:
    """*statement* as a paper; who is not the investor (*is_theirs*) reads a masked CPF. A company's says what it is."""
    today = business_date(made_at)
    so_far = f" (parcial, até {day(today)})" if today.year == statement.year else ""
    facts = [
        ("Fonte pagadora", payer_name),
        ("CNPJ", tax_ids.print_cnpj(payer_cnpj) if payer_cnpj else "não informado"),
        *holder_facts(investor, is_masked=not is_theirs, label="Beneficiário"),
        ("Ano-calendário", f"{statement.year}{so_far}"),
    ]
    return Paper(
        title=f"Informe de Rendimentos Financeiros – {statement.year}",
        facts=facts,
        tables=[_totals(statement, is_company=investor.cnpj is not None), _sales(statement), _by_cpr(statement, today)],
        notes=NOTES if investor.cnpj is None else COMPANY_NOTES,
        made_at=made_at,
    )


def _totals(statement: IncomeStatement, *, is_company: bool) -> Table:
    interest, exempt = statement.total("interest_minor"), statement.total("exempt_interest_minor")
    # What is withheld of a natural person is all the tax on it; of a company it is a part of the tax that it owes.
    taxed = "tributados na fonte como antecipação" if is_company else "sujeitos à tributação exclusiva na fonte"
    return Table(
        title="1. Rendimentos de CPR",
        columns=TOTAL_COLUMNS,
        rows=[
            ("Rendimentos isentos e não tributáveis: juros", exempt),
            (f"Rendimentos {taxed}: juros", interest - exempt),
            ("Imposto de renda retido na fonte sobre juros", statement.total("tax_minor")),
            ("Taxa de performance, descontada dos juros", statement.total("fee_minor")),
            ("Principal devolvido (não é rendimento)", statement.total("principal_minor")),
            ("Líquido creditado na carteira", statement.total("net_minor")),
        ],
    )


def _sales(statement: IncomeStatement) -> Table:
    amounts = [
        (
            sold.price_minor,
            sold.cost_minor,
            sold.fee_minor,
            sold.price_minor - sold.cost_minor - sold.fee_minor,
            sold.tax_minor,
            sold.price_minor - sold.fee_minor - sold.tax_minor,
        )
        for sold in statement.sales
    ]
    return Table(
        title="2. Venda de cotas no mercado secundário",
        columns=(
            Column("CPR", width=30),
            Column("Cotas", Kind.COUNT, 8),
            *(Column(title, Kind.MONEY, 14) for title in ("Preço", "Custo", "Taxa", "Ganho", "IR retido", "Líquido")),
        ),
        rows=[(str(sold.cpr_id), sold.quota_count, *row) for sold, row in zip(statement.sales, amounts, strict=True)],
        sums=("Soma", sum(sold.quota_count for sold in statement.sales), *map(sum, zip(*amounts, strict=True))),
        if_empty="Nenhuma venda no ano.",
    )


def _by_cpr(statement: IncomeStatement, today: date) -> Table:
    before, end = date(statement.year - 1, 12, 31), min(date(statement.year, 12, 31), today)
    names = (
        "opening_balance_minor",
        "closing_balance_minor",
        "principal_minor",
        "interest_minor",
        "exempt_interest_minor",
        "fee_minor",
        "tax_minor",
        "net_minor",
    )
    balances = (f"Saldo {day(before)}", f"Saldo {day(end)}")
    titles = (*balances, "Principal", "Juros", "Isentos", "Taxa", "IR retido", "Líquido")
    return Table(
        title="3. Bens e direitos: saldos e rendimentos por CPR",
        columns=(
            Column("CPR", width=30),
            Column("Créditos", Kind.COUNT, 8),
            *(Column(title, Kind.MONEY, 13) for title in titles),
        ),
        rows=[
            (str(line.cpr_id), line.payout_count, *(getattr(line, name) for name in names)) for line in statement.lines
        ],
        sums=(
            "Soma",
            sum(line.payout_count for line in statement.lines),
            *(statement.total(name) for name in names),
        ),
        if_empty="Nenhuma CPR no ano.",
    )
