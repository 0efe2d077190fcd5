"""The IndicTrans2 engine on random checkpoints: what reaches the model, what comes back, and where models lie."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.config import Settings, TranslationSettings
from app.engines.base import EngineUnavailable, Translator
from app.engines.indictrans2.convert import convert
from app.engines.indictrans2.engine import IndicTrans2Text, load_to_english, load_to_kannada, translator
from app.engines.indictrans2.text import TO_ENGLISH, TO_KANNADA, to_kannada as in_kannada
from app.engines.shielding import ShieldedTranslator
from tests.checkpoints import indictrans2 as checkpoints

pytest.importorskip("safetensors")

GOLDEN = Path(__file__).parent / "indictrans2_tiny"
HELLO = "ನಮಸ್ಕಾರ, ನನ್ನ ಬಿಲ್ ಎಷ್ಟು?"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both directions, converted, beside their checkpoints."""
    folder = tmp_path_factory.mktemp("indictrans2")
    for name, sizes in (("en", checkpoints.TINY), ("kn", checkpoints.TINY_TO_KANNADA)):
        checkpoints.make(folder / f"{name}-checkpoint", sizes, deviation=0.2)
        convert(folder / f"{name}-checkpoint", folder / name, None)
    return folder


def settings(models: Path, **changes: object) -> Settings:
    """Greedy: random models do not end, and beams cut off at different lengths differ."""
    translation = {
        "to_english": models / "en",
        "to_kannada": models / "kn",
        "compute_type": "float32",
        "beam": 1,
        **changes,
    }
    return Settings.model_validate({"translation": translation})


@pytest.fixture
async def to_english(models: Path) -> AsyncIterator[ShieldedTranslator]:
    engine = load_to_english(settings(models))
    yield engine
    await engine.aclose()


@pytest.fixture
async def to_kannada(models: Path) -> AsyncIterator[ShieldedTranslator]:
    engine = load_to_kannada(settings(models))
    yield engine
    await engine.aclose()


def test_the_model_gets_the_tokens_of_the_published_tokenizer() -> None:
    text = IndicTrans2Text(TO_ENGLISH, GOLDEN / "model.SRC", "translation.to_english")
    for case in json.loads((GOLDEN / "golden.json").read_bytes()):
        assert text.encode(in_kannada(case["text_devanagari"])).parts == [case["source_tokens"]]


async def test_both_directions_translate(to_english: Translator, to_kannada: Translator) -> None:
    await to_english.warm_up()
    await to_kannada.warm_up()
    english = await to_english.translate(HELLO, urgent=True)
    assert english.isascii()
    assert english.strip()
    kannada = await to_kannada.translate("Hello, how can I help you? The power is back.")
    assert any("\u0c80" <= char <= "\u0cff" for char in kannada)
    assert not any("\u0900" <= char <= "\u0963" for char in kannada)
    assert "▁" not in english + kannada


async def test_calls_at_the_same_time_get_what_each_would_alone(to_english: Translator) -> None:
    texts = [HELLO, "ಹೌದು", "ಕರೆಂಟ್ ಇಲ್ಲ. ಯಾವಾಗ ಬರುತ್ತದೆ?", "", "ನನ್ನ ಹೆಸರು ಗೀತಾ"]
    alone = [await to_english.translate(text) for text in texts]
    assert len(set(alone)) == len(texts)
    jobs = [to_english.translate(text, urgent=text == "ಹೌದು") for text in texts * 6]
    assert await asyncio.gather(*jobs) == alone * 6


async def test_what_is_in_the_right_language_already_stays(to_english: Translator, to_kannada: Translator) -> None:
    assert await to_english.translate("my bill is 500. ok") == "my bill is 500. ok"
    assert await to_english.translate("1912") == "1912"
    assert await to_kannada.translate("ನಿಮ್ಮ OTP ೧೨೩೪.") == "ನಿಮ್ಮ OTP 1234."
    assert await to_kannada.translate("1912!") == "1912!"


async def test_numbers_come_through_a_model_that_knows_nothing(to_english: ShieldedTranslator) -> None:
    english = await to_english.translate("ನನ್ನ ಸಂಖ್ಯೆ ೪೫೨೧, ಬಿಲ್ ₹1,250")
    assert english.count("4521") == 1
    assert english.count("1,250 rupees") == 1
    assert "<" not in english
    assert to_english.outcomes["plain"] == 0


async def test_a_cancelled_translation_harms_nobody(to_english: Translator) -> None:
    task = asyncio.create_task(to_english.translate(HELLO))
    other = asyncio.create_task(to_english.translate("ಹೌದು"))
    await asyncio.sleep(0)
    task.cancel()
    assert await other == await to_english.translate("ಹೌದು")
    assert task.cancelled()


async def test_a_long_sentence_is_translated_in_parts(to_english: Translator, models: Path) -> None:
    text = IndicTrans2Text(TO_ENGLISH, models / "en" / "vocab" / "model.SRC", "translation.to_english")
    parts = text.encode("ನನ್ನ ಮನೆಯಲ್ಲಿ ಕರೆಂಟ್ ಇಲ್ಲ " * 40).parts
    assert len(parts) > 3
    assert all(part[:2] == ["kan_Knda", "eng_Latn"] and len(part) <= 122 for part in parts)
    assert all(part[2].startswith("▁") for part in parts)
    assert await to_english.translate("ನನ್ನ ಮನೆಯಲ್ಲಿ ಕರೆಂಟ್ ಇಲ್ಲ " * 40)


@pytest.mark.parametrize("vocab", ["ct2_int8_model", "."])
async def test_the_official_releases_folders_are_read(models: Path, tmp_path: Path, vocab: str) -> None:
    for name in ("ct2_int8_model", "ct2_fp16_model"):
        shutil.copytree(models / "en", tmp_path / name, ignore=shutil.ignore_patterns("vocab"))
    shutil.copytree(models / "en" / "vocab", tmp_path / vocab / "vocab")
    (tmp_path / "fairseq_model").mkdir()
    (tmp_path / "ct2_fp16_model" / "model.bin").write_bytes(b"not looked at")
    engine = translator(TO_ENGLISH, tmp_path, settings(models).translation, "translation.to_english")
    expected = translator(TO_ENGLISH, models / "en", settings(models).translation, "translation.to_english")
    assert await engine.translate(HELLO) == await expected.translate(HELLO)
    await engine.aclose()
    await expected.aclose()
    half = TranslationSettings(compute_type="int8_float16")
    with pytest.raises(EngineUnavailable, match=r"ct2_fp16_model: (not a usable|vocab)"):
        translator(TO_ENGLISH, tmp_path, half, "translation.to_english")


def test_a_model_that_is_not_there_is_explained(models: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"translation\.to_english must name an IndicTrans2 model"):
        load_to_english(settings(models, to_english=None))
    with pytest.raises(EngineUnavailable, match=r"no such folder; translation\.to_kannada must name"):
        load_to_kannada(settings(models, to_kannada=tmp_path / "nowhere"))
    with pytest.raises(EngineUnavailable, match="not converted to CTranslate2; convert it with `kva models convert`"):
        load_to_english(settings(models, to_english=models / "en-checkpoint"))
    shutil.copytree(models / "en", tmp_path / "en", ignore=shutil.ignore_patterns("vocab"))
    with pytest.raises(EngineUnavailable, match=r"vocab/model\.SRC is missing"):
        load_to_english(settings(models, to_english=tmp_path / "en"))


def test_a_model_of_the_other_direction_is_noticed(models: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"the other way; translation\.to_english must name"):
        load_to_english(settings(models, to_english=models / "kn"))
    with pytest.raises(EngineUnavailable, match=r"the other way; translation\.to_kannada must name"):
        load_to_kannada(settings(models, to_kannada=models / "en"))


def test_tags_name_the_languages() -> None:
    assert (TO_ENGLISH.tags, TO_KANNADA.tags) == (("kan_Knda", "eng_Latn"), ("eng_Latn", "kan_Knda"))
