"""What is wrong in the part that every desk has: the line, the key, and what it should be; all of it at once."""

from pathlib import Path

import pytest

from app.agents import agent_file, toml_file
from app.agents.desk_file import HoursTable, agent_of
from app.config import ConfigError

DESK = """persona = "You answer the phone."
[desk]
name = "shop"
languages = ["kannada"]
[prompts.keys]
kannada = "ಒಂದು ಒತ್ತಿ."
english = "press 1."
[people.owner]
number = "+918000000001"
hours = "shop"
[hours.shop]
days = ["mon-sat"]
from = "10:00"
to = "17:30"
[menu]
1 = { says = "are you open" }
2 = { person = "owner" }
[limits]
longest_call_s = 600
[lexicon]
"ಮೈಸೂರು" = "Mysuru"
"""


def refused(folder: Path, *changes: tuple[str, str]) -> list[str]:
    text = DESK
    for was, now in changes:
        assert was in text
        text = text.replace(was, now, 1)
    path = folder / "desk.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refusal:
        agent_file.read(path)
    return [line.removeprefix(f"{path}:") for line in str(refusal.value).splitlines()]


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("name =", "naem =", "3: desk.naem: there is no key 'naem'; did you mean 'name'?"),
        ('["kannada"]', '["kanada"]', "4: desk.languages.0: must be 'kannada' or 'english'; did you mean 'kannada'?"),
        ('["kannada"]', '["english"]', '4: desk.languages: must have "kannada": callers are answered in it'),
        ('name = "shop"', 'agent = "flwo"', "3: desk.agent: must be 'flow' or 'openai'; did you mean 'flow'?"),
        (
            'name = "shop"',
            'persona = "p"',
            "3: desk.persona: there is no key 'persona' here; it belongs above the first",
        ),
        ("prompts.keys", "prompts.kyes", "5: prompts.kyes: there is no key 'kyes'; did you mean 'keys'?"),
        ('"ಒಂದು ಒತ್ತಿ."', '"press 1."', "6: prompts.keys.kannada: must be Kannada, in Kannada script"),
        ('"press 1."', '"ಒಂದು ಒತ್ತಿ."', "7: prompts.keys.english: must be English"),
        ('"press 1."', '""', "5: prompts.keys: kannada and english belong together"),
        ('english = "press 1."\n', "", "5: prompts.keys.english: is missing"),
        (
            '"+918000000001"',
            '"080 2222"',
            '9: people.owner.number: must be a number with its country code, such as "+91',
        ),
        ('hours = "shop"', 'hours = "shp"', "10: people.owner.hours: there is no hours 'shp'; did you mean 'shop'?"),
        ('hours = "shop"', 'hours = "x"', "10: people.owner.hours: there is no hours 'x'; known are shop"),
        ("mon-sat", "mon-sut", '12: hours.shop.days.0: must be a day such as "mon", or days such as "mon-sat"'),
        ('["mon-sat"]', "[]", "12: hours.shop.days: must not be empty"),
        ('"10:00"', '"10am"', '13: hours.shop.from: must be a time of day such as "09:30", in 24 hours'),
        ('"10:00"', '"24:30"', "13: hours.shop.from: must be a time of day"),
        ('"17:30"', '"17:30"\nzone = "Asia/Mysuru"', "15: hours.shop.zone: is no time zone that this machine knows"),
        ('"17:30"', '"17:30"\nclosed = ["2027-02-30"]', "15: hours.shop.closed.0: must be a valid date"),
        ("1 =", "12 =", "16: menu.12: must be one key: 0 to 9, or *"),
        ('{ says = "are you open" }', "{ }", "16: menu.1: needs either says or person"),
        ('person = "owner"', 'person = "ownr"', "17: menu.2.person: there is no person 'ownr'; did you mean 'owner'?"),
        ("longest_call_s", "longest_cal_s", "19: limits.longest_cal_s: there is no key 'longest_cal_s'; did you mean"),
        ("600", "-1", "19: limits.longest_call_s: must be greater than 0"),
        ('"ಮೈಸೂರು" = "Mysuru"', '"Mysuru" = "ಮೈಸೂರು"', "21: lexicon.Mysuru: the Kannada name comes first"),
        ('[lexicon]\n"ಮೈಸೂರು" = "Mysuru"\n', "[", "20: not valid TOML"),
        ('"Mysuru"', "5", "21: lexicon.ಮೈಸೂರು: must be a text in quotes"),
        ('["mon-sat"]', '"mon-sat"', "12: hours.shop.days: must be an array"),
        ('{ person = "owner" }', '"owner"', "17: menu.2: must be a table"),
        ("[desk]", 'lexicon = "none.tsv"\n[desk]', "21: not valid TOML"),  # it is there twice
        (
            "[lexicon]",
            '[[tools]]\nkind = "smss"\nname = "text"\n[lexicon]',
            "21: tools.0.kind: must be 'webhook' or 'sms' or 'knowledge' or 'transfer' or 'hang_up'; did you mean",
        ),
        ("[lexicon]", '[[tools]]\nname = "text"\n[lexicon]', "20: tools.0.kind: is missing"),
        (
            "[lexicon]",
            '[[tools]]\nkind = "hang_up"\nname = "end"\ndescription = ""\n[lexicon]',
            "23: tools.0.description: must not be empty",
        ),
    ],
)
def test_what_is_wrong_has_its_line(tmp_path: Path, was: str, now: str, told: str) -> None:
    (line,) = refused(tmp_path, (was, now))
    assert line.startswith(told), line


def test_a_menu_and_its_prompt_belong_together(tmp_path: Path) -> None:
    menu = DESK[DESK.index("[menu]") : DESK.index("[limits]")]
    assert refused(tmp_path, (menu, "")) == ["5: prompts.keys: needs [menu], the keys that it reads out"]
    prompt = DESK[DESK.index("[prompts") : DESK.index("[people")]
    assert refused(tmp_path, (prompt, "")) == ["12: menu: needs [prompts.keys], which reads it out to the caller"]


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    told = refused(tmp_path, ("name =", "naem ="), ("600", "-1"), ("mon-sat", "man-sat"), ("number", "nubmer"))
    assert [line.split(": ")[:2] for line in told] == [
        ["3", "desk.naem"],
        ["8", "people.owner.number"],
        ["9", "people.owner.nubmer"],
        ["12", "hours.shop.days.0"],
        ["19", "limits.longest_call_s"],
    ]


def test_a_lexicon_that_cannot_be_read(tmp_path: Path) -> None:
    lexicon = DESK[DESK.index("[lexicon]") :]
    (line,) = refused(tmp_path, (lexicon, ""), ("[desk]", 'lexicon = "none.tsv"\n[desk]'))
    assert line == f"2: lexicon: {tmp_path / 'none.tsv'}: cannot be read: No such file or directory"


def test_a_lexicon_that_is_none(tmp_path: Path) -> None:
    lexicon = DESK[DESK.index("[lexicon]") :]
    (line,) = refused(tmp_path, (lexicon, ""), ("[desk]", "lexicon = 5\n[desk]"))
    assert line == "2: lexicon: must be the name of a file, or a table of names"


def test_a_file_from_an_editor_that_marks_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(DESK.replace("\n", "\r\n"), encoding="utf-8-sig")
    assert agent_file.read(path).desk.name == "shop"


def test_brackets_without_measure(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    path.write_text("x = " + "[" * 10_000, encoding="utf-8")
    with pytest.raises(ConfigError, match="too many brackets within brackets"):
        agent_file.read(path)


def test_a_file_without_measure(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    path.write_text("#" * (toml_file.MOST_BYTES + 1), encoding="utf-8")
    with pytest.raises(ConfigError, match="longer than 256 KiB"):
        agent_file.read(path)


@pytest.mark.parametrize(
    ("days", "weekdays"),
    [(["mon-sat"], {0, 1, 2, 3, 4, 5}), (["sat-mon"], {5, 6, 0}), (["Mon", "wed"], {0, 2}), (["fri-fri"], {4})],
)
def test_days(days: list[str], weekdays: set[int]) -> None:
    assert HoursTable.model_validate({"days": days, "from": "9.30", "to": "24:00"}).weekdays == weekdays


def test_which_agent_a_file_is_for() -> None:
    assert agent_of({"desk": {"agent": "openai"}, "tasks": {}}) == "openai", "what is said counts"
    assert agent_of({"tasks": {}, "database": ""}) == "flow"
    assert agent_of({"persona": "p"}) == "openai"
    assert agent_of({"prompts": {}}) is None
