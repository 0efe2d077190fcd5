"""Turn-taking on real human Kannada, through the telephone's mu-law. The recordings may lie beside the project."""

from pathlib import Path

import pytest

from app.call.policy import TurnPolicy
from app.call.turns import FRAME_S, Edge, Endpointing, frames
from app.config import Settings, VadSettings
from app.demo.audio import read_recording
from app.engines.webrtc import load
from telephony.audio import decode, encode
from telephony.events import FRAME_SAMPLES, RATE_HZ

AUDIO = Path(__file__).parents[2] / "shared" / "audio"
WORDS, SENTENCES = (sorted(AUDIO.glob(f"kn_{kind}_*.wav")) for kind in ("word", "sentence"))
SILENCE_S = 1.0

pytestmark = pytest.mark.skipif(not WORDS, reason="the recordings of human speech are not beside the project")


def edges(recording: Path, needed_s: float) -> list[tuple[float, Edge, float]]:
    """(time, edge, how long ago its voice began) for a recording with silence before and after, as a phone sends it."""
    pcm = bytes(round(SILENCE_S * RATE_HZ) * 2) + read_recording(recording, RATE_HZ) + bytes(RATE_HZ * 4)
    heard = decode("mulaw", encode("mulaw", pcm))
    judgements: list[bool] = []
    stream = load(Settings(vad=VadSettings(aggressiveness=2))).open(judgements.append)
    for at in range(0, len(heard) - 2 * FRAME_SAMPLES + 1, 2 * FRAME_SAMPLES):
        stream.feed(heard[at : at + 2 * FRAME_SAMPLES])
    ear = Endpointing(TurnPolicy())
    return [
        (number * FRAME_S, edge, ear.back_s)
        for number, speech in enumerate(judgements, 1)
        if (edge := ear.hear(speech, frames(needed_s)))
    ]


@pytest.mark.parametrize("recording", WORDS + SENTENCES, ids=lambda path: path.stem)
def test_a_human_voice_begins_a_turn_and_its_silence_ends_it(recording: Path) -> None:
    passed = [edge for _, edge, _ in edges(recording, TurnPolicy().start_voice_s)]
    assert passed[0] is Edge.BEGAN
    assert passed[-1] is Edge.ENDED


@pytest.mark.parametrize("recording", SENTENCES, ids=lambda path: path.stem)
def test_a_human_voice_interrupts_within_two_fifths_of_a_second(recording: Path) -> None:
    needed_s = TurnPolicy().barge_in_voice_s
    time, edge, back_s = edges(recording, needed_s)[0]
    assert edge is Edge.BEGAN
    assert time > SILENCE_S
    assert needed_s <= back_s <= 0.4
