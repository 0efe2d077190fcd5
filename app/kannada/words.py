"""The words of an utterance, as tables list them."""

import re
from unicodedata import normalize

_JOINERS = str.maketrans("", "", "\u200c\u200d")
_WORD = re.compile("[^\\W_\u0c80-\u0cff]+|[\u0c80-\u0cff]+")


def plain_words(text: str) -> list[str]:
    """The words of `text` without punctuation and joiners, Latin ones in small letters."""
    return _WORD.findall(normalize("NFC", text).translate(_JOINERS).lower())
