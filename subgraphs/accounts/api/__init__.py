"""The domain over GraphQL and HTTP."""
