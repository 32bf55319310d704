"""
Dated parameters: what law and owner may change, each with the day from which it holds.

`rules.py` says which tables a domain has them in, and reads them. `changes.py` is how they change: proposed by one of
the staff, approved by another, in force from a day to come. `tables.py` is what the database itself keeps: a service
adds no rule but one that was approved, nobody edits or deletes one, and each is recorded with the hash of the one
before.
"""

from subgraphs.shared.parameters.rules import Parameters, Rule, RuleTable

__all__ = ["Parameters", "Rule", "RuleTable"]
