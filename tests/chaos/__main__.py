"""
Seeded proof that nothing of people's money is lost, doubled or half done, whatever fails: `make chaos SEEDS=n`.

A seed makes a *plan* (`plan.py`): scenes in which people do things at the same time (`deeds/`) while parts of the
product fail (`faults.py`). The *stage* (`stage.py`) is the product in one process or in many; people act through its
public endpoint alone, and insist until they have an answer (`endpoint.py`). After the last scene the outcome is looked
at (`outcome.py`) and judged (`judgement.py`).

Seeds with an even number are played in one process, the others in many, unless FORM says it; on RabbitMQ where
RABBITMQ_URL names one, which is stopped as well where RABBITMQCTL says how. Exit 0 only when every seed was clean.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from subgraphs.shared.logging import configure_logging
from subgraphs.shared.settings import SANDBOXES
from tests.chaos.judgement import Finding, Wrong, judge, total
from tests.chaos.plan import LONG, SHORT, Plan, make_plan
from tests.chaos.play import play
from tests.chaos.stage import make_template

SIZES = {"short": SHORT, "long": LONG}
FORMS = ("in_process", "split")


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    parser.add_argument("--seed", type=int, default=0, help="the first")
    parser.add_argument("--form", choices=FORMS, help="how the product runs; by turns where not said")
    parser.add_argument("--size", choices=tuple(SIZES), default="long")
    return parser.parse_args()


def plan_of(seed: int, form: str | None, size: str) -> Plan:
    broker = "rabbitmq" if os.environ.get("RABBITMQ_URL") else "embedded"
    return make_plan(
        seed, form=form or FORMS[seed % 2], broker=broker, size=SIZES[size],
        can_stop_broker=broker == "rabbitmq" and bool(os.environ.get("RABBITMQCTL")),
    )  # fmt: skip


@dataclass(frozen=True)
class Tried:
    """A seed that was played, or could not be."""

    findings: list[Finding]
    faults: int = 0
    mutations: int = 0


async def try_seed(plan: Plan, template: Path) -> Tried:
    """What came of *plan*, played on a copy of *template*. The data of a failing one is kept."""
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{plan.seed}-"))
    try:
        shutil.copytree(template, folder, dirs_exist_ok=True)
        outcome = await play(plan, folder, say)
        say(f"  {outcome.journal}")
        tried = Tried(judge(outcome), outcome.journal.faults.total(), outcome.journal.mutation_count)
    except Exception as failure:  # noqa: BLE001  # whatever it was, the seed has failed and the next one is played
        traceback.print_exception(failure)
        tried = Tried([Finding(Wrong.LOST, 1, _described(failure))])
    if tried.findings:
        say(f"the data is kept in {folder}")
    else:
        shutil.rmtree(folder)
    return tried


def say(line: str) -> None:
    print(line, flush=True)


async def main() -> int:
    arguments = read_arguments()
    os.environ.setdefault(SANDBOXES, "1")
    configure_logging(level="ERROR")
    all_tried = []
    with tempfile.TemporaryDirectory(prefix="chaos-template-") as name:
        template = Path(name)
        await make_template(template)
        for seed in range(arguments.seed, arguments.seed + arguments.seeds):
            plan, began = plan_of(seed, arguments.form, arguments.size), time.monotonic()
            tried = await try_seed(plan, template)
            all_tried.append(tried)
            verdict = "FAILED" if tried.findings else "clean"
            figures = f"{tried.faults} faults, {tried.mutations} mutations, {time.monotonic() - began:.0f} s"
            say(f"seed {seed}, {plan.form}, {plan.broker}: {verdict} ({figures})")
            if tried.findings:
                _explain(plan, tried.findings, arguments.size)
    print(summary(all_tried), flush=True)
    return 1 if any(tried.findings for tried in all_tried) else 0


def summary(all_tried: list[Tried]) -> str:
    """The last line."""
    findings = [finding for tried in all_tried for finding in tried.findings]
    faults, mutations = sum(tried.faults for tried in all_tried), sum(tried.mutations for tried in all_tried)
    sums = ", ".join(f"{total(findings, wrong)} {wrong}" for wrong in Wrong)
    return f"chaos: {len(all_tried)} seeds, {faults} faults, {mutations} mutations, {sums}"


def _described(failure: BaseException) -> str:
    if isinstance(failure, BaseExceptionGroup):
        return "; ".join(_described(inner) for inner in failure.exceptions)
    return f"the plan could not be played: {type(failure).__name__}: {failure}"


def _explain(plan: Plan, wrong: list[Finding], size: str) -> None:
    print(plan)
    for finding in wrong:
        print(f"- {finding.count} {finding.wrong}: {finding.text}")
    needs = {"embedded": "without RABBITMQ_URL", "rabbitmq": "with RABBITMQ_URL and RABBITMQCTL as they are now"}
    say(f"again, {needs[plan.broker]}: make chaos SEED={plan.seed} FORM={plan.form} SIZE={size}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
