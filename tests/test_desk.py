"""A desk's file in its places: its values win over the settings', and nothing else of them changes."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.agents import flow
from app.agents.questions import of_questions
from app.call.policy import Choice, Patience, Person
from app.config import AgentSettings, CallSettings, ConfigError, PromptSettings, Settings, TranslationSettings
from app.desk import Desk, open_desk
from app.doctor.examine import examine
from app.engines.shielding import lexicon_of
from app.kannada.asked import Asked

AGENTS = Path(flow.__file__).parent
MODEL = """
persona = "You answer the phone at a shop."
[prompts.greeting]
kannada = "ನಮಸ್ಕಾರ."
english = "hello."
[people.owner]
number = "+918000000001"
hours = "shop"
[people.guard]
number = "sip:guard@shop.example.in"
[[hours.shop]]
days = ["mon-fri"]
from = "9:00"
to = "13:00"
[[hours.shop]]
days = ["mon-fri", "sun"]
from = 14:00:00
to = "24:00"
[limits]
longest_call_s = 60
[lexicon]
"ಮೈಸೂರು" = "Mysuru"
"""


def opened(folder: Path, text: str = MODEL, settings: Settings | None = None) -> Desk:
    path = folder / "desk.toml"
    path.write_text(text, encoding="utf-8")
    settings = settings or Settings()
    return open_desk(settings.model_copy(update={"agent": settings.agent.model_copy(update={"file": path})}))


def test_without_a_file_the_settings_alone_count() -> None:
    settings = Settings(call=CallSettings(transfer_to="+918012345678"))
    desk = open_desk(settings)
    assert desk.settings is settings
    assert desk.policy == settings.call.policy
    assert desk.policy.people == (Person("person", "+918012345678"),)
    assert desk.closed(datetime(2026, 11, 29, tzinfo=ZoneInfo("UTC"))) == ()


def test_the_files_values_win(tmp_path: Path) -> None:
    settings = Settings(
        call=CallSettings(transfer_to="+918012345678", patience=Patience(longest_call_s=900, no_input_s=5)),
        translation=TranslationSettings(lexicon=tmp_path / "other.tsv"),
    )
    desk = opened(tmp_path, settings=settings)
    assert desk.settings.agent.engine == "openai", "the persona tells"
    assert desk.settings.prompts.greeting.english == "hello."
    assert desk.settings.prompts.farewell == PromptSettings().farewell
    assert desk.settings.call.patience == Patience(longest_call_s=60, no_input_s=5)
    assert lexicon_of(desk.settings.translation).names == (("ಮೈಸೂರು", "Mysuru"),)
    assert desk.policy.people == (Person("owner", "+918000000001"), Person("guard", "sip:guard@shop.example.in"))
    again = open_desk(desk.settings)
    assert (again.settings, again.policy) == (desk.settings, desk.policy)


@pytest.mark.parametrize(
    ("day", "hour", "closed"),
    [(23, 12, ()), (23, 13, ("owner",)), (23, 23, ()), (28, 12, ("owner",)), (29, 15, ())],
)
def test_who_is_there(tmp_path: Path, day: int, hour: int, closed: tuple[str, ...]) -> None:
    at = datetime(2026, 11, day, hour, 30, tzinfo=ZoneInfo("Asia/Kolkata"))
    assert opened(tmp_path).closed(at) == closed


def test_names_in_a_file_beside_the_desks(tmp_path: Path) -> None:
    (tmp_path / "names.tsv").write_text("ಹಾಸನ\tHassan\n", encoding="utf-8")
    desk = opened(tmp_path, 'persona = "p"\nlexicon = "names.tsv"\n')
    assert lexicon_of(desk.settings.translation).names == (("ಹಾಸನ", "Hassan"),)


def test_an_agent_of_ones_own_keeps_its_place(tmp_path: Path) -> None:
    desk = opened(tmp_path, settings=Settings(agent=AgentSettings(engine="my.agent:load")))
    assert desk.settings.agent.engine == "my.agent:load"


def test_a_file_that_tells_no_agent(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'desk\.toml:1: desk\.agent: is missing; write agent = "flow" or'):
        opened(tmp_path, '[desk]\nname = "n"\n')


@pytest.mark.parametrize(("name", "engine"), [("electricity_desk", "flow"), ("electricity_agent", "openai")])
def test_the_examples_are_complete_desks(name: str, engine: str) -> None:
    given = Settings(agent=AgentSettings(file=AGENTS / f"{name}.toml"))
    desk = open_desk(given)
    assert desk.settings.agent.engine == engine
    assert [person.name for person in desk.policy.people] == ["office", "emergency"]
    assert desk.policy.menu[0] == Choice("1", says="how much is my bill")
    assert desk.policy.menu[-1] == Choice("0", person="office")
    assert desk.settings.prompts.keys.kannada
    assert desk.settings.prompts.greeting == given.prompts.greeting, "the demo greets as ever"
    assert desk.closed(datetime(2027, 8, 15, 12, tzinfo=ZoneInfo("Asia/Kolkata"))) == ("office",)


def test_a_question_of_the_file_tells_what_is_expected() -> None:
    desk = open_desk(Settings(agent=AgentSettings(file=AGENTS / "electricity_agent.toml")))
    assert desk.asks("", "okay. which phone number can we call you on?") == Asked("digits", 10)
    assert desk.asks("ನಿಮಗೆ ಕರೆ ಮಾಡಲು ಫೋನ್ ಸಂಖ್ಯೆ ಹೇಳಿ.", "") == Asked("digits", 10)
    assert desk.asks("", "Shall I text you the link for paying?") == Asked("yes_no")
    assert desk.asks("", "your phone number is 9845012345, is that right?") == of_questions(())("", "")
    assert desk.asks("ನಿಮ್ಮ ಜಿಲ್ಲೆ ಹೇಳಿ.", "tell me your district") == Asked("value"), "by its Kannada"


def test_a_slot_of_known_length_tells_how_many_digits(tmp_path: Path) -> None:
    for file in ("electricity_desk.toml", "electricity_desk.sql"):
        (tmp_path / file).write_text((AGENTS / file).read_text("utf-8"), encoding="utf-8")
    path = tmp_path / "electricity_desk.toml"
    text = path.read_text("utf-8").replace("[slots.customer]", "[slots.customer]\ndigits = 4")
    path.write_text(text, encoding="utf-8")
    desk = open_desk(Settings(agent=AgentSettings(file=path)))
    assert desk.asks("ದಯವಿಟ್ಟು ನಿಮ್ಮ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ಹೇಳಿ.", "please tell me your customer number.") == Asked("digits", 4)
    assert desk.asks("ನಿಮ್ಮ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ 4521 ಸರಿಯೇ?", "your customer number is 4521 is that right?") == Asked("yes_no")


def test_the_doctor_finds_what_is_wrong_in_the_file(tmp_path: Path) -> None:
    desk, settings = tmp_path / "desk.toml", tmp_path / "settings.toml"
    desk.write_text('persona = "p"\n[limits]\nlongest_call = 5\n', encoding="utf-8")
    settings.write_text(f'[agent]\nfile = "{desk}"\n', encoding="utf-8")
    told = [finding.detail for finding in examine(settings, online=False) if finding.check == "Settings"]
    assert told == [
        f"{desk}:3: limits.longest_call: there is no key 'longest_call'; did you mean 'longest_call_s'?",
    ]
