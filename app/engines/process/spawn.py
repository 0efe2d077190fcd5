"""A Python module run as a child process: a line to it, its output in the log, and its end for certain."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from app.config.settings import ENV_PREFIX

log = logging.getLogger(__name__)

_END_S = 2.0
"""A child whose line was closed may take so long to end."""
_KILL_S = 1.0
_LAST_WORDS_S = 0.5
"""For what it printed last; something it started may still hold its output open."""
_LONGEST_LINE = 500
"""Characters of one line of output that are logged."""
_LONGEST_PIECE = 1 << 16
"""Bytes without an end of line that are kept."""


@dataclass(frozen=True, slots=True)
class Spawned:
    """A child process and the line to it."""

    process: asyncio.subprocess.Process
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """Kill it with everything it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    async def status(self) -> int | None:
        """The exit status of a child that seems to have ended; none when it has not after all."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_KILL_S):
                await self.process.wait()
        return self.process.returncode


@asynccontextmanager
async def spawned(module: str) -> AsyncIterator[Spawned]:
    """`python -m module`, whose standard input is our line. It has ended when the context is left. Raises OSError."""
    ours, theirs = socket.socketpair()
    with theirs:
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        try:
            process = await asyncio.create_subprocess_exec(
                # -P and PYTHONPATH: the child imports exactly what this process would, from nowhere else.
                sys.executable, "-P", "-m", module,
                stdin=theirs.fileno(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
                env=_environment(),
                start_new_session=True,  # Ctrl-C drains the server, and a draining server still speaks
            )  # fmt: skip
        except BaseException:
            writer.close()
            raise
    child = Spawned(process, reader, writer)
    logging_lines = asyncio.create_task(_log_lines(process), name=f"log-{process.pid}")
    try:
        yield child
    finally:
        writer.close()
        await _end(child)
        await asyncio.wait([logging_lines], timeout=_LAST_WORDS_S)
        logging_lines.cancel()


def _environment() -> dict[str, str]:
    """Ours without our settings: they hold keys that are none of the child's business."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(ENV_PREFIX)}
    return kept | {"PYTHONPATH": os.pathsep.join(sys.path)}


async def _end(child: Spawned) -> None:
    """The child ends when its line is closed. One that does not is killed."""
    for patience_s in (_END_S, _KILL_S):
        try:
            async with asyncio.timeout(patience_s):
                await child.process.wait()
                return
        except TimeoutError:
            child.kill()
    log.error("process %d cannot be killed", child.pid)


async def _log_lines(process: asyncio.subprocess.Process) -> None:
    """What the child prints, line by line; of a line without an end the beginning of each piece."""
    rest = b""
    while process.stdout is not None and (data := await process.stdout.read(4096)):
        *lines, rest = (rest + data).split(b"\n")
        if len(rest) > _LONGEST_PIECE:
            lines, rest = [*lines, rest], b""
        for line in lines:
            text = "".join(
                char if char.isprintable() else " " for char in line[:_LONGEST_PIECE].decode(errors="replace")
            )
            if text := text.strip():
                log.info("process %d: %s", process.pid, text[:_LONGEST_LINE])
