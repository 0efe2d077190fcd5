"""Random Whisper checkpoints in the published Hugging Face layout, and their conversion to CTranslate2.

Needs torch, transformers and tokenizers: test modules that import this begin with `pytest.importorskip`. Nothing is
downloaded. Random weights say nothing sensible; a checkpoint made with `says` utters the first of these words for ever,
and the next one where the first is forbidden.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from ctranslate2.converters import TransformersConverter
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import GenerationConfig, WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration
from transformers.models.whisper.tokenization_whisper import LANGUAGES


@dataclass(frozen=True, slots=True)
class Shape:
    width: int
    encoder_layers: int
    decoder_layers: int
    heads: int
    mels: int = 80
    languages: int = 99


SIZES: Mapping[str, Shape] = {
    "micro": Shape(64, 2, 2, 2),
    "tiny": Shape(384, 4, 4, 6),
    "small": Shape(768, 12, 12, 12),
    "medium": Shape(1024, 24, 24, 16),
    "large-v3-turbo": Shape(1280, 32, 4, 20, mels=128, languages=100),
    "micro-v3": Shape(64, 2, 2, 2, mels=128, languages=100),
}
"""The published sizes, and two that load in no time: of the layout up to large-v2, and of large-v3's."""

_TEXT_TOKENS = 50_257
"""Their last is the empty string, by which CTranslate2 knows that a model speaks many languages."""
_TIME_STAMPS = 1501
_AFTER_LANGUAGES = (
    "<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
)  # fmt: skip


def write(folder: Path, size: str = "micro", *, says: Sequence[str] = (), seed: int = 0) -> Path:
    """A checkpoint as the hub has it: config, generation_config, safetensors, tokenizer and preprocessor_config."""
    shape = SIZES[size]
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(shape, says)
    tokenizer.save(str(folder / "tokenizer.json"))
    end = "<|endoftext|>"
    names = {"bos_token": end, "eos_token": end, "pad_token": end, "unk_token": end}
    _write_json(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", **names})
    WhisperFeatureExtractor(feature_size=shape.mels).save_pretrained(folder)
    torch.manual_seed(seed)
    model = WhisperForConditionalGeneration(_config(shape, tokenizer))
    model.generation_config = _generation(shape, tokenizer)
    if says:
        _always_say(model, [tokenizer.token_to_id(_as_bytes(word)) for word in says])
    model.save_pretrained(folder)
    return folder


def convert(source: Path, folder: Path, quantization: str = "int8") -> Path:
    """`source` by CTranslate2's own converter, as faster-whisper wants it."""
    converter = _Converter(str(source), copy_files=["tokenizer.json", "preprocessor_config.json"])
    converter.convert(str(folder), quantization=quantization, force=True)
    return folder


class _Converter(TransformersConverter):  # type: ignore[misc]  # it has no types
    """transformers before 4.56 call `dtype` otherwise than CTranslate2 4.8 does."""

    def load_model(self, model_class: Any, path: str, **options: Any) -> Any:
        options["torch_dtype"] = options.pop("dtype", None)
        return model_class.from_pretrained(path, **options)


def _tokenizer(shape: Shape, words: Sequence[str]) -> Tokenizer:
    """Byte-level BPE without merges: bytes, `words` as tokens of their own, and fillers up to the published size."""
    tokens = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *map(_as_bytes, words)]
    tokens += [f"Ġz{number}" for number in range(_TEXT_TOKENS - 1 - len(tokens))]
    model = models.BPE(vocab={token: number for number, token in enumerate([*tokens, ""])}, merges=[])
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    languages = [f"<|{code}|>" for code in list(LANGUAGES)[: shape.languages]]
    tokenizer.add_special_tokens(["<|endoftext|>", "<|startoftranscript|>", *languages, *_AFTER_LANGUAGES])
    stamps = [f"<|{number * 0.02:.2f}|>" for number in range(_TIME_STAMPS)]
    tokenizer.add_tokens([AddedToken(stamp, special=False, normalized=False) for stamp in stamps])
    return tokenizer


def _as_bytes(word: str) -> str:
    """A word as byte-level BPE spells it."""
    (piece, _), *_ = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(word)
    return str(piece)


def _config(shape: Shape, tokenizer: Tokenizer) -> WhisperConfig:
    end = tokenizer.token_to_id("<|endoftext|>")
    return WhisperConfig(
        vocab_size=tokenizer.get_vocab_size(),
        num_mel_bins=shape.mels,
        d_model=shape.width,
        encoder_layers=shape.encoder_layers,
        decoder_layers=shape.decoder_layers,
        encoder_attention_heads=shape.heads,
        decoder_attention_heads=shape.heads,
        encoder_ffn_dim=4 * shape.width,
        decoder_ffn_dim=4 * shape.width,
        max_source_positions=1500,
        max_target_positions=448,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        decoder_start_token_id=tokenizer.token_to_id("<|startoftranscript|>"),
    )


def _generation(shape: Shape, tokenizer: Tokenizer) -> GenerationConfig:
    end = tokenizer.token_to_id("<|endoftext|>")
    settings = GenerationConfig(bos_token_id=end, eos_token_id=end, pad_token_id=end)
    codes = [f"<|{code}|>" for code in list(LANGUAGES)[: shape.languages]]
    more = {
        "decoder_start_token_id": tokenizer.token_to_id("<|startoftranscript|>"),
        "suppress_tokens": [],
        "begin_suppress_tokens": [end],
        "is_multilingual": True,
        "lang_to_id": {code: tokenizer.token_to_id(code) for code in codes},
        "task_to_id": {task: tokenizer.token_to_id(f"<|{task}|>") for task in ("transcribe", "translate")},
        "no_timestamps_token_id": tokenizer.token_to_id("<|notimestamps|>"),
        "alignment_heads": [[shape.decoder_layers - 1, head] for head in range(min(2, shape.heads))],
    }
    for name, value in more.items():
        setattr(settings, name, value)
    return settings


def _always_say(model: Any, tokens: Sequence[int]) -> None:
    """The last layer norm forgets what it is given, so the logits are the embeddings' first column, scaled."""
    with torch.no_grad():
        norm = model.model.decoder.layer_norm
        norm.weight.zero_()
        norm.bias.zero_()
        norm.bias[0] = 1.0
        embeddings = model.model.decoder.embed_tokens.weight
        embeddings[:, 0] = 0.0
        for rank, token in enumerate(tokens):
            embeddings[token, 0] = 40.0 - 10.0 * rank


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
