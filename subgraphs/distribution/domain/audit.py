"""What distribution keeps of what was decided there: its parameters."""

from subgraphs.shared.audit import PROPOSALS, AuditLog

AUDIT_LOG = AuditLog(domain="distribution", trails=PROPOSALS)
