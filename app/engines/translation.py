"""Translation by small Transformers on CTranslate2 with sentencepiece, one engine a direction.

A model folder holds `model.bin`, `config.json` and a vocabulary from CTranslate2's Marian (OPUS-MT) converter, with
`source.spm` and `target.spm` beside them.
"""

from collections.abc import Mapping
from pathlib import Path

from app.config import Settings, TranslationSettings
from app.engines.base import EngineUnavailable
from app.engines.need import need_files
from app.engines.sentences import NORMALISERS
from app.engines.seq2seq import Encoded, Search, SentenceTranslator, cut_pieces, open_pieces, open_translator
from app.models import component_of, demo_pack
from app.models.store import located

_FILES = ("model.bin", "config.json", "source.spm", "target.spm")
_MOST_PIECES = 96
"""A longer sentence is cut between words: small models are trained on at most 128 positions and drop the rest."""


class MarianText:
    """Pieces of source.spm, and the normalisation that the folder's manifest names."""

    sample = "1 2 3 4 5"

    def __init__(self, folder: Path) -> None:
        component = component_of(folder)
        if component.normalise not in NORMALISERS:
            raise EngineUnavailable(f"{folder}: its manifest wants the unknown normalisation {component.normalise!r}")
        self._normalise = NORMALISERS[component.normalise]
        self._names: Mapping[str, str] = {name.lower(): name for name in component.names}
        self._source = open_pieces(folder / "source.spm")
        self._target = open_pieces(folder / "target.spm")

    def encode(self, sentence: str) -> Encoded:
        plain = self._normalise(sentence, self._names)
        parts = cut_pieces(self._source.encode(plain.text, out_type=str), _MOST_PIECES)
        return Encoded([[*part, "</s>"] for part in parts], plain.end)

    def decode(self, tokens: list[str]) -> str:
        return str(self._target.decode(tokens))


class Ctranslate2Translator(SentenceTranslator):
    """One direction. Raises EngineUnavailable when `folder` does not hold a model of the layout above."""

    def __init__(self, folder: Path, settings: TranslationSettings, setting: str) -> None:
        need_files(folder, _FILES, "a CTranslate2 translation model with its sentencepiece files", setting)
        text = MarianText(folder)
        model = open_translator(folder, settings)
        super().__init__(setting, model, text, Search(spare=_MOST_PIECES + _MOST_PIECES // 4), settings)


def load_to_english(settings: Settings) -> Ctranslate2Translator:
    named = settings.translation.to_english
    folder = located(settings, named) if named else demo_pack() / "kn_en"
    return Ctranslate2Translator(folder, settings.translation, "translation.to_english")


def load_to_kannada(settings: Settings) -> Ctranslate2Translator:
    named = settings.translation.to_kannada
    folder = located(settings, named) if named else demo_pack() / "en_kn"
    return Ctranslate2Translator(folder, settings.translation, "translation.to_kannada")
