"""An operation that may be run: by its program, if it has one and nothing is unusual, else by the interpreter."""

import structlog

from trevo.execute.execute_plan import execute_plan
from trevo.execute.execution import Execution
from trevo.gateway.prepared import Planned
from trevo.gateway.result import write_response
from trevo.gateway.shared_answers import Answered
from trevo.observability.metrics import Metrics
from trevo.program.give_up import GiveUp
from trevo.program.run_program import run_program

log = structlog.get_logger()


async def run_operation(planned: Planned, execution: Execution, metrics: Metrics) -> Answered:
    """`data` and `errors` as the client sees them."""
    program = planned.program
    if program is not None:
        try:
            data = await run_program(program, execution)
        except GiveUp as gave_up:
            metrics.observe_program(gave_up.reason)
            _note(execution, gave_up.reason)
            program.observe(gave_up.reason)
            if gave_up.reason not in program.told:
                program.told.add(gave_up.reason)
                log.info("a program gave up; the interpreter goes on", reason=gave_up.reason, told="once a program")
        else:
            metrics.observe_program("done")
            _note(execution, "done")
            program.observe(None)
            return Answered(data, [])
    await execute_plan(planned.plan, execution)
    return Answered(*await write_response(planned, execution))


def _note(execution: Execution, outcome: str) -> None:
    if execution.record is not None:
        execution.record.program = outcome
