"""Every engine there is, a row each: what the contract tests run on. Adding an engine here is one row.

A row says how its settings look when its model lies in a folder of its own, which it fills. A checkpoint of random
weights behaves and knows nothing; only a trained one is asked for words.
"""

import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.engines.table import Kind, load_engine

MY_NAME = "ನನ್ನ ಹೆಸರು ಗೀತಾ"
MY_NAME_IN_ENGLISH = "my name is Geetha"
WAIT = "please wait"
WAIT_IN_KANNADA = "ದಯವಿಟ್ಟು ನಿರೀಕ್ಷಿಸಿ"
SCRIPTED = "tests.engines.contract.scripted:load"

_TORCH = ("torch", "transformers", "safetensors", "tokenizers")
_CONVERTED = (*_TORCH, "ctranslate2", "sentencepiece")


@dataclass(frozen=True, slots=True)
class Row:
    settings: Callable[[Path], dict[str, Any]]
    needs: tuple[str, ...] = ()
    """Packages; without one of them the row is skipped."""
    trained: bool = False
    quick: bool = False
    """A voice in a thousandth of real time: only a very long text keeps it at work."""


@dataclass(frozen=True, slots=True)
class Case:
    """An engine under test. `engine` is of the Protocol of its kind."""

    engine: Any
    trained: bool
    quick: bool


def case(kind: Kind, row: Row, folder: Path) -> Case:
    if missing := [package for package in row.needs if find_spec(package) is None]:
        pytest.skip(f"needs {', '.join(missing)}")
    return Case(load_engine(kind, Settings.model_validate(row.settings(folder))), row.trained, row.quick)


def whisper(folder: Path) -> dict[str, Any]:
    from tests.checkpoints import whisper

    return {"stt": {"model": whisper.convert(whisper.write(folder / "checkpoint"), folder / "model")}}


def indicconformer(head: str) -> Callable[[Path], dict[str, Any]]:
    def settings(folder: Path) -> dict[str, Any]:
        from tests.checkpoints import indicconformer

        return {"stt": {"engine": "indicconformer", "head": head, "model": indicconformer.write(folder)}}

    return settings


def indictrans2(folder: Path) -> dict[str, Any]:
    from app.engines.indictrans2.convert import convert
    from tests.checkpoints import indictrans2

    for name, sizes in (("to_english", indictrans2.TINY), ("to_kannada", indictrans2.TINY_TO_KANNADA)):
        indictrans2.make(folder / f"{name}-checkpoint", sizes, deviation=0.2)
        convert(folder / f"{name}-checkpoint", folder / name, None)
    models = {"to_english": folder / "to_english", "to_kannada": folder / "to_kannada"}
    return {"translation": {"engine": "indictrans2", **models}}


def nllb(folder: Path) -> dict[str, Any]:
    from tests.checkpoints import m2m100

    model = m2m100.convert(m2m100.write(folder / "checkpoint"), folder / "model")
    return {"translation": {"engine": "nllb", "to_english": model, "to_kannada": model}}


def parler(engine: str) -> Callable[[Path], dict[str, Any]]:
    """One slot, so that a clause that goes on unheard would keep the next one waiting."""

    def settings(folder: Path) -> dict[str, Any]:
        from tests.checkpoints import parler

        model = parler.write(folder / "model", parler.TINY)
        return {"tts": {"engine": engine, "model": model, "slots": 1, "most_seconds": 8.0}}

    return settings


def indicf5(folder: Path) -> dict[str, Any]:
    from tests.checkpoints import indicf5

    with wave.open(str(folder / "voice.wav"), "wb") as file:
        file.setparams((1, 2, 24000, 0, "NONE", ""))
        file.writeframes((indicf5.recording() * 32767).astype("<i2").tobytes())
    reference = {"reference_audio": folder / "voice.wav", "reference_text": "ನಮಸ್ಕಾರ, ನಾನು ಗೀತಾ"}
    engine = "app.engines.indicf5.engine:IndicF5Tts"
    return {"tts": {"engine": engine, "model": indicf5.build(folder / "model"), "steps": 7, **reference}}


STT: Mapping[str, Row] = {
    "scripted": Row(lambda _: {"stt": {"engine": f"{SCRIPTED}_stt"}}, trained=True),
    "whisper-demo": Row(lambda _: {}, ("faster_whisper",), trained=True),
    "whisper": Row(whisper, (*_TORCH, "faster_whisper")),
    "indicconformer-ctc": Row(indicconformer("ctc"), ("torch", "onnx", "onnxruntime")),
    "indicconformer-rnnt": Row(indicconformer("rnnt"), ("torch", "onnx", "onnxruntime")),
}
TRANSLATION: Mapping[str, Row] = {
    "scripted": Row(lambda _: {"translation": {"engine": SCRIPTED}}, trained=True),
    "ctranslate2-demo": Row(lambda _: {}, ("ctranslate2", "sentencepiece"), trained=True),
    "indictrans2": Row(indictrans2, _CONVERTED),
    "nllb": Row(nllb, _CONVERTED),
    "none": Row(lambda _: {"translation": {"engine": "none"}, "agent": {"engine": "openai"}}),
}
TTS: Mapping[str, Row] = {
    "scripted": Row(lambda _: {"tts": {"engine": f"{SCRIPTED}_tts"}}, trained=True),
    "espeak": Row(lambda _: {}, ("espeakng_loader",), trained=True, quick=True),
    "parler": Row(parler("app.engines.parler.tts:load"), _TORCH),
    "parler-hosted": Row(parler("parler"), _TORCH),
    "parler-reference": Row(parler("parler-reference"), (*_TORCH, "parler_tts")),
    "indicf5": Row(indicf5, ("torch", "safetensors")),
}
VAD: Mapping[str, Row] = {
    "scripted": Row(lambda _: {"vad": {"engine": f"{SCRIPTED}_vad"}}, trained=True),
    "webrtc": Row(lambda _: {"vad": {"engine": "webrtc"}}, trained=True),
    "silero": Row(lambda _: {"vad": {"engine": "silero"}}, ("onnxruntime", "faster_whisper"), trained=True),
}
