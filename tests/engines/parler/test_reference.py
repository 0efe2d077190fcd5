"""Our decoder against the parler-tts package: greedy generation token for token, streamed audio against offline."""

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch

from tests.engines.parler.jobs import LIMITS, joined, make_batch, play

if TYPE_CHECKING:
    from app.engines.parler.requests import Chunk
    from tests.engines.parler.jobs import Gold
    from tests.engines.parler.reference import Spoken

SIZES = pytest.mark.parametrize("size", ["tiny", "medium"])


def assert_same(chunks: "list[Chunk]", spoken: "Spoken") -> None:
    ours = joined(chunks)
    assert torch.equal(ours.codes, spoken.codes)
    assert ours.audio.shape == spoken.audio.shape
    assert torch.allclose(ours.audio, spoken.audio, rtol=0, atol=1e-5)
    assert [chunk.last for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


@SIZES
def test_one_clause_alone(gold: "dict[str, Gold]", size: str) -> None:
    batch = make_batch(gold[size].folder, replace(LIMITS, slots=1))
    for job, spoken in zip(gold[size].jobs, gold[size].spoken, strict=True):
        request = job.request()
        assert_same(play(batch, [request])[request], spoken)


def test_the_medium_checkpoint_ends_some_clauses_early_and_is_heard(gold: "dict[str, Gold]") -> None:
    lengths = [spoken.codes.shape[1] for spoken in gold["medium"].spoken]
    early = [length for job, length in zip(gold["medium"].jobs, lengths, strict=True) if length < job.frames]
    assert len(set(early)) >= 3
    for size in gold.values():
        loudness = torch.cat([spoken.audio for spoken in size.spoken]).pow(2).mean().sqrt()
        assert 0.03 < float(loudness) < 0.5, "an error of 1e-5 would mean little"


@SIZES
@pytest.mark.parametrize("slots", [4, 16])
def test_clauses_join_leave_and_are_cancelled_at_random(gold: "dict[str, Gold]", size: str, slots: int) -> None:
    chance = random.Random(slots)
    numbers = [n for n in range(len(gold[size].jobs)) for _ in range(18 // len(gold[size].jobs))]
    chance.shuffle(numbers)
    requests = [gold[size].jobs[n].request() for n in numbers]
    arrivals = [chance.randrange(40) for _ in requests]
    cancels = {n: arrivals[n] + chance.randrange(1, 25) for n in range(len(requests)) if chance.random() < 0.3}
    batch = make_batch(gold[size].folder, replace(LIMITS, slots=slots))
    heard = play(batch, requests, arrivals, cancels)

    cut = 0
    for n, request in enumerate(requests):
        spoken = gold[size].spoken[numbers[n]]
        if n not in cancels or (heard[request] and heard[request][-1].last):
            assert_same(heard[request], spoken)
        elif heard[request]:  # what a caller heard before the cancellation was right, too
            ours = joined(heard[request])
            cut += 1
            assert torch.equal(ours.codes, spoken.codes[:, : ours.codes.shape[1]])
            assert torch.allclose(ours.audio, spoken.audio[: len(ours.audio)], rtol=0, atol=1e-5)
    assert cut, "no clause was cancelled while it spoke"


def test_the_compiled_step_is_one_graph_with_the_same_codes(gold: "dict[str, Gold]") -> None:
    limits = replace(LIMITS, slots=2)
    plain = make_batch(gold["tiny"].folder, limits)
    explained = torch._dynamo.explain(plain.decoder.step)(plain.contexts[0])
    assert (explained.graph_count, explained.graph_break_count) == (1, 0)

    batch = make_batch(gold["tiny"].folder, limits, compile_with="aot_eager")  # fullgraph: a break would raise
    requests = [job.request() for job in gold["tiny"].jobs[1:3]]
    heard = play(batch, requests, arrivals=[0, 3])
    for request, spoken in zip(requests, gold["tiny"].spoken[1:3], strict=True):
        assert_same(heard[request], spoken)
