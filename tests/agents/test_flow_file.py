"""A flow file of one's own: it works when it is right, and says what is wrong when it is not."""

import re
from pathlib import Path

import pytest

from app.agents import flow
from app.agents.flow import ELECTRICITY_DESK
from app.config import AgentSettings, ConfigError, Settings
from tests.agents.talk import Conversation

LIBRARY = """
database = "library.sql"

[say]
help = "how can i help?"
more = "anything else?"
unclear = "pardon?"
goodbye = "goodbye."

[words]
greeting = ["hello"]
yes = ["yes"]
no = ["no"]
repeat = ["again please"]
thanks = ["thanks"]
goodbye = ["bye"]
person = ["the librarian"]

[slots.book]
choices = ["Parva", "Malegalalli Madumagalu"]
ask = "which book?"
confirm = "you mean {book}, right?"

[tasks.lend]
examples = ["i want to borrow {book}", "lend me a book"]
needs = ["book"]
effect = "INSERT INTO loans VALUES (:call_id, :position, :book) ON CONFLICT (call_id, position) DO NOTHING"

[[tasks.lend.answers]]
look_up = "SELECT shelf FROM books WHERE title = :book"
say = "{book} is yours. it is on shelf {shelf}."

[[tasks.lend.answers]]
say = "{book} is not here."
"""
CHOICES = 'choices = ["Parva", "Malegalalli Madumagalu"]'
SCRIPT = """
CREATE TABLE books (title TEXT PRIMARY KEY, shelf INTEGER);
INSERT INTO books VALUES ('Parva', 7);
CREATE TABLE loans (call_id, position, title, UNIQUE (call_id, position));
"""


def settings(folder: Path, text: str = LIBRARY, script: str = SCRIPT) -> Settings:
    (folder / "library.toml").write_text(text, encoding="utf-8")
    (folder / "library.sql").write_text(script, encoding="utf-8")
    return Settings(agent=AgentSettings(file=folder / "library.toml"))


async def test_a_desk_of_ones_own(tmp_path: Path) -> None:
    agent = flow.load(settings(tmp_path))
    conversation = Conversation(agent)
    assert await conversation.say("lend me a book") == "which book?"
    assert await conversation.say("parva") == "you mean Parva, right?"
    assert await conversation.say("yes") == "Parva is yours. it is on shelf 7."
    assert agent.records.find("SELECT title, position FROM loans", {}) == {"title": "Parva", "position": 0}
    other = "Malegalalli Madumagalu"
    assert await conversation.say(f"i want to borrow {other}") == f"you mean {other}, right?"
    assert await conversation.say("yes") == f"{other} is not here."
    await agent.aclose()


def refused(folder: Path, was: str, now: str) -> str:
    assert was in LIBRARY
    with pytest.raises(ConfigError) as refusal:
        flow.load(settings(folder, LIBRARY.replace(was, now, 1)))
    return str(refusal.value)


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ("[say]", "[say", "not valid TOML"),
        ('more = "anything else?"', "", "say.more: is missing"),
        ('more = "anything else?"', 'more = "anything else"', 'say.more: every sentence ends in "." or "?"'),
        ('help = "how', 'halp = "how', "say.halp: there is no key 'halp'; did you mean 'help'?"),
        ('"library.sql"', '"other.sql"', "other.sql: cannot be read"),
        ('ask = "which book?"', "", "slots.book.ask: is missing, and tasks.lend needs it"),
        ("you mean {book}", "you mean it", "slots.book.confirm: must read {book} back"),
        ("which book?", "which {title}?", "slots.book.ask: may hold {book} only, not {title}"),
        (CHOICES, "", "slots.book: needs either pattern or choices"),
        (CHOICES, "pattern = '(a'", "slots.book.pattern: not a regular expression"),
        (CHOICES, "pattern = 'a'", "must have exactly one group"),
        ("borrow {book}", "borrow {titel}", "tasks.lend.examples: there is no slot 'titel'; known are book"),
        ('needs = ["book"]', 'needs = ["card"]', "tasks.lend.needs: there is no slot 'card'; known are book"),
        ("DO NOTHING", "DO NOTHNG", "tasks.lend.effect: near"),
        ("ON CONFLICT (call_id, position) DO NOTHING", "", "tasks.lend.effect: one wish must be one row"),
        ("SELECT shelf FROM books", "SELECT shelf FROM boks", "tasks.lend.answers.0.look_up: no such table: boks"),
        ("SELECT shelf FROM books WHERE title = :book", "DELETE FROM books", "answers.0.look_up: must be a SELECT"),
        ("{book} is yours", "{bok} is yours", "answers.0.say: {bok} is neither a slot nor a column of the look-up"),
        ("{book} is yours", "{book is yours", "a placeholder is a name in braces"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, was: str, now: str, message: str) -> None:
    explained = refused(tmp_path, was, now)
    assert message in explained
    assert re.match(r".*library\.toml|.*other\.sql", explained)


def test_every_problem_has_a_line(tmp_path: Path) -> None:
    assert len(refused(tmp_path, "[say]", "[said]").splitlines()) == 2


def test_a_script_that_fails(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"library\.sql: near \"CREAT\""):
        flow.load(settings(tmp_path, script="CREAT TABLE books"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        flow.load(Settings(agent=AgentSettings(file=tmp_path / "none.toml")))


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "library.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="must be UTF-8"):
        flow.load(Settings(agent=AgentSettings(file=path)))


def test_the_embedded_file_needs_no_code_to_be_changed() -> None:
    assert ELECTRICITY_DESK.is_file()
    assert ELECTRICITY_DESK.with_suffix(".sql").is_file()
