"""The three trainings, one after another or side by side, each with its export into the pack."""

import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.engines.need import need_module
from app.models.training.machine import Device, main_process_is_gone
from app.models.training.report import Component
from app.models.training.work import alone

SIDE_BY_SIDE: tuple[tuple[Component, ...], ...] = (("stt",), ("kn_en", "en_kn"))
"""What trains at the same time, given two cores: the recogniser, and the translators one after the other."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The same plan gives the same pack on one kind of machine."""

    out: Path
    steps_percent: float
    device: Device
    seed: int
    threads: int = 1
    """Of each training."""

    @property
    def work(self) -> Path:
        """Checkpoints and records, beside the pack."""
        return self.out.with_name(self.out.name + ".work")

    def steps(self, full: int) -> int:
        """Of a training that has `full` steps at 100 %; one at least."""
        return max(1, round(full * self.steps_percent / 100))


def train(components: Sequence[Component], plan: Plan) -> None:
    """Trains and exports one after the other; what is trained already is only exported. Raises TrainingRefused."""
    for component in components:
        print(f"{component}: {plan.steps_percent:g} % of its planned steps, seed {plan.seed}", flush=True)
        with alone(plan.work / f"{component}.lock"):
            if component == "stt":
                _train_stt(plan)
            else:
                _train_translator(component, plan)
        print(f"{component}: written to {plan.out / component}", flush=True)


def _train_stt(plan: Plan) -> None:
    _no_progress_bars()
    from app.models.training import stt, stt_export

    stt.train(plan.work, steps=plan.steps(stt.STEPS), device=plan.device, seed=plan.seed, threads=plan.threads)
    stt_export.export(plan.work, plan.out)


def _train_translator(component: Literal["kn_en", "en_kn"], plan: Plan) -> None:
    _no_progress_bars()
    from app.models.training import translation, translation_export
    from app.models.training.translation_data import WAYS

    work, steps = plan.work / component, plan.steps(translation.STEPS[component])
    translation.train(WAYS[component], work, steps=steps, device=plan.device, seed=plan.seed, threads=plan.threads)
    translation_export.export(work, plan.out / component)


def _no_progress_bars() -> None:
    """Those of transformers, when a model is exported, say nothing of use."""
    need_module("transformers.utils.logging", extra="training").disable_progress_bar()


def train_side_by_side(wanted: Sequence[Component], plan: Plan, jobs: int) -> None:
    """In `jobs` processes at most. A training that fails is told at once, and raised once the others have ended."""
    rows = [row for each in SIDE_BY_SIDE if (row := [component for component in each if component in wanted])]
    if jobs == 1 or len(rows) == 1:
        for row in rows:
            train(row, plan)
        return
    failed: list[BaseException] = []
    with ProcessPoolExecutor(min(jobs, len(rows)), multiprocessing.get_context("spawn")) as processes:
        names = {processes.submit(_train_in_a_process, row, plan): " and ".join(row) for row in rows}
        for done in as_completed(names):
            if error := done.exception():
                failed.append(error)
                print(f"{names[done]}: failed: {str(error) or type(error).__name__}", file=sys.stderr, flush=True)
    if failed:
        raise failed[0]


def _train_in_a_process(components: Sequence[Component], plan: Plan) -> None:
    try:
        train(components, plan)
    finally:
        if main_process_is_gone():
            os._exit(1)  # a process of the pool would wait for more work for ever
