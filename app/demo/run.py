"""`kva demo`: the real server, a call from the far end of Twilio's protocol, and a report of how it went."""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import orjson
from rich.console import Console

from app.config import ConfigError, Settings
from app.demo.audio import write_call
from app.demo.caller import Caller
from app.demo.expect import ENDS, how_it_ended
from app.demo.local import Call, local_server
from app.demo.page import page
from app.demo.report import CallReport, report_json
from app.demo.screen import Progress, Said, show
from app.demo.script import Director, Script, load_script
from app.engines.table import uses_demo_models
from app.replay.summary import asked, is_answered
from app.replay.trace import read
from app.replay.waterfall import rows
from app.server import new_loop
from app.trace import Row
from telephony.events import RATE_HZ

EMBEDDED_CALL = Path(__file__).with_name("kn_desk_synthesised.toml")
DEMO_MODELS = (
    "The agent runs on the embedded demo models: small, trained on one synthetic desk, no human voice ever heard. "
    "Their speed and accuracy say nothing about real models."
)
_LOOK_S = 0.3
"""How often the trace is looked into while the call lasts."""


def demo(settings: Settings, call: Path | None, out: Path) -> int:
    """Make the call, show it and write call.wav, trace.jsonl, report.json and report.html to `out`.

    Returns 0, or 1 when a turn stayed unanswered, or did not come as the cue sheet expects. Raises ScriptError,
    CallError, ConfigError and EngineError.
    """
    console = Console(highlight=False)
    if logging.getLogger().level == logging.INFO:
        logging.getLogger().setLevel(logging.WARNING)  # the screen tells what happens
    script = load_script(call or EMBEDDED_CALL)
    note = script.note + (f" {DEMO_MODELS}" if uses_demo_models(settings) else "")
    console.print(note.strip(), style="yellow", soft_wrap=True)
    with tempfile.TemporaryDirectory(prefix="kva-demo-") as folder, Progress(console) as progress:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            made = runner.run(_call(settings, Path(folder), script, progress))
        report = _report(note, made)
        problems = made.problems()
        _write(out, report, made.trace)
    show(console, report)
    console.print(f"Written to {out}: call.wav, trace.jsonl, report.json and report.html, the one to open.")
    return _as_expected(console, problems) if script.expect else _verdict(console, report, made.director)


async def _call(settings: Settings, folder: Path, script: Script, progress: Progress) -> Call:
    progress.phase("Loading the models")
    async with local_server(settings, folder) as at:
        call = at.place(script)
        progress.phase(f"On the call: {script.title}")
        async with _following(call.trace, progress):
            await at.run(call)
        progress.phase("Writing the report")
    return call


@asynccontextmanager
async def _following(trace: Path, progress: Progress) -> AsyncIterator[None]:
    """Shows the conversation as it reaches the trace."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(_follow(trace, progress), name="follow the trace")
        try:
            yield
        finally:
            task.cancel()


async def _follow(trace: Path, progress: Progress) -> None:
    place, words = 0, ""
    while True:
        await asyncio.sleep(_LOOK_S)
        block = await asyncio.to_thread(_read_from, trace, place)
        whole = block.rfind(b"\n") + 1
        place += whole
        for line in block[:whole].splitlines():
            row: Row = orjson.loads(line)
            if row.get("out") == "Reply":
                words = row["pii"]["text"]
            elif row.get("in") == "Understood":
                progress.say(Said("caller", words, row["pii"]["english"]))
            elif row.get("in") == "Speech" and row["pii"]["kannada"]:
                progress.say(Said("agent", row["pii"]["kannada"], row["pii"]["english"]))


def _read_from(path: Path, place: int) -> bytes:
    with suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(place)
        return file.read()
    return b""


def _report(note: str, made: Call) -> CallReport:
    caller, director = made.caller, made.director
    recorded = read(made.trace)
    return CallReport(
        title=made.script.title,
        note=note,
        started_at=str(recorded.header["started_at"])[:19].replace("T", " ") + " UTC",
        turns=tuple(rows(recorded)),
        caller=caller.spoke(),
        agent=caller.heard(),
        waits_s=director.waits_s,
        silenced_s=_silenced(caller, director),
        gaps=sum(burst.gaps for burst in caller.ear.bursts),
        starved_s=sum(burst.starved for burst in caller.ear.bursts) / RATE_HZ,
        ended=ENDS[how_it_ended(recorded)],
    )


def _silenced(caller: Caller, director: Director) -> tuple[float, ...]:
    """How long the agent went on after each barge-in began, in what the caller heard."""
    seconds = []
    for said in director.spoken:
        before = [burst for burst in caller.ear.bursts if burst.start / RATE_HZ < said.start_s]
        if said.cue.barge_in_s is not None and not said.ignored and before and before[-1].end / RATE_HZ > said.start_s:
            seconds.append(before[-1].end / RATE_HZ - said.start_s)
    return tuple(seconds)


def _write(out: Path, report: CallReport, trace: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_call(out / "call.wav", report.caller, report.agent)
        shutil.copyfile(trace, out / "trace.jsonl")
        (out / "report.json").write_bytes(report_json(report))
        (out / "report.html").write_text(page(report), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--out {out}: cannot be written: {error.strerror}") from error


def _as_expected(console: Console, problems: list[str]) -> int:
    for problem in problems:
        console.print(problem, style="bold red", markup=False)
    if not problems:
        console.print("Everything came as expected.", style="bold green")
    return 1 if problems else 0


def _verdict(console: Console, report: CallReport, director: Director) -> int:
    unanswered = [row.number for row in asked(report.turns) if not is_answered(row)]
    if not asked(report.turns):
        console.print("The agent heard nobody speak: is there speech in the recording?", style="bold red")
        return 1
    if unanswered or director.gave_up or director.unsaid:
        which = ", ".join(map(str, unanswered)) or f"after utterance {len(director.spoken)}"
        console.print(f"Not every turn was answered: {which}. The trace shows how far it got.", style="bold red")
        return 1
    return 0
