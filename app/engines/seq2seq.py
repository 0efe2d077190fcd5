"""Sentences of all calls, translated in batches by one CTranslate2 model.

What a family of models needs around it, its pieces and tags, is a `SentenceText`; the rest is here: sentences of calls
that wait at the same moment become one batch, urgent ones first, and a model that repeats itself is cut short.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.config import TranslationSettings
from app.engines.base import EngineUnavailable
from app.engines.need import need_module
from app.engines.sentences import refuse_too_long, split_sentences
from app.engines.worker import Worker

_LEAST_REPEATS = 3
_LONGEST_LOOP = 12


@dataclass(frozen=True, slots=True)
class Encoded:
    """A sentence as a model takes it."""

    parts: list[list[str]]
    """The model's inputs: one, or several for a very long sentence, or none."""
    end: str = ""
    """The mark to put after the translation, where the model never sees marks."""
    instead: str = ""
    """The translation, where the model has nothing to do."""


class SentenceText(Protocol):
    """The text side of a model. Used on the worker's thread alone."""

    sample: str
    """A sentence to warm up with."""

    def encode(self, sentence: str) -> Encoded: ...

    def decode(self, tokens: list[str]) -> str:
        """The translation that the model's output `tokens` mean."""
        ...


@dataclass(frozen=True, slots=True)
class Search:
    """How a family of models is decoded."""

    spare: int
    growth: float = 0.0
    """An output has at most `spare` tokens, and `growth` more for each of its input,"""
    most: int = 250
    """and never more than these: the models of these families have 256 positions or more."""
    prefix: tuple[str, ...] = ()
    """Tokens the output must begin with."""

    def limit(self, length: int) -> int:
        """The most tokens of an output whose input has `length`."""
        return min(self.most, self.spare + int(self.growth * length))


def patience(beam: int) -> float:
    """A beam search ends with this many times `beam` finished hypotheses (Kasai and others, 2022).

    With fewer, short wrong ones push out the right one: beams of 2 did worse than greedy decoding on the demo pack, and
    better with twice as many, for a fifth more time. From 4 on a beam has them anyway.
    """
    return 2.0 if beam < 4 else 1.0


class SentenceTranslator:
    """`model` behind the Protocol of translators; `name` is what its errors call it."""

    def __init__(
        self, name: str, model: Any, text: SentenceText, search: Search, settings: TranslationSettings
    ) -> None:
        self._model = model
        self._text = text
        self._search = search
        self._beam = settings.beam
        self._max_batch = settings.max_batch
        self._worker: Worker[list[str], list[str]] = Worker(name, self._run, max_batch=settings.max_batch)

    async def translate(self, text: str, *, urgent: bool = False) -> str:
        refuse_too_long(text)
        sentences = split_sentences(text)
        if not sentences:
            return ""
        return " ".join(filter(None, await self._worker.submit(sentences, urgent=urgent)))

    async def warm_up(self) -> None:
        await self._worker.submit([self._text.sample] * 2)

    async def aclose(self) -> None:
        await self._worker.aclose()

    # Everything below runs on the worker's thread.

    def _run(self, texts: list[list[str]]) -> list[list[str]]:
        encoded = [[self._text.encode(sentence) for sentence in text] for text in texts]
        results = self._translate([part for text in encoded for sentence in text for part in sentence.parts])
        return [[_joined(sentence, results) for sentence in text] for text in encoded]

    def _translate(self, parts: list[list[str]]) -> Iterator[str]:
        """The translation of each part, in order."""
        if not parts:
            return
        prefix = list(self._search.prefix)
        results = self._model.translate_batch(
            parts,
            target_prefix=[prefix] * len(parts) if prefix else None,
            beam_size=self._beam,
            patience=patience(self._beam),
            max_batch_size=self._max_batch,
            max_input_length=0,  # nothing is cut off in silence: parts are short enough
            max_decoding_length=self._search.limit(max(map(len, parts))),
        )
        for part, result in zip(parts, results, strict=True):
            tokens = result.hypotheses[0][len(prefix) :]
            limit = self._search.limit(len(part)) - len(prefix)
            yield self._text.decode(tokens if len(tokens) < limit else without_loop(tokens[:limit]))


def open_translator(folder: Path, settings: TranslationSettings) -> Any:
    """The CTranslate2 model in `folder`. Raises EngineUnavailable."""
    ctranslate2 = need_module("ctranslate2", extra="ctranslate2")
    try:
        return ctranslate2.Translator(
            str(folder),
            device=settings.device,
            compute_type=settings.compute_type,
            inter_threads=1,
            intra_threads=settings.threads,
        )
    except Exception as error:  # the library raises bare exceptions for a file it cannot read
        raise EngineUnavailable(f"{folder}: not a usable CTranslate2 translation model: {error}") from error


def open_pieces(file: Path) -> Any:
    """The sentencepiece model in `file`. Raises EngineUnavailable."""
    sentencepiece = need_module("sentencepiece", extra="ctranslate2")
    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(file))
    except Exception as error:
        raise EngineUnavailable(f"{file}: not a usable sentencepiece model: {error}") from error


def cut_pieces(pieces: list[str], most: int) -> list[list[str]]:
    """`pieces` in parts of at most `most`; a part that is nearly full ends between words."""
    parts: list[list[str]] = []
    for piece in pieces:
        room = most - len(parts[-1]) if parts else 0
        if room == 0 or (room < most // 3 and piece.startswith("▁")):
            parts.append([])
        parts[-1].append(piece)
    return parts


def without_loop(tokens: list[str]) -> list[str]:
    """`tokens`, whose end may be a few tokens over and over, with those once. For outputs that did not end."""
    for length in range(1, min(_LONGEST_LOOP, len(tokens) // _LEAST_REPEATS) + 1):
        loop, start = tokens[-length:], len(tokens) - length
        while start >= length and tokens[start - length : start] == loop:
            start -= length
        while start and tokens[start - 1] == tokens[start + length - 1]:
            start -= 1
        if len(tokens) - start >= _LEAST_REPEATS * length:
            return tokens[: start + length]
    return tokens


def _joined(sentence: Encoded, results: Iterator[str]) -> str:
    translated = " ".join(filter(None, [next(results) for _ in sentence.parts])) or sentence.instead
    return translated + sentence.end if translated and not translated.endswith(sentence.end) else translated
