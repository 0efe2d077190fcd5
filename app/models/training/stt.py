"""Trains the recogniser: Whisper's architecture, small, from nothing.

Beside the words, the encoder learns espeak's own phonemes 20 ms by 20 ms. Without that it needs many times as long to
find out which sound belongs to which moment. The data never repeats, so there is no dropout.
"""

import io
import itertools
import json
import resource
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from app.models.training import feed, probe, stt_progress, tokens
from app.models.training.feed import Batch
from app.models.training.hearing import PHONEMES
from app.models.training.machine import finished_steps
from app.models.training.stt_model import SHAPE, Shape, decode, encode, new_model, reserve_dimension
from app.models.training.stt_progress import Progress
from app.models.training.tokens import Tokens
from app.models.training.work import refuse_another, write_whole

STEPS = 5600
"""About 80 minutes of one core of a server of 2024, while the other core makes the data."""
ROWS = 24
"""Utterances a step."""
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
_FIRST_PRINT = 10
"""So many steps tell how long it will take."""


def learning_rate(step: int, steps: int) -> float:
    """Part of the full rate: it rises, stays, and falls to almost nothing."""
    falling = (steps - step) / (steps * (1 - _FLAT))
    return min(1.0, (step + 1) / min(_WARM_UP_STEPS, steps / 4), max(falling, 0.005))


class Trainer:
    """The model, its optimisers and how far they are.

    Raises TrainingRefused when the checkpoint in `work` is one of another seed, of other steps, rows or another shape.
    """

    def __init__(
        self, work: Path, steps: int, rows: int, device: str, seed: int, threads: int, shape: Shape = SHAPE
    ) -> None:
        torch.set_num_threads(threads)
        self.steps, self.device = steps, device
        self.progress = Progress()
        self._plan = {"seed": seed, "steps": steps, "rows": rows, "shape": asdict(shape)}
        self._checkpoint = work / "stt.pt"
        saved = torch.load(self._checkpoint, map_location=device) if self._checkpoint.exists() else {}
        refuse_another(saved, self._plan, self._checkpoint)
        torch.manual_seed(seed)
        self.vocabulary_file = work / "stt.tokenizer.json"
        if not self.vocabulary_file.exists():
            tokens.train(self.vocabulary_file, seed)
        self.tokens = Tokens(self.vocabulary_file)
        self.model = new_model(self.tokens.count, shape, self.tokens.end, self.tokens.start).to(device)
        self.sounds = torch.nn.Linear(shape.width, len(PHONEMES) + 1).to(device)
        reserve_dimension(self.model)
        self._parameters = [p for part in (self.model, self.sounds) for p in part.parameters() if p.requires_grad]
        self._optimisers = optimisers(self.model, self._parameters)
        if saved:
            self._resume(saved)
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
            **self._plan,
        }
        torch.save(state, content := io.BytesIO())
        write_whole(self._checkpoint, content.getvalue())

    def _resume(self, state: dict[str, Any]) -> None:
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

    In the same time the words' loss falls clearly lower than with AdamW alone. Muon is made for weights that multiply;
    the embeddings, which are looked up, the convolutions, biases and norms are not such.
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


def train(
    work: Path,
    *,
    steps: int = STEPS,
    device: str = "cpu",
    seed: int = 1,
    threads: int = 1,
    rows: int = ROWS,
    shape: Shape = SHAPE,
) -> None:
    """Train the recogniser into `work`, or go on where an interrupted training of the same seed and steps stopped.

    Raises TrainingRefused for a checkpoint of another one.
    """
    work.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(work, steps, rows, device, seed, threads, shape)
    progress, record = trainer.progress, work / "stt.json"
    if progress.step >= steps and record.exists():
        print(f"stt: its {progress.step} steps are done already", flush=True)
        return
    if progress.step < steps:
        makers = feed.maker_count()
        print(
            f"stt: {steps} steps of {rows} utterances on {device}, {threads} thread(s), data by {makers} process(es)"
            + (f"; goes on after step {progress.step}" if progress.step else ""),
            flush=True,
        )
        _steps(trainer, seed, rows, makers)
    about = {"seed": seed, "steps": steps, "rows": rows, "device": device, "threads": threads}
    about |= {"torch": torch.__version__, "parameters": sum(each.numel() for each in trainer.model.parameters())}
    write_whole(record, json.dumps(about | asdict(progress), indent=2).encode() + b"\n")


def _steps(trainer: Trainer, seed: int, rows: int, makers: int) -> None:
    """All that are left; an interruption ends them after any step."""
    progress, steps, first = trainer.progress, trainer.steps, trainer.progress.step
    examination = probe.Probe(trainer.tokens)
    ended_cpu_s = _ended_cpu_s()
    began, saved = time.monotonic(), time.monotonic()
    with finished_steps() as to_stop:
        with closing(feed.batches(trainer.vocabulary_file, seed, rows, first, makers)) as made:
            for batch in itertools.islice(made, steps - first):
                trainer.step(batch)
                if progress.step == first + 1:
                    began = time.monotonic()  # the other processes need some seconds to start
                if progress.step % _PRINT_EVERY == 0 or progress.step == first + _FIRST_PRINT:
                    step_s = (time.monotonic() - began) / max(1, progress.step - first - 1)
                    print(stt_progress.line(progress, steps, rows, step_s), flush=True)
                if progress.step % _PROBE_EVERY == 0 or progress.step == steps:
                    figures = examination.run(trainer.transcribe)
                    progress.probes.append({"step": progress.step, **figures})
                    print(stt_progress.probe_line(progress.step, steps, figures), flush=True)
                if to_stop():
                    break
                if time.monotonic() - saved > _SAVE_EVERY_S:
                    trainer.save()
                    saved = time.monotonic()
        progress.makers_cpu_s += _ended_cpu_s() - ended_cpu_s  # closing waited for the makers
        trainer.save()


def _ended_cpu_s() -> float:
    """Of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
