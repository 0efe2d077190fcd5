"""Does the caller's line give back what the agent was saying? Its own voice, heard through a loudspeaker, transcribed.

A recogniser slips: letters differ, words split and join, the first and the last are cut. So the run is found by
letters, and then every word of it must nearly be there, all but one in five. Numbers must be the same, in
the same order: a caller who says the agent's number with another digit corrects it.
"""

from functools import lru_cache

from rapidfuzz.fuzz import partial_ratio_alignment, ratio

from app.kannada.hear.vocabulary import Reading, read
from app.kannada.words import plain_words

_RUN_ALIKE = 80.0
"""Of letters in the whole run, in percent, by rapidfuzz's ratio: twice the common letters over all letters."""
_WORD_ALIKE = 75.0
_PART_CHARACTERS = 3
"""A part of a word that is no shorter counts as the word."""
_WRONG_PART = 5
"""One word in so many may be another one."""


def is_echo(words: list[str], saying: str) -> bool:
    """Whether `words`, two or more, are a contiguous run of what the agent says, but for a recogniser's slips."""
    heard = " ".join(words)
    said = _plain(saying)
    if len(heard) > len(said) + len(words[0]):
        return False
    found = partial_ratio_alignment(heard, said, score_cutoff=_RUN_ALIKE)
    if found is None:
        return False
    # The run is cut somewhere in its first and last words.
    start = said.rfind(" ", 0, found.dest_start + 1) + 1
    end = said.find(" ", max(start, found.dest_end - 1))
    run = said[start : len(said) if end < 0 else end].split()
    wrong = sum(not _near(word, run) for word in words)
    return wrong <= len(words) // _WRONG_PART and _contains(_numbers(run), _numbers(words))


@lru_cache(maxsize=64)
def _plain(saying: str) -> str:
    return " ".join(plain_words(saying))


def _near(word: str, run: list[str]) -> bool:
    """`word` is one of the run, nearly; or a part of one, or two in one."""
    if word in run or (len(word) >= _PART_CHARACTERS and word in "".join(run)):
        return True
    return any(ratio(word, other) >= _WORD_ALIKE for other in run)


def _numbers(words: list[str]) -> list[Reading]:
    return [reading for word in words if (reading := read(word)) is not None]


def _contains(numbers: list[Reading], part: list[Reading]) -> bool:
    """`part` stands in `numbers` in one piece."""
    return any(numbers[at : at + len(part)] == part for at in range(len(numbers) - len(part) + 1))
