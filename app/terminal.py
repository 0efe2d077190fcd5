"""What the user of a terminal sees besides results: log lines and errors. Both go to standard error."""

import logging
import sys
import time
from collections.abc import Iterator

from rich.console import Console
from rich.logging import RichHandler

_CHATTY = (
    *("asyncio", "faster_whisper", "httpcore", "httpcore2", "httpx", "httpx2"),
    *("openai", "twilio", "urllib3", "uvicorn", "websockets"),
)
"""Libraries whose lines quote requests, with words of callers and headers with keys."""
WRONG_INPUT = 2
"""Exit status: the user, the settings or the other side must change something."""
BUG = 70
"""Exit status: an error nobody foresaw; sysexits.h calls it EX_SOFTWARE."""

FORESEEN = (
    ("app.config", "ConfigError"),
    ("app.engines.base", "EngineError"),
    ("telephony.errors", "TelephonyError"),
    ("app.models.catalogue", "ModelError"),
    ("app.replay.trace", "TraceError"),
    ("app.demo.caller", "CallError"),
    ("app.demo.sheet", "ScriptError"),
)
"""Errors whose message is all the user needs. Whoever raised one has loaded its module: nothing is imported for it."""


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
    for chatty in _CHATTY:
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
    console.print("[bold red]error:[/] unexpected", end=" ")
    console.print(f"{type(error).__name__}: {error} (kva --debug ... shows where)", markup=False)
    return BUG


def _ours(error: BaseException) -> Iterator[BaseException]:
    """The foreseen errors in `error`; none when anything in it was not foreseen."""
    kinds = tuple(getattr(sys.modules[module], name) for module, name in FORESEEN if module in sys.modules)
    leaves = list(_leaves(error))
    if all(isinstance(leaf, kinds) for leaf in leaves):
        yield from leaves


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
