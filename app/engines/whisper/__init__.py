"""Speech to text by Whisper: the engine, its tokens, and the guards against what it makes up."""

from app.engines.whisper.engine import WhisperStt, load

__all__ = ["WhisperStt", "load"]
