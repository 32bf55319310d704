"""Who changed what: a line of JSON for each mutation, in the file that `AUDIT_TRAIL_FILE` names."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from trevo.errors import refuse
from trevo.extensions.extension import Extension
from trevo.extensions.told import ClientOperation, ClientResponse, SubgraphFetch

HEADER = "x-audit-number"
NOTE = "audit-trail number"


class AuditTrail(Extension):
    """Nobody changes anything without a name."""

    def __init__(self) -> None:
        self._file = Path(os.environ["AUDIT_TRAIL_FILE"])
        self._writing = asyncio.Lock()

    def on_operation(self, operation: ClientOperation) -> None:
        """Number mutations; refuse those of nobody with `WHO_ARE_YOU` (401)."""
        if operation.kind != "mutation":
            return
        if operation.request.identity is None:
            raise refuse("WHO_ARE_YOU", "Sign in to change something.", status=401)
        operation.request.notes[NOTE] = operation.request.trace.correlation_id

    def on_fetch(self, fetch: SubgraphFetch) -> None:
        """Let subgraphs write down the same number."""
        if (number := fetch.request.notes.get(NOTE)) is not None:
            fetch.set_header(HEADER, number)

    async def on_response(self, response: ClientResponse) -> None:
        """Write the line, beside the loop; and say its number."""
        operation = response.operation
        if operation is None or (number := operation.request.notes.get(NOTE)) is None:
            return
        identity = operation.request.identity
        line = {
            "number": number,
            "who": identity.subject if identity else None,
            "what": list(operation.root_fields()),
            "outcome": response.outcome,
        }
        async with self._writing:
            await asyncio.to_thread(self._write, line)
        response.set_header(HEADER, number)
        response.extensions["auditNumber"] = number

    def _write(self, line: dict[str, Any]) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
