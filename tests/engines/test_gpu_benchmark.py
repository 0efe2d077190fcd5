"""The benchmark that is run where a GPU is at hand goes through all of its sections on a CPU, with tiny models."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(600)
def test_dry_run_of_the_gpu_benchmark(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.gpu", "--dry-run", "--out", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=580,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "gpu.json").read_text())
    sections = {row["section"] for row in found["results"]}
    parler = {"Parler, a step", "Parler, the codec", "Parler, a crowd"}
    assert sections == parler | {"memory together", "a stage by itself", "voice to voice"}
    assert all(math.isfinite(row["value"]) for row in found["results"])
    assert all(row["value"] > 0 for row in found["results"] if row["unit"] == "ms")
    (same,) = (row["value"] for row in found["results"] if row["unit"] == "clauses")
    assert same == 8
    assert found["about"]["dry_run"]
    assert "voice to voice" in (tmp_path / "gpu.txt").read_text()
