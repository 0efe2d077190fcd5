"""The trace of a call: every input of the core with its time, and every command. A trace replays exactly.

One JSON object a line. The first is the header; then `{"t": 1.24, "in": "Heard", ...}` for inputs and `"out"` for
commands, `t` in seconds from the start of the call. Frames of voice come in runs: `{"t": 1.24, "in": "Voice", "speech":
true, "ms": [20, 20, 21]}` is a frame at 1.24 s and three more, each so many milliseconds after the one before, with
`"echo": true` where they are the agent's own. Audio is a number of samples here; the sound itself lies in side files,
if it is kept at all.

What people said, and the keys they pressed, stands under `"pii"` and nowhere else. Unless words are to be kept, their
letters are masked and their spaces stay: enough to replay every decision, not enough to read.
"""

import re
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

import orjson

from app.call import events
from app.call.events import Command, Event, Finished, Line, Prompts, Understood, Voice
from app.call.policy import Policy
from app.kannada.asked import NOTHING, Asked
from app.kannada.finished import UNKNOWN, Ending
from telephony import events as line_events
from telephony.events import RATE_HZ, Played, Words

VERSION = 2
_PERSONAL = {"text", "stable", "kannada", "english", "digit", "history", "error", "whisper"}
_MOST_FRAMES = 500
"""Frames in one run, so that a long silence still reaches the disk."""
_BLOCK = 64
"""Lines handed on at once."""

Row = dict[str, Any]


def mask(text: str) -> str:
    """The shape of a text without its content: letters and vowel signs become •, digits 0; '#' and spaces stay."""
    return re.sub(r"[^\W\d]|[\u0900-\u0dff\u200c\u200d]", "•", re.sub(r"\d", "0", text))


def header(call_id: str, started_at: str, policy: Policy, prompts: Prompts, *, marks: bool, keep_words: bool) -> Row:
    """The first line: what the core was made of. Prompts keep their text (it is ours) and the length of their audio.

    The policy's people keep their numbers, as transfers do: they are the desk's, not a caller's.
    """
    return {
        "header": {
            "version": VERSION,
            "call_id": call_id,
            "started_at": started_at,
            "rate_hz": RATE_HZ,
            "marks": marks,
            "keep_words": keep_words,
            "policy": asdict(policy),
            "prompts": {
                name: {"kannada": prompt.kannada, "english": prompt.english, "samples": len(prompt.audio)}
                for name, prompt in prompts.items()
            },
        }
    }


def encode_row(direction: str, now: float, item: Event | Command, *, keep_words: bool) -> Row:
    """One input ("in") or command ("out") as a row. Audio becomes its number of samples."""
    row: Row = {"t": now, direction: type(item).__name__}
    pii: Row = {}
    for field in fields(item):
        value = getattr(item, field.name)
        if field.name == "audio":
            row["samples"] = len(value)
        elif field.name in _PERSONAL:
            pii[field.name] = _personal(value, keep_words=keep_words)
        elif isinstance(value, Ending | Asked):
            if value not in (UNKNOWN, NOTHING):
                row[field.name] = asdict(value)
        elif isinstance(value, Finished):
            row["action"], row["target"] = value.action, value.target
        else:
            row[field.name] = value
    if pii:
        row["pii"] = pii
    return row


def _personal(value: Any, *, keep_words: bool) -> Any:
    if isinstance(value, str):
        return value if keep_words else mask(value)
    if value and isinstance(value[0], Words):
        return [[words.language, _personal(words.text, keep_words=keep_words)] for words in value]
    return [
        [line.role, _personal(line.kannada, keep_words=keep_words), _personal(line.english, keep_words=keep_words)]
        for line in value
    ]


def decode_input(row: Row) -> Event:
    """The input that `encode_row` wrote; audio is silence of the right length. Raises KeyError or TypeError."""
    name = row["in"]
    kind = getattr(events, name, None) or getattr(line_events, name)
    values = {key: value for key, value in row.items() if key not in {"t", "in", "pii", "samples"}}
    values |= row.get("pii", {})
    if "samples" in row:
        values["audio"] = bytes(row["samples"])
    if "action" in values:
        values["finished"] = Finished(values.pop("action"), values.pop("target"))
    if "ends" in values:
        values["ends"] = Ending(**values["ends"])
    if "asks" in values:
        values["asks"] = Asked(**values["asks"])
    if "closed" in values:
        values["closed"] = tuple(values["closed"])
    if "history" in values:
        values["history"] = tuple(Line(*line) for line in values["history"])
    event: Event = kind(**values)
    return event


class CallTrace:
    """Collects the rows of one call and hands them on in blocks of lines. `write` must not block."""

    def __init__(self, write: Callable[[bytes], None], head: Row, *, keep_words: bool) -> None:
        self._write = write
        self._keep_words = keep_words
        self._rows: list[Row] = [head]
        self._run_ms: list[int] = []
        self._run_voice = Voice(False)
        self._run_started = self._run_ended = 0.0

    def voice(self, now: float, voice: Voice) -> None:
        """One judged frame. Fifty a second: it only extends a run."""
        run = self._run_ms
        if run and voice == self._run_voice:
            run.append(round((now - self._run_ended) * 1000))
        else:
            self._end_run()
            self._run_voice, self._run_started = voice, now
            self._run_ms = run = [0]
        self._run_ended = now
        if len(run) >= _MOST_FRAMES:
            self.flush()

    def input(self, now: float, event: Event, *, ours: bool = False) -> None:
        """`ours`: nothing of it is the caller's own, such as a key that was read out to them."""
        self._end_run()
        self._rows.append(encode_row("in", now, event, keep_words=self._keep_words or ours))
        if isinstance(event, Understood | Played):
            self.flush()  # who follows a live call waits for words, not for blocks

    def output(self, now: float, command: Command) -> None:
        self._end_run()
        self._rows.append(encode_row("out", now, command, keep_words=self._keep_words))
        if len(self._rows) >= _BLOCK:
            self.flush()

    def flush(self) -> None:
        self._end_run()
        if self._rows:
            self._write(b"".join(orjson.dumps(row) + b"\n" for row in self._rows))
            self._rows.clear()

    def _end_run(self) -> None:
        if self._run_ms:
            voice = self._run_voice
            run = {"t": self._run_started, "in": "Voice", "speech": voice.speech, "ms": self._run_ms[1:]}
            if voice.echo:
                run["echo"] = True
            self._rows.append(run)
            self._run_ms = []


def expand(row: Row) -> list[tuple[float, Event]]:
    """The inputs of one row with their times; a run of voice is many."""
    if row["in"] != "Voice":
        return [(row["t"], decode_input(row))]
    time_ms = round(row["t"] * 1000)
    frame = Voice(row["speech"], row.get("echo", False))
    frames: list[tuple[float, Event]] = [(time_ms / 1000, frame)]
    for step_ms in row["ms"]:
        time_ms += step_ms
        frames.append((time_ms / 1000, frame))
    return frames
