"""The table of spoken forms holds in the directions that it states."""

from collections import Counter
from pathlib import Path

import pytest

from app.kannada.spoken import spoken
from app.kannada.written import written

TABLE = Path(__file__).with_name("spoken_forms.tsv")
LINES = TABLE.read_text(encoding="utf-8").splitlines()
ROWS = [tuple(line.split("\t")) for line in LINES if line and not line.startswith("#")]


def rows(*directions: str) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in ROWS if row[2] in directions]


@pytest.mark.parametrize(("digits", "words"), rows("both", "out"))
def test_what_is_written_is_said_so(digits: str, words: str) -> None:
    assert spoken(digits) == words


@pytest.mark.parametrize(("digits", "words"), rows("both", "in"))
def test_what_is_said_is_written_so(digits: str, words: str) -> None:
    assert written(words) == digits


def test_the_table_is_whole() -> None:
    assert {len(row) for row in ROWS} == {4}
    assert {row[2] for row in ROWS} == {"both", "out", "in"}
    assert len(ROWS) >= 400
    assert [row for row, count in Counter(ROWS).items() if count > 1] == []
