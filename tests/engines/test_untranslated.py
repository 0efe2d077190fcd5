"""An agent that speaks Kannada itself: nothing is translated, and its history is Kannada."""

import pytest

from app.call.events import Reply, Speech, Understood
from app.config import ConfigError, PromptSettings, Settings
from app.engines.scripted import ScriptedAgent, ScriptedTts
from app.engines.untranslated import Untranslated, load_to_english, load_to_kannada
from app.prompts import encoded, render
from app.reply import Pipeline, Result, Task, reply

ANSWER = "ನಿಮ್ಮ ಬಿಲ್ ರೂ. 500 ಇದೆ।ಸೋಮವಾರದೊಳಗೆ ಕಟ್ಟಿ. ಧನ್ಯವಾದ!"
SENTENCES = ["ನಿಮ್ಮ ಬಿಲ್ ರೂ. 500 ಇದೆ।", "ಸೋಮವಾರದೊಳಗೆ ಕಟ್ಟಿ.", "ಧನ್ಯವಾದ!"]


async def now() -> None:
    pass


async def test_a_reply_is_kannada_from_end_to_end() -> None:
    pipeline = Pipeline(
        Untranslated(), ScriptedAgent(tokens=list(ANSWER)), Untranslated(), ScriptedTts(speed=1000), "mulaw"
    )
    results: list[Result] = []
    asked = Reply(1, 0, "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು?", ())
    await reply(pipeline, Task(asked, "CA1", "", results.append, now, now))
    assert [result.english for result in results if isinstance(result, Understood)] == ["ನನ್ನ ಬಿಲ್ ಎಷ್ಟು?"]
    spoken = [(result.kannada, result.english) for result in results if isinstance(result, Speech) and result.kannada]
    assert spoken == [(sentence, sentence) for sentence in SENTENCES]


async def test_prompts_are_remembered_in_kannada() -> None:
    prompts = encoded(await render(PromptSettings(), ScriptedTts(speed=1000), untranslated=True), "mulaw")
    assert {prompt.kannada == prompt.english for prompt in prompts.values()} == {True}
    assert prompts["greeting"].kannada == PromptSettings().greeting.kannada


def test_the_flow_agent_needs_english() -> None:
    with pytest.raises(ConfigError, match="the flow agent understands English only"):
        load_to_english(Settings())
    settings = Settings.model_validate({"agent": {"engine": "openai"}})
    assert isinstance(load_to_english(settings), Untranslated)
    assert isinstance(load_to_kannada(settings), Untranslated)
