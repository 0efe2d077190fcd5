"""Sentences with placeholders: said with values filled in, and found again in what the caller heard."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SENTENCE = re.compile(r"[^.?]+[.?]")
_MARKS = re.compile(r"[.,?!;:—]+(?=\s|$)")


def plain(text: str) -> str:
    """Without punctuation after words and without double spaces; letters keep their case."""
    return " ".join(_MARKS.sub(" ", text).split())


def sentences(text: str) -> list[str]:
    """Each with its "." or "?"; what does not end in one, because it was cut, is left out."""
    return [match[0].strip() for match in _SENTENCE.finditer(text)]


def contains(heard: str, words: str) -> bool:
    """Whether `words` were heard in full, whatever the punctuation."""
    return f" {plain(words).lower()} " in f" {plain(heard).lower()} "


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    pattern: re.Pattern[str]

    @property
    def placeholders(self) -> set[str]:
        return set(_PLACEHOLDER.findall(self.text))

    def says(self, text: str) -> bool:
        """Whether `text` is this sentence with some values."""
        return bool(self.pattern.fullmatch(plain(text)))

    def was_heard(self, heard: str) -> bool:
        return bool(self.pattern.search(plain(heard)))


@dataclass(frozen=True, slots=True)
class Phrase:
    """One or more sentences."""

    sentences: tuple[Sentence, ...]

    @property
    def placeholders(self) -> set[str]:
        return {name for sentence in self.sentences for name in sentence.placeholders}

    def render(self, values: Mapping[str, object]) -> list[str]:
        """Sentence by sentence; one that lacks a value is left out."""
        known = {name: value for name, value in values.items() if value is not None}
        return [sentence.text.format_map(known) for sentence in self.sentences if sentence.placeholders <= known.keys()]

    def was_heard(self, heard: str) -> bool:
        """The fact comes first: whoever heard the first sentence knows it."""
        return self.sentences[0].was_heard(heard)

    def upto(self, name: str, value: str) -> str:
        """The words that end in placeholder `name`: whoever heard these has heard the value."""
        text = " ".join(sentence.text for sentence in self.sentences)
        return text[: text.index(f"{{{name}}}")] + value


def parse(text: str) -> Phrase:
    """Raises ValueError when a sentence has no end or a brace is no placeholder."""
    found = sentences(text)
    if not found or " ".join(found) != " ".join(text.split()):
        raise ValueError('every sentence ends in "." or "?"')
    return Phrase(tuple(_sentence(sentence) for sentence in found))


def _sentence(text: str) -> Sentence:
    bare = _PLACEHOLDER.sub("", text)
    if "{" in bare or "}" in bare:
        raise ValueError("a placeholder is a name in braces, e.g. {customer}")
    words = _PLACEHOLDER.split(plain(text))  # text and names take turns
    pattern = "".join(re.escape(word) if i % 2 == 0 else ".+?" for i, word in enumerate(words))
    return Sentence(text, re.compile(rf"(?<!\S){pattern}(?!\S)", re.IGNORECASE))


def placeholders(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for name in _PLACEHOLDER.findall(text)}
