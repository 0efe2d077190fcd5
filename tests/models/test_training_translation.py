"""The translators' training in miniature: the real steps from pairs to a model that the engine loads."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.config import TranslationSettings
from app.engines.translation import Ctranslate2Translator

pytest.importorskip("torch")
pytest.importorskip("transformers", minversion="5")
pytest.importorskip("ctranslate2")

from app.models.training import translation
from app.models.training.corpus import Split
from app.models.training.grammar import Pair
from app.models.training.names import english_names
from app.models.training.slot_exact import slot_exact
from app.models.training.translation_data import WAYS, Way, batches, learn_pieces, load_pieces
from app.models.training.translation_export import export
from app.models.training.translation_model import Recipe

PAIRS = (
    Pair("ನಮಸ್ಕಾರ", "hello", "hello.1"),
    Pair("ನನ್ನ ಹೆಸರು ರಮೇಶ್", "my name is Ramesh", "name.1"),
    Pair("ನನ್ನ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು", "my number is 45", "number.1"),
    Pair("ಕರೆಂಟ್ ಇಲ್ಲ", "there is no power", "power.1"),
)
TINY = Recipe(
    pieces=70,
    width=48,
    layers=1,
    dropout=0.0,
    peak_rate=4e-3,
    warm_up_steps=20,
    batch_pieces=120,
    chunk_pairs=64,
    probe_every_steps=1000,
    probe_pairs=2,
)


def _any(rng: random.Random, split: Split = "train") -> Pair:
    return rng.choice(PAIRS)


SMALL = Way("kn_en", _any, _any)


@pytest.fixture(autouse=True)
def few_pairs_for_the_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.models.training.translation_data._VOCABULARY_PAIRS", 40)


@pytest.mark.filterwarnings("ignore")
async def test_a_tiny_training_learns_its_pairs_and_the_engine_speaks_them(tmp_path: Path) -> None:
    translation.train(SMALL, tmp_path / "work", steps=500, seed=1, recipe=TINY)
    export(tmp_path / "work", tmp_path / "pack" / "kn_en", plan=TINY)
    translator = Ctranslate2Translator(tmp_path / "pack" / "kn_en", TranslationSettings(), "translation.to_english")
    try:
        said = [await translator.translate(pair.kannada) for pair in PAIRS]
    finally:
        await translator.aclose()
    assert said == [pair.english for pair in PAIRS]
    assert json.loads((tmp_path / "work" / "component.json").read_text())["names"] == english_names()
    assert json.loads((tmp_path / "work" / "record.json").read_text())["steps"] == 500


@pytest.mark.filterwarnings("ignore")
def test_an_interrupted_training_goes_on_to_the_same_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = replace(TINY, dropout=0.1)
    monkeypatch.setattr(translation, "_SAVE_EVERY_S", 0.0)
    translation.train(SMALL, tmp_path / "whole", steps=12, seed=1, recipe=recipe)
    one_step, taken = translation._step, iter(range(7))

    def interrupted(*args: Any) -> float:
        if next(taken, None) is None:
            raise KeyboardInterrupt
        return one_step(*args)

    with monkeypatch.context() as broken:
        broken.setattr(translation, "_step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            translation.train(SMALL, tmp_path / "broken", steps=12, seed=1, recipe=recipe)
    translation.train(SMALL, tmp_path / "broken", steps=12, seed=1, recipe=recipe)
    records = [json.loads((tmp_path / name / "record.json").read_text()) for name in ("whole", "broken")]
    assert records[0]["loss"] == records[1]["loss"]
    assert records[0]["pairs"] == records[1]["pairs"]


def test_pairs_depend_on_seed_and_place_alone() -> None:
    for way in WAYS.values():
        assert way.train_pair(1, 5) == way.train_pair(1, 5)
        assert [way.train_pair(1, n) for n in range(20)] != [way.train_pair(2, n) for n in range(20)]


def test_batches_hold_every_pair_once_within_their_room(tmp_path: Path) -> None:
    learn_pieces(SMALL, tmp_path / "pieces.model", size=70, seed=1)
    pieces = load_pieces(tmp_path / "pieces.model")
    made = batches(SMALL, pieces, seed=1, chunk=0, chunk_pairs=64, batch_pieces=120)
    assert sum(map(len, made)) == 64
    for batch in made:
        widths = max(len(source) for source, _ in batch) + max(len(target) for _, target in batch)
        assert widths * len(batch) <= 120
    assert made == batches(SMALL, pieces, seed=1, chunk=0, chunk_pairs=64, batch_pieces=120)


def test_numbers_are_cut_into_digits(tmp_path: Path) -> None:
    learn_pieces(SMALL, tmp_path / "pieces.model", size=70, seed=1)
    cut = load_pieces(tmp_path / "pieces.model").encode("45", out_type=str)
    assert cut[-2:] == ["4", "5"]


@pytest.mark.parametrize("name", WAYS)
def test_a_reference_counts_as_right_in_every_probe(name: str) -> None:
    way = WAYS[name]
    splits: tuple[Split, ...] = ("sentences", "frames")
    for split in splits:
        pairs = way.probe_pairs(split, 100)
        assert len(pairs) == 100
        assert all(slot_exact(pair, way.target(pair), way.name) for pair in pairs)
