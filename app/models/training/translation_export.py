"""A trained translator as the engine loads it: CTranslate2 int8 with its sentencepiece files."""

import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import torch

from app.engines.need import need_module
from app.models.training.translation import RECIPE
from app.models.training.translation_data import load_pieces
from app.models.training.translation_model import Recipe, new_model

FILES = ("config.json", "model.bin", "shared_vocabulary.json", "source.spm", "target.spm")


def export(work: Path, folder: Path, *, plan: Recipe = RECIPE) -> None:
    """Writes the model folder `folder` from the training folder `work`; what was in it goes."""
    model = new_model(plan)
    model.load_state_dict(torch.load(work / "checkpoint.pt", map_location="cpu", weights_only=True)["model"])
    with tempfile.TemporaryDirectory() as made:
        _as_marian(model, work / "pieces.spm", Path(made))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tokenizer misses a package for normalising, which it never does here
            converters = need_module("ctranslate2.converters", extra="training")
            converter = converters.TransformersConverter(made, copy_files=["source.spm", "target.spm"])
            converter.convert(str(folder), quantization="int8", force=True)


def _as_marian(model: Any, pieces: Path, folder: Path) -> None:
    """The model as a folder of transformers: <pad> has the last id already, as CTranslate2 wants it."""
    model.save_pretrained(folder)
    learnt = load_pieces(pieces)
    names = [learnt.id_to_piece(number) for number in range(learnt.get_piece_size())] + ["<pad>"]
    vocabulary = {name: number for number, name in enumerate(names)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    tokenizer = {
        "tokenizer_class": "MarianTokenizer",
        "source_lang": "source",
        "target_lang": "target",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "pad_token": "<pad>",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    for name in ("source.spm", "target.spm"):
        shutil.copyfile(pieces, folder / name)
