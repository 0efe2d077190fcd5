"""Whole calls to the embedded desk, from tests/scenarios: to one real server, on its real models, all at the same time.

Each ends as its cue sheet expects, with the facts it expects in the desk's records, and its trace replays. One of them
alone, with the conversation on the screen: `kva demo --call tests/scenarios/bill.toml`.
"""

import asyncio
from collections.abc import Mapping

import pytest

from app.call.policy import Patience
from app.config import CallSettings, Phrase, PromptSettings, Settings
from app.demo.local import Call
from app.replay.trace import read, replay
from app.server import new_loop
from tests.record_calls import OFFICER, SCENARIOS as FOLDER, call_all

pytest.importorskip("ctranslate2", reason="needs the extra [demo]")
pytest.importorskip("espeakng_loader", reason="needs the extra [demo]")

SCENARIOS = {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}
HANDED_OVER = "officer"
"""The scenario that ends with a person."""

pytestmark = pytest.mark.timeout(300)  # all the calls are made in the first test


SETTINGS = Settings(
    call=CallSettings(transfer_to=OFFICER, patience=Patience(filler_s=0.0, no_reply_s=30.0, no_input_s=4.0)),
    prompts=PromptSettings(greeting=Phrase(kannada="ನಮಸ್ಕಾರ.", english="how can i help you?")),
)
"""A busy machine may be late. Somebody who says "one moment" would be interrupted instead of the answer. All the calls
take as long as they would on a telephone, so the greeting is short."""


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Call]:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(call_all(SCENARIOS, tmp_path_factory.mktemp("scenarios"), SETTINGS))


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
