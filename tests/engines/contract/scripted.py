"""The scripted engines under names of their own: "tests.engines.contract.scripted:load_..."."""

import itertools

from app.config import Settings
from app.engines.scripted import ScriptedStt, ScriptedTranslator, ScriptedTts, ScriptedVad
from tests.engines.contract.rows import MY_NAME, MY_NAME_IN_ENGLISH, WAIT, WAIT_IN_KANNADA


def load_stt(settings: Settings) -> ScriptedStt:
    return ScriptedStt(texts=itertools.repeat(MY_NAME))


def load_to_english(settings: Settings) -> ScriptedTranslator:
    return ScriptedTranslator(sentences={MY_NAME: MY_NAME_IN_ENGLISH})


def load_to_kannada(settings: Settings) -> ScriptedTranslator:
    return ScriptedTranslator(sentences={WAIT: WAIT_IN_KANNADA})


def load_tts(settings: Settings) -> ScriptedTts:
    return ScriptedTts(speed=1000)


def load_vad(settings: Settings) -> ScriptedVad:
    return ScriptedVad()
