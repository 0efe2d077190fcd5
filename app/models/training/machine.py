"""What a training asks of the machine and of the process that it runs in."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Literal

from app.engines.need import need_module
from app.models.training.work import TrainingRefused

Device = Literal["cpu", "cuda"]


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def need_device(device: Device) -> None:
    """Raises TrainingRefused when torch cannot use it."""
    if device == "cuda" and not need_module("torch", extra="training").cuda.is_available():
        raise TrainingRefused("--device cuda: torch finds no GPU that it can use here; leave the option out")


def main_process_is_gone() -> bool:
    """The process that started this one, if any did, was killed."""
    main = multiprocessing.parent_process()
    return main is not None and not main.is_alive()


@contextmanager
def finished_steps() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM wait for the end of a step. Gives the question whether to stop; ask it after every step.

    A step that was left half-way could not be saved. At the end this raises KeyboardInterrupt or SystemExit, if one is
    due. The second Ctrl-C acts at once. Only a main thread may enter.
    """
    asked: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        asked.append(number)
        signal.signal(number, before[number])

    before: dict[int, Any] = {}
    for due in (signal.SIGINT, signal.SIGTERM):
        before[due] = signal.signal(due, note)
    try:
        yield lambda: bool(asked) or main_process_is_gone()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if signal.SIGINT in asked:
        raise KeyboardInterrupt
    if asked or main_process_is_gone():
        raise SystemExit("stopped; the training goes on from here when it is started again")
