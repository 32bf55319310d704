"""What the analyst sees of the person behind a request."""

from datetime import datetime
from typing import Any

import strawberry

from subgraphs.credit.api.loaders import ApplicantRecord
from subgraphs.credit.models import RequestStatus
from subgraphs.shared.graphql.money import Money


@strawberry.type(description="What credit knows of a person who asks, for the analyst.")
class CreditApplicant:
    identity_verified_at: datetime | None = strawberry.field(
        description="When the identity was verified; null while it is not."
    )
    requests_approved: int = strawberry.field(description="Earlier requests that were approved.")
    requests_rejected: int = strawberry.field(description="Earlier requests that were refused.")
    cprs_settled: int = strawberry.field(description="CPRs repaid here.")
    cprs_in_default: int = strawberry.field(description="CPRs more than 30 days late now; above 0 nothing is lent.")

    @classmethod
    def from_record(cls, record: ApplicantRecord) -> "CreditApplicant":
        settled = [row for row in record.repayments if row.settled_at]
        in_default = [row for row in record.repayments if row.is_in_default]
        return cls(
            identity_verified_at=record.applicant.verified_at if record.applicant else None,
            requests_approved=record.decided.get(RequestStatus.APPROVED, 0),
            requests_rejected=record.decided.get(RequestStatus.REJECTED, 0),
            cprs_settled=len(settled),
            cprs_in_default=len(in_default),
        )


@strawberry.type(description="What the credit bureau said.")
class BureauSummary:
    bureau: str = strawberry.field(description="The bureau's name.")
    reference: str = strawberry.field(description="The bureau's own number of the report.")
    score: int = strawberry.field(description="The bureau's own score, 0 to 1000; not the AgroScore.")
    negative_records: int = strawberry.field(description="How many debts elsewhere are reported as unpaid.")
    open_debt: Money = strawberry.field(description="What is owed elsewhere.")
    years_active: int = strawberry.field(description="Years since the first rural credit on record.")
    reported_at: datetime = strawberry.field(description="When the bureau answered.")

    @classmethod
    def from_report(cls, report: dict[str, Any]) -> "BureauSummary":
        return cls(
            bureau=report["bureau"],
            reference=report["reference"],
            score=report["score"],
            negative_records=report["negative_records"],
            open_debt=Money.of_minor(report["open_debt_minor"]),
            years_active=report["years_active"],
            reported_at=datetime.fromisoformat(report["reported_at"]),
        )
