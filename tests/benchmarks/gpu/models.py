"""The checkpoints, made once in a folder and found there again; and the settings that name them."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from app.config import Settings, SttSettings, TranslationSettings, TtsSettings
from app.engines.indictrans2.convert import convert
from tests.benchmarks.gpu.sizes import Plan
from tests.checkpoints import indictrans2, parler, whisper

ENDLESS = "ಕ"
"""What every random Whisper says, for ever."""


@dataclass(frozen=True, slots=True)
class Models:
    whisper: dict[str, Path]
    translators: dict[str, Path]
    parler: Path


def make(folder: Path, plan: Plan) -> Models:
    """Some minutes and 20 GB of disk at the published sizes, most of it while the 1B translators are converted."""
    dtype = getattr(torch, plan.dtype)
    heard = {size: _once(folder / f"whisper-{size}", partial(_whisper, size=size)) for size in plan.whisper}
    translators = {
        name: _once(folder / f"indictrans2-{name.replace(' ', '-')}", partial(_translator, sizes=sizes))
        for name, sizes in plan.translators.items()
    }
    return Models(heard, translators, _once(folder / "parler", partial(parler.write, size=plan.parler, dtype=dtype)))


def _once(folder: Path, build: Callable[[Path], object]) -> Path:
    """Build elsewhere and rename: what was broken off is built anew."""
    if not folder.exists():
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        build(unfinished)
        unfinished.rename(folder)
    return folder


def _whisper(folder: Path, size: str) -> None:
    source = folder.with_name(f"{folder.name}.published")
    whisper.convert(whisper.write(source, size, says=[ENDLESS]), folder, quantization="float16")
    shutil.rmtree(source)


def _translator(folder: Path, sizes: indictrans2.Sizes) -> None:
    source = folder.with_name(f"{folder.name}.published")
    indictrans2.make(source, sizes)
    convert(source, folder, quantization="float16")
    shutil.rmtree(source)


def settings(plan: Plan, models: Models, *, slots: int, most_s: float) -> Settings:
    """The engines of conversations. Clauses end after `most_s`: random weights would go on."""
    to_english, to_kannada, *_ = models.translators.values()
    return Settings(
        stt=SttSettings(
            model=models.whisper[plan.whisper[-1]],
            device=plan.device,
            compute_type=plan.compute_type,
            max_batch=16,
        ),
        translation=TranslationSettings(
            engine="indictrans2", to_english=to_english, to_kannada=to_kannada,
            device=plan.device, compute_type=plan.compute_type, beam=1, max_batch=32,
        ),
        tts=TtsSettings(
            engine="parler", model=models.parler, device=plan.device, dtype=plan.dtype, slots=slots, most_seconds=most_s
        ),
    )  # fmt: skip
