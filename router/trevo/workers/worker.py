"""
One worker: a router like any other, that is told by its supervisor what to load and when to serve.

    python -m trevo.workers.worker FILE_DESCRIPTOR     only the supervisor calls this

A thread hears the supervisor, so figures are told also while the event loop is busy. A supervisor that is gone is an
order to stop.
"""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

import structlog
from prometheus_client import REGISTRY, generate_latest
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from trevo.config.settings import Settings
from trevo.main import create_app, tune_collector
from trevo.observability.logging import configure_logging
from trevo.rates.rates_of_workers import WorkersStore
from trevo.server.app import RouterApp
from trevo.server.serve import Server, server_config
from trevo.serving.metrics_port import Together
from trevo.supergraph import SupergraphError
from trevo.workers.channel import Gone, Message, WorkersEnd

log = structlog.get_logger()


class GivenSettings(Settings):
    """Settings as the supervisor gives them, whatever the environment says by now."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


class Worker:
    """What the supervisor's questions are answered from."""

    def __init__(self, channel: WorkersEnd) -> None:
        self._channel = channel
        self._together: Mapping[str, Any] = {"ready": True}
        self.app: RouterApp | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def load(self, told: Message) -> None:
        """Put the router together as *told*. Raises what `create_app` raises."""
        settings = GivenSettings(**told["settings"])
        configure_logging(settings.log_level, worker=told["worker"])
        store = WorkersStore(told["rates"], settings.rates.remembered_max, bytes.fromhex(told["rates_key"]))
        self.app = create_app(
            settings,
            supergraph_text=told["supergraph"],
            rate_store=store,
            ready_checks={"workers": self._tell_of_all},
        )
        tune_collector()

    async def serve(self, sockets: list[socket.socket], started: Message) -> None:
        assert self.app is not None  # noqa: S101  # it is loaded first
        self._loop = asyncio.get_running_loop()
        settings = self.app.router.settings
        config = server_config(
            self.app, host=settings.host, port=settings.port, stop_seconds_max=int(settings.limits.deadline_seconds)
        )
        hearing = threading.Thread(target=self._hear, name="hears the supervisor", daemon=True)
        hearing.start()
        await Server(config, self.app, on_started=partial(self._channel.answer, started)).serve(sockets)

    async def _tell_of_all(self) -> Mapping[str, Any]:
        return self._together

    def _hear(self) -> None:
        try:
            while True:
                question = self._channel.receive()
                try:
                    self._respond(question)
                except Exception:
                    log.exception("a question of the supervisor's has no answer", question=question.get("what"))
        except Gone:
            log.warning("the supervisor is gone")
            os.kill(os.getpid(), signal.SIGTERM)

    def _respond(self, question: Message) -> None:
        assert self.app is not None  # noqa: S101
        assert self._loop is not None  # noqa: S101
        router = self.app.router
        if question["what"] in {"reload", "manifests"}:
            is_of_graph = question["what"] == "reload"
            reload = router.reload(question["supergraph"]) if is_of_graph else router.reload_manifests()
            reloading = asyncio.run_coroutine_threadsafe(reload, self._loop)
            reloading.add_done_callback(
                lambda done: self._channel.answer(question, ok=not done.cancelled() and done.result())
            )
        elif question["what"] == "figures":
            text = generate_latest(Together((REGISTRY, router.metrics.registry))).decode()
            self._channel.answer(question, text=text)
        else:
            self._together = {"ready": True, "up": question["up"], "of": question["of"]}
            self._channel.answer(question)


def main() -> int:
    # Who stops, reloads and interrupts is the supervisor; a signal that a whole group gets reaches it too.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    channel = WorkersEnd(socket.socket(fileno=int(sys.argv[1])))
    worker = Worker(channel)
    try:
        told = channel.receive()
        try:
            worker.load(told)
        except (OSError, ValueError, SupergraphError) as error:
            channel.answer(told, fault=str(error))
            return 1
        channel.answer(told)
        start = channel.receive()
    except Gone:
        return 1
    asyncio.run(worker.serve([socket.socket(fileno=number) for number in told["sockets"]], start))
    return 0


if __name__ == "__main__":
    sys.exit(main())
