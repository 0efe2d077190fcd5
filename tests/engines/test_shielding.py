"""Translators behind shields: which of the four things happened, and that values are there in each."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from app.config import TranslationSettings
from app.engines.base import EngineFailed, EngineUnavailable
from app.engines.shielding import Outcome, ShieldedTranslator, shielded_to_english, shielded_to_kannada
from app.kannada.names import Names
from app.kannada.shields import occurrences

TEXT = "Geetha pays 1,250 rupees by 15/08/2026."


class Inner:
    """Does `deed` to the text it is given."""

    def __init__(self, deed: Callable[[str], str]) -> None:
        self.deed = deed
        self.heard: list[tuple[str, bool]] = []
        self.state = ""

    async def translate(self, text: str, *, urgent: bool = False) -> str:
        self.heard.append((text, urgent))
        return self.deed(text)

    async def warm_up(self) -> None:
        self.state = "warm"

    async def aclose(self) -> None:
        self.state = "closed"


@pytest.mark.parametrize(
    ("deed", "outcome", "translation"),
    [
        (str.upper, "kept", "ಗೀತಾ PAYS 1,250 RUPEES BY 15/08/2026."),
        (lambda text: text.replace("<ID2>", "many"), "repaired", "ಗೀತಾ 1,250 pays many rupees by 15/08/2026."),
        (lambda text: text.replace("<ID2>", "<ID2> <ID2>"), "repaired", "ಗೀತಾ pays 1,250 rupees by 15/08/2026."),
        (lambda text: "..." if "<" in text else f"ಗೀತಾ {text[7:]}", "retried", "ಗೀತಾ pays 1,250 rupees by 15/08/2026."),
        (lambda text: "", "repaired", "ಗೀತಾ 1,250 15/08/2026"),
    ],
)
async def test_what_happened_is_counted(deed: Callable[[str], str], outcome: Outcome, translation: str) -> None:
    translator = ShieldedTranslator(Inner(deed), "kannada", Names({"Geetha": "ಗೀತಾ"}))
    assert await translator.translate(TEXT) == translation
    assert translator.outcomes == {outcome: 1}


async def test_what_a_caller_says_in_words_has_a_shield_too() -> None:
    inner = Inner(lambda text: text)
    translator = ShieldedTranslator(inner, "english", Names())
    assert await translator.translate("ನನ್ನ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು") == "ನನ್ನ ಸಂಖ್ಯೆ 4521"
    assert inner.heard == [("ನನ್ನ ಸಂಖ್ಯೆ <ID1>", False)]


async def test_the_inner_translator_sees_no_value_unless_it_lost_one() -> None:
    inner = Inner(lambda text: text.replace("<ID1>", ""))
    translator = ShieldedTranslator(inner, "english", Names())
    await translator.translate("ಸಂಖ್ಯೆ 4521", urgent=True)
    assert inner.heard == [("ಸಂಖ್ಯೆ <ID1>", True), ("ಸಂಖ್ಯೆ 4521", True)]
    assert await translator.translate("ಹೌದು") == "ಹೌದು"
    assert translator.outcomes == {"retried": 1, "plain": 1}


async def test_no_word_of_a_caller_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await ShieldedTranslator(Inner(lambda text: "lost"), "english", Names()).translate("ಸಂಖ್ಯೆ 4521")
    assert [record.getMessage() for record in caplog.records] == [
        "translation into english lost a shielded value: repaired"
    ]


@pytest.mark.parametrize("text", ["ಕ" * 100_000, "1 " * 50_000])
async def test_a_text_that_nobody_said_is_refused_at_once(text: str) -> None:
    inner = Inner(str)
    with pytest.raises(EngineFailed, match="100000 characters"):
        await ShieldedTranslator(inner, "english", Names({"ಕಕ": "x"})).translate(text)
    assert inner.heard == []


async def test_it_lives_and_dies_with_its_inner_translator() -> None:
    inner = Inner(str)
    translator = ShieldedTranslator(inner, "english", Names())
    await translator.warm_up()
    assert inner.state == "warm"
    await translator.aclose()
    assert inner.state == "closed"


async def test_a_failure_is_the_inner_translators() -> None:
    def fail(text: str) -> str:
        raise EngineFailed("broken")

    with pytest.raises(EngineFailed, match="broken"):
        await ShieldedTranslator(Inner(fail), "english", Names()).translate("1")


@given(st.lists(st.sampled_from(["<ID1>", "< ID 2 >", "<ID2>", "", "<ID3>", "ID1", "ಬಿಲ್"]), max_size=6))
async def test_values_come_through_whatever_is_translated(answer: list[str]) -> None:
    translator = ShieldedTranslator(Inner(lambda text: " ".join(answer)), "kannada", Names())
    translation = await translator.translate("from 10:30 to 11:45")
    assert [occurrences(translation, value) for value in ("10:30", "11:45")] == [1, 1]
    assert "<" not in translation


async def test_the_lexicon_of_the_settings_is_used_in_both_directions(tmp_path: Path) -> None:
    file = tmp_path / "names.tsv"
    file.write_text("ಗೀತಾ\tGeetha\n")
    settings = TranslationSettings(lexicon=file)
    assert await shielded_to_english(Inner(str.upper), settings).translate("ಗೀತಾ, x") == "Geetha, X"
    assert await shielded_to_kannada(Inner(str.upper), settings).translate("GEETHA, x") == "ಗೀತಾ, X"
    file.write_text("ಗೀತಾ\n")
    with pytest.raises(EngineUnavailable, match=r"translation\.lexicon: .*names\.tsv:1: a line must be"):
        shielded_to_english(Inner(str), settings)
