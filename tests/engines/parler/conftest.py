"""Two checkpoints, and what the parler-tts package makes of them: once for all tests.

The fixtures import what needs torch themselves: test modules skip before they ask for them.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engines.parler.jobs import Gold


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    if find_spec("torch") is not None:
        import torch

        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.checkpoints import parler

    return parler.write(tmp_path_factory.mktemp("parler") / "tiny", parler.TINY)


@pytest.fixture(scope="session")
def medium(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A net in which some clauses end by themselves, and with a projection of the text encoder."""
    from tests.checkpoints import parler

    return parler.write(tmp_path_factory.mktemp("parler") / "medium", parler.MEDIUM)


@pytest.fixture(scope="session")
def gold(tiny: Path, medium: Path) -> dict[str, Gold]:
    """Greedy generation by the package, by the name of the checkpoint."""
    if find_spec("parler_tts") is None:
        pytest.skip("the parler-tts package is not installed")
    from tests.engines.parler.jobs import Gold

    return {"tiny": Gold(tiny, range(3)), "medium": Gold(medium, (1, 2, 4, 5, 7, 10))}
