"""Continuous batching: who gets a slot when, what a crowd changes (nothing), and what happens when a tick fails."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("safetensors")

import torch

from app.engines.base import EngineFailed, EngineOverloaded
from app.engines.parler.checkpoint import Checkpoint
from app.engines.parler.requests import Request
from app.engines.parler.sampling import Sampling
from app.engines.parler.voices import Voices
from app.engines.parler.weights import load_weights
from tests.engines.parler.jobs import LIMITS, Job, codes_of, job, make_batch, play, voice

LONG = Job(job(0).prompt, voice(0), 100)


def test_a_clause_sounds_the_same_alone_and_in_a_crowd(medium: Path) -> None:
    samplings = [Sampling(0.9, 40, 1.0, seed=1), Sampling(1.1, 64, 0.8, seed=2), Sampling(0.7, 20, 0.95, seed=3)]
    requests = [job(n).request(samplings[n % 3]) for n in range(1, 6)]
    alone_in = make_batch(medium, replace(LIMITS, slots=1))
    alone = [codes_of(play(alone_in, [request])[request]) for request in requests]
    chance = random.Random(1)
    crowd = [job(n).request(samplings[n % 3]) for n in range(6, 11)]
    cancels = {n: 15 for n in range(5, 8)}
    again = [replace(request) for request in requests]
    heard = play(make_batch(medium), [*again, *crowd], [chance.randrange(15) for _ in range(10)], cancels)
    for request, wanted in zip(again, alone, strict=True):
        assert torch.equal(codes_of(heard[request]), wanted)
    other = replace(requests[0], sampling=replace(samplings[0], seed=9))
    assert not torch.equal(codes_of(play(alone_in, [other])[other]), alone[0])


def test_the_first_chunk_comes_long_before_the_end_and_is_small(tiny: Path) -> None:
    batch = make_batch(tiny)
    request = LONG.request()
    batch.submit(request)
    ticks: list[int] = []
    lengths: list[int] = []
    while not batch.idle:
        for chunk in batch.tick():
            ticks.append(batch.ticks)
            lengths.append(len(chunk.audio) // batch.shape.hop)
    # 8 frames, 10 of the codec's context, and 9 by which the last codebook lags: 27 steps of 108.
    assert ticks[0] * LIMITS.steps == 28
    assert ticks[-1] * LIMITS.steps == 108
    assert lengths[0] == 8
    assert max(lengths) >= 32
    assert sum(lengths) == 100


def test_a_cancelled_clause_gives_its_slot_to_the_next_one_within_a_tick(tiny: Path) -> None:
    batch = make_batch(tiny, replace(LIMITS, slots=2))
    first, second, third = (replace(LONG).request() for _ in range(3))
    for request in (first, second, third):
        batch.submit(request)
    for _ in range(8):
        batch.tick()
    assert batch.seated == {0: first, 1: second}
    batch.cancel(first)
    chunks = batch.tick()
    assert batch.seated == {0: third, 1: second}
    assert all(chunk.request is not first for chunk in chunks)
    batch.cancel(second)
    batch.cancel(third)
    batch.tick()
    assert batch.idle


def test_urgent_clauses_go_first_and_cancelled_ones_do_not_wait(tiny: Path) -> None:
    batch = make_batch(tiny, replace(LIMITS, slots=1, waiting=3))
    speaking, later, urgent, cancelled = (LONG.request() for _ in range(4))
    batch.submit(speaking)
    batch.tick()
    batch.submit(later)
    batch.submit(cancelled)
    batch.submit(urgent, urgent=True)
    with pytest.raises(EngineOverloaded, match="3 clauses are waiting"):
        batch.submit(LONG.request())
    batch.cancel(cancelled)
    batch.submit(last := LONG.request())
    order = []
    while not batch.idle:
        (now,) = batch.seated.values()
        order.append(now)
        batch.cancel(now)
        batch.tick()
    assert order == [speaking, urgent, later, last]


def test_what_does_not_fit_is_refused_before_it_harms_anybody(tiny: Path) -> None:
    batch = make_batch(tiny)
    good = job(1)
    refused: list[tuple[Request, str]] = [
        (replace(good, prompt=()).request(), "0 tokens"),
        (replace(good, prompt=(5,) * 65).request(), "65 tokens"),
        (replace(good, prompt=(512,)).request(), "ids"),
        (replace(good, prompt=(-1,)).request(), "ids"),
        (replace(good, description=(3,) * 49).request(), "description of 49 tokens"),
        (replace(good, description=(128,)).request(), "description"),
        (replace(good, frames=101).request(), "101 frames"),
        (replace(good, frames=0).request(), "0 frames"),
        (good.request(Sampling(temperature=float("nan"))), "temperature"),
        (good.request(Sampling(top_k=65)), "top_k"),
        (good.request(Sampling(top_p=0.0)), "top_p"),
    ]
    for request, complaint in refused:
        with pytest.raises(EngineFailed, match=complaint):
            batch.submit(request)
    assert batch.idle


def test_the_longest_clause_after_the_longest_text_fits(tiny: Path) -> None:
    batch = make_batch(tiny)
    request = Job(job(3).prompt[:1] * LIMITS.prompt, voice(2), LIMITS.frames).request(least_frames=LIMITS.frames)
    assert codes_of(play(batch, [request])[request]).shape == (9, LIMITS.frames)


def test_a_clause_does_not_end_before_its_least_frames(medium: Path) -> None:
    early = job(7)
    batch = make_batch(medium)
    free, held = early.request(), early.request(least_frames=60)
    heard = play(batch, [free, held])
    assert codes_of(heard[free]).shape[1] < 60 <= codes_of(heard[held]).shape[1]


def test_a_tick_that_fails_costs_only_its_own_clauses(tiny: Path) -> None:
    batch = make_batch(tiny, replace(LIMITS, slots=2))
    wanted = codes_of(play(batch, [request := job(1).request()])[request])
    speaking = [LONG.request(), LONG.request()]
    waiting = job(1).request()
    for request in (*speaking, waiting):
        batch.submit(request)
    batch.tick()
    broken = batch.decoder._weights.heads
    shape = broken.shape
    broken.resize_(1, 1)  # a matrix of the wrong shape: the step raises half way
    with pytest.raises(RuntimeError):
        batch.tick()
    broken.resize_(shape)
    assert batch.abandon() == speaking
    assert torch.equal(codes_of(play(batch, [])[waiting]), wanted)


def test_what_a_slot_held_before_does_not_matter(tiny: Path) -> None:
    batch = make_batch(tiny, replace(LIMITS, slots=1))
    first = job(1).request()
    wanted = codes_of(play(batch, [first])[first])
    for cache in batch._state.keys_values:
        cache.fill_(float("nan"))
    again = job(1).request()
    assert torch.equal(codes_of(play(batch, [again])[again]), wanted)


def test_voices_are_encoded_once_and_none_in_use_is_replaced(tiny: Path) -> None:
    checkpoint = Checkpoint(tiny)
    cpu = torch.device("cpu")
    voices = Voices(checkpoint, load_weights(checkpoint, cpu, torch.float32).layers, 2, 48, cpu, torch.float32)
    with torch.no_grad():
        assert [voices.place(voice(n), ()) for n in (0, 1, 0)] == [0, 1, 0]
        kept = voices.keys_values[0].clone()
        assert voices.place(voice(2), {0, 1}) is None
        assert torch.equal(voices.keys_values[0], kept)
        assert voices.place(voice(2), {1}) == 0, "voice 1 is the one longest unused, but in use"
        assert voices.place(voice(1), {1}) == 1
        assert torch.equal(voices.keys_values[0][..., 48:, :], kept[..., 48:, :])
        assert voices.place(voice(0), ()) == 0
        known = len(voice(0))  # what lies behind, of the voice before, is masked
        assert torch.equal(voices.keys_values[0][..., :known, :], kept[..., :known, :])


def test_a_voice_that_cannot_be_encoded_leaves_the_others_their_places(tiny: Path) -> None:
    checkpoint = Checkpoint(tiny)
    cpu = torch.device("cpu")
    voices = Voices(checkpoint, load_weights(checkpoint, cpu, torch.float32).layers, 2, 48, cpu, torch.float32)
    with torch.no_grad():
        assert [voices.place(voice(n), ()) for n in (0, 1)] == [0, 1]
        with pytest.raises(IndexError):
            voices.place((9999,), {1})
        assert voices.place(voice(2), {1}) == 0
        assert voices.place(voice(1), ()) == 1


def test_more_voices_than_the_table_holds_wait_for_each_other(tiny: Path) -> None:
    jobs = [replace(job(n), description=voice(n), frames=9 + n) for n in range(7)]
    wide = make_batch(tiny, replace(LIMITS, voices=7))
    narrow = make_batch(tiny, replace(LIMITS, voices=2))
    requests = [[job.request() for job in jobs] for _ in range(2)]
    heard = play(wide, requests[0]), play(narrow, requests[1])
    for one, other in zip(*requests, strict=True):
        assert torch.equal(codes_of(heard[0][one]), codes_of(heard[1][other]))
