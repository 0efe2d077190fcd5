"""IndicTrans2 on CTranslate2 in int8 against float32 in transformers, one thread each, at the size of the 200M models.

Random weights: nothing is said about the quality of translations, which int8 can cost a little of.
"""

import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="make test-engines installs what this compares with")
pytest.importorskip("transformers")
pytest.importorskip("ctranslate2")

from app.engines.indictrans2.convert import convert
from tests.benchmarks.rounds import Helper, folder_mb, helpers, show
from tests.benchmarks.translators import CALLS, SIZES, SOURCE, TARGET
from tests.checkpoints.indictrans2 import make, parameters

ROUNDS = 3
pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The converted model; the checkpoint it came from is a gigabyte, and is gone by then."""
    root = tmp_path_factory.mktemp("indictrans2")
    make(root / "published", SIZES)
    convert(root / "published", root / "int8", quantization="int8")
    (root / "published" / "model.safetensors").unlink()
    yield root / "int8"
    (root / "int8" / "model.bin").unlink()


def median_s(helper: Helper, others: list[Helper], what: str, number: int) -> list[float]:
    """Medians of `helper` and the others, which take turns."""
    took = [[each.ask(what, number) for each in (helper, *others)] for _ in range(ROUNDS + 1)]
    return [statistics.median(each) for each in zip(*took[1:], strict=True)]


def test_int8_on_ctranslate2_is_faster_and_smaller(folder: Path) -> None:
    with helpers("tests.benchmarks.translators", ["reference"], ["ct2", str(folder)]) as (reference, ct2):
        first = median_s(reference, [ct2], "first", 1)
        single = median_s(reference, [ct2], "batch", 1)
        batched = median_s(reference, [ct2], "batch", CALLS)
        memory = [each.ask("memory") for each in (reference, ct2)]
    # The head is stored twice in a published checkpoint; it counts once here.
    twice = SIZES.target_vocabulary * SIZES.width
    disk = [(parameters(SIZES) - twice) * 4 / 1e6, folder_mb(folder, "model.bin")]
    held = [each["now"] for each in memory]
    own = [each["now"] - each["before"] for each in memory]
    speed = [TARGET / each for each in single]
    crowd = [CALLS * TARGET / each for each in batched]
    rows = [
        ["tokens/s, one call", *(f"{each:.1f}" for each in speed), f"{speed[1] / speed[0]:.1f}"],
        [f"tokens/s, {CALLS} calls at once", *(f"{each:.1f}" for each in crowd), f"{crowd[1] / crowd[0]:.1f}"],
        ["the same, against one after another", f"{speed[0]:.1f}", f"{crowd[1]:.1f}", f"{crowd[1] / speed[0]:.1f}"],
        ["first token, ms", *(f"{each * 1000:.0f}" for each in first), f"{first[0] / first[1]:.1f}"],
        ["memory of the process, MB", *(f"{each:.0f}" for each in held), f"{held[0] / held[1]:.1f}"],
        ["of it the model and its libraries, MB", *(f"{each:.0f}" for each in own), f"{own[0] / own[1]:.1f}"],
        ["on disk, MB", *(f"{each:.0f}" for each in disk), f"{disk[0] / disk[1]:.1f}"],
    ]
    show(
        "IndicTrans2 200M, random weights, 1 thread: transformers float32 and CTranslate2 int8",
        ["", "float32", "int8", "times"],
        rows,
        f"processor time, medians of {ROUNDS} rounds in turns; {SOURCE} tokens in, {TARGET} out",
    )
    assert speed[1] > speed[0]
    assert crowd[1] > speed[0] * 2
    assert first[1] < first[0]
    assert held[1] < held[0] / 2
    assert disk[1] <= 0.3 * disk[0]
