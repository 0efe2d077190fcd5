"""Any events in any order must leave a call sound."""

from hypothesis import given, settings, strategies as st

from app.call.core import Call
from app.call.events import (
    Answered,
    Command,
    Confirm,
    Draining,
    Event,
    Failed,
    Finished,
    Heard,
    Hearing,
    Ignore,
    Listen,
    Replied,
    Reply,
    Speech,
    StopReply,
    Tick,
    Understood,
    Voice,
)
from app.call.policy import Policy
from app.kannada.asked import Asked
from app.kannada.finished import ending
from telephony.events import Digit, Hangup, Played, Transfer
from tests.call.virtual import prompts

ENDS = st.sampled_from(["", "ಬಿಲ್ ಬಂದಿದೆ", "ಬಿಲ್ ಬಂದರೆ", "ಮನೆಗೆ", "ಹೌದು", "ನಾಲ್ಕು ಐದು"]).map(ending)
ASKS = st.builds(Asked, st.sampled_from(["", "yes_no", "digits", "value", "open"]), st.sampled_from([0, 4]))
EVENTS = st.one_of(
    st.builds(Voice, st.booleans()),
    st.lists(st.just(Voice(True)), min_size=5, max_size=30),
    st.lists(st.just(Voice(False)), min_size=5, max_size=50),
    st.builds(Heard, st.integers(0, 4), st.integers(0, 2), st.sampled_from(["", "ಹೌದು", "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"])),
    st.builds(Hearing, st.integers(0, 4), st.sampled_from(["", "ನನ್ನ"]), st.just("ನನ್ನ ಬಿಲ್"), ENDS),
    st.builds(Heard, st.integers(0, 4), st.integers(0, 2), st.just("ಬಿಲ್ ಬಂದರೆ"), ENDS),
    st.builds(Understood, st.integers(0, 4), st.integers(0, 2), st.just("yes")),
    st.builds(
        Speech,
        st.integers(0, 4),
        st.integers(0, 2),
        st.integers(1, 3),
        st.just("ಸರಿ ಆಯ್ತು"),
        st.just("all right"),
        st.sampled_from([b"", bytes(160), bytes(16000)]),
        st.booleans(),
        asks=ASKS,
    ),
    st.builds(
        Replied,
        st.integers(0, 4),
        st.integers(0, 2),
        st.builds(Finished, st.sampled_from(["listen", "hang_up", "transfer"]), st.sampled_from(["", "+911234567"])),
    ),
    st.builds(Failed, st.integers(0, 4), st.integers(0, 2), st.sampled_from(["stt", "agent"]), st.just("boom")),
    st.builds(Digit, st.sampled_from("0123456789*#")),
    st.builds(Played, st.sampled_from(["0.0.1", "0.1.2", "1.1.2", "1.2.3", "nonsense"])),
    st.just(Draining()),
    st.just(Tick()),
    st.floats(0.0, 12.0),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(EVENTS, max_size=60))
def test_whatever_happens_the_call_stays_sound(script: list[Event | list[Event] | float]) -> None:
    """Any events in any order: no exception, one end, replies that were asked for once, the same commands twice."""
    first, second = (Call(Policy(), prompts(0.2)) for _ in range(2))
    now, log = 0.0, []
    for step in [Answered(), *script]:
        if isinstance(step, float):
            now = round(now + step, 3)
            if (deadline := first.deadline) is None or deadline > now:
                continue
            step = Tick()
        for event in step if isinstance(step, list) else [step]:
            now = round(now + (0.02 if isinstance(event, Voice) else 0.0), 3)
            before = first.deadline
            commands = first.handle(event, now)
            if isinstance(event, Voice) and not commands and before is not None:
                assert first.deadline is None or first.deadline >= before, "a timer set for it would be late"
            assert second.handle(event, now) == commands
            log += commands
            check_deadline(first, now)
    leave_in_silence(first, now, log)
    ends = [index for index, command in enumerate(log) if isinstance(command, Hangup | Transfer)]
    hangups = [index for index in ends if isinstance(log[index], Hangup)]
    assert len(hangups) <= 1
    assert not hangups or hangups[0] == len(log) - 1, "nothing is asked for after the end"
    check_turns(log)


def leave_in_silence(call: Call, now: float, log: list[Command]) -> None:
    """A caller who says nothing more, and engines that give nothing more: the call comes to its end by itself."""
    for _ in range(round(180 / 0.02)):
        now = round(now + 0.02, 3)
        log += call.handle(Voice(False), now)
        if (deadline := call.deadline) is not None and deadline <= now:
            log += call.handle(Tick(), now)
    assert call.over


def check_deadline(call: Call, now: float) -> None:
    if call.over:
        assert call.deadline is None
    else:
        assert call.deadline is not None, "an open call always has something to wait for"


def check_turns(log: list[Command]) -> None:
    """Replies belong to turns that were opened in order; Confirm and StopReply only to a reply that was asked for."""
    turns = [command.turn for command in log if isinstance(command, Listen)]
    assert turns == sorted(set(turns))
    asked: set[tuple[int, int]] = set()
    for command in log:
        match command:
            case Reply():
                assert (command.turn, command.revision) not in asked, "one reply a revision"
                asked.add((command.turn, command.revision))
            case Confirm() | StopReply():
                assert (command.turn, command.revision) in asked
            case Ignore():
                assert command.turn >= 0
            case _:
                pass
