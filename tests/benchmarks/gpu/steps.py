"""Parler's decoder and codec by themselves: what a step costs, as a CUDA graph and launched kernel by kernel."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch

from app.engines.parler.batch import Batch
from app.engines.parler.checkpoint import Checkpoint
from app.engines.parler.requests import Limits, Request
from app.engines.parler.sampling import Sampling
from app.engines.parler.windows import LEFT, RIGHT, Window
from tests.benchmarks.gpu.device import Device
from tests.benchmarks.gpu.report import Row
from tests.benchmarks.gpu.sizes import Plan

SECTION = "Parler, a step"


def batch(folder: Path, plan: Plan, slots: int) -> Batch:
    checkpoint = Checkpoint(folder)
    frames = round((plan.clause_s + 1) * checkpoint.shape.frames_per_s)
    limits = Limits(slots=slots, frames=frames, prompt=64 if plan.device == "cpu" else 256)
    return Batch(checkpoint, limits, torch.device(plan.device), getattr(torch, plan.dtype))


def rows(device: Device, plan: Plan, folder: Path) -> Iterator[Row]:
    """Every slot takes part in every step, whether anybody speaks in it, so empty ones cost the same."""
    for slots in plan.slots:
        one = batch(folder, plan, slots)
        frame_ms = 1000 / one.shape.frames_per_s
        eager_ms = {context: step_ms(device, plan, one, one.decoder.step, context) for context in one.contexts}
        one.warm_up()
        for context in one.contexts:
            graph_ms = step_ms(device, plan, one, one._step, context)
            what = f"{slots} slots, context {context}"
            yield Row(SECTION, f"{what}: step", graph_ms, "ms")
            yield Row(SECTION, f"{what}: steps a second", 1000 / graph_ms, "steps/s")
            yield Row(SECTION, f"{what}: one by one, against a graph", eager_ms[context] / graph_ms, "times")
            yield Row(SECTION, f"{what}: faster than real time", frame_ms / graph_ms, "times")
        del one
        device.forget()
    yield from codec_rows(device, plan, folder)
    yield equality(plan, folder)


def step_ms(device: Device, plan: Plan, one: Batch, step: Callable[[int], None], context: int) -> float:
    with one._computing():
        return device.ms(partial(step, context), plan.rounds, calls=8)


def codec_rows(device: Device, plan: Plan, folder: Path) -> Iterator[Row]:
    """Wide windows of many slots as one batch, by the codec alone."""
    one = batch(folder, plan, max(plan.codec_batches))
    one.warm_up()
    chunk = one.limits.chunk_frames
    window = Window(0, LEFT + chunk + RIGHT, LEFT, LEFT + chunk)
    for count in plan.codec_batches:
        windows = [(slot, window) for slot in range(count)]

        def decode(windows: list[tuple[int, Window]] = windows) -> None:
            with one._computing():
                one._codec.decode(windows, one._state.codes).wait()

        took_ms = device.ms(decode, plan.rounds)
        audio_ms = chunk / one.shape.frames_per_s * 1000
        yield Row("Parler, the codec", f"{count} windows of {chunk} frames", took_ms, "ms")
        yield Row(
            "Parler, the codec", f"{count} windows: streams it alone could carry", count * audio_ms / took_ms, "streams"
        )


def equality(plan: Plan, folder: Path) -> Row:
    """How many of some clauses, half of them sampled, get the same codes by graphs as kernel by kernel."""
    codes = []
    for graphs in (False, True):
        one = batch(folder, plan, max(plan.slots))
        if graphs:
            one.warm_up()
        requests = [_clause(n, Sampling(float(n % 2), 50, 1.0, n)) for n in range(8)]
        for request in requests:
            one.submit(request)
        got: dict[Request, list[torch.Tensor]] = {request: [] for request in requests}
        while not one.idle:
            for chunk in one.tick():
                got[chunk.request].append(chunk.codes.cpu())
        codes.append([torch.cat(got[request], -1) for request in requests])
    same = sum(torch.equal(eager, graph) for eager, graph in zip(*codes, strict=True))
    return Row(SECTION, "of 8 clauses, the same codes with and without graphs", same, "clauses", least=8)


def _clause(n: int, sampling: Sampling) -> Request:
    return Request([n + 3] * 20, tuple(range(3, 43)), 40 + n, sampling, 40 + n)
