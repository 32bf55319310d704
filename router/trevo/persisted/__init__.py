"""Documents that are known by a name: those of manifests, and those that clients make known."""
