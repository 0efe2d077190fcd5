"""Callers who speak over the agent: how soon it is silent, whether it goes on, and what it remembers of what was heard.

A long reply, 60 ms of network each way; detectors judge mu-law audio. Transcripts are taken as known, or are what the
embedded models make of the audio: their training had seven of the eleven hums, and neither "stop" nor "a minute".
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from rich.console import Console
from rich.table import Table

pytest.importorskip("espeakng_loader")
pytest.importorskip("faster_whisper")

from app.models.training.corpus import words
from tests.benchmarks.desk_callers import Recogniser
from tests.benchmarks.endpointing import DETECTORS
from tests.benchmarks.interrupters import Overlap, backchannels, heard_by, human_interruptions, interruptions
from tests.benchmarks.overlaps import Outcome, moments, outcome
from tests.benchmarks.recordings import FOLDER

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

CALLERS = 200
HUMAN_MOMENTS = 3
JITTER_S = 0.05
MOST_CLEAR_MS = 220
OPENING_S = 0.6
"""Of the reply: more voice is asked for in it, so its Clears are not among the times."""
DETECTOR_S = {"webrtcvad": 0.0, "Silero": 0.02}
"""Silero judges at the tick behind a frame."""
KNOWN = "  hums of its training"


@pytest.fixture(scope="module")
def recogniser() -> Iterator[Recogniser]:
    made = Recogniser()
    yield made
    made.close()


def test_hums_do_not_stop_the_agent(recogniser: Recogniser) -> None:
    said = list(backchannels(CALLERS))
    known, silero = _run(said, "webrtcvad"), _run(said, "Silero")
    embedded = _run(said, "webrtcvad", recogniser)
    table = _table(f"{CALLERS} hums of assent over the agent", "silenced", "gap p50", "p95", "lost the floor")
    rows = {"webrtcvad, words known": known, "Silero, words known": silero, "webrtcvad, embedded words": embedded}
    trained_on = set(words())
    rows[KNOWN] = [each for each in embedded if trained_on.issuperset(each.text.split())]
    for name, outcomes in rows.items():
        gaps = [sum(each.gaps_s) for each in outcomes if each.finished and each.gaps_s]
        silenced = sum(each.clear_s is not None for each in outcomes) / len(outcomes)
        table.add_row(name, f"{silenced:.0%}", *_ms(gaps), f"{_stopped(outcomes):.1%}", *_memory(outcomes))
    Console(width=140).print(table)
    print("Took the floor, with embedded words:", Counter(each.text for each in embedded if not each.finished))
    assert _stopped(known) <= 0.02
    assert _stopped(rows[KNOWN]) <= 0.02
    for outcomes in rows.values():
        _check_memory(outcomes)


def test_interruptions_take_the_floor(recogniser: Recogniser) -> None:
    said = list(interruptions(CALLERS))
    known = _run(said, "webrtcvad")
    rows = {
        "webrtcvad, words known": known,
        "Silero, words known": _run(said, "Silero"),
        "webrtcvad, embedded words": _run(said, "webrtcvad", recogniser),
        "webrtcvad, words known, jitter": _run(said, "webrtcvad", jitter_s=JITTER_S),
    }
    _show(f"{CALLERS} interruptions by synthetic voices", rows)
    assert _stopped(known) >= 0.98
    assert _stopped(rows["webrtcvad, embedded words"]) >= 0.95
    assert _percentile([each.clear_s for each in known if each.clear_s is not None], 95) <= MOST_CLEAR_MS
    for outcomes in rows.values():
        _check_memory(outcomes)


@pytest.mark.skipif(not FOLDER.exists(), reason="the recordings of human speech are not beside the project")
def test_a_human_voice_takes_the_floor() -> None:
    said = [each for each in human_interruptions() for _ in range(HUMAN_MOMENTS)]
    rows = {f"{name}, words known": _run(said, name) for name in DETECTORS}
    _show(f"{len(said)} interruptions by a human voice, {len(said) // HUMAN_MOMENTS} read sentences", rows)
    for outcomes in rows.values():
        assert _stopped(outcomes) >= 0.98
        _check_memory(outcomes)


def _run(
    said: Sequence[Overlap], detector: str, recogniser: Recogniser | None = None, jitter_s: float = 0.0
) -> list[Outcome]:
    judge = DETECTORS[detector]()
    outcomes = []
    for each, moment_s in zip(said, moments(len(said)), strict=True):
        hear = heard_by(recogniser, each) if recogniser else each.known
        detector_s = DETECTOR_S[detector]
        outcomes.append(outcome(each, judge(each.pcm), hear, moment_s, detector_s=detector_s, jitter_s=jitter_s))
    return outcomes


def _show(title: str, rows: dict[str, list[Outcome]]) -> None:
    table = _table(title, "Clear p50", "p95", "from any sound", "p95", "took the floor")
    for name, outcomes in rows.items():
        later = [each for each in outcomes if each.moment_s >= OPENING_S]
        voice = [each.clear_s for each in later if each.clear_s is not None]
        sound = [each.clear_sound_s for each in later if each.clear_sound_s is not None]
        table.add_row(name, *_ms(voice), *_ms(sound), f"{_stopped(outcomes):.1%}", *_memory(outcomes))
    Console(width=140).print(table)
    for name, outcomes in rows.items():
        print(f"The agent went on, {name}:", Counter(each.text for each in outcomes if each.finished).most_common(8))


def _stopped(outcomes: Sequence[Outcome]) -> float:
    return sum(not each.finished for each in outcomes) / len(outcomes)


def _ms(seconds: Sequence[float]) -> tuple[str, str]:
    return (f"{_percentile(seconds, 50):.0f} ms", f"{_percentile(seconds, 95):.0f} ms") if seconds else ("", "")


def _percentile(seconds: Sequence[float], percent: float) -> float:
    return float(np.percentile(seconds, percent)) * 1000


def _part(outcomes: Sequence[Outcome], good: Callable[[Outcome], bool]) -> float:
    return sum(map(good, outcomes)) / len(outcomes)


def _exact(each: Outcome) -> bool:
    return each.faithful and each.whole[0] == each.whole[1]


def _near(each: Outcome) -> bool:
    return each.faithful and abs(each.words[0] - each.words[1]) <= 1


def _memory(outcomes: Sequence[Outcome]) -> tuple[str, str]:
    return f"{_part(outcomes, _exact):.1%}", f"{_part(outcomes, _near):.1%}"


def _check_memory(outcomes: Sequence[Outcome]) -> None:
    assert _part(outcomes, _exact) >= 0.97
    assert _part(outcomes, _near) >= 0.99


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("detector, transcripts", no_wrap=True)
    for name in (*columns, "clauses exact", "words ± 1"):
        table.add_column(name, justify="right")
    return table
