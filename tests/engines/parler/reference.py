"""The parler-tts package as the reference: its greedy generation, its offline audio.

The package imports two others that checkpoints with transformers' own codec never use; empty modules stand for them.
"""

import sys
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers.utils import logging


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    codes: Tensor
    """[codebooks, frames], as the codec got them."""
    audio: Tensor
    """float32 [samples]"""


class Reference:
    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings(), _stand_ins():
            warnings.simplefilter("ignore")  # the package's own, which are none of ours to fix
            logging.set_verbosity_error()
            from parler_tts import ParlerTTSForConditionalGeneration

            self._model: Any = ParlerTTSForConditionalGeneration.from_pretrained(folder).eval()

    def speak(self, prompt: list[int], description: list[int], frames: int) -> Spoken:
        """Greedy generation of at most `frames` frames, at least 9: below that the package does not undo its delay."""
        got: list[Tensor] = []
        decode = self._model.audio_encoder.decode

        def watched(audio_codes: Tensor, **rest: Any) -> Any:
            got.append(audio_codes[0].clone())
            return decode(audio_codes=audio_codes, **rest)

        described, said = torch.tensor([description]), torch.tensor([prompt])
        self._model.audio_encoder.decode = watched
        try:
            with torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                audio = self._model.generate(
                    input_ids=described,
                    attention_mask=torch.ones_like(described),
                    prompt_input_ids=said,
                    prompt_attention_mask=torch.ones_like(said),
                    do_sample=False,
                    max_new_tokens=frames + 8,
                    suppress_tokens=list(range(1025, 1088)),  # ids without a sound, which random weights would choose
                )
        finally:
            self._model.audio_encoder.decode = decode
        if not got:  # it ended at once
            return Spoken(torch.zeros(self._model.decoder.num_codebooks, 0, dtype=torch.long), torch.zeros(0))
        return Spoken(got[0], audio.reshape(-1).float())


@contextmanager
def _stand_ins() -> Iterator[None]:
    """Empty modules for `dac`, and for `torchaudio` where it is missing, while the package is imported."""
    missing = [name for name in ("dac", "dac.model", "torchaudio") if name not in sys.modules]
    missing = [name for name in missing if name.partition(".")[0] == "dac" or find_spec(name) is None]
    for name in missing:
        module: Any = types.ModuleType(name)
        module.__spec__ = ModuleSpec(name, None)
        module.DAC = type("DAC", (), {})
        sys.modules[name] = module
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]
