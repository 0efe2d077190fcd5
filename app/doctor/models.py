"""Checks of the models: are they there, does the machine compute with them as the settings say, and do they fit.

Each check takes what was read, so that any machine can be tried in a test; `model_findings` does the reading.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.config import Settings
from app.doctor.finding import Finding, failed, passed, warned
from app.models.presence import Kind, missing, named_models

_PATIENCE_S = 10.0
_TORCH_PATIENCE_S = 60.0
_ON_CTRANSLATE2 = ("whisper", "ctranslate2", "indictrans2", "nllb")
_CUDA_FIX = (
    'install the libraries of CUDA 12 (pip install nvidia-cublas-cu12 nvidia-cudnn-cu12), or set {device} = "cpu"'
)
_LEFT_TO_OTHERS_MB = 500
"""Of a GPU: the driver's own, and what the desktop or another program takes meanwhile."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One engine on a device, as the settings place it."""

    kind: Kind
    engine: str
    device: str
    compute_type: str
    """Of CTranslate2; the dtype of others."""
    setting: str
    """The section of the settings: stt, translation or tts."""
    memory_mb: int
    """Its budget."""


def placed(settings: Settings) -> list[Placed]:
    stt, translation, tts, budget = settings.stt, settings.translation, settings.tts, settings.models.budget
    both = (translation.engine, translation.device, translation.compute_type, "translation")
    rows = [
        Placed("stt", stt.engine, stt.device, stt.compute_type, "stt", budget.stt.memory_mb),
        Placed("to_english", *both, budget.to_english.memory_mb),
        Placed("to_kannada", *both, budget.to_kannada.memory_mb),
        Placed("tts", tts.engine, tts.device, tts.dtype, "tts", budget.tts.memory_mb),
    ]
    return [row for row in rows if row.engine not in ("none", "espeak")]


def presence(settings: Settings) -> Iterator[Finding]:
    """A finding for each model that the settings name."""
    for named, wrong, todo in missing(settings):
        yield failed(named.setting, wrong, todo)
    for named in named_models(settings):
        if named.present:
            yield passed(named.setting, named.name or str(named.folder))


def compute_type(engine: Placed, supported: set[str] | None) -> Finding:
    """`supported`: what CTranslate2 can do on the engine's device; None when it cannot use the device at all."""
    check = f"{engine.setting}.compute_type"
    if supported is None:
        fix = _CUDA_FIX.format(device=f"{engine.setting}.device")
        return failed(check, f"CTranslate2 finds no {engine.device} device", fix)
    if engine.compute_type in supported | {"default", "auto"}:
        return passed(check, f"{engine.compute_type} on {engine.device}")
    known = ", ".join(sorted(supported))
    detail = f"this {engine.device} has no {engine.compute_type}: CTranslate2 would compute in another type, or refuse"
    return warned(check, detail, f"choose one of {known}")


def gpu(told: str, engines: list[Placed], allowed_mb: int) -> Finding | None:
    """`told`: nvidia-smi's name, total and free memory (MiB) of the first GPU; empty when it cannot be asked."""
    on_gpu = [engine for engine in engines if engine.device == "cuda"]
    if not on_gpu:
        return None
    needed = sum(engine.memory_mb for engine in on_gpu)
    parts = f"{needed} MB budgeted ({', '.join(f'{engine.kind} {engine.memory_mb}' for engine in on_gpu)})"
    try:
        name, total, free = told.splitlines()[0].rsplit(", ", 2)
        total_mb, free_mb = (round(int(mebibytes) * (1 << 20) / 1e6) for mebibytes in (total, free))
    except (IndexError, ValueError):
        fix = 'install the NVIDIA driver, or set device = "cpu" for stt, translation and tts (profile cpu-small)'
        return failed("GPU", f"nvidia-smi shows none; {parts}", fix)
    detail = f"{name}: {free_mb} of {total_mb} MB free, {parts}"
    smaller = "lower tts.slots, choose smaller models, or move an engine to the CPU; then correct models.budget"
    if allowed_mb and needed > allowed_mb:
        return failed("GPU", f"{detail}; models.gpu_memory_mb allows {allowed_mb}", smaller)
    if needed + _LEFT_TO_OTHERS_MB > total_mb:
        return failed("GPU", detail, smaller)
    if needed > free_mb:
        return warned("GPU", detail, "stop what else uses it (nvidia-smi lists it), unless that is this server")
    return passed("GPU", detail)


def torch_gpu(told: str | None) -> Finding:
    """`told`: what a Python that imported torch said; None when it could not."""
    if told is None:
        return failed("torch", "cannot be imported", "pip install 'kannada-voice-agent[parler]'")
    version, _, device = told.strip().partition(" ")
    if device:
        return passed("torch", f"{version} on {device}")
    fix = "install torch for CUDA: see pytorch.org, or pip install --force-reinstall torch without a CPU index"
    return failed("torch", f"{version} sees no GPU", fix)


def model_findings(settings: Settings, *, run: bool) -> list[Finding]:
    """Quick, unless `run` asks torch too, in a process of its own: it takes seconds and much memory to import."""
    engines, smi = placed(settings), _nvidia_smi()
    findings = [*presence(settings)]
    if found := gpu(smi, engines, settings.models.gpu_memory_mb):
        findings.append(found)
    findings += _compute_types([engine for engine in engines if smi or engine.device == "cpu"])
    if run and any(engine.device == "cuda" and engine.engine not in _ON_CTRANSLATE2 for engine in engines):
        findings.append(torch_gpu(_torch()))
    return findings


def _compute_types(engines: list[Placed]) -> Iterator[Finding]:
    """Nothing while CTranslate2 is not installed: the check of each engine tells how to."""
    try:
        import ctranslate2
    except ImportError:
        return
    by_section = {engine.setting: engine for engine in engines if engine.engine in _ON_CTRANSLATE2}
    supported = {device: _supported(ctranslate2, device) for device in {each.device for each in by_section.values()}}
    for engine in by_section.values():
        yield compute_type(engine, supported[engine.device])


def _supported(ctranslate2: Any, device: str) -> set[str] | None:
    try:
        if device == "cuda" and not ctranslate2.get_cuda_device_count():
            return None
        return set(ctranslate2.get_supported_compute_types(device))
    except (RuntimeError, ValueError):
        return None


def _nvidia_smi() -> str:
    if shutil.which("nvidia-smi") is None:
        return ""
    return _output(["nvidia-smi", "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]) or ""


def _torch() -> str | None:
    code = "import torch; print(torch.__version__, torch.cuda.get_device_name() if torch.cuda.is_available() else '')"
    return _output([sys.executable, "-c", code], _TORCH_PATIENCE_S)


def _output(command: list[str], patience_s: float = _PATIENCE_S) -> str | None:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=patience_s, check=True).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
