"""Translation by NLLB or M2M100 on CTranslate2, one model for both directions or one each.

A model folder is the output of CTranslate2's own converter (`ct2-transformers-converter`), with the checkpoint's
sentencepiece model copied into it. NLLB's published weights are CC-BY-NC: not for a business.
"""

from dataclasses import dataclass
from pathlib import Path

from app.config import Settings, TranslationSettings
from app.engines.base import EngineUnavailable
from app.engines.need import need_files
from app.engines.sentences import needs_translation
from app.engines.seq2seq import Encoded, Search, SentenceTranslator, cut_pieces, open_pieces, open_translator
from app.engines.shielding import ShieldedTranslator, shielded_to_english, shielded_to_kannada
from app.kannada.entities import Language
from app.models.store import located

_WHAT = "an NLLB or M2M100 model for CTranslate2 with its sentencepiece.bpe.model or spm.model"
_PIECES = ("sentencepiece.bpe.model", "sentencepiece.model", "spm.model")
_VOCABULARIES = ("shared_vocabulary.json", "shared_vocabulary.txt")
_MOST_PIECES = 120
_SPARE, _GROWTH = 16, 2.0
"""An output of twice its input's pieces goes round in circles."""


@dataclass(frozen=True, slots=True)
class _Tags:
    """What a family of models calls the two languages."""

    kannada: str
    english: str


_FAMILIES = (_Tags("kan_Knda", "eng_Latn"), _Tags("__kn__", "__en__"))
"""NLLB's tags, M2M100's tags."""


class NllbText:
    """The input is the source's tag, the sentence's pieces, the end mark; the output begins with the target's tag."""

    def __init__(self, into: Language, source_tag: str, pieces_file: Path) -> None:
        self._into = into
        self._source_tag = source_tag
        self._pieces = open_pieces(pieces_file)
        self.sample = "ನಮಸ್ಕಾರ" if into == "english" else "hello, how can i help you?"

    def encode(self, sentence: str) -> Encoded:
        if not needs_translation(sentence, self._into):
            return Encoded([], instead=sentence)
        parts = cut_pieces(self._pieces.encode(sentence, out_type=str), _MOST_PIECES)
        return Encoded([[self._source_tag, *part, "</s>"] for part in parts])

    def decode(self, tokens: list[str]) -> str:
        unknown = self._pieces.unk_id()
        return str(self._pieces.decode([token for token in tokens if self._pieces.piece_to_id(token) != unknown]))


def translator(into: Language, folder: Path, settings: TranslationSettings, setting: str) -> SentenceTranslator:
    """One direction, without shields. Raises EngineUnavailable when `folder` does not hold such a model."""
    need_files(folder, ("model.bin", "config.json"), _WHAT, setting)
    pieces_file = next((folder / name for name in _PIECES if (folder / name).is_file()), None)
    if pieces_file is None:
        raise EngineUnavailable(f"{folder}: {' or '.join(_PIECES)} is missing; {setting} must name {_WHAT}")
    tags = _tags(folder, setting)
    source, target = (tags.kannada, tags.english) if into == "english" else (tags.english, tags.kannada)
    search = Search(spare=_SPARE, growth=_GROWTH, prefix=(target,))
    text = NllbText(into, source, pieces_file)
    return SentenceTranslator(setting, open_translator(folder, settings), text, search, settings)


def _tags(folder: Path, setting: str) -> _Tags:
    """The family whose tags are in the model's vocabulary."""
    for name in _VOCABULARIES:
        if (folder / name).is_file():
            vocabulary = (folder / name).read_text(encoding="utf-8")
            for tags in _FAMILIES:
                if tags.kannada in vocabulary and tags.english in vocabulary:
                    return tags
    raise EngineUnavailable(f"{folder}: no vocabulary with Kannada and English in it; {setting} must name {_WHAT}")


def load_to_english(settings: Settings) -> ShieldedTranslator:
    setting = "translation.to_english"
    folder = _folder(settings, settings.translation.to_english, setting)
    return shielded_to_english(translator("english", folder, settings.translation, setting), settings.translation)


def load_to_kannada(settings: Settings) -> ShieldedTranslator:
    setting = "translation.to_kannada"
    folder = _folder(settings, settings.translation.to_kannada, setting)
    return shielded_to_kannada(translator("kannada", folder, settings.translation, setting), settings.translation)


def _folder(settings: Settings, named: Path | None, setting: str) -> Path:
    if named is None:
        raise EngineUnavailable(f"{setting} must name {_WHAT}")
    return located(settings, named)
