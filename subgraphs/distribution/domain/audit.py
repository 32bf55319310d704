"""What distribution keeps of what was decided there: its parameters."""

from subgraphs.distribution.domain.sagas import SAGAS
from subgraphs.shared.audit import PROPOSALS, AuditLog, acts_of

AUDIT_LOG = AuditLog(domain="distribution", trails=(acts_of(*SAGAS.actions), *PROPOSALS))
