"""The outbound writer on a clock of our own: what leaves when, and in which order."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, strategies as st

from telephony.outbound import Outbound

FRAME = bytes(range(160))


class FakeHandle:
    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeLoop:
    """A loop of timers alone, whose time passes when told."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[tuple[float, int, FakeHandle]] = []
        self.armed_ever = 0

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[], object], /) -> Any:
        handle = FakeHandle(callback)
        self.armed_ever += 1
        heapq.heappush(self.timers, (when, self.armed_ever, handle))
        return handle

    def call_soon(self, callback: Callable[[float], object], at: float, /) -> Any:
        return self.call_at(self.now, lambda: callback(at))

    @property
    def armed(self) -> int:
        return sum(not handle.cancelled for _, _, handle in self.timers)

    def run(self, seconds: float, *, stall: bool = False) -> None:
        """Let time pass; in a stall nothing runs until the end of it."""
        end = self.now + seconds
        if stall:
            self.now = end
        while self.timers and self.timers[0][0] <= end:
            when, _, handle = heapq.heappop(self.timers)
            self.now = max(self.now, when)
            if not handle.cancelled:
                handle.callback()
        self.now = end


class Plain:
    """An encoder whose messages can be read."""

    def audio(self, payload: bytes) -> bytes:
        return payload

    def mark(self, name: str) -> str:
        return f"mark {name}"

    def clear(self) -> str:
        return "clear"


@dataclass
class Bench:
    loop: FakeLoop = field(default_factory=FakeLoop)
    sent: list[tuple[float, bytes | str]] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.out = Outbound(
            Plain(),
            self.send,
            loop=self.loop,
            silence=b"\xff",
            on_broken=self.broken.append,
            on_sent_first=self.first.append,
        )

    async def send(self, message: bytes | str) -> None:
        self.sent.append((round(self.loop.now - 100.0, 6), message))

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.sent]

    @property
    def messages(self) -> list[bytes | str]:
        return [message for _, message in self.sent]

    def lead_s(self) -> float:
        """Audio the carrier still has: it plays a frame when it came or after the one before, and forgets on clear."""
        end = 0.0
        for at, message in self.sent:
            if message == "clear":
                end = at
            elif isinstance(message, bytes):
                end = max(end, at) + 0.02
        return end - (self.loop.now - 100.0)


def test_a_burst_begins_with_the_lead_at_once_and_goes_on_every_20_ms() -> None:
    bench = Bench()
    bench.out.play(FRAME * 15)
    bench.loop.run(1.0)
    assert bench.times == pytest.approx([0.0] * 10 + [0.02, 0.04, 0.06, 0.08, 0.10])
    assert bench.messages == [FRAME] * 15
    assert bench.loop.armed == 0


def test_a_mark_leaves_right_after_the_frame_before_it() -> None:
    bench = Bench()
    bench.out.mark("before")
    bench.out.play(FRAME * 12)
    bench.out.mark("after")
    bench.out.play(FRAME)
    bench.loop.run(1.0)
    assert bench.messages == ["mark before", *[FRAME] * 12, "mark after", FRAME]
    assert bench.times[12:] == pytest.approx([0.04, 0.04, 0.06])


def test_clear_forgets_the_queue_and_is_said_at_once() -> None:
    bench = Bench()
    bench.out.play(FRAME * 100 + b"tail")
    bench.out.mark("unheard")
    bench.loop.run(0.05)
    bench.out.clear()
    assert bench.sent[-1] == (0.05, "clear")
    assert (bench.out.queued_s, bench.loop.armed) == (0.0, 0)
    bench.loop.run(5.0)
    assert bench.messages[12:] == ["clear"]


def test_after_clear_the_lead_is_built_anew() -> None:
    bench = Bench()
    bench.out.play(FRAME * 50)
    bench.loop.run(0.1)
    bench.out.clear()
    bench.out.play(b"\1" * 160 * 12)
    assert bench.messages[-11:] == ["clear", *[b"\1" * 160] * 10]


@pytest.mark.parametrize("stall_s", [0.05, 0.15, 0.19])
def test_a_stall_shorter_than_the_lead_is_not_heard_and_made_up_for(stall_s: float) -> None:
    bench = Bench()
    bench.out.play(FRAME * 100)
    bench.loop.run(0.5)
    bench.loop.run(stall_s, stall=True)
    assert bench.lead_s() == pytest.approx(0.2, abs=0.021)
    bench.loop.run(3.0)
    carrier_end = 0.0
    for at, _ in bench.sent:
        assert at <= carrier_end or at == 0.0, "the carrier ran dry"
        carrier_end = max(carrier_end, at) + 0.02
    assert len(bench.sent) == 100


def test_after_a_longer_stall_the_full_lead_is_back_at_once() -> None:
    bench = Bench()
    bench.out.play(FRAME * 100)
    bench.loop.run(0.5)
    before = len(bench.sent)
    bench.loop.run(1.0, stall=True)
    assert len(bench.sent) - before == 10
    assert bench.lead_s() == pytest.approx(0.2)


def test_chunks_that_come_late_but_before_the_carrier_is_dry_are_one_burst() -> None:
    bench = Bench()
    for _ in range(20):
        bench.out.play(FRAME * 5)
        bench.loop.run(0.09)
    assert bench.first == [100.0]
    assert len(bench.sent) == 100


def test_the_first_frame_of_every_burst_is_told_from_the_loop() -> None:
    bench = Bench()
    bench.out.play(FRAME)
    assert bench.first == []
    bench.loop.run(1.0)
    bench.out.play(FRAME)
    bench.loop.run(0.001)
    bench.out.clear()
    bench.out.play(FRAME)
    bench.loop.run(0.1)
    assert bench.first == pytest.approx([100.0, 101.0, 101.001])


def test_pieces_of_frames_are_joined_across_plays() -> None:
    bench = Bench()
    for start in range(0, 1600, 64):
        bench.out.play((FRAME * 10)[start : start + 64])
    bench.loop.run(1.0)
    assert bench.messages == [FRAME] * 10


def test_the_tail_is_padded_when_a_mark_follows() -> None:
    bench = Bench()
    bench.out.play(FRAME + b"end")
    bench.out.mark("1")
    assert bench.messages == [FRAME, b"end".ljust(160, b"\xff"), "mark 1"]


def test_the_tail_is_padded_when_the_carrier_is_about_to_run_dry_and_not_before() -> None:
    bench = Bench()
    bench.out.play(FRAME * 10 + b"end")
    bench.loop.run(0.15)
    assert len(bench.sent) == 10
    bench.loop.run(0.04)
    assert bench.times[-1] == pytest.approx(0.17)
    assert bench.messages[-1] == b"end".ljust(160, b"\xff")
    bench.loop.run(1.0)
    assert (len(bench.sent), bench.loop.armed, bench.first) == (11, 0, [100.0])


def test_a_piece_alone_waits_a_frame_for_the_rest() -> None:
    bench = Bench()
    bench.out.play(b"half")
    assert bench.sent == []
    assert bench.out.queued_s == pytest.approx(4 / 8000)
    bench.loop.run(1.0)
    assert bench.times == [pytest.approx(0.02)]
    assert bench.messages == [b"half".ljust(160, b"\xff")]


def test_one_timer_a_call_and_none_in_silence() -> None:
    bench = Bench()
    for _ in range(30):
        bench.out.play(FRAME * 3 + b"x")
        assert bench.loop.armed <= 2, "the pacing, and the call about a burst"
    bench.loop.run(0.001)
    assert bench.loop.armed == 1
    bench.loop.run(10.0)
    assert bench.loop.armed == 0


def test_more_than_the_outbox_holds_breaks_the_line_once() -> None:
    bench = Bench()
    bench.out.play(FRAME * 2900)
    assert bench.out.queued_s == pytest.approx(57.8)
    bench.out.play(FRAME * 111)
    bench.out.play(FRAME * 5000)
    bench.out.clear()
    assert bench.broken == ["more audio is queued than the outbox holds"]
    assert (bench.out.queued_s, bench.loop.armed, len(bench.sent)) == (0.0, 1, 10)  # armed: the call about the burst


def test_marks_without_end_are_bounded_too() -> None:
    bench = Bench()
    bench.out.play(FRAME * 11)
    for number in range(4000):
        bench.out.mark(str(number))
    assert len(bench.broken) == 1


def test_nothing_leaves_after_close() -> None:
    bench = Bench()
    bench.out.play(FRAME * 50)
    bench.out.close()
    bench.out.play(FRAME)
    bench.out.mark("x")
    bench.out.clear()
    bench.loop.run(2.0)
    assert bench.messages == [FRAME] * 10
    assert bench.broken == []


STEPS = st.lists(
    st.tuples(st.sampled_from(["play", "mark", "clear", "wait", "stall"]), st.integers(0, 900)), min_size=1, max_size=25
)


@given(STEPS)
def test_order_and_lead_hold_whatever_happens(steps: list[tuple[str, int]]) -> None:
    bench = Bench()
    expected = b""
    for number, (step, size) in enumerate(steps):
        match step:
            case "play":
                bench.out.play(bytes([number]) * size)
                expected += bytes([number]) * size
            case "mark":
                bench.out.mark(f"{number}")
            case "clear":
                bench.out.clear()
                assert bench.messages[-1] == "clear"
                expected = b""
            case _:
                bench.loop.run(size / 1000, stall=step == "stall")
        assert bench.lead_s() <= 0.2 + 0.0021
    bench.loop.run(60.0)
    last_clear = max((index for index, message in enumerate(bench.messages) if message == "clear"), default=-1)
    heard = b"".join(message for message in bench.messages[last_clear + 1 :] if isinstance(message, bytes))
    assert heard.replace(b"\xff", b"") == expected
    assert all(len(message) == 160 for message in bench.messages if isinstance(message, bytes))
    assert bench.out.queued_s == 0


def test_a_frame_that_is_due_within_a_rounding_error_is_sent() -> None:
    bench = Bench()
    bench.loop.now = 101.39200000000001
    bench.out.play(FRAME[:44])
    bench.loop.run(1)
    assert bench.out.queued_s == 0.0
