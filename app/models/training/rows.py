"""The rows of the measurement. Each function takes the engines and how many samples to take, and gives its results."""

import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from app.agents.flow import ELECTRICITY_DESK
from app.agents.flow_file import read
from app.agents.understanding import Understanding
from app.models.training import answers
from app.models.training.corpus import agent_says, caller_says, far_frames
from app.models.training.engines import Engines
from app.models.training.grammar import Pair
from app.models.training.noises import noise_clip
from app.models.training.results import Result, share
from app.models.training.scoring import (
    Transcript,
    character_error_rate,
    contradictions,
    sentence_error_rate,
    word_error_rate,
)
from app.models.training.sets import FRAMES, UNSEEN, SpeechSet, TextSet, clips, two_in_one
from app.models.training.slot_exact import Direction, slot_exact
from telephony.events import RATE_HZ

Seed = int | str
In = TypeVar("In")
_PARTIAL_BYTES = round(0.4 * RATE_HZ) * 2
"""How much a growing window grows at a time."""


async def transcripts(engines: Engines, of: SpeechSet, n: int, seed: Seed) -> list[Result]:
    """What becomes of single utterances."""
    spoken = list(clips(of, n, seed))
    heard = await engines.hear([clip.pcm for clip in spoken])
    pairs = [Transcript(clip.pair.kannada, text) for clip, text in zip(spoken, heard, strict=True)]
    return [
        _percent(f"stt.{of.name}.cer", of.what, pairs, character_error_rate, of.most_cer),
        _percent(f"stt.{of.name}.wer", of.what, pairs, word_error_rate),
        _percent(f"stt.{of.name}.sentence", of.what, pairs, sentence_error_rate),
    ]


async def batches(engines: Engines, n: int, seed: Seed) -> list[Result]:
    """As `transcripts`, of turns that end at the same moment."""
    spoken = list(clips(UNSEEN, n, seed))
    heard = await engines.hear_in_batches([clip.pcm for clip in spoken])
    pairs = [Transcript(clip.pair.kannada, text) for clip, text in zip(spoken, heard, strict=True)]
    what = f"{UNSEEN.what}, many at once in batches"
    return [_percent("stt.batches.cer", what, pairs, character_error_rate)]


async def nobody(engines: Engines, n: int, seed: Seed) -> list[Result]:
    """What the model makes of sounds without a voice."""
    rng = random.Random(f"{seed} nobody")
    noises = [noise_clip(rng) for _ in range(n)]
    heard = await engines.hear([pcm for _, pcm in noises])
    what = "nobody speaks, loud enough for the recogniser: noise, hum, clicks, rumble, telephone tones"
    return [share("stt.nobody.empty", what, heard.count(""), n, least=98)]


async def two_utterances(engines: Engines, n: int, seed: Seed) -> list[Result]:
    """A caller who goes on after a pause."""
    said, pcm = zip(*two_in_one(n, seed), strict=True)
    pairs = [Transcript(*both) for both in zip(said, await engines.hear(pcm), strict=True)]
    what = "two utterances in one window, 0.4-1.2 s apart"
    return [
        _percent("stt.two.cer", what, pairs, character_error_rate, most=4),
        share("stt.two.all_words", what, sum(pair.complete for pair in pairs), n, least=85),
    ]


async def partials(engines: Engines, n: int, seed: Seed) -> list[Result]:
    """A caller who is transcribed every 0.4 s while speaking."""
    wrong = of = 0
    for clip in clips(UNSEEN, n, f"{seed} partials"):
        grown = [clip.pcm[:end] for end in range(_PARTIAL_BYTES, len(clip.pcm), _PARTIAL_BYTES)]
        *early, final = await engines.hear([*grown, clip.pcm])
        wrong += contradictions(early, final)
        of += len(early)
    return [share("stt.partials.contradicted", "partial texts of a growing window, every 0.4 s", wrong, of)]


async def translations(engines: Engines, of: TextSet, n: int, seed: Seed) -> list[Result]:
    """What becomes of sentences without a recogniser."""
    says = caller_says if of.direction == "kn_en" else agent_says
    far = far_frames("caller" if of.direction == "kn_en" else "agent")

    def say(rng: random.Random) -> Pair:
        while (pair := says(rng, of.split)).frame not in far and of.far:
            pass
        return pair

    pairs = _different(say, n, random.Random(f"{seed} {of.direction} {of.split}"))
    exact, kept = await _translated(engines, of.direction, pairs)
    return [
        share(f"{of.direction}.{of.name}.slots", of.what, kept, len(pairs), least=of.least),
        share(f"{of.direction}.{of.name}.exact", of.what, exact, len(pairs)),
    ]


async def desk_answers(engines: Engines, n: int, seed: Seed) -> list[Result]:
    """All that the desk's agent says, with its own records and with `n` random ones."""
    rows = (
        ("desk", "all that the demo's agent can say", answers.with_the_desks_data(), 100),
        ("desk_random", "the same sentences with other values", answers.with_random_values(n, seed), None),
    )
    results = []
    for name, what, sentences, least in rows:
        known = [pair for text in sentences if (pair := answers.reference(text)) is not None]
        exact, kept = await _translated(engines, "en_kn", known)
        results += [
            share(f"en_kn.{name}.slots", what, kept, len(sentences), least=least),
            share(f"en_kn.{name}.exact", what, exact, len(sentences)),
        ]
    return results


async def requests(engines: Engines, n: int, n_frames: int, seed: Seed) -> list[Result]:
    """Voice to meaning: the task, the word and the values that the agent understands."""
    understanding = Understanding(read(ELECTRICITY_DESK))

    async def of_set(name: str, of: SpeechSet, n: int, least: float | None) -> Result:
        means_something: list[bool] = []

        def wanted(pair: Pair) -> bool:
            means_something.append(not understanding.of(pair.english).nothing)
            return means_something[-1]

        spoken = list(clips(of, n, f"{seed} requests", wanted))
        heard = await engines.hear([clip.pcm for clip in spoken])
        english = await engines.translate(heard, to_english=True)
        both = zip(spoken, english, strict=True)
        right = sum(understanding.of(clip.pair.english) == understanding.of(text) for clip, text in both)
        what = (
            f"spoken requests, {of.what.partition(', plain')[0]} ({means_something.count(False)} of "
            f"{len(means_something)} drawn sentences left out: they mean nothing to the desk)"
        )
        return share(name, what, right, len(spoken), least=least)

    return [
        await of_set("whole.unseen.meaning", UNSEEN, n, 93),
        await of_set("whole.frames.meaning", FRAMES, n_frames, None),
    ]


async def speed(engines: Engines, n: int, seed: Seed) -> list[Result]:
    """Medians of CPU time, one at a time."""
    of_3_s = (clip.pcm for clip in clips(UNSEEN, 50 * n, f"{seed} speed") if 2.8 <= clip.seconds <= 3.2)
    turns = list(islice(of_3_s, n))
    callers, agents = (
        _different(partial(says, split="sentences"), n, random.Random(f"{seed} speed"))
        for says in (caller_says, agent_says)
    )
    return [
        await _median_ms("stt", "one pass over a turn of 3 s", engines.hear, turns, most=120),
        await _median_ms(
            "kn_en",
            "one sentence into English",
            lambda texts: engines.translate(texts, to_english=True),
            [pair.kannada for pair in callers],
            most=25,
        ),
        await _median_ms(
            "en_kn",
            "one sentence into Kannada",
            lambda texts: engines.translate(texts, to_english=False),
            [pair.english for pair in agents],
            most=25,
        ),
    ]


def size(pack: Path) -> list[Result]:
    """What the pack takes on disk."""
    bytes_ = sum(file.stat().st_size for file in pack.rglob("*") if file.is_file())
    return [Result("pack.disk.size", "the whole pack", 1, bytes_ / 1e6, "MB", most=16)]


def _percent(
    name: str,
    what: str,
    pairs: Sequence[Transcript],
    rate: Callable[[Sequence[Transcript]], float],
    most: float | None = None,
) -> Result:
    return Result(name, what, len(pairs), 100 * rate(pairs), "%", most)


def _different(say: Callable[[random.Random], Pair], n: int, rng: random.Random) -> list[Pair]:
    """`n` pairs with different sentences; fewer when there hardly are so many."""
    found: dict[str, Pair] = {}
    for _ in range(50 * n):
        if len(found) == n:
            break
        pair = say(rng)
        found.setdefault(pair.kannada, pair)
    return list(found.values())


async def _translated(engines: Engines, direction: Direction, pairs: Sequence[Pair]) -> tuple[int, int]:
    """How many came out word for word, and with every value right."""
    to_english = direction == "kn_en"
    sources = [pair.kannada if to_english else pair.english for pair in pairs]
    both = list(zip(pairs, await engines.translate(sources, to_english=to_english), strict=True))
    exact = sum(output == (pair.english if to_english else pair.kannada) for pair, output in both)
    return exact, sum(slot_exact(pair, output, direction) for pair, output in both)


async def _median_ms(
    name: str, what: str, run: Callable[[Sequence[In]], Awaitable[object]], items: Sequence[In], *, most: float
) -> Result:
    took_ms = []
    for item in items:
        before = time.process_time()
        await run([item])
        took_ms.append((time.process_time() - before) * 1000)
    return Result(f"speed.{name}.cpu", what, len(items), statistics.median(took_ms), "ms", most=most)
