"""The public federation audit: 199 cases that any gateway should answer rightly. `make audit AUDIT_DIR=checkout`."""
