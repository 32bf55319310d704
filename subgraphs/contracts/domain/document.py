"""
The text of a CPR: what the farmer signs and the registry keeps (Lei 8.929/1994, art. 3 and 4-A).

It follows from the CPR's terms alone, so that anybody who has them can make it again and compare its digest.
"""

import hashlib
from collections.abc import Sequence

from subgraphs.contracts.domain.rates import rate_text
from subgraphs.contracts.domain.schedule import Schedule, ScheduledInstallment
from subgraphs.contracts.models import CPR, Installment
from subgraphs.shared.clock import business_date
from subgraphs.shared.money import format_brl


def write_document(cpr: CPR, installments: Sequence[Installment]) -> str:
    """The CPR's text, with the schedule as projected on the day of the draft."""
    drafted_on = business_date(cpr.drafted_at)
    return "\n".join(
        [
            f"CÉDULA DE PRODUTO RURAL FINANCEIRA Nº {cpr.number}",
            "",
            f"Emitente: {cpr.farmer_id}",
            f"Produto: {cpr.crop}, {cpr.hectares} ha, município {cpr.municipality}/{cpr.region}",
            f"Valor: {format_brl(cpr.drafted_principal_minor)}",
            f"Taxa: {rate_text(cpr.annual_rate)} ao ano ({rate_text(cpr.monthly_rate)} ao mês)",
            f"Prazo: {cpr.term_months} meses, {cpr.amortisation}",
            f"Mora: multa de {rate_text(cpr.late_fine_rate)} e juros de {rate_text(cpr.late_monthly_rate)} ao mês",
            "O emitente promete pagar, em dinheiro, as parcelas abaixo. As datas contam do desembolso; se o valor",
            "captado for menor, as parcelas são recalculadas com as mesmas condições.",
            "",
            f"Parcelas projetadas em {drafted_on:%d/%m/%Y}:",
            str(schedule_of(installments)),
            "",
        ]
    )


def digest_of(document: str) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(document.encode()).hexdigest()


def schedule_of(installments: Sequence[Installment]) -> Schedule:
    """Stored installments as a schedule, which prints itself."""
    return Schedule(
        tuple(
            ScheduledInstallment(
                number=row.number,
                due_on=row.due_on,
                principal_minor=row.principal_minor,
                interest_minor=row.interest_minor,
            )
            for row in sorted(installments, key=lambda row: row.number)
        )
    )
