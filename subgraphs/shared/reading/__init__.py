"""
Looks at a database for what they cost.

A look needs no unit of work: nothing is tracked, nothing is written, nothing is loaded later. So a statement, still
SQLAlchemy's expression of it, is compiled once per shape (`shapes.py`), runs as a prepared statement of asyncpg's on a
connection that only looks (`connections.py`), and gives rows as the server sent them, read by their model's names
(`rows.py`). `session.py` is what `crud/` sees: it takes the statements that a transaction's session takes, so that one
function serves both.
"""

from subgraphs.shared.reading.connections import Connections
from subgraphs.shared.reading.session import Found, Reader, ReadSession, SnapshotSession

__all__ = ["Connections", "Found", "ReadSession", "Reader", "SnapshotSession"]
