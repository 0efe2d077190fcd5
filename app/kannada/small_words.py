"""Small words that decide a turn. The cues are in tables/small_words.toml."""

from typing import Literal

SmallWord = Literal["", "backchannel", "stop", "wait", "repeat", "person", "hello", "echo"]


def small_word(text: str, saying: str = "") -> SmallWord:
    """What all of `text`, which a caller said, is. `saying`: what the agent was saying meanwhile, for its echo."""
    return ""
