"""The media types of GraphQL over HTTP, under one name each for whoever asks and whoever answers."""

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
"""An answer whose status tells how the request fared."""
EVENT_STREAM = "text/event-stream"
