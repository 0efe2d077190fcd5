"""Checks of the engines: each is loaded as `kva serve` would load it."""

import time
from pathlib import Path

from app.config import ConfigError, Settings
from app.doctor.finding import Finding, failed, passed, warned
from app.engines.base import EngineError
from app.engines.table import TABLE, Kind, load_engine, uses_demo_models
from app.models import damaged_files, demo_pack

_TITLES: dict[Kind, str] = {
    "stt": "Speech to text",
    "to_english": "Kannada to English",
    "to_kannada": "English to Kannada",
    "tts": "Text to speech",
    "vad": "Voice detection",
    "agent": "Agent",
}


def engine(kind: Kind, settings: Settings) -> Finding:
    """Loads the engine, which may take a while, and lets it go again."""
    begin = time.perf_counter()
    try:
        load_engine(kind, settings)
    except (ConfigError, EngineError) as error:
        detail, _, fix = str(error).rpartition("; ")
        return failed(_TITLES[kind], detail or fix, fix if detail else "")
    return passed(_TITLES[kind], f"loads in {time.perf_counter() - begin:.1f} s")


def models(settings: Settings) -> Finding:
    if not uses_demo_models(settings):
        return passed("Models", "none of the embedded demo models")
    if damaged := damaged_files(demo_pack()):
        return failed("Models", f"damaged demo models: {', '.join(damaged)}", "install kannada-voice-agent again")
    return warned(
        "Models",
        "demo models: they know one synthetic desk and no human voice",
        "set stt.model, translation.to_english and translation.to_kannada",
    )


def model_bytes(settings: Settings) -> int:
    """Size on disk of all configured models, which is about what they take in memory."""
    pack = demo_pack()
    folders = {
        settings.stt.model or pack / "stt",
        settings.translation.to_english or pack / "kn_en",
        settings.translation.to_kannada or pack / "en_kn",
    }
    return sum(_size(folder) for folder in folders)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*") if file.is_file()) if folder.is_dir() else 0


def engine_findings(settings: Settings) -> list[Finding]:
    return [models(settings), *(engine(kind, settings) for kind in TABLE)]
