"""Record the calls of tests/calls anew: `python -m tests.record_calls`, when a decision was changed on purpose.

They are made here, in real time, to the embedded desk: the demo's call with each voice detector, and some scenarios.
Nothing is written unless every call went as it should and replays; look at what changed in `git diff` all the same.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from app.config import CallSettings, Settings, VadSettings
from app.demo.local import Call, local_server
from app.demo.run import EMBEDDED_CALL
from app.demo.script import load_script
from app.replay.trace import read, replay
from app.server import new_loop

HERE = Path(__file__).parent
CALLS = HERE / "calls"
SCENARIOS = HERE / "scenarios"
OFFICER = "+918022001912"
RECORDED = ("keys", "silence", "officer", "again", "backchannel")
"""Of the scenarios: each has something of the core that the demo's call lacks."""


async def call_all(scripts: Mapping[str, Path], folder: Path, settings: Settings) -> dict[str, Call]:
    """Make calls to one server at the same time. By name; their traces are complete when it returns."""
    async with local_server(settings, folder) as at:
        calls = {name: at.place(load_script(path)) for name, path in scripts.items()}
        async with asyncio.TaskGroup() as tasks:
            for name, call in calls.items():
                tasks.create_task(at.run(call), name=name)
    return calls


async def _record(folder: Path) -> dict[str, Call]:
    scenarios = {name: SCENARIOS / f"{name}.toml" for name in RECORDED}
    settings = Settings(call=CallSettings(transfer_to=OFFICER))
    calls = await call_all({"desk_demo": EMBEDDED_CALL} | scenarios, folder, settings)
    silero = Settings(vad=VadSettings(engine="silero"))
    return calls | await call_all({"desk_demo_silero": EMBEDDED_CALL}, folder, silero)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            calls = runner.run(_record(Path(folder)))
        wrong = [f"{name}: {problem}" for name, call in calls.items() for problem in call.problems()]
        wrong += [f"{name}: {why}" for name, call in calls.items() if (why := replay(read(call.trace)).difference)]
        if not wrong:
            for old in CALLS.glob("*.jsonl"):
                old.unlink()
            for name, call in calls.items():
                shutil.copyfile(call.trace, CALLS / f"{name}.jsonl")
    print("\n".join(wrong) or f"{len(calls)} calls recorded")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
