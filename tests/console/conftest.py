"""The commands as typer runs them, in a folder without settings."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import Common
from app.cli_agent import agent

Invoke = Callable[..., Result]


@pytest.fixture
def kva_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """`kva_agent("check", "desk.toml")`; `typed` is what the user types."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith("KVA_")]:
        monkeypatch.delenv(name)

    def invoke(*words: str, typed: str = "", config: Path | None = None) -> Result:
        return CliRunner().invoke(agent, [*map(str, words)], input=typed, obj=Common(config))

    return invoke
