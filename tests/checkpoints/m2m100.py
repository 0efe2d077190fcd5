"""A tiny random M2M100 checkpoint in the published Hugging Face layout, and its conversion by CTranslate2's converter.

Needs torch and transformers: test modules that import this begin with `pytest.importorskip`. NLLB is the same network
with other tags.
"""

import json
from pathlib import Path
from typing import Any

import torch
from ctranslate2.converters import TransformersConverter
from transformers import M2M100Config, M2M100ForConditionalGeneration, M2M100Tokenizer
from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES

from tests.checkpoints.indictrans2 import sentencepiece_model

PIECES_FILE = "sentencepiece.bpe.model"
_LETTERS = [chr(code) for code in (*range(0x0C82, 0x0CF0), *range(33, 127))]


def write(folder: Path, seed: int = 0) -> Path:
    """A checkpoint with pieces of one letter each, English and Kannada."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["▁", *_LETTERS, *(f"▁{letter}" for letter in _LETTERS)]
    vocabulary = {token: number for number, token in enumerate(["<s>", "<pad>", "</s>", "<unk>", *words])}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    (folder / PIECES_FILE).write_bytes(sentencepiece_model(words))
    tokenizer = M2M100Tokenizer(
        str(folder / "vocab.json"),
        str(folder / PIECES_FILE),
        additional_special_tokens=[f"__{code}__" for code in FAIRSEQ_LANGUAGE_CODES["m2m100"]],
    )
    tokenizer.save_pretrained(folder)
    sides = {
        f"{side}_{key}": value
        for side in ("encoder", "decoder")
        for key, value in {"layers": 2, "attention_heads": 4, "ffn_dim": 64}.items()
    }
    torch.manual_seed(seed)
    config = M2M100Config(
        vocab_size=len(vocabulary) + len(tokenizer.additional_special_tokens) + tokenizer.num_madeup_words,
        d_model=32,
        init_std=0.3,
        max_position_embeddings=256,
        decoder_start_token_id=2,
        **sides,
    )
    model = M2M100ForConditionalGeneration(config)
    with torch.no_grad():  # smaller, so that a token does not only say itself again
        model.model.shared.weight.mul_(0.1)
    model.save_pretrained(folder)
    return folder


def reference(folder: Path, text: str, source: str, target: str, length: int) -> str:
    """What transformers' own greedy search says for `text`."""
    tokenizer = M2M100Tokenizer.from_pretrained(folder, src_lang=source, tgt_lang=target)
    model = M2M100ForConditionalGeneration.from_pretrained(folder).eval()
    with torch.no_grad():
        output = model.generate(
            **tokenizer(text, return_tensors="pt"),
            forced_bos_token_id=tokenizer.get_lang_id(target),
            max_new_tokens=length,
            num_beams=1,
        )
    return str(tokenizer.batch_decode(output, skip_special_tokens=True)[0])


def convert(source: Path, folder: Path) -> Path:
    _Converter(str(source), copy_files=[PIECES_FILE]).convert(str(folder))
    return folder


class _Converter(TransformersConverter):  # type: ignore[misc]  # it has no types
    """transformers before 4.56 call `dtype` otherwise than CTranslate2 4.8 does."""

    def load_model(self, model_class: Any, path: str, **options: Any) -> Any:
        options["torch_dtype"] = options.pop("dtype", None)
        return model_class.from_pretrained(path, **options)
