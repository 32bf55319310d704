"""GraphiQL in front of the router, where the settings ask for it."""
