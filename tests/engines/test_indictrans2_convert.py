"""The converter: equal to the reference implementation's golden data, and to a network written independently of it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest

from app.engines.base import EngineUnavailable
from app.engines.indictrans2.convert import convert
from tests.checkpoints import indictrans2 as checkpoints

pytest.importorskip("safetensors")

from tests.engines.indictrans2_reference import Reference

GOLDEN = Path(__file__).parent / "indictrans2_tiny"
"""A random checkpoint, and what the published implementation (transformers 4.46.1, float32) makes of 24 inputs."""
CASES: list[dict[str, Any]] = json.loads((GOLDEN / "golden.json").read_bytes())
SOURCES = [case["source_tokens"] for case in CASES]
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def untied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another random checkpoint, whose output head is not its target embedding."""
    folder = tmp_path_factory.mktemp("checkpoints") / "untied"
    checkpoints.make(folder, deviation=0.2)
    return folder


def converted(source: Path, target: Path, quantization: str | None = None) -> ctranslate2.Translator:
    convert(source, target, quantization)
    return ctranslate2.Translator(str(target), compute_type=quantization or "float32", intra_threads=1)


def test_greedy_and_beam_search_are_the_published_ones(tmp_path: Path) -> None:
    model = converted(GOLDEN, tmp_path / "model")
    greedy = model.translate_batch(SOURCES, beam_size=1, max_decoding_length=40)
    assert [result.hypotheses[0] for result in greedy] == [case["greedy"] for case in CASES]
    beam = model.translate_batch(SOURCES, beam_size=5, max_decoding_length=39)
    assert [result.hypotheses[0] for result in beam] == [case["beam5"] for case in CASES]


def test_log_probabilities_are_the_published_ones(tmp_path: Path) -> None:
    model = converted(GOLDEN, tmp_path / "model")
    scored = model.score_batch(SOURCES, [case["scored_target"] for case in CASES])
    for case, score in zip(CASES, scored, strict=True):
        np.testing.assert_allclose(score.log_probs, case["log_probs"], atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("number", [0, 7, 15, 23])
def test_the_reference_here_is_the_published_network(number: int) -> None:
    case = CASES[number]
    reference = Reference(GOLDEN)
    assert reference.greedy(case["source_tokens"], 40) == case["greedy"]
    log_probabilities = reference.log_probabilities(case["source_tokens"], case["scored_target"])
    np.testing.assert_allclose(log_probabilities, case["log_probs"], atol=TOLERANCE, rtol=0)


def test_an_untied_checkpoint_is_the_reference_here(untied: Path, tmp_path: Path) -> None:
    model, reference = converted(untied, tmp_path / "model"), Reference(untied)
    rng = np.random.default_rng(3)
    words = sorted(json.loads((untied / "dict.SRC.json").read_bytes()).keys() - {*checkpoints.SPECIAL})
    sources = [["kan_Knda", "eng_Latn", *rng.choice(words, length).tolist()] for length in (1, 4, 12, 25)]
    expected = [reference.greedy(source, 20) for source in sources]
    assert len({tuple(tokens) for tokens in expected}) >= 3, "a network that does not look at its input"
    greedy = model.translate_batch(sources, beam_size=1, max_decoding_length=20)
    assert [result.hypotheses[0] for result in greedy] == expected
    for source, target, score in zip(sources, expected, model.score_batch(sources, expected), strict=True):
        difference = np.array(score.log_probs) - reference.log_probabilities(source, target)
        assert np.abs(difference).max() < TOLERANCE


@pytest.mark.parametrize(("quantization", "most"), [("int8", 0.3), ("float16", 0.02), ("int8_float16", 0.3)])
def test_quantised_models_are_smaller_and_near(tmp_path: Path, quantization: str, most: float) -> None:
    convert(GOLDEN, tmp_path / "float32", None)
    convert(GOLDEN, tmp_path / quantization, quantization)
    sizes = [(tmp_path / name / "model.bin").stat().st_size for name in ("float32", quantization)]
    assert sizes[1] < 0.6 * sizes[0]
    model = ctranslate2.Translator(str(tmp_path / quantization), compute_type="float32", intra_threads=1)
    scored = model.score_batch(SOURCES, [case["scored_target"] for case in CASES])
    differences = [
        np.abs(np.array(score.log_probs) - case["log_probs"]).max() for case, score in zip(CASES, scored, strict=True)
    ]
    assert 0 < max(differences) < most


def test_the_folder_has_what_the_engine_reads(tmp_path: Path) -> None:
    convert(GOLDEN, tmp_path / "model", "int8")
    files = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    names = ("model.bin", "config.json", "source_vocabulary.json", "target_vocabulary.json")
    assert files == {f"model/{name}" for name in (*names, "vocab/model.SRC", "vocab/model.TGT")}


def test_a_tied_head_may_be_stored_once(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = copied(tmp_path)
    checkpoints.make(folder, replace(checkpoints.TINY, tied=True))
    convert(folder, tmp_path / "twice", None)
    tensors = load_file(folder / "model.safetensors")
    for name in ("lm_head.weight", "model.decoder.embed_tokens.weight"):
        save_file({key: value for key, value in tensors.items() if key != name}, folder / "model.safetensors")
        convert(folder, tmp_path / name, None)
        assert (tmp_path / name / "model.bin").read_bytes() == (tmp_path / "twice" / "model.bin").read_bytes()


def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "checkpoint"
    shutil.copytree(GOLDEN, folder)
    return folder


def configured(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_bytes()) | changes
        kept = {key: value for key, value in config.items() if value is not None}
        (folder / "config.json").write_text(json.dumps(kept))

    return change


def cut(name: str, size: int) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).write_bytes((folder / name).read_bytes()[:size])

    return change


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "model.SRC").unlink(), r"model\.SRC is missing; the source must name an IndicTrans2"),
        (configured(model_type="m2m_100"), "model_type 'm2m_100', not IndicTrans"),
        (configured(encoder_layers=None), "config.json lacks encoder_layers"),
        (configured(encoder_layers=4), r"lacks model\.encoder\.layers\.3\.self_attn\.q_proj\.weight"),
        (configured(encoder_layers=2), "16 unknown tensors, as model.encoder.layers.2.fc1.bias"),
        (configured(decoder_attention_heads=8), "encoder and decoder differ in attention_heads"),
        (configured(activation_function="mish"), "the activation 'mish' is not known"),
        (configured(encoder_vocab_size=103), r"has the shape \(102, 64\), not \(103, 64\)"),
        (lambda folder: (folder / "dict.SRC.json").write_text('{"<s>": 102}'), r"dict\.SRC\.json is not a list of 102"),
        (lambda folder: (folder / "dict.SRC.json").write_text('{"a": 1, "b": 1}'), "see number 1"),
        (cut("dict.TGT.json", 100), r"dict\.TGT\.json: not valid JSON"),
        (cut("model.safetensors", 50_000), r"model\.safetensors cannot be read"),
    ],
)
def test_what_cannot_be_converted_is_explained(tmp_path: Path, spoil: Callable[[Path], None], message: str) -> None:
    folder = copied(tmp_path)
    spoil(folder)
    with pytest.raises(EngineUnavailable, match=message):
        convert(folder, tmp_path / "model", None)
    assert [entry.name for entry in tmp_path.iterdir()] == ["checkpoint"], "nothing half-made is left"


def test_a_wrong_quantization_and_an_existing_target_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="no quantization 'int4'; there are int8, int8_float16, float16"):
        convert(GOLDEN, tmp_path / "model", "int4")
    (tmp_path / "model").mkdir()
    with pytest.raises(EngineUnavailable, match="exists already; remove it"):
        convert(GOLDEN, tmp_path / "model", None)
