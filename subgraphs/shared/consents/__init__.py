"""
What people have agreed to, as the domains that may not go on without it keep it.

Texts and consents are accounts' (`subgraphs/accounts/domain/consents.py`). `terms.py` says which consent is good on a
day, for accounts and everybody else alike; `tables.py` and `follow.py` are the read model of a domain that asks, and
`asking.py` is how it asks.
"""
