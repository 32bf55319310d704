"""Contracts: CPRs, their installments, signature and registration."""
