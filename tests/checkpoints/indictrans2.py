"""IndicTrans2 checkpoints of the published layout and any size, with random weights: for tests and benchmarks.

Files are written tensor by tensor, so the 1B size needs 5 GB of disk and little memory. Its translations are nonsense;
it costs as much time and memory as the real one.
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
TAGS = ("kan_Knda", "eng_Latn", "hin_Deva", "tam_Taml")
_DEVANAGARI = ["क", "ख", "ग", "च", "ज", "ट", "ड", "ण", "त", "द", "न", "प", "ब", "म", "य", "र", "ल", "व", "स", "ह", "ळ"]
_DEVANAGARI_SIGNS = ["", "ा", "ि", "ी", "ु", "ू", "ॆ", "े", "ॊ", "ो", "्", "ं"]
_DEVANAGARI_LETTERS = [chr(code) for code in range(0x0900, 0x0980)]
_LATIN = [*"bcdfghjklmnprstvwyz"]
_LATIN_SIGNS = [*"aeiou", "an", "er", "in", "on", "st", ""]
_LATIN_LETTERS = [chr(code) for code in range(33, 127)]


@dataclass(frozen=True, slots=True)
class Sizes:
    """The numbers of config.json that set the size."""

    layers: int
    width: int
    ffn: int
    heads: int
    source_vocabulary: int
    target_vocabulary: int
    tied: bool = False
    """The output head is the target embedding; it is stored twice, as in published files."""
    to_english: bool = True


TINY = Sizes(layers=2, width=32, ffn=64, heads=4, source_vocabulary=420, target_vocabulary=380)
TINY_TO_KANNADA = replace(TINY, source_vocabulary=380, target_vocabulary=420, to_english=False)
TO_ENGLISH_200M = Sizes(18, 512, 2048, 8, source_vocabulary=122706, target_vocabulary=32296, tied=True)
TO_KANNADA_200M = Sizes(
    18, 512, 2048, 8, source_vocabulary=32322, target_vocabulary=122672, tied=True, to_english=False
)
TO_ENGLISH_1B = Sizes(18, 1024, 8192, 16, source_vocabulary=122706, target_vocabulary=32296)
TO_KANNADA_1B = Sizes(18, 1024, 8192, 16, source_vocabulary=32322, target_vocabulary=122672, to_english=False)


def make(folder: Path, sizes: Sizes = TINY, *, deviation: float = 0.02, seed: int = 0) -> None:
    """Write a checkpoint into `folder`. `deviation` is the standard deviation of its weights."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(_config(sizes)))
    source, target = ("devanagari", "latin") if sizes.to_english else ("latin", "devanagari")
    for side, script, size in (
        ("SRC", source, sizes.source_vocabulary),
        ("TGT", target, sizes.target_vocabulary),
    ):
        words = pieces(script, size - len(SPECIAL) - len(TAGS))
        tokens = [*SPECIAL, *words, *TAGS]
        numbers = {token: number for number, token in enumerate(tokens)}
        (folder / f"dict.{side}.json").write_text(json.dumps(numbers, ensure_ascii=False))
        (folder / f"model.{side}").write_bytes(sentencepiece_model(words))
    _write_weights(folder / "model.safetensors", sizes, deviation, np.random.default_rng(seed))


def _config(sizes: Sizes) -> dict[str, Any]:
    sides = {
        f"{side}_{key}": value
        for side in ("encoder", "decoder")
        for key, value in {
            "layers": sizes.layers,
            "embed_dim": sizes.width,
            "ffn_dim": sizes.ffn,
            "attention_heads": sizes.heads,
            "normalize_before": True,
            "layerdrop": 0,
        }.items()
    }
    return {
        "model_type": "IndicTrans",
        "architectures": ["IndicTransForConditionalGeneration"],
        **sides,
        "encoder_vocab_size": sizes.source_vocabulary,
        "decoder_vocab_size": sizes.target_vocabulary,
        "activation_function": "gelu",
        "layernorm_embedding": True,
        "scale_embedding": True,
        "share_decoder_input_output_embed": sizes.tied,
        "max_source_positions": 256,
        "max_target_positions": 256,
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
        "decoder_start_token_id": 2,
    }


def pieces(script: str, count: int) -> list[str]:
    """`count` different pieces: the letters, the letters that begin a word, then syllables, then pairs of them."""
    letters, bases, signs = {
        "devanagari": (_DEVANAGARI_LETTERS + _LATIN_LETTERS, _DEVANAGARI, _DEVANAGARI_SIGNS),
        "latin": (_LATIN_LETTERS, _LATIN, _LATIN_SIGNS),
    }[script]
    found: dict[str, None] = dict.fromkeys(["▁", *letters])
    syllables = [base + sign for base, sign in product(bases, signs)]
    for length in (1, 2, 3):
        for parts in product(syllables, repeat=length):
            for piece in ("▁" + "".join(parts), "".join(parts)):
                if len(found) >= count:
                    return list(found)[:count]
                found[piece] = None
    raise ValueError(f"there are not {count} pieces of {script}")


def sentencepiece_model(words: list[str]) -> bytes:
    """A unigram model of sentencepiece, in its protocol buffer (sentencepiece_model.proto); longer pieces win."""
    special = [("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("</s>", 0.0, 3)]
    normal = [(word, -12.0 - 1.0 / (1 + len(word)), 1) for word in words]
    body = b"".join(
        _field(1, _field(1, piece.encode()) + b"\x15" + struct.pack("<f", score) + b"\x18" + bytes([kind]))
        for piece, score, kind in special + normal
    )
    trainer = b"\x18\x01"  # model_type: unigram
    normaliser = _field(1, b"identity")
    return body + _field(2, trainer) + _field(3, normaliser)


def _field(number: int, value: bytes) -> bytes:
    """A length-delimited field."""
    length, size = b"", len(value)
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + value


def _shapes(sizes: Sizes) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes of all tensors, as the published files have them."""
    width, ffn = sizes.width, sizes.ffn
    vocabulary = {"encoder": sizes.source_vocabulary, "decoder": sizes.target_vocabulary}
    yield "lm_head.weight", (sizes.target_vocabulary, width)
    for side, size in vocabulary.items():
        yield f"model.{side}.embed_tokens.weight", (size, width)
        for norm in ("layernorm_embedding", "layer_norm"):
            yield from _affine(f"model.{side}.{norm}", (width,))
        attentions = ("self_attn",) if side == "encoder" else ("self_attn", "encoder_attn")
        for number in range(sizes.layers):
            layer = f"model.{side}.layers.{number}"
            for attention in attentions:
                for letter in ("q", "k", "v", "out"):
                    yield from _affine(f"{layer}.{attention}.{letter}_proj", (width, width))
                yield from _affine(f"{layer}.{attention}_layer_norm", (width,))
            yield from _affine(f"{layer}.fc1", (ffn, width))
            yield from _affine(f"{layer}.fc2", (width, ffn))
            yield from _affine(f"{layer}.final_layer_norm", (width,))


def _affine(name: str, shape: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]


def parameters(sizes: Sizes) -> int:
    """Numbers in the file; a tied head counts twice, since it is stored twice."""
    return sum(int(np.prod(shape)) for _, shape in _shapes(sizes))


def _write_weights(file: Path, sizes: Sizes, deviation: float, rng: np.random.Generator) -> None:
    """The safetensors format: the header's length, a JSON header, the tensors one after the other."""
    header: dict[str, Any] = {}
    offset = 0
    for name, shape in _shapes(sizes):
        end = offset + int(np.prod(shape)) * 4
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, end]}
        offset = end
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    head_state = rng.bit_generator.state
    with file.open("wb") as out:
        out.write(struct.pack("<Q", len(encoded)) + encoded)
        for name, shape in _shapes(sizes):
            if sizes.tied and name == "model.decoder.embed_tokens.weight":
                again = np.random.default_rng()
                again.bit_generator.state = head_state  # the head came first
                values = again.standard_normal(shape, np.float32) * np.float32(deviation)
            else:
                values = rng.standard_normal(shape, np.float32) * np.float32(deviation)
            if name.endswith("norm.weight") or name.endswith("layernorm_embedding.weight"):
                values += 1
            out.write(values.tobytes())
