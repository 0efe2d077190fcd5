"""Trains the two translators of the pack: Kannada callers into English, English answers into Kannada.

A training is a folder: `pieces.spm` (the vocabulary), `component.json` (what the manifest must say of the model),
`checkpoint.pt` (all to go on from) and `record.json` (what was done and reached, for the model card). The same seed,
plan and number of steps give the same model on one kind of CPU.
"""

import json
import os
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from app.models.training.corpus import Split
from app.models.training.names import english_names
from app.models.training.slot_exact import slot_exact
from app.models.training.translation_data import NORMALISE, Batch, Direction, batches, learn_pieces, load_pieces
from app.models.training.translation_model import Plan, loss_of, new_model, translate

STEPS = {"kn_en": 8000, "en_kn": 8000}
"""About 18 minutes of one CPU core each."""
PLAN = Plan()
_SAVE_EVERY_S = 120.0
_PRINT_EVERY_STEPS = 100


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
    waiting: list[Batch] = field(default_factory=list)
    """What is left of the chunk; made anew after an interruption."""


def train(
    direction: Direction,
    work: Path,
    *,
    steps: int,
    device: str = "cpu",
    seed: int = 1,
    threads: int = 1,
    plan: Plan = PLAN,
) -> None:
    """Trains in the folder `work`, or goes on with what is there, until `steps` steps are done."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    work.mkdir(parents=True, exist_ok=True)
    pieces = _pieces(direction, work, plan, seed)
    model = new_model(plan).to(device).train()
    optimiser = _optimiser(model, plan)
    run = _load(work, model, optimiser)
    began, begun_at, saved = time.monotonic(), run.step, time.monotonic()
    cpu_before = time.process_time() - run.cpu_s
    while run.step < steps:
        batch = _next_batch(direction, pieces, plan, seed, run)
        loss = _step(model, optimiser, batch, plan, plan.rate(run.step, steps), device)
        run.step, run.pairs = run.step + 1, run.pairs + len(batch)
        run.loss += (loss - run.loss) / min(run.step, _PRINT_EVERY_STEPS)
        run.cpu_s = time.process_time() - cpu_before
        if run.step % plan.probe_every_steps == 0 or run.step == steps:
            run.probes.append({"step": run.step, **probe(direction, model, pieces, plan, device)})
            print(direction.name, run.probes[-1], flush=True)
        if run.step % _PRINT_EVERY_STEPS == 0:
            print(_progress(direction, run, steps, (run.step - begun_at) / (time.monotonic() - began)), flush=True)
        if run.step == steps or time.monotonic() - saved > _SAVE_EVERY_S:
            saved = time.monotonic()
            _save(work, model, optimiser, run)
    _record(work, direction, plan, run, seed, model)


def probe(direction: Direction, model: Any, pieces: Any, plan: Plan, device: str) -> dict[str, float]:
    """Shares of unseen sentences and of unseen frames that come out exactly, and with exactly their slots."""
    found: dict[str, float] = {}
    splits: tuple[Split, ...] = ("sentences", "frames")
    for split in splits:
        pairs = direction.probe_pairs(split, plan.probe_pairs)
        answers = translate(model, pieces, [direction.source(pair) for pair in pairs], device)
        both = list(zip(answers, pairs, strict=True))
        found[f"{split}_exact"] = _share([answer == direction.target(pair) for answer, pair in both])
        found[f"{split}_slots"] = _share([slot_exact(pair, answer, direction.name) for answer, pair in both])
    return found


def _share(hits: list[bool]) -> float:
    return round(sum(hits) / len(hits), 3) if hits else 0.0


def _pieces(direction: Direction, work: Path, plan: Plan, seed: int) -> Any:
    """The vocabulary; learnt first where there is none yet."""
    model = work / "pieces.spm"
    if not model.exists():
        new = work / "new.model"
        learn_pieces(direction, new, size=plan.pieces, seed=seed)
        component = {"normalise": NORMALISE, "names": english_names()}
        _write(work / "component.json", json.dumps(component, indent=1).encode())
        os.replace(new, model)
    return load_pieces(model)


def _optimiser(model: Any, plan: Plan) -> Any:
    return torch.optim.AdamW(model.parameters(), lr=plan.peak_rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)


def _next_batch(direction: Direction, pieces: Any, plan: Plan, seed: int, run: _Run) -> Batch:
    """Takes the next batch of the run's chunk, and a new chunk where that is empty."""
    if not run.waiting:
        run.waiting = batches(
            direction,
            pieces,
            seed=seed,
            chunk=run.chunk,
            chunk_pairs=plan.chunk_pairs,
            batch_pieces=plan.batch_pieces,
        )[run.batches_done :]
    batch = run.waiting.pop(0)
    run.batches_done += 1
    if not run.waiting:
        run.chunk, run.batches_done = run.chunk + 1, 0
    return batch


def _step(model: Any, optimiser: Any, batch: Batch, plan: Plan, rate: float, device: str) -> float:
    loss = loss_of(model, batch, plan, device)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.step()
    return float(loss.detach())


def _progress(direction: Direction, run: _Run, steps: int, steps_a_s: float) -> str:
    pairs_a_s = steps_a_s * run.pairs / run.step
    return (
        f"{direction.name} step {run.step}/{steps} loss {run.loss:.3f} {run.pairs} pairs {pairs_a_s:.0f} pairs/s "
        f"cpu {run.cpu_s / 60:.1f} min, {(steps - run.step) / steps_a_s / 60:.1f} min left"
    )


def _load(work: Path, model: Any, optimiser: Any) -> _Run:
    checkpoint = work / "checkpoint.pt"
    if not checkpoint.exists():
        return _Run()
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    model.load_state_dict(state["model"])
    optimiser.load_state_dict(state["optimiser"])
    torch.set_rng_state(state["random"])
    return _Run(**state["run"])


def _save(work: Path, model: Any, optimiser: Any, run: _Run) -> None:
    state = {
        "model": model.state_dict(),
        "optimiser": optimiser.state_dict(),
        "random": torch.get_rng_state(),
        "run": asdict(replace(run, waiting=[])),
    }
    torch.save(state, work / "checkpoint.new")
    os.replace(work / "checkpoint.new", work / "checkpoint.pt")


def _record(work: Path, direction: Direction, plan: Plan, run: _Run, seed: int, model: Any) -> None:
    record = {
        "direction": direction.name,
        "steps": run.step,
        "pairs": run.pairs,
        "cpu_minutes": round(run.cpu_s / 60, 1),
        "seed": seed,
        "loss": round(run.loss, 4),
        "parameters": sum(weight.numel() for weight in model.parameters() if weight.requires_grad),
        "torch": torch.__version__,
        "plan": asdict(plan),
        "probes": run.probes,
    }
    _write(work / "record.json", json.dumps(record, indent=1).encode())


def _write(path: Path, content: bytes) -> None:
    """All or nothing: a training that is cut short leaves no half file."""
    new = path.with_suffix(".new")
    new.write_bytes(content)
    os.replace(new, path)
