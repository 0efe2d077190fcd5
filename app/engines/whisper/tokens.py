"""Whisper's tokens: the prompt that makes it write Kannada, and the tokens that would write something else.

All ids come from the model's own tokenizer. They differ between its generations: `<|transcribe|>` is 50359 up to
large-v2 and 50360 since.
"""

import logging
from collections.abc import Sequence
from typing import Any

from app.engines.need import need_module
from app.engines.whisper.guards import FOREIGN_BYTES

log = logging.getLogger(__name__)

_MOST_HOTWORD_TOKENS = 223
"""Half of the 448 positions, less the token that begins it."""


def prompt_of(tokenizer: Any, hotwords: Sequence[str]) -> list[int]:
    """The tokens before the text: hot words as text that came before, then Kannada, to be transcribed, without times.

    `tokenizer` is faster-whisper's, which leaves a language out that it does not know; that is a ValueError here. Hot
    words count from the first on, as many as there is room for.
    """
    start = [tokenizer.sot, tokenizer.language, tokenizer.task, tokenizer.no_timestamps]
    if None in start:
        raise ValueError("its tokenizer lacks tokens of a multilingual Whisper that knows Kannada")
    kept: list[int] = []
    for count, word in enumerate(hotwords):
        more = tokenizer.encode(f"{',' if count else ''} {word.strip()}")
        if len(kept) + len(more) > _MOST_HOTWORD_TOKENS:
            log.warning("agent.hotwords: the recogniser has room for the first %d of %d", count, len(hotwords))
            break
        kept += more
    return [tokenizer.sot_prev, *kept, *start] if kept else start


def max_length(prompt: int, tokens: int) -> int:
    """What CTranslate2 must be told for a text of at most `tokens` after a prompt of `prompt` tokens.

    It counts the prompt, and writes no more than half of what it is told, as Whisper's authors do.
    """
    return tokens + max(tokens, prompt)


def foreign_tokens(tokenizer: Any) -> list[int]:
    """Text tokens with a letter, or the beginning of one, of another script than Kannada and Latin."""
    byte_of = _bytes_of_letters()
    found = []
    for token, number in tokenizer.tokenizer.get_vocab(with_added_tokens=False).items():
        spelt = bytes(byte_of.get(letter, 0) for letter in token)
        if number < tokenizer.eot and FOREIGN_BYTES.search(spelt):
            found.append(number)
    return sorted(found)


def _bytes_of_letters() -> dict[str, int]:
    """How byte-level BPE spells bytes: printable ones as they are, the others as the characters from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + n): byte for n, byte in enumerate(others)}


def tokenizer_of(hf_tokenizer: Any) -> Any:
    """faster-whisper's view of the model's tokenizer, set to transcribe Kannada."""
    tokenizer = need_module("faster_whisper.tokenizer", extra="ctranslate2").Tokenizer
    return tokenizer(hf_tokenizer, True, task="transcribe", language="kn")
