"""Traces: what is written, what is hidden, and that it replays."""

import random
import time
from pathlib import Path

import orjson
import pytest
from hypothesis import given, strategies as st

from app.call.core import Call
from app.call.events import (
    Answered,
    Command,
    Event,
    Failed,
    Finished,
    Heard,
    Hearing,
    Line,
    Replied,
    Reply,
    Speech,
    Understood,
    Voice,
)
from app.call.policy import Choice, Patience, Policy
from app.kannada.finished import ending
from app.replay.trace import Trace, TraceError, read, replay
from app.trace import CallTrace, decode_input, encode_row, expand, header, mask
from telephony.events import Digit, Played, TransferFailed, Voicemail
from tests.call.virtual import VirtualCall, prompts


def record(call: VirtualCall, *, keep_words: bool) -> list[bytes]:
    """The lines that the server would have written for a virtual call."""
    lines: list[bytes] = []
    head = header("CA1", "2026-01-01", call.policy, prompts(), marks=call.marks, keep_words=keep_words)
    trace = CallTrace(lambda block: lines.extend(block.splitlines()), head, keep_words=keep_words)
    again = Call(call.policy, prompts(), marks=call.marks)
    for now, event in call.inputs:
        if isinstance(event, Voice):
            trace.voice(now, event)
        else:
            trace.input(now, event, ours=isinstance(event, Digit) and again.keys_choose(now))
        for command in again.handle(event, now):
            trace.output(now, command)
    trace.flush()
    return lines


def long_call(seconds: float) -> VirtualCall:
    """A caller who talks, pauses, interrupts and coughs for so long."""
    dice = random.Random(7)
    call = VirtualCall()
    while call.now < seconds and not call.call.over:
        call.say(dice.uniform(0.1, 3.0), dice.uniform(0.1, 6.0))
    return call


@pytest.mark.parametrize("keep_words", [True, False])
def test_a_five_minute_call_replays_identically_in_well_under_a_second(tmp_path: Path, keep_words: bool) -> None:
    call = long_call(300)
    path = tmp_path / "call.jsonl"
    path.write_bytes(b"\n".join(record(call, keep_words=keep_words)))
    begin = time.process_time()
    outcome = replay(read(path))
    assert outcome.difference == ""
    assert outcome.call_s >= 300
    assert outcome.events > 15_000
    assert time.process_time() - begin < 1.0
    assert keep_words == ("ಬಿಲ್" in path.read_text())


@pytest.mark.parametrize("after_s", [0.2, 4.0])
def test_a_masked_choice_from_the_menu_replays_and_a_masked_number_stays_masked(tmp_path: Path, after_s: float) -> None:
    policy = Policy(menu=(Choice("7", says="how much is my bill"),), patience=Patience(no_input_s=4.0))
    call = VirtualCall(policy=policy)
    call.run(1.0 + 4.0 + 1.0 + 4.0 + after_s)
    for key in ("7", *"98450#"):
        call.give(Digit(key))
        call.run(0.5 if key != "7" else 5.0)
    path = tmp_path / "call.jsonl"
    path.write_bytes(b"\n".join(record(call, keep_words=False)))
    assert replay(read(path)).difference == ""
    keys = [row["pii"]["digit"] for row in read(path).rows if row.get("in") == "Digit"]
    assert keys == ["7", "9", "0", "0", "0", "0", "#"]


def test_a_changed_decision_is_found() -> None:
    lines = [orjson.loads(line) for line in record(long_call(20), keep_words=True)]
    trace = Trace(lines[0]["header"], tuple(lines[1:]))
    trace.header["policy"]["turn"]["end_s"] = 0.8
    assert replay(trace).difference.startswith("command ")


@given(st.text(st.characters(codec="utf-8")))
def test_a_mask_keeps_the_shape_and_nothing_else(text: str) -> None:
    masked = mask(text)
    assert len(masked) == len(text)
    assert [character.isspace() for character in masked] == [character.isspace() for character in text]
    assert not any(character.isalpha() or character in "123456789" for character in masked)
    assert mask(masked) == masked


def test_a_mask_hides_kannada_with_its_vowel_signs() -> None:
    assert mask("ನನ್ನ ಸಂಖ್ಯೆ 4521#") == "•••• •••••• 0000#"


INPUTS: list[Event] = [
    Hearing(1, "ಹೌದು", "ಹೌದು ಬಿಲ್"),
    Heard(1, 2, "ಬಿಲ್ ಎಷ್ಟು"),
    Understood(1, 2, "how much"),
    Speech(1, 2, 3, "ಬಿಲ್", "bill", bytes(160), True),
    Heard(1, 2, "ಸರಿ", ending("ಸರಿ"), "backchannel"),
    Replied(1, 2, Finished("transfer", "office")),
    Answered(("office", "night")),
    Voicemail(),
    TransferFailed("busy"),
    Failed(1, 2, "tts", "boom"),
    Digit("5"),
    Played("0.1"),
]


@pytest.mark.parametrize("event", INPUTS)
def test_inputs_survive_the_file(event: Event) -> None:
    row = orjson.loads(orjson.dumps(encode_row("in", 1.25, event, keep_words=True)))
    assert decode_input(row) == event
    assert expand(row) == [(1.25, event)]


@pytest.mark.parametrize("item", [*INPUTS, Reply(1, 0, "ಬಿಲ್ 4521", (Line("caller", "ಹೌದು", "yes"),))])
def test_words_stand_under_pii_and_are_masked(item: Event | Command) -> None:
    row = encode_row("in", 0.0, item, keep_words=False)
    text = orjson.dumps(row).decode()
    assert not any(word in text for word in ("ಬಿಲ್", "ಹೌದು", "ಸರಿ", "how", "yes", "boom", "4521", '"5"'))


@given(st.lists(st.tuples(st.integers(0, 60), st.builds(Voice, st.booleans(), st.booleans())), max_size=1200))
def test_runs_of_voice_keep_every_frame_and_its_time(frames: list[tuple[int, Voice]]) -> None:
    rows: list[dict[str, object]] = []
    trace = CallTrace(lambda block: rows.extend(map(orjson.loads, block.splitlines())), {}, keep_words=True)
    now_ms, expected = 0, []
    for step_ms, voice in frames:
        now_ms += step_ms
        expected.append((now_ms / 1000, voice))
        trace.voice(now_ms / 1000, voice)
    trace.flush()
    assert [timed for row in rows[1:] for timed in expand(row)] == expected


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no header"),
        (b'{"t": 1}\n', "no header"),
        (b"[1, 2]\n", ":1: not a JSON object"),
        (b'{"header": {"version": 99}}\n', "version 99"),
        (b'{"header": {"version": 1}}\nnonsense\n{}\n', ":2: not JSON"),
    ],
)
def test_what_is_no_trace_is_said_to_be_none(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "call.jsonl"
    path.write_bytes(content)
    with pytest.raises(TraceError, match=problem):
        read(path)


def test_a_last_line_cut_short_is_forgiven(tmp_path: Path) -> None:
    path = tmp_path / "call.jsonl"
    path.write_bytes(b"\n".join(record(long_call(10), keep_words=True)) + b'\n{"t": 9.1, "in": "He')
    assert replay(read(path)).identical
