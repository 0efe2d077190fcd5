"""The Parler engine as calls use it: in a process of its own. Nothing heavy is imported here."""

from app.config import Settings
from app.engines.base import EngineUnavailable
from app.engines.need import need_files, need_installed
from app.engines.process.hosted import HostedTts
from app.models.store import located


def load(settings: Settings) -> HostedTts:
    """Raises EngineUnavailable at once for what is missing; whether the checkpoint is any good, `warm_up` finds out."""
    for package in ("torch", "transformers", "safetensors", "tokenizers"):
        need_installed(package, extra="parler")
    check_folder(settings)
    return HostedTts("app.engines.parler.tts:load", settings)


def check_folder(settings: Settings) -> None:
    what = "the folder of a Parler-TTS checkpoint"
    if settings.tts.model is None:
        raise EngineUnavailable(f"tts.model is not set; it must name {what}")
    need_files(located(settings, settings.tts.model), ("config.json",), what, "tts.model")
