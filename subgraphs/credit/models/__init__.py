"""Credit's tables."""

from subgraphs.credit.models.document import Document, DocumentContent
from subgraphs.credit.models.orm import Base
from subgraphs.credit.models.policy import CreditPolicy, GradeLimit
from subgraphs.credit.models.read_models import Applicant, CPRGrading, RepaymentRecord
from subgraphs.credit.models.request import CreditRequest, Decision, RequestStep
from subgraphs.credit.models.score import AgroScore, ScoreFactor, ScoreModel
from subgraphs.credit.models.vocabulary import (
    OPEN_STATUSES,
    Certification,
    CreditPurpose,
    DocumentKind,
    LandTenure,
    RequestStatus,
    Verdict,
)

__all__ = [
    "OPEN_STATUSES",
    "AgroScore",
    "Applicant",
    "Base",
    "CPRGrading",
    "Certification",
    "CreditPolicy",
    "CreditPurpose",
    "CreditRequest",
    "Decision",
    "Document",
    "DocumentContent",
    "DocumentKind",
    "GradeLimit",
    "LandTenure",
    "RepaymentRecord",
    "RequestStatus",
    "RequestStep",
    "ScoreFactor",
    "ScoreModel",
    "Verdict",
]
