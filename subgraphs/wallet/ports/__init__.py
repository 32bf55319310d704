"""Outside parties of the wallet, one protocol each, with a sandbox that behaves like the real thing."""
