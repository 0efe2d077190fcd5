"""What the user of a terminal sees besides results: log lines and errors. Both go to standard error."""

import logging
import time
from collections.abc import Iterator

from rich.console import Console
from rich.logging import RichHandler

WRONG_INPUT = 2
"""Exit status: the user, the settings or the other side must change something."""
BUG = 70
"""Exit status: an error nobody foresaw; sysexits.h calls it EX_SOFTWARE."""


def set_up_logging(*, debug: bool) -> None:
    """Coloured lines on a terminal; plain ones with UTC times where something else collects them."""
    console = Console(stderr=True)
    handler: logging.Handler
    if console.is_terminal:
        handler = RichHandler(console=console, show_path=False, markup=False, log_time_format="[%X]")
        handler.setFormatter(logging.Formatter("%(message)s"))
    else:
        handler = logging.StreamHandler()
        plain = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
        plain.converter = time.gmtime
        handler.setFormatter(plain)
    logging.basicConfig(level=logging.DEBUG if debug else logging.INFO, handlers=[handler], force=True)
    for chatty in ("httpcore", "httpx", "openai", "faster_whisper", "twilio", "urllib3", "websockets", "asyncio"):
        # Their lines quote requests, with words of callers and headers with keys.
        logging.getLogger(chatty).setLevel(logging.WARNING)


def report(error: Exception, *, debug: bool) -> int:
    """Say what went wrong, one line a problem; returns the exit status. An error that is a bug keeps its traceback."""
    ours = list(_ours(error))
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    if ours:
        for line in "\n".join(map(str, ours)).splitlines():
            console.print("[bold red]error:[/]", end=" ")
            console.print(line, markup=False)
        return WRONG_INPUT
    if debug:
        raise error
    console.print("[bold red]error:[/] this is a bug in kva:", end=" ")
    console.print(f"{type(error).__name__}: {error}", markup=False)
    console.print("kva --debug ... shows where it happened", markup=False)
    return BUG


def _ours(error: BaseException) -> Iterator[BaseException]:
    """The foreseen errors in `error`; none when anything in it was not foreseen."""
    from app.config import ConfigError
    from app.engines.base import EngineError
    from telephony.errors import TelephonyError

    if isinstance(error, BaseExceptionGroup):
        foreseen, others = error.split((ConfigError, EngineError, TelephonyError))
        if foreseen is not None and others is None:
            yield from _leaves(foreseen)
    elif isinstance(error, ConfigError | EngineError | TelephonyError):
        yield error


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
