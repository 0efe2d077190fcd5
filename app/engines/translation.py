"""Translation by small Transformers on CTranslate2 with sentencepiece, one engine a direction.

A model folder holds `model.bin`, `config.json` and a vocabulary from CTranslate2's Marian (OPUS-MT) converter, with
`source.spm` and `target.spm` beside them. Sentences of calls that wait at the same moment are translated as one batch.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.config import Settings, TranslationSettings
from app.engines.base import EngineFailed, EngineUnavailable
from app.engines.need import need_files, need_module
from app.engines.sentences import NORMALISERS, Sentence, split_sentences
from app.engines.worker import Worker
from app.models import component_of, demo_pack
from app.models.store import located

_FILES = ("model.bin", "config.json", "source.spm", "target.spm")
_MOST_PIECES = 96
"""A longer sentence is cut between words: small models are trained on at most 128 positions and drop the rest."""
_MOST_CHARACTERS = 4000
_PATIENCE = 2.0
"""A search ends with this many times `beam` finished hypotheses. With fewer, short wrong ones push out the right one:
beams of 2 did worse than greedy decoding on the demo pack, and better with this, for a fifth more time."""


class Ctranslate2Translator:
    """One direction. Raises EngineUnavailable when `folder` does not hold a model of the layout above."""

    def __init__(self, folder: Path, settings: TranslationSettings, setting: str) -> None:
        need_files(folder, _FILES, "a CTranslate2 translation model with its sentencepiece files", setting)
        ctranslate2 = need_module("ctranslate2", extra="ctranslate2")
        sentencepiece = need_module("sentencepiece", extra="ctranslate2")
        component = component_of(folder)
        if component.normalise not in NORMALISERS:
            raise EngineUnavailable(f"{folder}: its manifest wants the unknown normalisation {component.normalise!r}")
        self._normalise = NORMALISERS[component.normalise]
        self._names: Mapping[str, str] = {name.lower(): name for name in component.names}
        try:
            self._model: Any = ctranslate2.Translator(
                str(folder),
                device=settings.device,
                compute_type=settings.compute_type,
                inter_threads=1,
                intra_threads=settings.threads,
            )
            self._source: Any = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
            self._target: Any = sentencepiece.SentencePieceProcessor(model_file=str(folder / "target.spm"))
        except Exception as error:  # the libraries raise bare exceptions for a file they cannot read
            raise EngineUnavailable(f"{folder}: not a usable CTranslate2 translation model: {error}") from error
        self._beam = settings.beam
        self._max_batch = settings.max_batch
        self._worker: Worker[list[str], list[str]] = Worker(setting, self._run, max_batch=settings.max_batch)

    async def translate(self, text: str, *, urgent: bool = False) -> str:
        if len(text) > _MOST_CHARACTERS:
            raise EngineFailed(f"a text of {len(text)} characters is no sentence of a phone call")
        sentences = [self._normalise(sentence, self._names) for sentence in split_sentences(text)]
        sentences = [sentence for sentence in sentences if sentence.text]
        if not sentences:
            return ""
        translated = await self._worker.submit([sentence.text for sentence in sentences], urgent=urgent)
        return " ".join(_ended(new, old) for new, old in zip(translated, sentences, strict=True) if new)

    async def warm_up(self) -> None:
        await self._worker.submit(["1 2 3 4 5", "1"])

    async def aclose(self) -> None:
        await self._worker.aclose()

    # Everything below runs on the worker's thread.

    def _run(self, texts: list[list[str]]) -> list[list[str]]:
        flat = [sentence for text in texts for sentence in text]
        parts = [(n, part) for n, sentence in enumerate(flat) for part in self._parts(sentence)]
        results = self._model.translate_batch(
            [part for _, part in parts],
            beam_size=self._beam,
            patience=_PATIENCE,
            max_batch_size=self._max_batch,
            max_decoding_length=_MOST_PIECES + _MOST_PIECES // 4,
        )
        done: list[list[str]] = [[] for _ in flat]
        for (n, _), result in zip(parts, results, strict=True):
            done[n].append(self._target.decode(result.hypotheses[0]))
        translated = iter(" ".join(filter(None, pieces)) for pieces in done)
        return [[next(translated) for _ in text] for text in texts]

    def _parts(self, sentence: str) -> list[list[str]]:
        """The pieces of a sentence, with the end mark Marian models want; a very long one comes in several parts."""
        parts: list[list[str]] = [[]]
        for piece in self._source.encode(sentence, out_type=str):
            room = _MOST_PIECES - len(parts[-1])
            if room == 0 or (room < _MOST_PIECES // 3 and piece.startswith("▁")):
                parts.append([])
            parts[-1].append(piece)
        return [[*part, "</s>"] for part in parts]


def _ended(translated: str, sentence: Sentence) -> str:
    return translated if translated.endswith(sentence.end) else translated + sentence.end


def load_to_english(settings: Settings) -> Ctranslate2Translator:
    named = settings.translation.to_english
    folder = located(settings, named) if named else demo_pack() / "kn_en"
    return Ctranslate2Translator(folder, settings.translation, "translation.to_english")


def load_to_kannada(settings: Settings) -> Ctranslate2Translator:
    named = settings.translation.to_kannada
    folder = located(settings, named) if named else demo_pack() / "en_kn"
    return Ctranslate2Translator(folder, settings.translation, "translation.to_kannada")
