"""What the supervisor does where a worker ends in the middle of something, with stand-ins for the processes."""

import asyncio
from types import SimpleNamespace

import pytest

from tests.router.small_graph import SUPERGRAPH
from trevo.config.settings import Settings
from trevo.workers.channel import Gone
from trevo.workers.supervisor import Supervisor, WorkerFault, WorkerProcess

NEWER = f"{SUPERGRAPH}\n# newer"


class StandIn(WorkerProcess):
    """A worker of which *says* tells the answer to a new supergraph; None where it dies."""

    def __init__(self, number, says=True, asked=None):
        process = SimpleNamespace(pid=number, returncode=None, kill=lambda: self.ends.append("killed"))
        super().__init__(number, process, SimpleNamespace(ask=self.ask))
        self.says = says
        self.asked = asked
        self.ends = []
        self.told = []

    async def ask(self, what, *, seconds, **told):
        assert seconds
        if self.asked is not None:
            self.asked(self, what)
        if what == "reload":
            self.told.append(told["supergraph"])
            if self.says is None:
                raise Gone(what)
        return {"ok": self.says}

    async def end(self):
        self.ends.append("ended")


@pytest.fixture
async def supervisor(tmp_path):
    path = tmp_path / "supergraph.graphql"
    path.write_text(SUPERGRAPH)
    made = Supervisor(Settings(workers=2, port=0, supergraph_path=path))
    path.write_text(NEWER)
    yield made
    await asyncio.gather(*made._telling)
    for each in made._sockets:
        each.close()


async def test_a_supergraph_is_tried_by_another_where_the_first_dies_of_it(supervisor):
    first, second = StandIn(1, says=None), StandIn(2)
    supervisor._workers = {1: first, 2: second}
    assert await supervisor.reload()
    assert (first.ends, second.ends) == (["killed"], [])
    assert (second.told, supervisor._text) == ([NEWER], NEWER)


async def test_a_supergraph_that_nobody_could_judge_is_looked_at_again(supervisor):
    supervisor._workers = {1: StandIn(1, says=None), 2: StandIn(2, says=None)}
    assert not await supervisor.reload()
    assert (supervisor._mark, supervisor._text) == (None, SUPERGRAPH)


async def test_a_supergraph_that_the_first_refuses_is_shown_to_nobody_else(supervisor):
    first, second = StandIn(1, says=False), StandIn(2)
    supervisor._workers = {1: first, 2: second}
    mark = supervisor._mark
    assert not await supervisor.reload()
    assert (first.ends, second.told, supervisor._mark) == ([], [], mark)


async def test_nobody_is_asked_anything_before_it_serves(supervisor, monkeypatch):
    seen = []

    def asked(worker, what):
        if what == "serve":
            seen.append((worker.number, sorted(supervisor._workers), supervisor._switching.locked()))

    async def begin(number):
        return StandIn(number, asked=asked)

    monkeypatch.setattr(supervisor, "_begin", begin)
    await supervisor._start_all()
    assert seen == [(1, [], True), (2, [1], True)]
    assert sorted(supervisor._workers) == [1, 2]


async def test_where_one_cannot_begin_the_others_are_ended(supervisor, monkeypatch):
    first = StandIn(1)

    async def begin(number):
        if number == 1:
            return first
        raise WorkerFault("no memory")

    monkeypatch.setattr(supervisor, "_begin", begin)
    with pytest.raises(WorkerFault, match="no memory"):
        await supervisor._start_all()
    assert (first.ends, supervisor._workers) == (["ended"], {})
