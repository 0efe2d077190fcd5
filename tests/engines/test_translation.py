"""Translation on the demo pack, and the text preparation it needs."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from app.config import TranslationSettings
from app.engines.base import EngineUnavailable
from app.engines.sentences import Sentence, as_it_is, lower_no_punctuation, split_sentences
from app.engines.translation import Ctranslate2Translator
from app.models import demo_pack

NAMES = {"january": "January", "mandya": "Mandya"}


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        (" . ?\n", []),
        ("hello. how can i help you?", ["hello.", "how can i help you?"]),
        ("pay 12.50 now", ["pay 12.50 now"]),
        ("pay Rs. 500 today. thank you", ["pay Rs. 500 today.", "thank you"]),
        ("Come at 5 p.m. to K.R. Puram. Bye.", ["Come at 5 p.m. to K.R. Puram.", "Bye."]),
        ("ಮನೆ ನಂ. 5. ಕಿ.ಮೀ. 2", ["ಮನೆ ನಂ. 5.", "ಕಿ.ಮೀ. 2"]),
        ("ನಮಸ್ಕಾರ। ನನ್ನ ಬಿಲ್ ಎಷ್ಟು?\nಸರಿ", ["ನಮಸ್ಕಾರ।", "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು?", "ಸರಿ"]),
    ],
)
def test_sentences_end_at_marks_and_new_lines(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@given(st.text())
def test_splitting_loses_no_word(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()).strip(".?!।॥") in "".join(text.split())


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Your bill for january is 1,472 rupees.", Sentence("your bill for January is 1472 rupees", ".")),
        ("MANDYA - is it right?", Sentence("Mandya is it right", "?")),
        ("I don't know!", Sentence("i dont know", "!")),
        ("ಲೈನ್‌ಮನ್ ಬರುತ್ತಾರೆ।", Sentence("ಲೈನ್‌ಮನ್ ಬರುತ್ತಾರೆ", ".")),
        ("...", Sentence("", ".")),
    ],
)
def test_the_demo_models_get_lower_case_words_without_marks(text: str, plain: Sentence) -> None:
    assert lower_no_punctuation(text, NAMES) == plain


def test_other_models_get_the_text_as_it_is() -> None:
    assert as_it_is("Hello, Mandya!", NAMES) == Sentence("Hello, Mandya!")


@pytest.mark.parametrize(
    ("kannada", "facts"),
    [
        ("ನನ್ನ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು", ["customer number", "4521"]),
        ("ನಮಸ್ಕಾರ। ಮಂಡ್ಯ ನಲ್ಲಿ ನಿನ್ನೆಯಿಂದ ಕರೆಂಟ್ ಇಲ್ಲ.", ["hello.", "no power in Mandya", "since yesterday"]),
    ],
)
async def test_kannada_to_english(to_english: Ctranslate2Translator, kannada: str, facts: list[str]) -> None:
    english = await to_english.translate(kannada)
    assert [fact for fact in facts if fact not in english] == []


async def test_english_to_kannada_whatever_the_case_and_marks(to_kannada: Ctranslate2Translator) -> None:
    kannada = await to_kannada.translate("Hello! How can I help you? Your bill for january is 1,472 rupees.")
    greeting, rest = kannada.split("!")
    question, bill = rest.split("?")
    assert "ನಮಸ್ಕಾರ" in greeting
    assert "ಸಹಾಯ" in question
    assert "ಜನವರಿ" in bill
    assert "ಒಂದು ಸಾವಿರದ ನಾನೂರ ಎಪ್ಪತ್ತೆರಡು ರೂಪಾಯಿ." in bill


async def test_a_batch_translates_as_each_alone(to_english: Ctranslate2Translator) -> None:
    texts = ["ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", "ನನ್ನ ಹೆಸರು ಗೀತಾ", "ಕರೆಂಟ್ ಯಾವಾಗ ಬರುತ್ತದೆ", "ಹೌದು"] * 8
    alone = [await to_english.translate(text) for text in texts[:4]]
    assert await asyncio.gather(*(to_english.translate(text) for text in texts)) == alone * 8


def test_a_missing_file_is_named_with_its_setting(tmp_path: Path) -> None:
    shutil.copytree(demo_pack() / "kn_en", tmp_path / "kn_en")
    (tmp_path / "kn_en" / "source.spm").unlink()
    with pytest.raises(EngineUnavailable, match=r"source\.spm is missing; translation\.to_english must name"):
        Ctranslate2Translator(tmp_path / "kn_en", TranslationSettings(), "translation.to_english")


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("model.bin", "CTranslate2 translation"),
        ("config.json", "CTranslate2 translation"),
        ("source.spm", "sentencepiece"),
    ],
)
def test_a_broken_file_is_not_a_model(tmp_path: Path, file: str, kind: str) -> None:
    shutil.copytree(demo_pack() / "kn_en", tmp_path / "kn_en")
    (tmp_path / "kn_en" / file).write_bytes(b"not a model")
    with pytest.raises(EngineUnavailable, match=f"not a usable {kind} model"):
        Ctranslate2Translator(tmp_path / "kn_en", TranslationSettings(), "translation.to_english")


def test_a_normalisation_nobody_knows_is_refused(tmp_path: Path) -> None:
    shutil.copytree(demo_pack(), tmp_path / "pack")
    manifest = json.loads((tmp_path / "pack" / "manifest.json").read_bytes())
    manifest["components"]["kn_en"]["normalise"] = "rot13"
    (tmp_path / "pack" / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(EngineUnavailable, match="unknown normalisation 'rot13'"):
        Ctranslate2Translator(tmp_path / "pack" / "kn_en", TranslationSettings(), "translation.to_english")
