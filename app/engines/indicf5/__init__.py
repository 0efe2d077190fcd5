"""IndicF5, the second voice: it speaks as a short reference recording does.

It is F5-TTS, trained on Indian languages: no token after token, but a whole clause out of noise in some steps. So there
is no sound before a clause is done, and a clause's cost is that of reference and clause together, times the steps. The
network is our own, so only torch and safetensors are needed; tests compare it with the f5-tts package.
"""

from app.config import Settings
from app.engines.indicf5.checkpoint import folder_of
from app.engines.indicf5.reference import read_reference
from app.engines.need import need_installed
from app.engines.process.hosted import HostedTts


def load(settings: Settings) -> HostedTts:
    """In a process of its own. Raises EngineUnavailable at once for what is missing."""
    for package in ("torch", "safetensors"):
        need_installed(package, extra="indicf5")
    folder_of(settings)
    read_reference(settings.tts.reference_audio, settings.tts.reference_text)
    return HostedTts("app.engines.indicf5.engine:IndicF5Tts", settings)
