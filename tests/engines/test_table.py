"""The table: every name resolves, a wrong one is explained, and a set of engines lives and dies together."""

import importlib
import threading

import pytest

from app.config import ConfigError, Settings
from app.engines import table
from app.engines.base import EngineFailed, EngineUnavailable
from app.engines.scripted import ScriptedAgent, ScriptedStt, ScriptedTranslator, ScriptedTts, ScriptedVad
from app.engines.table import TABLE, Engines, load_engines, uses_demo_models
from app.models import demo_pack

HERE = "tests.engines.test_table"
OWN = {
    "stt": {"engine": f"{HERE}:load_stt"},
    "translation": {"engine": f"{HERE}:load"},
    "tts": {"engine": f"{HERE}:load_tts"},
    "vad": {"engine": f"{HERE}:load_vad"},
    "agent": {"engine": f"{HERE}:load_agent"},
}


def load_stt(settings: Settings) -> ScriptedStt:
    return ScriptedStt()


def load_to_english(settings: Settings) -> ScriptedTranslator:
    return ScriptedTranslator(sentences={"ಹೌದು": "yes"})


def load_to_kannada(settings: Settings) -> ScriptedTranslator:
    return ScriptedTranslator(sentences={"yes": "ಹೌದು"})


def load_tts(settings: Settings) -> ScriptedTts:
    return ScriptedTts()


def load_vad(settings: Settings) -> ScriptedVad:
    return ScriptedVad(error=EngineFailed("no ears"))


def load_agent(settings: Settings) -> ScriptedAgent:
    return ScriptedAgent()


def changed(**sections: object) -> Settings:
    return Settings.model_validate({**OWN, **sections})


@pytest.fixture
def scripted() -> Engines:
    return load_engines(changed())


@pytest.mark.parametrize("where", sorted({where for names in TABLE.values() for where in names.values()}))
def test_every_row_names_a_factory(where: str) -> None:
    module, _, function = where.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


async def test_own_engines_are_loaded_by_module_and_function(scripted: Engines) -> None:
    assert await scripted.to_english.translate("ಹೌದು") == "yes"
    assert await scripted.to_kannada.translate("yes") == "ಹೌದು"
    await scripted.warm_up()
    await scripted.aclose()
    assert all(engine.closed for engine in scripted.all)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("section", "name", "message"),
    [
        ("stt", "wisper", r"stt\.engine: no engine .wisper.; there are whisper, indicconformer, or your own as pack"),
        ("vad", "silero2", r"vad\.engine: no engine 'silero2'; there are webrtc, silero"),
        ("tts", "no_such_module:load", r"tts\.engine: no_such_module:load cannot be imported"),
        ("agent", f"{HERE}:nothing", r"agent\.engine: .*nothing cannot be imported"),
        ("translation", "app.engines.espeak:load", r"translation\.engine: app\.engines\.espeak:load_to_english cannot"),
    ],
)
def test_a_wrong_name_is_explained(section: str, name: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_engines(changed(**{section: {"engine": name}}))


def test_an_engine_that_cannot_be_loaded_says_which_setting_chose_it() -> None:
    with pytest.raises(EngineUnavailable, match=r"stt\.engine = 'whisper': /nowhere: no such folder; stt\.model"):
        load_engines(changed(stt={"engine": "whisper", "model": "/nowhere"}))


async def test_warm_up_tells_the_first_failure_after_all_have_tried(scripted: Engines) -> None:
    class Broken(ScriptedStt):
        async def warm_up(self) -> None:
            raise EngineFailed("cold")

    broken = table.Engines(Broken(), *scripted.all[1:])  # type: ignore[arg-type]
    with pytest.raises(EngineFailed, match="cold"):
        await broken.warm_up()
    assert scripted.tts.warmed_up  # type: ignore[attr-defined]


async def test_the_default_engines_load_warm_up_and_leave_no_thread() -> None:
    engines = load_engines(changed(**{name: {} for name in ("stt", "translation", "tts", "vad")}))
    before = {thread.name for thread in threading.enumerate()}
    await engines.warm_up()
    await engines.aclose()
    left = {thread.name for thread in threading.enumerate()} - before
    assert not [name for name in left if not name.startswith("asyncio_")]


def test_demo_models_are_known_wherever_they_lie() -> None:
    assert uses_demo_models(Settings())
    assert not uses_demo_models(changed())
    pack = demo_pack()
    mine = {"engine": "ctranslate2", "to_english": "/mine/kn_en", "to_kannada": "/mine/en_kn"}
    assert not uses_demo_models(changed(translation=mine))
    assert uses_demo_models(changed(translation={**mine, "to_english": str(pack / "kn_en")}))
    assert uses_demo_models(changed(translation={**mine, "to_kannada": None}))
    assert uses_demo_models(changed(stt={"engine": "whisper", "model": str(pack / "stt")}))
