"""Trains the recogniser: Whisper's architecture, small, from nothing.

Beside the words, the encoder learns espeak's own phonemes 20 ms by 20 ms. Without that it needs many times as long to
find out which sound belongs to which moment. The data never repeats, so there is no dropout.
"""

import itertools
import json
import math
import os
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from app.models.training import feed, probe, tokens
from app.models.training.feed import Batch
from app.models.training.hearing import PHONEMES
from app.models.training.stt_model import Shape, decode, encode, new_model, reserve_dimension
from app.models.training.tokens import Tokens

STEPS = 6300
"""About 90 minutes of one core of a server of 2024, while the other core makes the data."""
ROWS = 24
_RATE = 2e-3
_DECAY = 0.01
_WARM_UP_STEPS = 300
_FLAT = 0.3
"""Part of all steps before the learning rate starts to fall."""
_SMOOTHING = 0.05
_MOST_GRADIENT = 1.0
_SAVE_EVERY_S = 240.0
_PROBE_EVERY = 1500
_PRINT_EVERY = 100


@dataclass
class Progress:
    """What the record of a training says; it survives an interruption with the checkpoint."""

    step: int = 0
    utterances: int = 0
    audio_s: float = 0.0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    word_loss: float = math.nan
    sound_loss: float = math.nan
    """Both losses are means over about the last fifty steps."""
    probes: list[dict[str, float]] = field(default_factory=list)

    def add(self, batch: Batch, word_loss: float, sound_loss: float) -> None:
        if self.step == 0:
            self.word_loss, self.sound_loss = word_loss, sound_loss
        self.word_loss += 0.02 * (word_loss - self.word_loss)
        self.sound_loss += 0.02 * (sound_loss - self.sound_loss)
        self.step += 1
        self.utterances += len(batch.ids)
        self.audio_s += batch.seconds


def learning_rate(step: int, steps: int) -> float:
    """Part of the full rate: it rises, stays, and falls to almost nothing."""
    falling = (steps - step) / (steps * (1 - _FLAT))
    return min(1.0, (step + 1) / min(_WARM_UP_STEPS, steps / 4), max(falling, 0.005))


class Trainer:
    """The model, its optimiser and how far they are."""

    def __init__(self, work: Path, steps: int, device: str, seed: int, threads: int) -> None:
        torch.set_num_threads(threads)
        torch.manual_seed(seed)
        self.steps, self.device, self.seed = steps, device, seed
        self.progress = Progress()
        self.vocabulary_file = work / "stt.tokenizer.json"
        if not self.vocabulary_file.exists():
            tokens.train(self.vocabulary_file, seed)
        self.tokens = Tokens(self.vocabulary_file)
        self._checkpoint = work / "stt.pt"
        self.model = new_model(self.tokens.count, Shape(), self.tokens.end, self.tokens.start).to(device)
        self.sounds = torch.nn.Linear(Shape().width, len(PHONEMES) + 1).to(device)
        reserve_dimension(self.model)
        self._parameters = [p for part in (self.model, self.sounds) for p in part.parameters() if p.requires_grad]
        self._optimisers = optimisers(self.model, self._parameters)
        if self._checkpoint.exists():
            self._resume()
        self._began = (time.process_time() - self.progress.cpu_s, time.monotonic() - self.progress.wall_s)

    def step(self, batch: Batch) -> None:
        """Learn from one batch."""
        part = learning_rate(self.progress.step, self.steps)
        for optimiser in self._optimisers:
            for group in optimiser.param_groups:
                group["lr"] = _RATE * part
        words, sounds = self._losses(batch)
        weight = max(0.3, 1 - 1.5 * self.progress.step / self.steps)
        for optimiser in self._optimisers:
            optimiser.zero_grad(set_to_none=True)
        (words + weight * sounds).backward()
        torch.nn.utils.clip_grad_norm_(self._parameters, _MOST_GRADIENT)
        for optimiser in self._optimisers:
            optimiser.step()
        reserve_dimension(self.model)
        self.progress.add(batch, float(words.detach()), float(sounds.detach()))

    def _losses(self, batch: Batch) -> tuple[Any, Any]:
        features, ids, targets, labels = (
            torch.from_numpy(each).to(self.device) for each in (batch.features, batch.ids, batch.targets, batch.labels)
        )
        with torch.autocast(self.device.partition(":")[0], torch.bfloat16):
            states = encode(self.model, features.float())
            said = decode(self.model, states, ids)
            sounded = self.sounds(states)
        words = F.cross_entropy(said.float().flatten(0, 1), targets.flatten(), label_smoothing=_SMOOTHING)
        return words, F.cross_entropy(sounded.float().flatten(0, 1), labels.flatten())

    def save(self) -> None:
        """Atomically: an interrupted training goes on from here."""
        self._count_time()
        state = {
            "model": self.model.state_dict(),
            "sounds": self.sounds.state_dict(),
            "optimisers": [each.state_dict() for each in self._optimisers],
            "progress": asdict(self.progress),
            "seed": self.seed,
        }
        torch.save(state, self._checkpoint.with_suffix(".new"))
        os.replace(self._checkpoint.with_suffix(".new"), self._checkpoint)

    def _resume(self) -> None:
        state = torch.load(self._checkpoint, map_location=self.device)
        if state["seed"] != self.seed:
            raise ValueError(f"{self._checkpoint} is of the seed {state['seed']}")
        self.model.load_state_dict(state["model"])
        self.sounds.load_state_dict(state["sounds"])
        for optimiser, saved in zip(self._optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.progress = Progress(**state["progress"])

    def _count_time(self) -> None:
        self.progress.cpu_s = time.process_time() - self._began[0]
        self.progress.wall_s = time.monotonic() - self._began[1]

    def transcribe(self, features: Any) -> list[str]:
        """Greedy, for the probe. `features` are rows x 80 x frames."""
        with torch.no_grad():
            states = encode(self.model, torch.from_numpy(features).float().to(self.device))
            ids = torch.tensor([self.tokens.prompt] * len(states), device=self.device)
            done = torch.zeros(len(states), dtype=torch.bool, device=self.device)
            while not done.all() and ids.shape[1] < 64:
                best = decode(self.model, states, ids)[:, -1].argmax(-1)
                best = torch.where(done, self.tokens.end, best)
                ids = torch.cat([ids, best[:, None]], 1)
                done |= best == self.tokens.end
        return [self.tokens.decode(row) for row in ids[:, len(self.tokens.prompt) :].tolist()]


def optimisers(model: Any, parameters: Sequence[Any]) -> list[Any]:
    """Muon for the matrices of the layers, AdamW for the rest.

    In as many seconds of one core AdamW alone came to a loss in words of 4.39, this to 3.35.
    """
    decoder = model.model.decoder
    tables = {id(decoder.embed_tokens.weight), id(decoder.embed_positions.weight)}
    matrices = [each for each in model.parameters() if each.ndim == 2 and each.requires_grad and id(each) not in tables]
    chosen = {id(each) for each in matrices}
    rest = [each for each in parameters if id(each) not in chosen]
    return [
        torch.optim.Muon(matrices, lr=_RATE, weight_decay=_DECAY, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, lr=_RATE, betas=(0.9, 0.98), weight_decay=_DECAY, fused=True),
    ]


def train(work: Path, *, steps: int = STEPS, device: str = "cpu", seed: int = 1, threads: int = 1) -> None:
    """Train the recogniser into `work`, or go on where an interrupted training of the same seed stopped."""
    work.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(work, steps, device, seed, threads)
    examination = probe.Probe(trainer.tokens)
    progress = trainer.progress
    began, saved, first = time.monotonic(), time.monotonic(), progress.step
    makers = max(1, (os.cpu_count() or 1) - 1)
    with closing(feed.batches(trainer.vocabulary_file, seed, ROWS, first, makers)) as made:
        for batch in itertools.islice(made, steps - first):
            trainer.step(batch)
            if progress.step == first + 1:
                began = time.monotonic()  # the other process needs some seconds to start
            if progress.step % _PRINT_EVERY == 0:
                step_s = (time.monotonic() - began) / max(1, progress.step - first - 1)
                print(_line(progress, steps, step_s), flush=True)
            if progress.step % _PROBE_EVERY == 0 or progress.step == steps:
                progress.probes.append({"step": progress.step, **examination.run(trainer.transcribe)})
                print(progress.probes[-1], flush=True)
            if time.monotonic() - saved > _SAVE_EVERY_S or progress.step == steps:
                trainer.save()
                saved = time.monotonic()
    parameters = sum(each.numel() for each in trainer.model.parameters())
    record = {"seed": seed, "steps": steps, "rows": ROWS, "parameters": parameters, **asdict(progress)}
    (work / "stt.json").write_text(json.dumps(record, indent=2) + "\n")


def _line(progress: Progress, steps: int, step_s: float) -> str:
    return (
        f"step {progress.step} of {steps}, words {progress.word_loss:.3f}, sounds {progress.sound_loss:.3f}, "
        f"{ROWS / step_s:.1f} utterances/s, {step_s * (steps - progress.step) / 60:.1f} min left"
    )
