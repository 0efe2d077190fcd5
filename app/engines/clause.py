"""The text of a clause, as every voice takes it."""

import unicodedata

from app.engines.base import EngineFailed


def spoken_text(text: str, most_characters: int) -> str:
    """`text` without control characters, which are commands to some voices, and without halves of letters, which no
    tokenizer takes; empty when there is nothing to say. Raises EngineFailed for more than a clause.
    """
    plain = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in text).strip()
    if len(plain) > most_characters:
        raise EngineFailed(f"a text of {len(plain)} characters is no clause of a phone call")
    return plain
