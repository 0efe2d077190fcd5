"""Settings of the store where `kva models` keeps what it downloads and converts."""

from pathlib import Path

from app.config.section import Section
from app.config.types import UserPath


class ModelsSettings(Section):
    folder: UserPath = Path("~/.local/share/kannada-voice-agent/models").expanduser()
    """A model setting without a slash, such as stt.model = "whisper-small-vaani", names a folder in here."""
