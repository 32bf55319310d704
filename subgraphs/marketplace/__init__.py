"""Marketplace: offerings of CPRs in quotas, and the investments that fund them."""
