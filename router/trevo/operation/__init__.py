"""From a client's text to an operation that may be planned: parsed, measured, validated, normalised."""
