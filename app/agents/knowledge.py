"""A tool that looks things up in local documents: a full-text index, SQLite's FTS5, in memory.

Ranking is BM25 with titles counting more (https://www.sqlite.org/fts5.html, "The bm25() function"). English words are
compared by their stem. Kannada is written in letters and combining signs, and FTS5 would cut words at the signs, so
those are declared part of words; a Kannada word in a query also finds the forms that go on with case endings.
"""

import sqlite3
import unicodedata
from pathlib import Path

from app.agents.documents import Passage, passages
from app.agents.parameters import Arguments, Parameter
from app.agents.tools import ToolError
from app.config import ConfigError
from app.engines.base import EngineError, Question
from app.engines.worker import Worker

PARAMETERS = {"query": Parameter(description="What to look for, in a few key words.")}

_TABLE = """CREATE VIRTUAL TABLE passages USING fts5(
    title, body, shown_title UNINDEXED, shown UNINDEXED,
    tokenize = "porter unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
)"""
_FIND = "SELECT shown_title, shown FROM passages WHERE passages MATCH ? ORDER BY bm25(passages, 3.0, 1.0) LIMIT ?"
_MOST_WORDS = 32
_KANNADA = range(0x0C80, 0x0D00)
_SHORTEST_PREFIX = 3
_COMMON = {
    "a", "an", "and", "are", "at", "be", "by", "can", "do", "does", "for", "from", "how", "i", "in", "is", "it", "me",
    "my", "of", "on", "or", "the", "there", "this", "to", "was", "we", "what", "when", "where", "which", "who", "why",
    "will", "with", "you", "your",
}  # fmt: skip
"""Words in nearly every passage and question; they would find everything."""


class Index:
    """Passages by their words. SQLite is not asked by two threads at once: its user sees to that."""

    def __init__(self, found: list[Passage]) -> None:
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        rows = [(_plain(passage.title), _plain(passage.text), passage.title, passage.text) for passage in found]
        try:
            self._database.execute(_TABLE)
            self._database.executemany("INSERT INTO passages VALUES (?, ?, ?, ?)", rows)
        except sqlite3.OperationalError as error:
            self.close()
            raise ConfigError(f"this Python's SQLite cannot index documents: {error}") from error

    def find(self, query: str, most: int) -> list[Passage]:
        """The best first."""
        if not (words := _words(query)):
            return []
        rows = self._database.execute(_FIND, (" OR ".join(map(_term, words)), most))
        return [Passage(*row) for row in rows]

    def close(self) -> None:
        self._database.close()


class Knowledge:
    """Raises ConfigError when the folder cannot be read. Look-ups run on a thread of their own."""

    def __init__(self, folder: Path, top: int) -> None:
        self._index = Index(passages(folder))
        self._top = top
        self._worker: Worker[str, list[Passage]] = Worker(
            "knowledge", lambda queries: [self._index.find(query, self._top) for query in queries]
        )

    async def run(self, arguments: Arguments, question: Question) -> str:
        """Raises ToolError."""
        try:
            found = await self._worker.submit(str(arguments["query"]))
        except EngineError as error:
            raise ToolError(str(error)) from error
        if not found:
            return "nothing was found; try other words, or tell the caller that you do not know"
        return "\n\n".join(f"{passage.title}:\n{passage.text}" for passage in found)

    async def aclose(self) -> None:
        await self._worker.aclose()
        self._index.close()


def _plain(text: str) -> str:
    """One spelling of each word: composed, and without the joiners that only shape letters."""
    return unicodedata.normalize("NFC", text).replace("\u200c", "").replace("\u200d", "")


def _words(query: str) -> list[str]:
    """Letters, digits and signs only, so that nothing in it is FTS5's syntax."""
    letters = (char if unicodedata.category(char)[0] in "LNM" else " " for char in _plain(query).lower())
    words = list(dict.fromkeys("".join(letters).split()))
    return ([word for word in words if word not in _COMMON] or words)[:_MOST_WORDS]


def _term(word: str) -> str:
    goes_on = len(word) >= _SHORTEST_PREFIX and ord(word[0]) in _KANNADA
    return f'"{word}"*' if goes_on else f'"{word}"'
