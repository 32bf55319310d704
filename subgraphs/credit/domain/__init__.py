"""The verbs and rules of credit."""
