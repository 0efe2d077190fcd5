"""Voice detection by webrtcvad: about a microsecond a frame, so it judges inline, in `feed`."""

from collections.abc import Callable
from typing import Any

import webrtcvad

from app.config import Settings
from telephony.events import RATE_HZ


class WebrtcVad:
    def __init__(self, aggressiveness: int) -> None:
        self._aggressiveness = aggressiveness

    def open(self, emit: Callable[[bool], None]) -> "WebrtcVoiceStream":
        return WebrtcVoiceStream(self._aggressiveness, emit)

    async def warm_up(self) -> None:
        """Nothing to load."""

    async def aclose(self) -> None:
        """Nothing to give back."""


class WebrtcVoiceStream:
    def __init__(self, aggressiveness: int, emit: Callable[[bool], None]) -> None:
        vad: Any = webrtcvad  # it has no types
        self._is_speech: Callable[[bytes, int], bool] = vad.Vad(aggressiveness).is_speech
        self._emit: Callable[[bool], None] | None = emit

    def feed(self, frame: bytes) -> None:
        if self._emit is not None:
            self._emit(self._is_speech(frame, RATE_HZ))

    def close(self) -> None:
        self._emit = None


def load(settings: Settings) -> WebrtcVad:
    return WebrtcVad(settings.vad.aggressiveness)
