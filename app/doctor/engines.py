"""Checks of the engines: each is loaded as `kva serve` would load it."""

import asyncio
import time

from app.config import ConfigError, Settings
from app.doctor.finding import Finding, failed, passed, warned
from app.doctor.models import placed
from app.engines.base import Engine, EngineError
from app.engines.table import TABLE, Kind, load_engine, uses_demo_models
from app.models import damaged_files, demo_pack
from app.models.presence import missing, named_models

_TITLES: dict[Kind, str] = {
    "stt": "Speech to text",
    "to_english": "Kannada to English",
    "to_kannada": "English to Kannada",
    "tts": "Text to speech",
    "vad": "Voice detection",
    "agent": "Agent",
}


def engine(kind: Kind, settings: Settings, *, run: bool = False) -> Finding:
    """Loads the engine, which may take a while, and lets it go again. `run` warms it up too."""
    begin = time.perf_counter()
    try:
        loaded = load_engine(kind, settings)
        took_s = time.perf_counter() - begin
        asyncio.run(_use(loaded, run=run))
    except (ConfigError, EngineError) as error:
        detail, _, fix = str(error).rpartition("; ")
        return failed(_TITLES[kind], detail or fix, fix if detail else "")
    warm = f", runs after {time.perf_counter() - begin:.1f} s" if run else ""
    return passed(_TITLES[kind], f"loads in {took_s:.1f} s{warm}")


async def _use(loaded: Engine, *, run: bool) -> None:
    try:
        if run:
            await loaded.warm_up()
    finally:
        await loaded.aclose()


def models(settings: Settings) -> Finding:
    if not uses_demo_models(settings):
        return passed("Models", "none of the embedded demo models")
    if damaged := damaged_files(demo_pack()):
        return failed("Models", f"damaged demo models: {', '.join(damaged)}", "install kannada-voice-agent again")
    return warned(
        "Models",
        "demo models: they know one synthetic desk and no human voice",
        "choose real ones (kva models list), or a profile that names some: kva --profile cpu-small doctor",
    )


def model_bytes(settings: Settings) -> int:
    """What the models on the CPU take in memory: about their size on disk, or their budget while they are missing."""
    pack, on_cpu = demo_pack(), {engine.kind for engine in placed(settings) if engine.device == "cpu"}
    folders = {"stt": pack / "stt", "to_english": pack / "kn_en", "to_kannada": pack / "en_kn"}
    folders |= {named.kind: named.folder for named in named_models(settings)}
    there = {folder for kind, folder in folders.items() if kind in on_cpu and folder.is_dir()}
    on_disk = sum(file.stat().st_size for folder in there for file in folder.rglob("*") if file.is_file())
    return on_disk + sum(
        int(getattr(settings.models.budget, named.kind).memory_mb * 1e6)
        for named, _, _ in missing(settings)
        if named.kind in on_cpu
    )


def engine_findings(settings: Settings, *, run: bool) -> list[Finding]:
    """An engine whose model is missing is not tried: that has been said already."""
    absent = {named.kind for named, _, _ in missing(settings)}
    return [models(settings), *(engine(kind, settings, run=run) for kind in TABLE if kind not in absent)]
