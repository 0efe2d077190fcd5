"""The questions of a model's file: told to the model, and known again in what it says."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.agents import openai
from app.agents.questions import Question, instructions, of_questions
from app.config import AgentSettings, Settings, TranslationSettings
from app.kannada.asked import NOTHING, Asked

PHONE = Question(
    name="phone",
    english="please tell me the ten digits of your phone number.",
    kannada="ನಿಮ್ಮ ಹತ್ತು ಅಂಕಿಯ ಫೋನ್ ನಂಬರ್ ಕೊಡಿ.",
    expects="digits",
    digits=10,
)
DAY = Question(name="day", english="which day shall the doctor see you?", expects="date")
DOCTOR = Question(name="doctor", english="which doctor?", expects="value", choices=("Anand", "Shobha"))
asks = of_questions((PHONE, DAY, DOCTOR))


@pytest.mark.parametrize(
    ("kannada", "english", "asked"),
    [
        ("", "Please tell me the ten digits of your phone number.", Asked("digits", 10)),
        ("", "Please tell me the 10 digits of your phone number.", Asked("digits", 10)),
        ("", "the ten digits of your phone number.", Asked("digits", 10)),  # the second clause of it
        ("ನಿಮ್ಮ ಹತ್ತು ಅಂಕಿಯ ಫೋನ್ ನಂಬರ್ ಕೊಡಿ.", "", Asked("digits", 10)),
        ("", "which day shall the doctor see you?", Asked("value")),
        ("", "which doctor?", Asked("value")),
        ("", "phone number.", NOTHING),  # too little to tell
        ("", "the doctor sees you on Monday.", NOTHING),
        ("ಸರಿಯೇ?", "is that right?", Asked("yes_no")),  # not of the file: by its Kannada
        ("", "", NOTHING),
    ],
)
def test_a_question_is_known_again(kannada: str, english: str, asked: Asked) -> None:
    assert asks(kannada, english) == asked


def test_what_the_model_is_told() -> None:
    assert instructions((PHONE, DOCTOR), in_kannada=False).splitlines() == [
        "When you need to know one of these, ask in these words:",
        "- phone: please tell me the ten digits of your phone number. (expects 10 digits)",
        "- doctor: which doctor? (expects one of: Anand, Shobha)",
    ]
    assert "- phone: ನಿಮ್ಮ ಹತ್ತು ಅಂಕಿಯ ಫೋನ್ ನಂಬರ್ ಕೊಡಿ. (expects 10 digits)" in instructions((PHONE,), in_kannada=True)
    assert instructions((), in_kannada=False) == ""


async def test_the_system_prompt_has_persona_languages_and_questions(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(
        'persona = "You are a clerk."\n[desk]\nlanguages = ["kannada", "english"]\n'
        '[[questions]]\nname = "name"\nenglish = "who are you?"\nkannada = "ನೀವು ಯಾರು?"\nexpects = "value"\n',
        encoding="utf-8",
    )
    asked = AgentSettings(model="any", base_url="http://127.0.0.1:1/v1", file=path, system_prompt="not this")
    english = openai.load(Settings(agent=asked))
    kannada = openai.load(Settings(agent=asked, translation=TranslationSettings(engine="none")))
    assert english.system_prompt.splitlines() == [
        "You are a clerk.",
        "Callers speak Kannada and English, often both in one sentence.",
        "When you need to know one of these, ask in these words:",
        "- name: who are you? (expects a few words)",
    ]
    assert kannada.system_prompt.endswith("- name: ನೀವು ಯಾರು? (expects a few words)")
    await english.aclose()
    await kannada.aclose()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"expects": "digits"}, "needs english, or kannada"),
        ({"english": "yes?", "expects": "yes_no", "digits": 4}, 'digits: needs expects = "digits"'),
        ({"english": "when?", "expects": "date", "choices": ["today"]}, 'choices: needs expects = "value"'),
    ],
)
def test_questions_that_make_no_sense(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Question.model_validate({"name": "q"} | wrong)
