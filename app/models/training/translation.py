"""Trains the two translators of the pack: Kannada callers into English, English answers into Kannada.

A training is a folder: `pieces.spm` (the vocabulary), `component.json` (what the manifest must say of the model),
`checkpoint.pt` (all to go on from) and `record.json` (what was done and reached, for the model card). The same seed,
recipe and number of steps give the same model on one kind of CPU.
"""

import io
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from app.models.training.corpus import Split
from app.models.training.machine import finished_steps
from app.models.training.names import english_names
from app.models.training.slot_exact import slot_exact
from app.models.training.translation_data import NORMALISE, PairBatch, Way, batches, learn_pieces, load_pieces
from app.models.training.translation_model import Recipe, loss_of, new_model, translate
from app.models.training.work import refuse_another, write_whole

STEPS = {"kn_en": 8000, "en_kn": 8000}
"""About 18 minutes of one CPU core each."""
RECIPE = Recipe()
_SAVE_EVERY_S = 120.0
_PRINT_EVERY_STEPS = 100
_FIRST_PRINT = 10
"""So many steps tell how long it will take."""
_PROBED: tuple[Split, ...] = ("sentences", "frames")


@dataclass(slots=True)
class _Run:
    """Where a training is. Everything but the weights; kept in the checkpoint."""

    step: int = 0
    chunk: int = 0
    batches_done: int = 0
    """Of the chunk."""
    pairs: int = 0
    cpu_s: float = 0.0
    loss: float = 0.0
    """A running mean."""
    probes: list[dict[str, float]] = field(default_factory=list)
    waiting: list[PairBatch] = field(default_factory=list)
    """What is left of the chunk; made anew after an interruption."""


def train(
    way: Way,
    work: Path,
    *,
    steps: int,
    device: str = "cpu",
    seed: int = 1,
    threads: int = 1,
    recipe: Recipe = RECIPE,
) -> None:
    """Trains in the folder `work`, or goes on with what is there, until `steps` steps are done.

    Raises TrainingRefused when what is there was begun with another seed, other steps or another recipe.
    """
    torch.set_num_threads(threads)
    work.mkdir(parents=True, exist_ok=True)
    checkpoint, record = work / "checkpoint.pt", work / "record.json"
    plan = {"seed": seed, "steps": steps, **asdict(recipe)}
    saved = torch.load(checkpoint, map_location="cpu", weights_only=True) if checkpoint.exists() else {}
    refuse_another(saved.get("plan", {}), plan, checkpoint)  # the first checkpoints do not name theirs
    torch.manual_seed(seed)
    pieces = _pieces(way, work, recipe, seed)
    training = _Training(way, pieces, recipe, seed, steps, device, saved)
    run = training.run
    if run.step >= steps and record.exists():
        print(f"{way.name}: its {run.step} steps are done already", flush=True)
        return
    if run.step < steps:
        goes_on = f"; goes on after step {run.step}" if run.step else ""
        print(f"{way.name}: {steps} steps on {device}, {threads} thread(s){goes_on}", flush=True)
        _steps(training, lambda: _save(checkpoint, training, plan))
    write_whole(record, json.dumps(_record(training, threads), indent=1).encode())


class _Training:
    """The model, its optimiser and how far they are."""

    def __init__(
        self, way: Way, pieces: Any, recipe: Recipe, seed: int, steps: int, device: str, saved: Mapping[str, Any]
    ) -> None:
        self.way, self.pieces, self.recipe = way, pieces, recipe
        self.seed, self.steps, self.device = seed, steps, device
        self.model = new_model(recipe).to(device).train()
        self.optimiser = _optimiser(self.model, recipe)
        self.run = _Run()
        if saved:
            self.model.load_state_dict(saved["model"])
            self.optimiser.load_state_dict(saved["optimiser"])
            torch.set_rng_state(saved["random"])
            self.run = _Run(**saved["run"])


def _steps(training: _Training, save: Callable[[], None]) -> None:
    """All that are left; an interruption ends them after any step."""
    way, run, steps, recipe = training.way, training.run, training.steps, training.recipe
    began, begun_at, saved = time.monotonic(), run.step, time.monotonic()
    cpu_before = time.process_time() - run.cpu_s
    with finished_steps() as to_stop:
        while run.step < steps and not to_stop():
            batch = _next_batch(way, training.pieces, recipe, training.seed, run)
            rate = recipe.rate(run.step, steps)
            loss = _step(training.model, training.optimiser, batch, recipe, rate, training.device)
            run.step, run.pairs = run.step + 1, run.pairs + len(batch)
            run.loss += (loss - run.loss) / min(run.step, _PRINT_EVERY_STEPS)
            run.cpu_s = time.process_time() - cpu_before
            if run.step % recipe.probe_every_steps == 0 or run.step == steps:
                figures = probe(way, training.model, training.pieces, recipe, training.device)
                run.probes.append({"step": run.step, **figures})
                print(_probe_line(training, figures), flush=True)
            if run.step % _PRINT_EVERY_STEPS == 0 or run.step == begun_at + _FIRST_PRINT:
                print(_line(training, (run.step - begun_at) / (time.monotonic() - began)), flush=True)
            if time.monotonic() - saved > _SAVE_EVERY_S:
                save()
                saved = time.monotonic()
        if run.step > begun_at:
            save()


def probe(way: Way, model: Any, pieces: Any, recipe: Recipe, device: str) -> dict[str, float]:
    """Shares of unseen sentences and of unseen frames that come out exactly, and with exactly their slots."""
    found: dict[str, float] = {}
    for split in _PROBED:
        pairs = way.probe_pairs(split, recipe.probe_pairs)
        answers = translate(model, pieces, [way.source(pair) for pair in pairs], device)
        both = list(zip(answers, pairs, strict=True))
        found[f"{split}_exact"] = _share([answer == way.target(pair) for answer, pair in both])
        found[f"{split}_slots"] = _share([slot_exact(pair, answer, way.name) for answer, pair in both])
    return found


def _share(hits: list[bool]) -> float:
    return round(sum(hits) / len(hits), 3) if hits else 0.0


def _pieces(way: Way, work: Path, recipe: Recipe, seed: int) -> Any:
    """The vocabulary; learnt first where there is none yet."""
    model = work / "pieces.spm"
    if not model.exists():
        component = {"normalise": NORMALISE, "names": english_names()}
        write_whole(work / "component.json", json.dumps(component, indent=1).encode())
        learn_pieces(way, model, size=recipe.pieces, seed=seed)
    return load_pieces(model)


def _optimiser(model: Any, recipe: Recipe) -> Any:
    return torch.optim.AdamW(model.parameters(), lr=recipe.peak_rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)


def _next_batch(way: Way, pieces: Any, recipe: Recipe, seed: int, run: _Run) -> PairBatch:
    """Takes the next batch of the run's chunk, and a new chunk where that is empty."""
    if not run.waiting:
        run.waiting = batches(
            way,
            pieces,
            seed=seed,
            chunk=run.chunk,
            chunk_pairs=recipe.chunk_pairs,
            batch_pieces=recipe.batch_pieces,
        )[run.batches_done :]
    batch = run.waiting.pop(0)
    run.batches_done += 1
    if not run.waiting:
        run.chunk, run.batches_done = run.chunk + 1, 0
    return batch


def _step(model: Any, optimiser: Any, batch: PairBatch, recipe: Recipe, rate: float, device: str) -> float:
    loss = loss_of(model, batch, recipe, device)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.step()
    return float(loss.detach())


def _line(training: _Training, steps_a_s: float) -> str:
    run, steps = training.run, training.steps
    return (
        f"{training.way.name} step {run.step} of {steps}, loss {run.loss:.3f}, "
        f"{steps_a_s * run.pairs / run.step:.0f} pairs/s, {(steps - run.step) / steps_a_s / 60:.1f} min left"
    )


def _probe_line(training: _Training, figures: Mapping[str, float]) -> str:
    shares = "; ".join(
        f"unseen {split} {figures[f'{split}_exact']:.0%} word for word, {figures[f'{split}_slots']:.0%} values right"
        for split in _PROBED
    )
    return f"{training.way.name} step {training.run.step} of {training.steps}, {shares}"


def _save(checkpoint: Path, training: _Training, plan: Mapping[str, object]) -> None:
    state = {
        "model": training.model.state_dict(),
        "optimiser": training.optimiser.state_dict(),
        "random": torch.get_rng_state(),
        "run": asdict(replace(training.run, waiting=[])),
        "plan": dict(plan),
    }
    torch.save(state, content := io.BytesIO())
    write_whole(checkpoint, content.getvalue())


def _record(training: _Training, threads: int) -> dict[str, object]:
    run = training.run
    return {
        "direction": training.way.name,
        "steps": run.step,
        "pairs": run.pairs,
        "cpu_minutes": round(run.cpu_s / 60, 1),
        "seed": training.seed,
        "device": training.device,
        "threads": threads,
        "loss": round(run.loss, 4),
        "parameters": sum(weight.numel() for weight in training.model.parameters() if weight.requires_grad),
        "torch": torch.__version__,
        "plan": asdict(training.recipe),
        "probes": run.probes,
    }
