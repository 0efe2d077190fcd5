"""Measured in turns: two or more ways of doing the same take turns, and the median counts.

What counts is the processor's time, of one thread: seconds, as they would be on a core of its own. So whatever else the
machine does distorts little, and falls on all alike. Also what a process holds, and tables.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]


def medians_s(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Processor seconds that each takes, after one round that does not count."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for n in range(rounds + 1):
        for name, run in ways.items():
            began = time.process_time()
            run()
            if n:
                took[name].append(time.process_time() - began)
    return {name: statistics.median(each) for name, each in took.items()}


class Helper:
    """A Python process of its own, so that its memory can be measured; it answers a line of JSON for each it gets."""

    def __init__(self, module: str, *arguments: str) -> None:
        one = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", module, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | one, text=True,
        )  # fmt: skip

    def ask(self, what: str, number: int = 0) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([what, number]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline() or '"the helper died"')

    def end(self) -> None:
        with self._process:  # closes the pipes, which ends it
            pass


@contextmanager
def helpers(module: str, *kinds: Sequence[str]) -> Iterator[list[Helper]]:
    """A process for each of `kinds`, its arguments."""
    started = [Helper(module, *kind) for kind in kinds]
    try:
        yield started
    finally:
        for each in started:
            each.end()


def serve(answers: Callable[[str, int], Any]) -> None:
    """The other end of `Helper`."""
    for line in sys.stdin:
        print(json.dumps(answers(*json.loads(line))), flush=True)


def held_mb() -> float:
    """Memory of this process that is in RAM, libraries included."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kilobytes,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024


def folder_mb(folder: Path, name: str = "*") -> float:
    return sum(file.stat().st_size for file in folder.glob(name)) / 1e6


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> None:
    table = Table(box=box.SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    for n, name in enumerate(columns):
        table.add_column(name, justify="right" if n else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console = Console(soft_wrap=True)
    console.print(f"\n{title}", table, note)
