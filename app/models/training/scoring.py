"""How far transcripts are from what was said, counted over all of them: long ones weigh more."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq, Levenshtein


@dataclass(frozen=True, slots=True)
class Transcript:
    """Words between single spaces."""

    said: str
    heard: str

    @property
    def wrong(self) -> bool:
        """Any character differs."""
        return self.said != self.heard

    @property
    def complete(self) -> bool:
        """Every word of `said` stands in `heard`, in the same order; others may stand between them."""
        said, heard = self.said.split(), self.heard.split()
        return LCSseq.similarity(said, heard) == len(said)


def character_error_rate(transcripts: Sequence[Transcript]) -> float:
    """Edits a character of what was said; Unicode characters, so a vowel sign counts as one."""
    return _rate([(each.said, each.heard) for each in transcripts])


def word_error_rate(transcripts: Sequence[Transcript]) -> float:
    """Edits a word of what was said."""
    return _rate([(each.said.split(), each.heard.split()) for each in transcripts])


def sentence_error_rate(transcripts: Sequence[Transcript]) -> float:
    """The share of transcripts with any error."""
    return sum(each.wrong for each in transcripts) / len(transcripts)


def contradictions(partials: Sequence[str], final: str) -> int:
    """How many partial transcripts have a word that `final` has not at that place; the last word may still change."""
    words = final.split()
    settled = [partial.split()[:-1] for partial in partials]
    return sum(part != words[: len(part)] for part in settled)


def _rate(pairs: Sequence[tuple[Sequence[Hashable], Sequence[Hashable]]]) -> float:
    edits = sum(Levenshtein.distance(said, heard) for said, heard in pairs)
    return edits / sum(len(said) for said, _ in pairs)
