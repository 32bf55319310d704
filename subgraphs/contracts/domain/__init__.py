"""The verbs and rules of contracts."""
