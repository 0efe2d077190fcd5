"""What Whisper saves when a turn is encoded at its own length, and not padded to 30 s: whisper-small, int8, one thread.

Random weights, so nothing is said about what short windows do to accuracy.
"""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="make test-engines installs what this builds models with")
pytest.importorskip("transformers")
pytest.importorskip("faster_whisper")

from app.config import SttSettings
from app.engines.whisper import WhisperStt
from tests.benchmarks.rounds import medians_s, show
from tests.benchmarks.whisper_turn import encoder_input, encoding, transcribing
from tests.checkpoints import whisper

TURN_S = 3.0
TOKENS = 24
"""Of a turn of 3 s. The random model never ends, so its texts are cut there."""
ROUNDS = 3
pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("whisper")
    source = whisper.write(root / "published", "small", says=["ಕ"])
    return whisper.convert(source, root / "int8")


def test_a_short_window_saves_most_of_the_encoder(folder: Path) -> None:
    short, padded = (WhisperStt(folder, SttSettings(short_window=window)) for window in (True, False))
    inputs = {"short": encoder_input(short, TURN_S), "padded": encoder_input(padded, TURN_S)}
    encoder = medians_s({which: encoding(short, each) for which, each in inputs.items()}, ROUNDS)
    turn = medians_s({which: transcribing(short, each, TOKENS) for which, each in inputs.items()}, ROUNDS)
    rows = [
        [name, *(f"{each[which] * 1000:.0f}" for which in ("padded", "short")), f"{each['padded'] / each['short']:.1f}"]
        for name, each in (("encoder, ms", encoder), (f"encoder and {TOKENS} tokens, ms", turn))
    ]
    windows = ", ".join(f"{which} {inputs[which].shape[2] / 100:.1f} s" for which in ("padded", "short"))
    show(
        f"Whisper small, random weights, int8, 1 thread: a turn of {TURN_S:.0f} s", ["", "padded", "short", "times"],
        rows, f"windows: {windows}; processor time, medians of {ROUNDS} rounds in turns",
    )  # fmt: skip
    assert encoder["padded"] > 5 * encoder["short"]
    assert turn["padded"] > 1.5 * turn["short"]
