"""GraphQL over HTTP: from bytes to a request, from a result to bytes."""
