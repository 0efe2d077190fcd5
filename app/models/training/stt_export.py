"""The trained recogniser as faster-whisper loads it: CTranslate2, int8, the layout of Whisper's vocabulary."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig

from app.engines.need import need_module
from app.models.training.hearing import FRAMES_PER_S, MOST_S
from app.models.training.stt_model import Shape, new_model
from app.models.training.tokens import SPECIALS, Tokens

_LANGUAGES = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml "
    "cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am "
    "yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su"
)
_UNTRAINED_LOGIT = -40.0
"""Of other languages and of time stamps. The decoder's last dimension is always 1: stt_model.reserve_dimension."""
_TIME_STAMPS = 1501
_MULTILINGUAL = ""
"""This word in the vocabulary tells CTranslate2 from 4.7 on that the model knows languages."""
_AFTER_LANGUAGES = (
    "<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
)  # fmt: skip
_SAMPLING_HZ = 16_000


def export(work: Path, pack: Path) -> None:
    """Write `pack`/stt from the checkpoint in `work`."""
    tokens = Tokens(work / "stt.tokenizer.json")
    vocabulary = _vocabulary(tokens.pieces)
    state = torch.load(work / "stt.pt", map_location="cpu")
    shape = Shape(**state.get("shape", {}))  # the first checkpoints do not name theirs
    with tempfile.TemporaryDirectory() as folder:
        whisper = Path(folder)
        _widened(state["model"], shape, tokens, vocabulary).save_pretrained(whisper)
        _write_json(whisper / "tokenizer.json", _tokenizer(work / "stt.tokenizer.json", vocabulary))
        end = "<|endoftext|>"
        names = {"bos_token": end, "eos_token": end, "pad_token": end, "unk_token": end}
        _write_json(whisper / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", **names})
        _write_json(whisper / "preprocessor_config.json", _preprocessor(shape))
        converters = need_module("ctranslate2.converters", extra="training")
        copied = ["tokenizer.json", "preprocessor_config.json"]
        converter = converters.TransformersConverter(str(whisper), copy_files=copied)
        converter.convert(str(pack / "stt"), quantization="int8", force=True)


def _vocabulary(pieces: int) -> Mapping[str, int]:
    """Whisper's tokens and their ids in its order; the text pieces come before them."""
    languages = [f"<|{code}|>" for code in _LANGUAGES.split()]
    named = [_MULTILINGUAL, "<|endoftext|>", "<|startoftranscript|>", *languages, *_AFTER_LANGUAGES]
    stamps = [f"<|{index * 0.02:.2f}|>" for index in range(_TIME_STAMPS)]
    return {token: pieces + number for number, token in enumerate([*named, *stamps])}


def _widened(state: Mapping[str, Any], shape: Shape, tokens: Tokens, vocabulary: Mapping[str, int]) -> Any:
    """The model of `state`, with rows for the whole vocabulary."""
    trained = state["model.decoder.embed_tokens.weight"].float()
    rows = torch.zeros(tokens.pieces + len(vocabulary), trained.shape[1])
    rows[:, -1] = _UNTRAINED_LOGIT
    rows[: tokens.pieces] = trained[: tokens.pieces]
    for number, token in enumerate(SPECIALS):
        rows[vocabulary[token]] = trained[tokens.pieces + number]
    end, start = vocabulary["<|endoftext|>"], vocabulary["<|startoftranscript|>"]
    model = new_model(len(rows), shape, end, start)
    model.load_state_dict({**state, "model.decoder.embed_tokens.weight": rows, "proj_out.weight": rows})
    model.generation_config = GenerationConfig(
        bos_token_id=end, eos_token_id=end, pad_token_id=end, decoder_start_token_id=start
    )
    settings = {
        "suppress_tokens": [],
        "begin_suppress_tokens": [],  # an end at once says that nobody spoke
        "lang_to_id": {f"<|{code}|>": vocabulary[f"<|{code}|>"] for code in _LANGUAGES.split()},
        "is_multilingual": True,
        "no_timestamps_token_id": vocabulary["<|notimestamps|>"],
        "alignment_heads": [[shape.decoder_layers - 1, head] for head in range(shape.width // 64)],
    }
    for name, value in settings.items():
        setattr(model.generation_config, name, value)
    return model


def _tokenizer(trained: Path, vocabulary: Mapping[str, int]) -> dict[str, Any]:
    description: dict[str, Any] = json.loads(trained.read_bytes())
    description["model"]["vocab"].update(vocabulary)
    description["added_tokens"] = [
        {"id": number, "content": token, "special": True}
        | dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        for token, number in vocabulary.items()
        if token.startswith("<|") and not token[2].isdigit()
    ]
    return description


def _preprocessor(shape: Shape) -> dict[str, Any]:
    """Whisper's own features, of a shorter window."""
    return {
        "feature_extractor_type": "WhisperFeatureExtractor",
        "processor_class": "WhisperProcessor",
        "chunk_length": round(MOST_S),
        "nb_max_frames": round(MOST_S * FRAMES_PER_S),
        "n_samples": round(MOST_S * _SAMPLING_HZ),
        "sampling_rate": _SAMPLING_HZ,
        "hop_length": _SAMPLING_HZ // FRAMES_PER_S,
        "n_fft": 400,
        "feature_size": shape.mels,
        "padding_side": "right",
        "padding_value": 0.0,
        "return_attention_mask": False,
    }


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=None), encoding="utf-8")
