"""Clocks and memory of a device. On a GPU, work is only started by a call: every clock here waits for its end."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from tests.benchmarks.rounds import held_mb


@dataclass(frozen=True, slots=True)
class Device:
    name: str
    """cuda or cpu."""

    @property
    def is_gpu(self) -> bool:
        return self.name == "cuda"

    def described(self) -> dict[str, object]:
        about: dict[str, object] = {"device": self.name, "torch": torch.__version__}
        if self.is_gpu:
            free, total = torch.cuda.mem_get_info()
            about |= {
                "gpu": torch.cuda.get_device_name(),
                "capability": ".".join(map(str, torch.cuda.get_device_capability())),
                "cuda": torch.version.cuda,
                "memory_mb": round(total / 2**20),
                "free_mb": round(free / 2**20),
            }
        return about

    def sync(self) -> None:
        if self.is_gpu:
            torch.cuda.synchronize()

    def ms(self, run: Callable[[], object], rounds: int, calls: int = 1) -> float:
        """Median milliseconds of a call, over rounds of `calls` in a row; two rounds before do not count.

        `run` may only start its work: the time until the device is done with it counts.
        """
        took = []
        for n in range(rounds + 2):
            self.sync()
            began = time.perf_counter()
            for _ in range(calls):
                run()
            self.sync()
            if n > 1:
                took.append((time.perf_counter() - began) / calls * 1000)
        return statistics.median(took)

    def forget(self) -> None:
        """Give back what nobody holds any more: a captured graph is part of a cycle."""
        gc.collect()
        if self.is_gpu:
            torch.cuda.empty_cache()

    def used_mb(self) -> float:
        """Of the whole GPU, CTranslate2's models and other processes included; in a dry run, of this process."""
        if not self.is_gpu:
            return held_mb()
        self.sync()
        self.forget()
        free, total = torch.cuda.mem_get_info()
        return float(total - free) / 2**20
