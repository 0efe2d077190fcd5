"""An exception as a line for the log: what kind, and where in our code. Its text stays out: it may quote a caller."""

import os
from collections.abc import Iterator
from pathlib import Path
from traceback import walk_tb

_ROOT = Path(__file__).parent.parent
_OURS = tuple(f"{_ROOT / package}{os.sep}" for package in ("app", "telephony"))


def describe(error: BaseException) -> str:
    """Such as `KeyError at app/reply.py:80`; of an ExceptionGroup every leaf."""
    return ", ".join(f"{type(leaf).__name__} at {_place(leaf)}" for leaf in _leaves(error))


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _place(error: BaseException) -> str:
    """The innermost frame of ours."""
    place = "an unknown place"
    for frame, line in walk_tb(error.__traceback__):
        if frame.f_code.co_filename.startswith(_OURS):
            place = f"{Path(frame.f_code.co_filename).relative_to(_ROOT)}:{line}"
    return place
