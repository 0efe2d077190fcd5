"""The f5-tts and vocos packages, which the IndicF5 network is compared with. In an environment of its own:

    pip install torch torchdiffeq x_transformers rjieba pypinyin scipy einops pyyaml huggingface_hub
    pip install --no-deps f5-tts vocos

What they import to read audio and to train is left out, and stood in for: the networks use none of it.
"""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch

from tests.checkpoints.indicf5 import MELS, Shape, network, turns, vocoder, weights

_STAND_INS: dict[str, dict[str, Any]] = {
    "torchaudio": {"transforms": SimpleNamespace(MelSpectrogram=None)},
    "torchaudio.functional.functional": {"_hz_to_mel": None, "_mel_to_hz": None},
    "librosa.filters": {"mel": None},
    "encodec": {"EncodecModel": None},
    "f5_tts.model.trainer": {"Trainer": None},
}


def stand_in(patch: pytest.MonkeyPatch) -> None:
    """For the time of a test. `torchaudio` and the others may be missing, or made for another torch."""
    for name, content in _STAND_INS.items():
        parts = name.split(".")
        for n in range(1, len(parts)):
            if (parent := ".".join(parts[:n])) not in _STAND_INS and not parent.startswith("f5_tts"):
                patch.setitem(sys.modules, parent, ModuleType(parent))
        module = ModuleType(name)
        module.__dict__.update(content)
        patch.setitem(sys.modules, name, module)


class _NoSpectrogram(torch.nn.Module):  # type: ignore[misc]
    n_mel_channels = MELS


def sampled(shape: Shape, reference: torch.Tensor, text: torch.Tensor, frames: int, steps: int) -> torch.Tensor:
    """The package's mel spectrogram [frames, 100] for the settings IndicF5 was trained with."""
    from f5_tts.model import CFM, DiT

    transformer = DiT(
        dim=shape.width, depth=shape.depth, heads=shape.heads, dim_head=shape.head_width, ff_mult=2,
        text_dim=shape.text_width, conv_layers=shape.text_layers, text_num_embeds=shape.vocabulary,
        pe_attn_head=1, text_mask_padding=False,
    )  # fmt: skip
    transformer.load_state_dict({**weights(network(shape)), "rotary_embed.inv_freq": turns(shape)})
    model = CFM(transformer, mel_spec_module=_NoSpectrogram())
    with torch.inference_mode():
        mel, _ = model.sample(
            reference[None], text[None], frames, steps=steps, cfg_strength=2.0, sway_sampling_coef=-1.0, seed=0
        )
    return mel[0]


def vocoded(shape: Shape, mel: torch.Tensor) -> torch.Tensor:
    """The package's sound for `mel` [frames, 100]."""
    from vocos.heads import ISTFTHead
    from vocos.models import VocosBackbone

    width = shape.vocoder_width
    backbone = VocosBackbone(MELS, width, 3 * width, shape.vocoder_layers)
    head = ISTFTHead(width, 1024, 256, padding="center")
    both = weights(vocoder(shape))
    backbone.load_state_dict(_under("backbone.", both))
    head.load_state_dict({**_under("head.", both), "istft.window": torch.hann_window(1024)})
    with torch.inference_mode():
        return head(backbone(mel.T[None]))[0]


def _under(prefix: str, tensors: Any) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
