"""
A verifier that finds what it is told to: by a mark anywhere in the document's bytes, else by the settings.

| the document has | then |
|---|---|
| `SANDBOX:PASS` | it passes |
| `SANDBOX:FAIL` | it fails |
| `SANDBOX:REVIEW` | the analyst has to look |
| `SANDBOX:DOWN` | the verifier cannot be reached, the first two times |
| `SANDBOX:SLOW` | it takes two seconds, then passes |
"""

import asyncio
from collections import Counter
from uuid import UUID

from subgraphs.accounts.ports.identity_verifier import Evidence, Finding, Verdict

SLOW_SECONDS = 2.0
DOWN_TIMES = 2

_REASONS = {
    Finding.PASSED: "",
    Finding.FAILED: "O rosto da selfie não corresponde ao do documento.",
    Finding.UNSURE: "O documento precisa ser conferido por uma pessoa.",
}


class SandboxIdentityVerifier:
    def __init__(self, finding: str) -> None:
        self._finding = Finding(finding)
        self._refused: Counter[UUID] = Counter()

    async def verify(self, evidence: Evidence) -> Verdict:
        document = evidence.document.content
        if b"SANDBOX:DOWN" in document and self._refused[evidence.check_id] < DOWN_TIMES:
            self._refused[evidence.check_id] += 1
            raise ConnectionError("the sandbox verifier is down")
        if b"SANDBOX:SLOW" in document:
            await asyncio.sleep(SLOW_SECONDS)
        return self._verdict(document)

    def _verdict(self, document: bytes) -> Verdict:
        marks = {b"PASS": Finding.PASSED, b"FAIL": Finding.FAILED, b"REVIEW": Finding.UNSURE}
        finding = next((finding for mark, finding in marks.items() if b"SANDBOX:" + mark in document), self._finding)
        return Verdict(finding, _REASONS[finding])
