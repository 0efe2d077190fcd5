"""The NLLB engine on a tiny random M2M100, converted by CTranslate2's own converter, against transformers."""

import asyncio
import shutil
from pathlib import Path

import pytest

from app.config import Settings
from app.engines.base import EngineUnavailable
from app.engines.nllb import load_to_english, load_to_kannada, translator

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch

from tests.checkpoints import m2m100

HELLO = "ನಮಸ್ಕಾರ ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return m2m100.write(tmp_path_factory.mktemp("m2m100") / "checkpoint")


@pytest.fixture(scope="module")
def model(checkpoint: Path) -> Path:
    return m2m100.convert(checkpoint, checkpoint.parent / "model")


def settings(model: Path) -> Settings:
    translation = {"to_english": model, "to_kannada": model, "compute_type": "float32", "beam": 1}
    return Settings.model_validate({"translation": translation})


async def test_both_directions_are_what_transformers_says(checkpoint: Path, model: Path) -> None:
    translation = settings(model).translation
    english = translator("english", model, translation, "translation.to_english")
    kannada = translator("kannada", model, translation, "translation.to_kannada")
    for engine, text, source, target in (
        (english, HELLO, "kn", "en"),
        (kannada, "the power is back", "en", "kn"),
    ):
        translated = await engine.translate(text)
        expected = m2m100.reference(checkpoint, text, source, target, 200)
        assert len(translated) > 3
        assert expected.startswith(translated)
        await engine.aclose()


async def test_shields_and_what_is_in_the_right_language_already(model: Path) -> None:
    english, kannada = load_to_english(settings(model)), load_to_kannada(settings(model))
    await english.warm_up()
    assert await english.translate("bill 500") == "bill 500"
    assert await kannada.translate("ಬಿಲ್ OTP 500") == "ಬಿಲ್ OTP 500"
    results = await asyncio.gather(*(english.translate(f"{HELLO} {n}512") for n in range(1, 9)))
    assert [f"{n}512" in result for n, result in enumerate(results, 1)] == [True] * 8
    assert sum(english.outcomes.values()) == 9
    await english.aclose()
    await kannada.aclose()


def test_a_folder_that_is_no_such_model_is_explained(model: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"translation\.to_english must name an NLLB or M2M100 model"):
        load_to_english(Settings())
    folder = tmp_path / "model"
    shutil.copytree(model, folder)
    (folder / "shared_vocabulary.json").write_text('["__hi__", "__en__"]')
    with pytest.raises(EngineUnavailable, match="no vocabulary with Kannada and English"):
        load_to_kannada(settings(folder))
    (folder / m2m100.PIECES_FILE).unlink()
    with pytest.raises(EngineUnavailable, match=r"spm\.model is missing"):
        load_to_kannada(settings(folder))
