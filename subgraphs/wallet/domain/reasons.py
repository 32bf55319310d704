"""Why staff did something: kept for the audit, so it has to say something."""

from subgraphs.shared.refusal import InvalidInput

SHORTEST, LONGEST = 5, 500


def check_reason(reason: str) -> str:
    """Refuses with InvalidInput."""
    if not SHORTEST <= len(reason.strip()) <= LONGEST:
        raise InvalidInput(
            field="reason",
            reason=f"say why, in {SHORTEST} to {LONGEST} characters",
            reason_pt=f"Informe o motivo, com {SHORTEST} a {LONGEST} caracteres.",
        )
    return reason.strip()
