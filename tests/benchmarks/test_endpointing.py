"""When a turn ends: cut-ins against delay, for fixed silences and for the words, in the same run.

(a) human read sentences, where the recordings lie beside the project; (b) requests of the electricity desk, and (c)
short answers, by synthetic callers through the embedded recogniser.
"""

from collections.abc import Iterator
from functools import partial

import pytest

pytest.importorskip("espeakng_loader")
pytest.importorskip("faster_whisper")

from tests.benchmarks.desk_callers import Recogniser, answers, sentences
from tests.benchmarks.endpointing import DETECTORS, Point, Utterance, curve, show
from tests.benchmarks.recordings import FOLDER, Recording, over_telephone, recordings

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

STT_S = 0.15
"""For known texts: what a recogniser may take after the soft end."""
EMBEDDED_STT_S = 0.05
SOON_S = 0.45
LISTS = {f"kn_sentence_{number}" for number in (62, 86, 89, 90, 93)}
"""Words in the order of the alphabet, with a pause after any of them: no sentence, so nothing says where it ends."""
REQUESTS, ANSWERS = 150, 100


@pytest.mark.skipif(not FOLDER.exists(), reason="the recordings of human speech are not beside the project")
def test_human_sentences_are_seldom_cut_and_soon_confirmed() -> None:
    curves: dict[str, list[Point]] = {}
    found = recordings()
    for name, detector in DETECTORS.items():
        judge = detector()
        for snr_db in (None, 20, 10):
            said = [_read(each, judge(over_telephone(each, snr_db))) for each in found]
            curves[f"{name}, {'clean' if snr_db is None else f'{snr_db} dB'}"] = curve(said, STT_S)
    for title, wanted in (
        (f"{len(found) - len(LISTS)} read sentences", lambda name: name not in LISTS),
        (f"{len(LISTS)} read word lists", LISTS.__contains__),
        (f"all {len(found)}", lambda _: True),
    ):
        show(title, {name: [point.only(wanted) for point in points] for name, points in curves.items()})
    for points in curves.values():
        words = points[-1].only(lambda name: name not in LISTS)
        assert words.cut <= 0.06
        assert words.delay_s <= 0.75


def _read(recording: Recording, speech: tuple[bool, ...]) -> Utterance:
    return Utterance(recording.name, speech, recording.end_s, partial(_text, recording))


def _text(recording: Recording, _: float, until_s: float) -> str:
    return recording.text(until_s)


@pytest.fixture(scope="module")
def recogniser() -> Iterator[Recogniser]:
    made = Recogniser()
    yield made
    made.close()


def test_requests_of_the_desk(recogniser: Recogniser) -> None:
    curves = {
        name: curve(list(sentences(REQUESTS, detector(), recogniser)), EMBEDDED_STT_S)
        for name, detector in DETECTORS.items()
    }
    show(f"{REQUESTS} held-out requests of the desk", curves)
    *fixed, words = curves["webrtcvad"]
    best = min((point for point in fixed if point.cut <= 0.02), key=lambda point: point.delay_s)
    print(f"webrtcvad: {words.delay_s / best.delay_s:.0%} of the delay of {best.way}, the best fixed silence")
    assert words.cut <= 0.04
    assert words.delay_s <= 0.7 * best.delay_s


def test_short_answers(recogniser: Recogniser) -> None:
    curves = {
        name: curve(list(answers(ANSWERS, detector(), recogniser)), EMBEDDED_STT_S)
        for name, detector in DETECTORS.items()
    }
    show(f"{ANSWERS} short answers", curves)
    for name, points in curves.items():
        print(f"{name}: {points[-1].within(SOON_S):.0%} confirmed within {SOON_S} s of the last voice")
    words = curves["webrtcvad"][-1]
    assert words.cut == 0
    assert words.within(SOON_S) >= 0.95
