"""Random Parler-TTS checkpoints in the layout of Indic Parler-TTS, which the parler-tts package reads as well.

`TINY` and `MEDIUM` are for tests. `REAL` has the published sizes, 937,803,241 parameters: it costs as much time and
memory as the published model, and its speech is noise. Tensors are made one by one and written shard by shard, so that
size needs little memory to write. Needs torch, transformers, tokenizers and safetensors; nothing is downloaded.
"""

import json
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from torch import Tensor
from transformers import DacConfig, DacModel, T5Config, T5EncoderModel

CODEBOOKS = 9
VOCABULARY = 1088
"""Ids of one codebook: 1024 sounds, 1024 itself ends and pads, 1025 begins, and the rest is never used."""
EOS, BOS = 1024, 1025
POSITIONS = 4096
_CODEC_GAIN = 0.55
"""Makes the codec's noise about as loud as speech. From 0.7 on it is a square wave, in which differences would hide."""


@dataclass(frozen=True, slots=True)
class Size:
    """The numbers of config.json that set the size, and how loud the random weights are."""

    width: int
    layers: int
    heads: int
    ffn: int
    text_vocabulary: int
    t5_width: int
    t5_head: int
    t5_ffn: int
    t5_layers: int
    t5_heads: int
    t5_vocabulary: int
    dac_encoder: int
    dac_decoder: int
    dac_width: int
    deviation: float
    """Standard deviation of the decoder's weights. From 0.15 on, greedy decoding wanders and does not repeat itself."""
    end_gain: float
    """The output rows of the end token are longer by this share: above 0, some texts end early; at -1, none ends."""
    projected: bool = False
    """The text encoder's width is not the decoder's, so a projection stands between them."""


TINY = Size(
    width=32, layers=2, heads=4, ffn=64, text_vocabulary=512, t5_width=32, t5_head=8, t5_ffn=64, t5_layers=2,
    t5_heads=4, t5_vocabulary=128, dac_encoder=8, dac_decoder=16, dac_width=32, deviation=0.15, end_gain=0.0,
)  # fmt: skip
MEDIUM = Size(
    width=192, layers=4, heads=6, ffn=512, text_vocabulary=512, t5_width=64, t5_head=8, t5_ffn=128, t5_layers=2,
    t5_heads=4, t5_vocabulary=128, dac_encoder=8, dac_decoder=32, dac_width=32, deviation=0.15, end_gain=1.6,
    projected=True,
)  # fmt: skip
REAL = Size(
    width=1024, layers=24, heads=16, ffn=4096, text_vocabulary=90714, t5_width=1024, t5_head=64, t5_ffn=2816,
    t5_layers=24, t5_heads=16, t5_vocabulary=32128, dac_encoder=64, dac_decoder=1536, dac_width=1024, deviation=0.03,
    end_gain=-1.0,
)  # fmt: skip


def write(
    folder: Path,
    size: Size = TINY,
    *,
    dtype: Any = torch.float32,
    seed: int = 0,
    shard_bytes: int = 2**30,
) -> Path:
    """Write a checkpoint, in several files when it is larger than `shard_bytes`."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder / "config.json", _config(size) | {"transformers_version": "4.46.1"})
    generation = {"bos_token_id": BOS, "decoder_start_token_id": BOS, "eos_token_id": EOS, "pad_token_id": EOS}
    _write_json(folder / "generation_config.json", generation | {"max_length": 2580, "do_sample": True})
    _prompt_tokenizer().save(str(folder / "tokenizer.json"))
    (folder / "description_tokenizer").mkdir(exist_ok=True)
    _description_tokenizer().save(str(folder / "description_tokenizer" / "tokenizer.json"))
    shards = list(_shards(shapes(size), shard_bytes // torch.empty(0, dtype=dtype).element_size()))
    placed: dict[str, str] = {}
    for n, shard in enumerate(shards, 1):
        file = f"model-{n:05}-of-{len(shards):05}.safetensors" if len(shards) > 1 else "model.safetensors"
        tensors = {name: _random(name, shape, size, seed).to(dtype) for name, shape in shard.items()}
        save_file(tensors, folder / file, metadata={"format": "pt"})
        placed |= dict.fromkeys(shard, file)
    if len(shards) > 1:
        _write_json(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": placed})
    return folder


def shapes(size: Size) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of a checkpoint."""
    width, ffn = size.width, size.ffn
    found: dict[str, tuple[int, ...]] = {"embed_prompts.weight": (size.text_vocabulary, width)}
    with torch.device("meta"):
        modules = {"text_encoder.": T5EncoderModel(_t5(size)), "audio_encoder.": DacModel(_dac(size))}
    for prefix, module in modules.items():
        tensors = module.state_dict()
        tensors.pop("encoder.embed_tokens.weight", None)  # the same as shared.weight, and stored once
        found |= {prefix + name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if size.projected:
        found |= {"enc_to_dec_proj.weight": (width, size.t5_width), "enc_to_dec_proj.bias": (width,)}
    stem = "decoder.model.decoder."
    found[stem + "embed_positions.weights"] = (POSITIONS, width)
    for k in range(CODEBOOKS):
        found[f"{stem}embed_tokens.{k}.weight"] = (VOCABULARY + 1, width)
        found[f"decoder.lm_heads.{k}.weight"] = (VOCABULARY, width)
    for n in range(size.layers):
        layer = f"{stem}layers.{n}."
        for attention in ("self_attn", "encoder_attn"):
            for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
                found[f"{layer}{attention}.{part}.weight"] = (width, width)
        found |= {layer + "fc1.weight": (ffn, width), layer + "fc2.weight": (width, ffn)}
        for norm in ("self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm"):
            found |= {f"{layer}{norm}.weight": (width,), f"{layer}{norm}.bias": (width,)}
    return found | {stem + "layer_norm.weight": (width,), stem + "layer_norm.bias": (width,)}


def _config(size: Size) -> dict[str, Any]:
    decoder = {
        "model_type": "parler_tts_decoder", "vocab_size": VOCABULARY, "max_position_embeddings": POSITIONS,
        "num_hidden_layers": size.layers, "ffn_dim": size.ffn, "num_attention_heads": size.heads,
        "hidden_size": size.width, "num_codebooks": CODEBOOKS, "pad_token_id": EOS, "bos_token_id": BOS,
        "eos_token_id": EOS, "activation_function": "gelu", "rope_embeddings": False,
    }  # fmt: skip
    return {
        "architectures": ["ParlerTTSForConditionalGeneration"], "model_type": "parler_tts", "is_encoder_decoder": True,
        "decoder_start_token_id": BOS, "pad_token_id": EOS, "vocab_size": size.text_vocabulary,
        "prompt_cross_attention": False, "decoder": decoder, "text_encoder": _t5(size).to_dict(),
        "audio_encoder": _dac(size).to_dict(),
    }  # fmt: skip


def _t5(size: Size) -> Any:
    return T5Config(
        vocab_size=size.t5_vocabulary, d_model=size.t5_width, d_kv=size.t5_head, d_ff=size.t5_ffn,
        num_layers=size.t5_layers, num_heads=size.t5_heads, feed_forward_proj="gated-gelu", tie_word_embeddings=False,
    )  # fmt: skip


def _dac(size: Size) -> Any:
    return DacConfig(
        encoder_hidden_size=size.dac_encoder, downsampling_ratios=[2, 4, 8, 8], decoder_hidden_size=size.dac_decoder,
        n_codebooks=CODEBOOKS, codebook_size=EOS, codebook_dim=8, hidden_size=size.dac_width, sampling_rate=44100,
    )  # fmt: skip


def _shards(found: dict[str, tuple[int, ...]], numbers: int) -> Iterator[dict[str, tuple[int, ...]]]:
    """Cut into parts of at most `numbers` numbers, or of one tensor."""
    shard: dict[str, tuple[int, ...]] = {}
    for name, shape in found.items():
        if shard and sum(map(math.prod, shard.values())) + math.prod(shape) > numbers:
            yield shard
            shard = {}
        shard[name] = shape
    yield shard


def _random(name: str, shape: tuple[int, ...], size: Size, seed: int) -> Tensor:
    """The tensor depends on its name and the seed alone, so the shards do not matter."""
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()) + seed)
    if name.endswith("embed_positions.weights"):
        return _sinusoids(size.width)
    if name.endswith("bias") and "relative" not in name:
        return torch.zeros(shape)
    if "norm" in name or name.endswith("alpha"):
        return torch.ones(shape)
    drawn = torch.randn(shape, generator=generator)
    if name.startswith("audio_encoder."):
        # A transposed convolution is [in, out, width], and each sample sees two taps of each input.
        seen = 2 * shape[0] if "conv_t" in name else math.prod(shape[1:])
        return drawn if "codebook" in name else drawn * _CODEC_GAIN / math.sqrt(seen)
    if name.startswith("text_encoder."):
        return drawn if "shared" in name or "relative" in name else drawn / math.sqrt(shape[1])
    drawn *= size.deviation
    if "lm_heads" in name:
        drawn.view(-1, VOCABULARY, size.width)[:, EOS] *= 1 + size.end_gain
    return drawn


def _sinusoids(width: int) -> Tensor:
    """[POSITIONS, width]: cosines, then sines, of wavelengths from 2 pi to 10,000 * 2 pi."""
    half = width // 2
    rates = torch.exp(torch.arange(half) * (-math.log(10_000) / (half - 1)))
    angles = torch.arange(POSITIONS)[:, None] * rates
    return torch.cat((angles.cos(), angles.sin()), dim=1)


def _prompt_tokenizer() -> Any:
    """Of the text: a letter a token, other characters as bytes, and a mark before, as in Llama's layout."""
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁"]
    pieces += [chr(code) for code in range(0x0C80, 0x0D00)] + [*".,?!"]
    vocabulary = {piece: n for n, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], byte_fallback=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer.decoder = decoders.ByteFallback()
    return tokenizer


def _description_tokenizer() -> Any:
    """Of the description: some words and single letters, and an end mark, as in T5's layout."""
    words = ["speaks", "at", "a", "moderate", "fast", "pace", "in", "clear", "close", "recording", "without"]
    words += ["background", "noise", "with"]
    letters = [chr(code) for code in range(33, 127)]
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.0)]
    pieces += [(f"▁{word}", -4.0) for word in words] + [(letter, -5.0) for letter in letters]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=2))
    tokenizer.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return tokenizer


def _write_json(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=1, default=str), encoding="utf-8")
