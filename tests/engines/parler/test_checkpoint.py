"""Loading: every layout that is published, and refusals that name the folder and what is wrong with it."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("safetensors")

import torch
from safetensors.torch import load_file, save_file

from app.engines.base import EngineUnavailable
from app.engines.parler.batch import Batch
from app.engines.parler.checkpoint import Checkpoint
from app.engines.parler.requests import Limits
from app.engines.parler.tokens import Tokens
from tests.checkpoints import parler
from tests.engines.parler.jobs import LIMITS, codes_of, job, make_batch, play


def spoken(folder: Path) -> torch.Tensor:
    request = job(1).request()
    return codes_of(play(make_batch(folder), [request])[request])


def change_config(**changes: Any) -> Callable[[Path], None]:
    """Changes by dotted names: decoder__rope_embeddings is decoder.rope_embeddings."""

    def change(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        for name, value in changes.items():
            *path, last = name.split("__")
            table = config
            for part in path:
                table = table[part]
            table[last] = value
        (folder / "config.json").write_text(json.dumps(config))

    return change


def change_tensors(change: Callable[[dict[str, torch.Tensor]], object]) -> Callable[[Path], None]:
    def rewrite(folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        change(tensors)
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})

    return rewrite


def index(weight_map: object) -> Callable[[Path], object]:
    return lambda folder: (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))


FC1 = "decoder.model.decoder.layers.1.fc1.weight"
DAMAGES: list[tuple[Callable[[Path], object], str]] = [
    (lambda folder: (folder / "config.json").unlink(), "config.json is missing"),
    (lambda folder: (folder / "config.json").write_text("{"), "is no JSON"),
    (lambda folder: (folder / "config.json").write_text("[]"), "is no table"),
    (lambda folder: (folder / "config.json").write_text("{}"), "not Parler-TTS's"),
    (change_config(decoder__hidden_size=33), "do not fit together"),
    (change_config(decoder__rope_embeddings=True), "rope_embeddings"),
    (change_config(prompt_cross_attention=True), "prompt_cross_attention"),
    (change_config(decoder__num_key_value_heads=2), "grouped keys"),
    (change_config(decoder__activation_function="relu"), "activation"),
    (change_config(audio_encoder__model_type="encodec"), "codec"),
    (change_config(decoder__pad_token_id=1026), "padding"),
    (change_tensors(lambda tensors: tensors.pop(FC1)), f"{FC1} is missing"),
    (change_tensors(lambda tensors: tensors.update({FC1: torch.zeros(3, 32)})), "is \\[3, 32\\]"),
    (change_tensors(lambda tensors: tensors.update({"decoder.extra.weight": torch.zeros(3)})), "decoder.extra.weight"),
    (change_tensors(lambda tensors: tensors.pop("text_encoder.shared.weight")), "text_encoder: missing"),
    (change_tensors(lambda tensors: tensors.update({"audio_encoder.x": torch.zeros(3)})), "audio_encoder: .*unknown"),
    (change_config(audio_encoder__hidden_size=16), "audio_encoder have other shapes"),
    (lambda folder: (folder / "model.safetensors").write_bytes(b"{}"), "cannot be read"),
    (lambda folder: (folder / "model.safetensors").unlink(), "model.safetensors is missing"),
    (index({FC1: "model-00001-of-00002.safetensors"}), "model-00001-of-00002.safetensors is missing"),
    (index({FC1: "../model.safetensors"}), "outside the folder"),
    (index({}), "lists no tensors"),
]


@pytest.mark.parametrize(("damage", "complaint"), DAMAGES, ids=[complaint for _, complaint in DAMAGES])
def test_a_bad_checkpoint_is_refused(
    tiny: Path, tmp_path: Path, damage: Callable[[Path], object], complaint: str
) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(tiny, folder)
    damage(folder)
    with pytest.raises(EngineUnavailable, match=complaint) as refused:
        make_batch(folder)
    assert str(folder) in str(refused.value)
    assert "tts.model" in str(refused.value)


def test_clauses_longer_than_the_checkpoint_s_positions_are_refused(tiny: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"4096 positions.*lower tts.most_seconds"):
        make_batch(tiny, Limits(slots=1, frames=4000))


@pytest.mark.parametrize("name", ["tokenizer.json", "description_tokenizer/tokenizer.json"])
def test_a_missing_or_bad_tokenizer_is_named(tiny: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(tiny, folder)
    (folder / name).write_text("{}")
    with pytest.raises(EngineUnavailable, match=f"{name}: no tokenizer"):
        Tokens(folder)
    (folder / name).unlink()
    with pytest.raises(EngineUnavailable, match=f"{name} is missing"):
        Tokens(folder)


def test_the_layout_does_not_matter(tiny: Path, tmp_path: Path) -> None:
    wanted = spoken(tiny)
    shards = parler.write(tmp_path / "shards", shard_bytes=2**20)
    assert len(list(shards.glob("model-*.safetensors"))) > 3
    assert torch.equal(spoken(shards), wanted)

    one_head = parler.write(tmp_path / "one-head")
    change_tensors(fuse_heads)(one_head)
    assert torch.equal(spoken(one_head), wanted)

    other_name = parler.write(tmp_path / "other-name")
    change_tensors(rename_shared)(other_name)
    assert torch.equal(spoken(other_name), wanted)


def fuse_heads(tensors: dict[str, torch.Tensor]) -> None:
    tensors["decoder.lm_heads.weight"] = torch.cat([tensors.pop(f"decoder.lm_heads.{k}.weight") for k in range(9)])


def rename_shared(tensors: dict[str, torch.Tensor]) -> None:
    tensors["text_encoder.encoder.embed_tokens.weight"] = tensors.pop("text_encoder.shared.weight")


def test_half_precision_speaks(tmp_path: Path) -> None:
    folder = parler.write(tmp_path / "half", dtype=torch.bfloat16)
    batch = Batch(Checkpoint(folder), LIMITS, torch.device("cpu"), torch.bfloat16)
    request = job(1).request()
    chunks = play(batch, [request])[request]
    assert sum(len(chunk.audio) for chunk in chunks) == 30 * 512
    assert all(bool(chunk.audio.isfinite().all()) for chunk in chunks)


def test_the_real_size_is_the_published_one() -> None:
    assert sum(map(math.prod, parler.shapes(parler.REAL).values())) == 937_803_241
