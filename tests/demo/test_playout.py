from collections import deque

from hypothesis import given, strategies as st

from app.demo.playout import BURST_GAP_S, LONGEST_BUFFER_S, SILENCE, Playout
from telephony.events import RATE_HZ


def test_audio_plays_back_to_back_and_marks_come_when_it_has_been_played() -> None:
    ear = Playout()
    ear.play(b"a" * 800, 1.0)
    ear.mark("one", 1.0)
    ear.play(b"b" * 800, 1.01)
    ear.mark("two", 1.02)
    assert ear.deadline == 1.1
    assert ear.due(1.0999) == []
    assert ear.due(1.1) == ["one"]
    assert ear.due(5.0) == ["two"]
    assert not ear.due(5.0)
    assert ear.heard(1.3) == SILENCE * 8000 + b"a" * 800 + b"b" * 800 + SILENCE * 800


def test_a_mark_on_an_empty_buffer_is_due_at_once() -> None:
    ear = Playout()
    ear.mark("now", 2.0)
    assert ear.due(2.0) == ["now"]


def test_clear_cuts_at_the_sample_and_returns_every_pending_mark() -> None:
    ear = Playout()
    ear.play(b"a" * 800, 0.0)
    ear.mark("one", 0.0)
    ear.play(b"b" * 800, 0.0)
    ear.mark("two", 0.0)
    assert ear.clear(0.05) == ["one", "two"]
    assert ear.due(9.0) == []
    assert not ear.speaking(0.05)
    assert ear.heard(0.2) == b"a" * 400 + SILENCE * 1200


def test_a_late_chunk_is_a_gap_in_its_burst_and_a_long_silence_ends_the_burst() -> None:
    ear = Playout()
    ear.play(b"a" * 160, 0.0)
    ear.play(b"a" * 160, 0.05)
    ear.play(b"a" * 160, 0.07 + BURST_GAP_S + 0.01)
    assert [(burst.gaps, burst.starved) for burst in ear.bursts] == [(1, 240), (0, 0)]
    assert ear.began_s == 0.58


def test_silence_after_a_clear_is_no_gap() -> None:
    ear = Playout()
    ear.play(b"a" * 1600, 0.0)
    ear.clear(0.1)
    ear.play(b"b" * 160, 0.15)
    assert [burst.gaps for burst in ear.bursts] == [0, 0]


def test_audio_beyond_ten_minutes_is_discarded() -> None:
    ear = Playout(keep=False)
    ear.play(b"a" * (LONGEST_BUFFER_S * RATE_HZ), 0.0)
    ear.play(b"a" * 100, 0.0)
    assert ear.discarded == 100
    assert ear.ends_s == LONGEST_BUFFER_S


steps = st.lists(
    st.tuples(st.sampled_from(["play", "mark", "clear"]), st.integers(0, 600), st.integers(0, 500)), max_size=30
)


class SampleBySample:
    """The carrier as a toy: a queue of samples and mark names, one sample leaving it every 1/8000 s."""

    def __init__(self) -> None:
        self.now = 0
        self.queue: deque[int | str] = deque()
        self.heard = bytearray()
        self.returned: list[str] = []

    def run(self, samples: int) -> None:
        for _ in range(samples):
            self._return_marks()
            head = self.queue.popleft() if self.queue else SILENCE[0]
            assert isinstance(head, int)
            self.heard.append(head)
            self.now += 1
        self._return_marks()

    def clear(self) -> None:
        self.returned += [item for item in self.queue if isinstance(item, str)]
        self.queue.clear()

    def _return_marks(self) -> None:
        while self.queue and isinstance(self.queue[0], str):
            self.returned.append(str(self.queue.popleft()))


@given(steps)
def test_it_agrees_with_a_carrier_that_moves_one_sample_at_a_time(steps: list[tuple[str, int, int]]) -> None:
    ear, toy, returned = Playout(), SampleBySample(), list[str]()
    for number, (what, wait, length) in enumerate([*steps, ("mark", 0, 0)]):
        toy.run(wait)
        now = toy.now / RATE_HZ
        returned += ear.due(now)
        match what:
            case "play":
                ear.play(bytes([number]) * length, now)
                toy.queue.extend([number] * length)
            case "mark":
                ear.mark(str(number), now)
                toy.queue.append(str(number))
            case _:
                returned += ear.clear(now)
                toy.clear()
    toy.run(len(toy.queue))
    returned += ear.due(toy.now / RATE_HZ)
    assert returned == toy.returned
    assert ear.heard(toy.now / RATE_HZ) == bytes(toy.heard)
    played = sum(burst.end - burst.start - burst.starved for burst in ear.bursts)
    assert played == sum(byte != SILENCE[0] for byte in toy.heard)
