"""Looking things up in documents: what is found, in both languages, and that no query breaks the index."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given, strategies as st

from app.agents import documents
from app.agents.documents import Passage, passages
from app.agents.knowledge import Index, Knowledge
from app.agents.tools import ToolError
from app.config import ConfigError
from app.engines.base import Question
from tests.agents.talk import at_once

FOLDER = Path(documents.__file__).with_name("electricity_documents")
QUESTION = Question("call-1", "", "hello", (), at_once)


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    index = Index(passages(FOLDER))
    yield index
    index.close()


@pytest_asyncio.fixture
async def knowledge() -> AsyncIterator[Knowledge]:
    knowledge = Knowledge(FOLDER, top=2)
    yield knowledge
    await knowledge.aclose()


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("late payments", "Paying a bill, Late payment"),
        ("pay in instalments", "Paying a bill, Paying in parts"),
        ("documents for a new connection", "A new connection"),
        ("what if a wire has fallen?", "Power cuts and safety, Danger"),
        ("ಗುರುತಿನ ಚೀಟಿ", "ಹೊಸ ಸಂಪರ್ಕ"),
        ("ವೆಬ್ಸೈಟ್", "ಹೊಸ ಸಂಪರ್ಕ"),
        ("ವೆಬ್‌ಸೈಟ್", "ಹೊಸ ಸಂಪರ್ಕ"),
        ("ಸಂಪರ್ಕ", "ಹೊಸ ಸಂಪರ್ಕ"),
    ],
)
def test_the_best_passage_comes_first(index: Index, query: str, title: str) -> None:
    assert index.find(query, 3)[0].title == title


def test_kannada_words_are_whole() -> None:
    """Cut at their vowel signs, these two would share the letters ಬ and ಲ."""
    index = Index([Passage("one", "ಬಿಲ್"), Passage("two", "ಬಾಲ"), Passage("three", "ಬಿಲ್ಲಿನ ಮೊತ್ತ")])
    assert {passage.title for passage in index.find("ಬಿಲ್", 3)} == {"one", "three"}, "case endings are found as well"
    assert [passage.title for passage in index.find("ಬಾಲ", 3)] == ["two"]
    assert index.find("ಬ", 3) == [], "a single letter is no beginning of everything"
    index.close()


def test_common_words_find_nothing_unless_alone() -> None:
    index = Index([Passage("x", "the meter is on the wall"), Passage("y", "do what you will")])
    assert [passage.title for passage in index.find("what is the meter", 3)] == ["x"]
    assert [passage.title for passage in index.find("what", 3)] == ["y"]
    assert index.find("elephants and the sea", 3) == []
    index.close()


SYNTAX = st.text(st.sampled_from("\"'*^:(){}[]-+,. \x00\\NEAR AND OR NOT ಕಿ್\u200d७a1_é"), max_size=60)


@given(query=st.one_of(st.text(max_size=60), SYNTAX))
def test_no_query_is_a_syntax_error(index: Index, query: str) -> None:
    assert len(index.find(query, 2)) <= 2


async def test_the_model_gets_titles_and_passages(knowledge: Knowledge) -> None:
    told = await knowledge.run({"query": "planned power cut"}, QUESTION)
    assert told.startswith("Power cuts and safety, Planned cuts:\nPlanned cuts are announced")
    assert told.count("\n\n") == 1, "two passages"


async def test_nothing_found_is_said(knowledge: Knowledge) -> None:
    assert (await knowledge.run({"query": "elephants"}, QUESTION)).startswith("nothing was found")
    assert (await knowledge.run({"query": '"'}, QUESTION)).startswith("nothing was found")


async def test_a_look_up_after_the_end_is_an_error_of_the_tool(knowledge: Knowledge) -> None:
    await knowledge.aclose()
    await knowledge.aclose()
    with pytest.raises(ToolError, match="knowledge is closed"):
        await knowledge.run({"query": "bill"}, QUESTION)


def test_passages_know_their_headings(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "before\n\n# One #\nfirst\n\n## Two\n\nsecond\n### Three\nthird\n# Four\nfourth #1\n"
    )
    (tmp_path / "b.txt").write_text("# no heading here\n\nplain")
    assert passages(tmp_path) == [
        Passage("a", "before"),
        Passage("One", "first"),
        Passage("One, Two", "second"),
        Passage("One, Two, Three", "third"),
        Passage("Four", "fourth #1"),
        Passage("b", "# no heading here\nplain"),
    ]


def test_passages_are_short_and_lose_nothing(tmp_path: Path) -> None:
    words = [f"word{n}" for n in range(600)]
    (tmp_path / "a.txt").write_text(" ".join(words[:400]) + "\n\n" + "\n\n".join(words[400:]) + "\n\n" + "x" * 2000)
    found = [passage.text for passage in passages(tmp_path)]
    assert max(map(len, found)) <= 800
    assert " ".join(found).split()[:600] == words
    assert sum(text.count("x") for text in found) == 2000


@pytest.mark.parametrize(
    ("files", "told"),
    [({}, "no .md or .txt file"), ({"a.pdf": b""}, "no .md or .txt file"), ({"a.md": b"\xff"}, "must be UTF-8")],
)
def test_a_folder_that_cannot_be_used(tmp_path: Path, files: dict[str, bytes], told: str) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=told):
        passages(tmp_path)
    with pytest.raises(ConfigError, match="no such folder"):
        passages(tmp_path / "elsewhere")
