"""
What an access token may be used for. Accounts grants them by profile; every subgraph checks them by itself.

Scopes say *which kind* of thing a token may do; *whose* things is always decided by the owner's id besides.
"""

SIGNED_IN = "signed_in"
"""Read and change what is one's own: account, wallet, inbox."""

FARMER = "farmer"
"""Ask for credit, sign CPRs, pay installments."""

INVESTOR = "investor"
"""Invest, hold and sell quotas."""

ANALYST = "analyst"
"""Decide identity checks and credit requests; see what they need for it."""

ADMIN = "admin"
"""Run the platform: parameters, suspensions, dead letters, books."""

STAFF = (ANALYST, ADMIN)
