"""Cut an agent's token stream into clauses that can be translated and spoken while the agent still writes.

A sentence is the unit that translates best, so a short one is never cut. A long one is cut at a comma, the first clause
of a reply early: the caller is waiting for it.
"""

import re

from app.engines.sentences import abbreviated

_FIRST_WORDS = 4
_LATER_WORDS = 9
_MOST_WORDS = 30
"""A clause that never pauses is cut here: translation models have short windows."""

_END = re.compile(r"([.?!।॥]+[\"')\]]*|\n)(?=\s|$)|[।॥]+[\"')\]]*|\n")
"""A danda ends a sentence even without a space after it; a full stop there may be a number's."""
_SPACE = re.compile(r"\s+")
_PAUSE = re.compile(r"[,;:—](?=\s)")


class ClauseCutter:
    """Feed it pieces of text; it returns the clauses that are complete."""

    def __init__(self) -> None:
        self._text = ""
        self._first = True

    def push(self, piece: str) -> list[str]:
        self._text += piece
        clauses = []
        while (end := self._end_of_clause()) is not None:
            clause, self._text = self._text[:end].strip(), self._text[end:].lstrip()
            if clause:
                clauses.append(clause)
                self._first = False
        return clauses

    def flush(self) -> list[str]:
        """What is left when the agent has finished."""
        clause, self._text = self._text.strip(), ""
        return [clause] if clause else []

    def _end_of_clause(self) -> int | None:
        text = self._text
        for match in _END.finditer(text):
            if match.end() == len(text) and match[0] != "\n":
                break  # "3." may go on as "3.5"; the next piece tells
            if match[0] != "." or not abbreviated(text[: match.start()]):
                return match.end()
        least = _FIRST_WORDS if self._first else _LATER_WORDS
        for match in _PAUSE.finditer(text):
            if len(text[: match.start()].split()) >= least:
                return match.end()
        if len(text.split()) > _MOST_WORDS:
            return [match.start() for match in _SPACE.finditer(text.rstrip())][-1]
        return None
