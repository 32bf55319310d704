"""
Whether somebody may still do what their token says.

A token is good for ten minutes, and much can be decided in ten minutes: a suspension, a closure, a sign-out, a new
password, a stolen refresh token that came back, a signing key that is withdrawn. Accounts tells each of these as a
fact; every subgraph keeps them in its own database, and each of its processes in memory, so that a request asks no
database:

    accounts ─event→ one process's reaction ─COMMIT→ rows ─NOTIFY→ every process's memory ─→ refuses, ends streams

`tables.py` says what is kept, `facts.py` what is read, `follow.py` is the reaction, `standing.py` the memory that
answers, `ask_accounts.py` whom it asks where money leaves and the facts may be late.
"""
