"""Token ids of a text and of a description, by the two tokenizers of a checkpoint."""

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from app.engines.base import EngineUnavailable
from app.engines.need import need_files

_PROMPT = "tokenizer.json"
_DESCRIPTION = "description_tokenizer/tokenizer.json"
_WHAT = (
    f"a Parler-TTS checkpoint with its own {_PROMPT}, and its text encoder's (google/flan-t5-large) as {_DESCRIPTION}"
)


class Tokens:
    """Raises EngineUnavailable when a tokenizer is missing or cannot be read."""

    def __init__(self, folder: Path) -> None:
        need_files(folder, (_PROMPT, _DESCRIPTION), _WHAT, "tts.model")
        self._prompt = _opened(folder / _PROMPT)
        self._description = _opened(folder / _DESCRIPTION)

    def prompt(self, text: str) -> list[int]:
        ids: list[int] = self._prompt.encode(text).ids
        return ids

    def description(self, text: str) -> tuple[int, ...]:
        return tuple(self._description.encode(text).ids)


def _opened(file: Path) -> Any:
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises bare exceptions
        raise EngineUnavailable(f"{file}: no tokenizer of the tokenizers package ({error})") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
