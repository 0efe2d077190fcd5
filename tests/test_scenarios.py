"""Whole calls to the embedded desk, from tests/scenarios: to one real server, on its real models, all at the same time.

Each ends as its cue sheet expects, with the facts it expects in the desk's records, and its trace replays. One of them
alone, with the conversation on the screen: `kva demo --call tests/scenarios/bill.toml`.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.config import CallSettings, Settings
from app.demo.local import Call, local_server
from app.demo.script import load_script
from app.replay.trace import read, replay
from app.server import new_loop

pytest.importorskip("ctranslate2", reason="needs the extra [demo]")
pytest.importorskip("espeakng_loader", reason="needs the extra [demo]")

SCENARIOS = {path.stem: path for path in sorted((Path(__file__).parent / "scenarios").glob("*.toml"))}
OFFICER = "+918022001912"
HANDED_OVER = "officer"
"""The scenario that ends with a person."""

pytestmark = pytest.mark.timeout(300)  # all the calls are made in the first test


async def _call_all(folder: Path) -> dict[str, Call]:
    settings = Settings(call=CallSettings(transfer_to=OFFICER))
    async with local_server(settings, folder) as at:
        calls = {name: at.place(load_script(path)) for name, path in SCENARIOS.items()}
        async with asyncio.TaskGroup() as tasks:
            for name, call in calls.items():
                tasks.create_task(at.run(call), name=name)
    return calls


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Call]:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(_call_all(tmp_path_factory.mktemp("scenarios")))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_call_ends_in_the_right_state_with_the_right_facts(name: str, calls: Mapping[str, Call]) -> None:
    call = calls[name]
    assert call.script.expect is not None
    assert call.script.expect.ends is not None
    assert call.problems() == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_its_trace_replays_to_the_same_decisions(name: str, calls: Mapping[str, Call]) -> None:
    outcome = replay(read(calls[name].trace))
    assert outcome.difference == ""
    assert outcome.call_s > 5


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_carrier_was_told_the_same(name: str, calls: Mapping[str, Call]) -> None:
    ended = calls[name].ended
    assert ended is not None
    assert (ended.by, ended.verbs) == ("server", ("Dial",) if name == HANDED_OVER else ("Hangup",))
