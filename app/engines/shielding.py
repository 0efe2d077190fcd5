"""A translator whose inner translator never sees numbers, ids, addresses or names: app/kannada/shields.py.

What callers say in words, "ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು", is written in digits first, so that it has a shield as well.
"""

import logging
from collections import Counter
from typing import Literal

from app.config import TranslationSettings
from app.engines.base import EngineUnavailable, Translator
from app.engines.sentences import refuse_too_long
from app.kannada.entities import Language, with_ascii_numerals
from app.kannada.lexicon import Lexicon, LexiconError, load_lexicon
from app.kannada.names import Names
from app.kannada.shields import holds, repaired, restored, shield
from app.kannada.written import written

Outcome = Literal["plain", "kept", "retried", "repaired"]
"""Nothing to shield; all came through; a second translation without shields had them all; they had to be put back."""

_log = logging.getLogger(__name__)


class ShieldedTranslator:
    """`inner`, which translates into `into`, behind shields."""

    def __init__(self, inner: Translator, into: Language, names: Names) -> None:
        self._inner = inner
        self._into = into
        self._names = names
        self.outcomes: Counter[Outcome] = Counter()
        """How often each came about, for metrics."""

    async def translate(self, text: str, *, urgent: bool = False) -> str:
        translation, outcome = await self._translate(text, urgent)
        self.outcomes[outcome] += 1
        if outcome in ("retried", "repaired"):
            _log.info("translation into %s lost a shielded value: %s", self._into, outcome)
        return translation

    async def warm_up(self) -> None:
        await self._inner.warm_up()

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _translate(self, text: str, urgent: bool) -> tuple[str, Outcome]:
        refuse_too_long(text)
        text = written(text) if self._into == "english" else text
        shielded = shield(text, self._into, self._names)
        if not shielded.values:
            return await self._inner.translate(text, urgent=urgent), "plain"
        translation = await self._inner.translate(shielded.text, urgent=urgent)
        if (whole := restored(translation, shielded.values)) is not None:
            return whole, "kept"
        again = with_ascii_numerals(await self._inner.translate(text, urgent=urgent))
        if holds(again, shielded.values):
            return again, "retried"
        return repaired(translation, shielded.values), "repaired"


def lexicon_of(settings: TranslationSettings) -> Lexicon:
    """The lexicon that the settings name, an empty one if none. Raises EngineUnavailable."""
    try:
        listed = load_lexicon(settings.lexicon) if settings.lexicon is not None else Lexicon()
    except LexiconError as error:
        raise EngineUnavailable(f"translation.lexicon: {error}") from error
    return Lexicon((*listed.names, *settings.names.items()))


def shielded_to_english(inner: Translator, settings: TranslationSettings) -> ShieldedTranslator:
    return ShieldedTranslator(inner, "english", Names(lexicon_of(settings).to_english))


def shielded_to_kannada(inner: Translator, settings: TranslationSettings) -> ShieldedTranslator:
    return ShieldedTranslator(inner, "kannada", Names(lexicon_of(settings).to_kannada))
