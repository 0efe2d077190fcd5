"""The process: uvicorn around the routes, engines loaded behind it, and a way down that loses no call.

The port opens at once and /healthz answers; /readyz says "starting" until the models are warm. The first SIGTERM or
SIGINT drains: no new calls, live ones end by themselves or hear a farewell, and HTTP is answered a little longer, since
carriers ask what to do after a call, and while a person is dialled for a caller. The second stops at once.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
import uvloop
from starlette.applications import Starlette

from app.config import ConfigError, Settings
from app.desk import Desk, open_desk
from app.engines.table import Engines, load_engines
from app.exposure import check_models, check_present, check_public_url, kept_local, warn_of_sample_desk
from app.recorder import Recorder
from app.switchboard import Switchboard
from app.web import build
from telephony.twilio.rest import TwilioRest

log = logging.getLogger(__name__)

_MESSAGE_BYTES = 64 * 1024
"""The largest WebSocket message taken; a 20 ms frame is about 300 bytes."""
_BACKLOG = 1024
_DEAF_MS = 10_000
"""A peer that takes nothing for so long is dropped by the kernel, whatever still waits to be sent to it."""
_LINGER_S = 3.0
"""HTTP is answered so long after the last call."""
_LINGER_MOST_S = 45.0
"""And so long while the carrier may ask about callers who left for a person, who may be talking to them by now."""
_LOOK_S = 0.1


@dataclass(slots=True)
class Running:
    """A server that answers."""

    port: int
    switchboard: Switchboard
    uvicorn: uvicorn.Server


def serve(settings: Settings, *, allow_demo_models: bool) -> int:
    """Run until stopped. Returns the exit status. Raises ConfigError or EngineError before the first call."""
    check_models(settings, allow_demo_models=allow_demo_models)
    check_present(settings)
    check_public_url(settings)
    warn_of_sample_desk(settings)
    settings = kept_local(settings)
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(_serve(settings))


@asynccontextmanager
async def running(
    settings: Settings, engines: Engines | None = None, rest: TwilioRest | None = None
) -> AsyncIterator[Running]:
    """A ready server in this event loop, for the demo and for tests. Engines and API that are given stay open."""
    async with _process(settings, rest) as process:
        await process.open(engines)
        yield Running(process.port, process.switchboard, process.server)


async def _serve(settings: Settings) -> int:
    async with _process(settings) as process:
        stop, hurry = _signals()
        log.info("listening on http://%s:%d", settings.server.host, process.port)
        opening = process.tasks.create_task(process.open(), name="open")
        await stop.wait()
        opening.cancel()
        await wind_down(process.switchboard, hurry)
    return 0


async def wind_down(
    switchboard: Switchboard,
    hurry: asyncio.Event,
    linger_s: float = _LINGER_S,
    linger_most_s: float = _LINGER_MOST_S,
) -> None:
    """Let the calls end, and answer HTTP for `linger_s` after the last: Twilio asks /twilio/ended what comes next.
    For `linger_most_s` while it may ask about callers who were handed over.

    Returns at once when `hurry` is set.
    """

    async def end() -> None:
        somebody_calls = switchboard.live > 0
        await switchboard.drain()
        if somebody_calls:
            await asyncio.sleep(linger_s)
        for _ in range(round(linger_most_s / _LOOK_S)):
            if not switchboard.questions_to_come:
                break
            await asyncio.sleep(_LOOK_S)

    async with asyncio.TaskGroup() as tasks:
        ways = {tasks.create_task(end(), name="drain"), tasks.create_task(hurry.wait(), name="hurry")}
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()


@dataclass(slots=True)
class _Process:
    desk: Desk
    switchboard: Switchboard
    server: uvicorn.Server
    port: int
    tasks: asyncio.TaskGroup
    stack: AsyncExitStack

    async def open(self, engines: Engines | None = None) -> None:
        """Load the configured engines, unless some are given, and warm them."""
        if engines is None:
            engines = await asyncio.to_thread(load_engines, self.desk.settings)
            self.stack.push_async_callback(engines.aclose)
        await self.switchboard.open(engines, self.desk)


@asynccontextmanager
async def _process(settings: Settings, rest: TwilioRest | None = None) -> AsyncIterator[_Process]:
    """Everything with a life of its own, opened in order and closed in the reverse. Raises ConfigError."""
    desk = open_desk(settings)
    settings = desk.settings
    async with AsyncExitStack() as stack:
        recorder = None
        if settings.trace.directory is not None:
            recorder = stack.enter_context(Recorder(settings.trace.directory))
        if rest is None and settings.twilio.configured:
            rest = TwilioRest(settings.twilio.account_sid, settings.twilio.auth_token.get_secret_value())
            stack.push_async_callback(rest.aclose)
        switchboard = Switchboard(settings, recorder)
        server = _Server(build(settings, switchboard, rest))
        sock = _listen(settings.server.host, settings.server.port)
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        serving = tasks.create_task(server.serve([sock]), name="uvicorn")
        try:
            await server.answers.wait()
            yield _Process(desk, switchboard, server, sock.getsockname()[1], tasks, stack)
        finally:
            server.should_exit = True
            await serving


class _Server(uvicorn.Server):
    """uvicorn, told what a voice server needs, and leaving signals to us."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                ws="websockets-sansio",
                ws_max_size=_MESSAGE_BYTES,
                ws_per_message_deflate=False,
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=5,
            )
        )
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _signals() -> tuple[asyncio.Event, asyncio.Event]:
    """Set by the first SIGTERM or SIGINT, and by the second."""
    stop, hurry = asyncio.Event(), asyncio.Event()

    def signalled(name: signal.Signals) -> None:
        log.warning("%s: %s", name.name, "stopping at once" if stop.is_set() else "draining; once more stops at once")
        (hurry if stop.is_set() else stop).set()

    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, signalled, name)
    return stop, hurry


def _listen(host: str, port: int) -> socket.socket:
    """Raises ConfigError when the address can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's algorithm off; else a burst's second frame waits for an ACK.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; connections inherit it. Closing one waits for its send buffer.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAF_MS)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise ConfigError(
            f"server.port: {host}:{port} cannot be used ({error.strerror}); stop what has it, or set KVA_SERVER__PORT"
        ) from error
    sock.listen(_BACKLOG)
    return sock


def new_loop() -> asyncio.AbstractEventLoop:
    """uvloop: it halves what a frame costs."""
    return uvloop.new_event_loop()
