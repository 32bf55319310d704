"""
Transactions that ask once again, on a fresh connection, when the one they had is lost or its statements are stale.

A server that was restarted, a connection that an administrator ended, a column that a migration gave another type:
each would fail the next statement of every connection that was open then. Where nothing has happened yet that asking
again could repeat or contradict, the person need not hear of it. Looks do the same (`reading/session.py`).
"""

from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from subgraphs.shared.availability import is_connection_failure, is_stale_statement

log = structlog.get_logger()


class TransactionSession(Session):
    """
    Of a transaction only its first statement may be asked again.

    Nothing has been seen or written then. After that, a transaction that lost its connection is undone as a whole.
    """

    def execute(self, *arguments: Any, **options: Any) -> Any:
        return self._asked_twice(super().execute, arguments, options)

    def scalar(self, *arguments: Any, **options: Any) -> Any:
        return self._asked_twice(super().scalar, arguments, options)

    def scalars(self, *arguments: Any, **options: Any) -> Any:
        return self._asked_twice(super().scalars, arguments, options)

    def _asked_twice(self, ask: Any, arguments: Any, options: Any) -> Any:
        # Begun also means: something was added that is to be written.
        may_ask_again = not self.in_transaction()
        try:
            return ask(*arguments, **options)
        except (DBAPIError, OSError) as error:
            if not may_ask_again or not (is_connection_failure(error) or is_stale_statement(error)):
                raise
            log.warning("the database is asked once again", error=type(error).__name__)
            # What was loaded before stays readable: closing detaches it and lets the broken connection go.
            self.close()
            return ask(*arguments, **options)
