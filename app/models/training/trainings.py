"""The three trainings, one after another or side by side, each with its export into the pack."""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.models.training.report import Component

SIDE_BY_SIDE: tuple[tuple[Component, ...], ...] = (("stt",), ("kn_en", "en_kn"))
"""What trains at the same time, given two cores: the recogniser, and the translators one after the other."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The same plan gives the same pack on one kind of machine."""

    out: Path
    steps_percent: float
    device: str
    seed: int
    threads: int = 1
    """Of each training."""

    @property
    def work(self) -> Path:
        """Checkpoints and records, beside the pack."""
        return self.out.with_name(self.out.name + ".work")

    def steps(self, full: int) -> int:
        return max(1, round(full * self.steps_percent / 100))


def train(components: Sequence[Component], plan: Plan) -> None:
    """Trains and exports one after the other; what is trained already is only exported."""
    for component in components:
        if component == "stt":
            _train_stt(plan)
        else:
            _train_translator(component, plan)
        print(f"{component}: written to {plan.out / component}", flush=True)


def _train_stt(plan: Plan) -> None:
    from app.models.training import stt, stt_export

    stt.train(plan.work, steps=plan.steps(stt.STEPS), device=plan.device, seed=plan.seed, threads=plan.threads)
    stt_export.export(plan.work, plan.out)


def _train_translator(component: Literal["kn_en", "en_kn"], plan: Plan) -> None:
    from app.models.training import translation, translation_export
    from app.models.training.translation_data import DIRECTIONS

    work, steps = plan.work / component, plan.steps(translation.STEPS[component])
    translation.train(
        DIRECTIONS[component], work, steps=steps, device=plan.device, seed=plan.seed, threads=plan.threads
    )
    translation_export.export(work, plan.out / component)


def train_side_by_side(wanted: Sequence[Component], plan: Plan, jobs: int) -> None:
    """In `jobs` processes at most. Raises what a training raises, once the others have ended."""
    rows = [row for each in SIDE_BY_SIDE if (row := [component for component in each if component in wanted])]
    if jobs == 1 or len(rows) == 1:
        for row in rows:
            train(row, plan)
        return
    with ProcessPoolExecutor(min(jobs, len(rows)), multiprocessing.get_context("spawn")) as processes:
        for done in [processes.submit(train, row, plan) for row in rows]:
            done.result()
