"""Translation by IndicTrans2 on CTranslate2, one engine a direction; 200M and 1B alike.

A model folder is what convert.py writes, or a pair of the official CTranslate2 release: `ct2_int8_model` and
`ct2_fp16_model` in one folder, `vocab` in each of them or beside them.
"""

from pathlib import Path

from app.config import Settings, TranslationSettings
from app.engines.base import EngineUnavailable
from app.engines.indictrans2.convert import CHECKPOINT_FILES
from app.engines.indictrans2.text import TO_ENGLISH, TO_KANNADA, Direction
from app.engines.need import need_files
from app.engines.sentences import needs_translation
from app.engines.seq2seq import Encoded, Search, SentenceTranslator, cut_pieces, open_pieces, open_translator
from app.engines.shielding import ShieldedTranslator, shielded_to_english, shielded_to_kannada
from app.models.store import located

_WHAT = "an IndicTrans2 model for CTranslate2: the output of `kva models convert`, or a folder of the official release"
_RELEASE = ("ct2_int8_model", "ct2_fp16_model")
_MOST_PIECES = 120
"""A longer sentence is cut between words. The models were trained on 256 positions, mostly on far fewer."""
_SEARCH = Search(spare=16, growth=2.0)
"""Both vocabularies cut a sentence into about as many pieces; an output of twice as many goes round in circles.

No n-gram is forbidden: digits and placeholders repeat rightly.
"""


class IndicTrans2Text:
    """Raises EngineUnavailable when `pieces_file` is the sentencepiece model of the other direction's source."""

    def __init__(self, direction: Direction, pieces_file: Path, setting: str) -> None:
        self._direction = direction
        self._pieces = open_pieces(pieces_file)
        size = self._pieces.get_piece_size()
        indic = sum("\u0900" <= self._pieces.id_to_piece(n)[-1] <= "\u097f" for n in range(size))
        if (indic > size // 10) != (direction is TO_ENGLISH):
            raise EngineUnavailable(f"{pieces_file}: translates the other way; {setting} must name {_WHAT}")
        self.sample = "ನಮಸ್ಕಾರ, ನಾನು ಹೇಗೆ ಸಹಾಯ ಮಾಡಲಿ?" if direction is TO_ENGLISH else "hello, how can i help you?"

    def encode(self, sentence: str) -> Encoded:
        if not needs_translation(sentence, self._direction.into):
            return Encoded([], instead=sentence)
        pieces = self._pieces.encode(self._direction.prepare(sentence), out_type=str)
        return Encoded([[*self._direction.tags, *part] for part in cut_pieces(pieces, _MOST_PIECES)])

    def decode(self, tokens: list[str]) -> str:
        return self._direction.restore("".join(tokens).replace("▁", " ").strip())


def translator(direction: Direction, folder: Path, settings: TranslationSettings, setting: str) -> SentenceTranslator:
    """One direction, without shields. Raises EngineUnavailable when `folder` does not hold its model."""
    model, pieces_file = _found(folder, settings, setting)
    text = IndicTrans2Text(direction, pieces_file, setting)
    return SentenceTranslator(setting, open_translator(model, settings), text, _SEARCH, settings)


def _found(folder: Path, settings: TranslationSettings, setting: str) -> tuple[Path, Path]:
    """The model's own folder and the source's sentencepiece model, in either layout."""
    if (folder / "model.safetensors").is_file() and not (folder / "model.bin").is_file():
        known = all((folder / name).is_file() for name in CHECKPOINT_FILES)
        advice = "convert it with `kva models convert`" if known else f"{setting} must name {_WHAT}"
        raise EngineUnavailable(f"{folder}: a checkpoint that is not converted to CTranslate2; {advice}")
    release = _RELEASE[::-1] if settings.compute_type.endswith("16") else _RELEASE
    model = next((folder / name for name in release if (folder / name / "model.bin").is_file()), folder)
    need_files(model, ("model.bin", "config.json"), _WHAT, setting)
    for place in (model / "vocab", model.parent / "vocab", model):
        if (place / "model.SRC").is_file():
            return model, place / "model.SRC"
    raise EngineUnavailable(f"{model}: vocab/model.SRC is missing; {setting} must name {_WHAT}")


def _folder(settings: Settings, named: Path | None, setting: str) -> Path:
    if named is None:
        raise EngineUnavailable(f"{setting} must name {_WHAT}")
    return located(settings, named)


def load_to_english(settings: Settings) -> ShieldedTranslator:
    setting = "translation.to_english"
    folder = _folder(settings, settings.translation.to_english, setting)
    return shielded_to_english(translator(TO_ENGLISH, folder, settings.translation, setting), settings.translation)


def load_to_kannada(settings: Settings) -> ShieldedTranslator:
    setting = "translation.to_kannada"
    folder = _folder(settings, settings.translation.to_kannada, setting)
    return shielded_to_kannada(translator(TO_KANNADA, folder, settings.translation, setting), settings.translation)
