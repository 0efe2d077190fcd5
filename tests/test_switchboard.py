"""The switchboard: lines of every encoding, recordings that are complete, and calls that break."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.call.events import Answered, Finished, Speech
from app.call.policy import Person
from app.config import PromptSettings, Settings, TraceSettings
from app.desk import Desk
from app.engines.scripted import ScriptedAgent, sine
from app.failure import describe
from app.hours import Hours
from app.kannada.asked import Asked
from app.kannada.hear import vocabulary
from app.prompts import render
from app.recorder import Recorder
from app.replay.trace import read, replay
from app.switchboard import Switchboard
from telephony.audio import Resampler, encode
from telephony.events import (
    RATE_HZ,
    Audio,
    Command,
    Digit,
    Encoding,
    Event,
    HungUp,
    Mark,
    Play,
    Played,
    Started,
    Transfer,
)
from telephony.line import Capabilities
from tests.live import QUICK, BriefTts, Staff

FRAME = b"\x55" * 160


class ScriptedLine:
    """Gives the events it is told to, each once what came before is done, and plays everything at once."""

    def __init__(self, events: Sequence[Event | Exception], encoding: Encoding = "mulaw") -> None:
        self.on_sent_first: Callable[[float], None] | None = None
        self.started = Started("CA1", "MZ1", "AC1", encoding)
        self.capabilities = Capabilities(marks=True)
        self.performed: list[Command] = []
        self._events = iter(events)
        self._marks: asyncio.Queue[str] = asyncio.Queue()

    @property
    def played(self) -> bytes:
        return b"".join(command.audio for command in self.performed if isinstance(command, Play))

    def perform(self, command: Command) -> None:
        self.performed.append(command)
        if isinstance(command, Mark):
            self._marks.put_nowait(command.name)

    async def receive(self) -> Event:
        event = next(self._events)
        if isinstance(event, Exception):
            raise event
        return Played(await self._marks.get()) if isinstance(event, Played) else event


async def board(staff: Staff, recorder: Recorder | None = None) -> Switchboard:
    opened = Switchboard(Settings(call=QUICK, trace=TraceSettings(audio=True, keep_words=True)), recorder)
    await opened.open(staff.engines)
    return opened


async def test_the_words_of_the_language_are_read_before_the_first_call() -> None:
    vocabulary.read.cache_clear()
    vocabulary._words.cache_clear()
    await board(Staff())
    assert vocabulary._words.cache_info().currsize == 1


HEARD = Played("")


@pytest.mark.parametrize("encoding", ["mulaw", "alaw"])
async def test_prompts_and_replies_are_in_the_encoding_of_the_line(encoding: Encoding) -> None:
    tts = BriefTts(seconds=0.4)
    staff = Staff(agent=ScriptedAgent(tokens=["all is well."], finished=Finished("hang_up")), tts=tts)
    line = ScriptedLine([HEARD, Digit("4"), Digit("#"), HEARD, HungUp("over")], encoding)
    await (await board(staff)).run(line, "")
    greeting = (await render(PromptSettings(), tts))["greeting"].pcm
    resampler = Resampler(tts.rate_hz, RATE_HZ)
    reply = resampler.push(sine(0.4, tts.rate_hz)) + resampler.flush()
    assert line.played == encode(encoding, greeting) + encode(encoding, reply)


async def test_every_stream_of_a_call_leaves_a_complete_recording(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        switchboard = await board(Staff(), recorder)
        for frames in (3, 5):
            await switchboard.run(ScriptedLine([*[Audio(FRAME)] * frames, HungUp("over")], "alaw"), "")
    for name, frames in (("CA1", 3), ("CA1-2", 5)):
        assert (tmp_path / f"{name}.caller.alaw").read_bytes() == FRAME * frames
        assert (tmp_path / f"{name}.agent.alaw").stat().st_size == RATE_HZ * 0.2
        assert replay(read(tmp_path / f"{name}.jsonl")).identical


async def test_a_call_that_breaks_is_logged_without_anybodys_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Recorder(tmp_path) as recorder:
        switchboard = await board(Staff(), recorder)
        await switchboard.run(ScriptedLine([Audio(FRAME), ValueError("ನನ್ನ ಸಂಖ್ಯೆ 4521")]), "")
    assert switchboard.live == 0
    assert (tmp_path / "CA1.caller.mulaw").read_bytes() == FRAME
    (told,) = (record for record in caplog.records if record.levelno >= logging.WARNING)
    assert told.getMessage().startswith("call CA1 broke: ValueError at app/session.py:")
    assert told.exc_info is None
    (full,) = (record for record in caplog.records if record.exc_info)
    assert full.levelno == logging.DEBUG


@pytest.mark.parametrize("at_work", [True, False])
async def test_a_call_goes_to_whom_the_desk_says_when_they_are_at_work(tmp_path: Path, at_work: bool) -> None:
    """And what the agent asks is as the desk says."""
    hours = Hours(frozenset(range(7) if at_work else ()), time(0), time(0), ZoneInfo("Asia/Kolkata"))
    desk = Desk(
        Settings(call=QUICK, trace=TraceSettings(keep_words=True)),
        people=(Person("office", "+918000000001"),),
        hours={"office": (hours,)},
        asks=lambda kannada, english: Asked("digits", 4),
    )
    staff = Staff(agent=ScriptedAgent(tokens=["wait."], finished=Finished("transfer", "office")))
    closed = [] if at_work else [HEARD]  # after the agent's own words
    line = ScriptedLine([HEARD, Digit("4"), Digit("#"), HEARD, *closed, HungUp("over")])
    with Recorder(tmp_path) as recorder:
        switchboard = Switchboard(desk.settings, recorder)
        await switchboard.open(staff.engines, desk)
        await switchboard.run(line, "")
    trace = read(tmp_path / "CA1.jsonl")
    events = [event for _, event in trace.inputs]
    assert events[0] == Answered(closed=() if at_work else ("office",))
    assert next(event.asks for event in events if isinstance(event, Speech)) == Asked("digits", 4)
    assert any(isinstance(command, Transfer) for command in line.performed) is at_work
    assert replay(trace).identical


def test_an_error_is_described_by_its_kinds_and_places() -> None:
    def failing(code: str) -> Exception:
        try:
            encode("mulaw", code)  # type: ignore[arg-type]
        except TypeError as error:
            return error
        raise AssertionError("it must fail")

    group = ExceptionGroup("words", [failing("words"), ExceptionGroup("words", [ValueError("words")])])
    first, second = describe(group).split(", ")
    assert first.startswith("TypeError at telephony/audio.py:")
    assert second == "ValueError at an unknown place"
