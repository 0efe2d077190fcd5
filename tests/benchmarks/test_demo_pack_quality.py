"""What the shipped pack understands of speech and sentences that its training never had.

The split is by frame: the unseen sentence frames are frames of the grammar that no training sentence has. Voices, rates
and sentences are held out as well. The data are made from a seed, and every text goes through the engines of calls.
"""

import asyncio

import pytest
from rich.console import Console

pytest.importorskip("espeakng_loader")
pytest.importorskip("faster_whisper")

from app.models import demo_pack
from app.models.training.measure import SEED, below, measure
from app.models.training.results import show

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]


def test_the_shipped_pack_keeps_its_floors() -> None:
    results = asyncio.run(measure(demo_pack(), console=Console(stderr=True)))
    show(results, f"the shipped pack on unseen data, seed {SEED}")
    assert below(results) == []
