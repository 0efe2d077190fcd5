"""The end of a turn by its words, in a whole call on a virtual clock."""

from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from app.call.events import Confirm, EndAfter, Finish, Finished, Heard, Hearing, StopReply
from app.call.policy import Policy, TurnPolicy
from app.kannada.asked import Asked
from app.kannada.finished import ending
from app.replay.trace import read, replay
from telephony.events import Play
from tests.call.virtual import VirtualCall, after_greeting
from tests.test_trace import record

FRAME_S = 0.02
TURN = TurnPolicy()


def saying(text: str, **options: object) -> VirtualCall:
    """A caller of whom `text` is understood, after a second of voice."""
    call = after_greeting(hear=lambda _: text, words=True, **options)
    call.run(1.0, voice=True)
    return call


def confirmed_s(call: VirtualCall, *, index: int = 0) -> float:
    """The silence until the confirmed end."""
    end_of_speech = call.at(Finish, index) - TURN.soft_end_s
    return call.at(Confirm) - end_of_speech


@pytest.mark.parametrize(
    ("text", "silence_s"),
    [("ಬಿಲ್ ಬಂದಿದೆಯಾ", 0.32), ("ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", 0.46), ("ದೂರು ದಾಖಲು ಮಾಡಿ", 0.6), ("ನಮ್ಮ ಮನೆಗೆ", 1.4), ("ನಾಳೆ ಬಂದರೆ", 2.0)],
)
def test_the_words_bring_the_end_nearer_or_put_it_off(text: str, silence_s: float) -> None:
    call = saying(text)
    call.run(3.0)
    assert confirmed_s(call) == pytest.approx(silence_s, abs=FRAME_S)


def test_a_request_that_nothing_need_follow_ends_the_turn_soon() -> None:
    call = saying("ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ")
    call.run(3.0)
    assert call.at(Play, 1) == pytest.approx(1.5 + 1.0 + 0.32, abs=FRAME_S)
    assert [judged.reasons[0] for judged in call.commands(EndAfter) if isinstance(judged, EndAfter)] == [
        "all of it says repeat: finished -0.35"
    ]


def test_the_transcript_comes_after_the_soft_end_and_a_late_one_ends_the_turn_at_once() -> None:
    call = saying("ಬಿಲ್ ಬಂದಿದೆಯಾ", stt_s=0.25)
    call.run(3.0)
    assert confirmed_s(call) == pytest.approx(0.46, abs=FRAME_S)


@pytest.mark.parametrize("stt_s", [0.5, 2.0])
def test_without_a_transcript_the_neutral_silence_holds(stt_s: float) -> None:
    call = saying("ನಾಳೆ ಬಂದರೆ", stt_s=stt_s)
    call.run(3.0)
    assert call.commands(EndAfter) == []
    assert call.at(Confirm) == pytest.approx(1.5 + 1.0 + max(TURN.end_s, TURN.soft_end_s + stt_s), abs=FRAME_S)


def test_what_was_heard_meanwhile_puts_the_end_off_but_does_not_bring_it_nearer() -> None:
    for text, silence_s in (("ನಮ್ಮ ಮನೆಗೆ", 1.4), ("ಬಿಲ್ ಬಂದಿದೆ", TURN.end_s)):
        call = saying("ಸರಿ", stt_s=9.0)
        call.give(Hearing(1, "", text, ending(text)))
        call.run(1.6)
        (judged,) = call.commands(EndAfter)
        assert isinstance(judged, EndAfter)
        assert judged.silence_s == pytest.approx(silence_s)
        assert call.call.deadline is not None
        assert call.call.deadline > call.now


def test_decisions_carry_their_reasons_once_each() -> None:
    call = saying("ನಮ್ಮ ಮನೆಗೆ")
    call.run(0.4)
    call.give(Hearing(1, "", "ನಮ್ಮ", ending("ನಮ್ಮ")))
    call.run(3.0)
    assert call.commands(EndAfter) == [EndAfter(1, 0, 1.4, ("dative: unfinished +0.80",))]


def test_a_pause_that_the_caller_went_on_after_is_waited_out_the_next_time() -> None:
    call = saying("ನನ್ನ ಬಿಲ್")
    call.run(0.88)
    call.run(0.5, voice=True)
    call.run(3.0)
    (reopened, later) = call.commands(EndAfter)
    assert isinstance(reopened, EndAfter)
    assert isinstance(later, EndAfter)
    assert reopened.silence_s == pytest.approx(0.95)
    assert later.silence_s == pytest.approx(0.88 + TURN.pause_s)


def test_a_caller_who_was_cut_in_on_is_waited_for_longer() -> None:
    call = saying("ಬಿಲ್ ಬಂದಿದೆ", answer=lambda _: None)
    call.run(0.7)
    call.run(0.5, voice=True)
    assert call.commands(StopReply) == [StopReply(1, 0)]
    call.run(3.0)
    last = call.commands(EndAfter)[-1]
    assert isinstance(last, EndAfter)
    assert last.silence_s == pytest.approx(0.7 + TURN.pause_s)


@pytest.mark.parametrize(
    ("asks", "answer", "silence_s"),
    [
        (Asked("yes_no"), "ಹೌದು", 0.32),
        (Asked("value"), "ಮಂಡ್ಯ", 0.32),
        (Asked("digits", 4), "ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು", 0.32),
        (Asked("digits", 4), "ನಾಲ್ಕು ಐದು", 2.0),
        (Asked(), "ಹೌದು", 0.95),
    ],
)
def test_what_the_agent_asked_and_the_caller_heard_counts(asks: Asked, answer: str, silence_s: float) -> None:
    call = after_greeting(words=True, asks=asks, answer=lambda _: ([0.5], Finished()))
    call.say(1.0, 2.5)
    call.hear = lambda _: answer
    call.say(1.0, 3.0)
    end_of_speech = call.at(Finish, 1) - TURN.soft_end_s
    assert call.at(Confirm, 1) - end_of_speech == pytest.approx(silence_s, abs=FRAME_S)


def test_a_question_that_nobody_heard_was_not_asked() -> None:
    call = after_greeting(words=True, asks=Asked("value"), answer=lambda _: ([5.0], Finished()))
    call.say(1.0, 0.65)
    assert call.commands(Play)[1:], "the answer has begun"
    call.hear = lambda _: "ಮಂಡ್ಯ"
    call.say(0.5, 3.0)
    last = call.commands(EndAfter)[-1]
    assert isinstance(last, EndAfter)
    assert last.reasons == ("noun: noun +0.35",)


@pytest.mark.parametrize("turn", [TurnPolicy(words=False), TurnPolicy(soonest_end_s=0.6, latest_end_s=0.6)])
def test_fixed_silence_is_a_setting(turn: TurnPolicy) -> None:
    for text in ("ಬಿಲ್ ಬಂದಿದೆ", "ನಾಳೆ ಬಂದರೆ"):
        call = saying(text, policy=Policy(turn=turn))
        call.run(3.0)
        assert confirmed_s(call) == pytest.approx(0.6)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.1, 1.5), st.floats(0.1, 2.5)), min_size=1, max_size=6),
    st.sampled_from(["ಬಿಲ್ ಬಂದಿದೆ", "ನಾಳೆ ಬಂದರೆ", "ನಮ್ಮ ಮನೆಗೆ", "ಹೌದು", "ನನ್ನ ಬಿಲ್"]),
    st.floats(0.02, 1.0),
)
def test_no_turn_ends_before_the_soonest_or_after_the_latest_silence(
    parts: list[tuple[float, float]], text: str, stt_s: float
) -> None:
    call = after_greeting(hear=lambda _: text, says={}, words=True, stt_s=stt_s, answer=lambda _: None)
    silence = 0.0
    """A single voiced frame does not break it."""
    run = 0
    for voice_s, pause_s in [*parts, (0.5, 3.0)]:
        for voice, seconds in ((True, voice_s), (False, pause_s)):
            for _ in range(round(seconds / FRAME_S)):
                was_open = not call.call._floor.ear.quiet
                call.run(FRAME_S, voice=voice)
                if call.call.over:
                    return
                run = run + 1 if voice else 0
                silence = 0.0 if run > 1 else silence + FRAME_S
                ended = was_open and call.call._floor.ear.quiet
                assert not ended or silence >= TURN.soonest_end_s - 1e-6
                assert silence < TURN.latest_end_s + FRAME_S / 2 or call.call._floor.ear.quiet
                assert call.call.deadline is None or call.call.deadline > call.now - 1e-9
    assert call.call._floor.ear.quiet


def test_keys_and_stale_words_decide_nothing() -> None:
    call = saying("ನನ್ನ ಬಿಲ್")
    call.run(0.4)
    call.give(Heard(1, 7, "ನಾಳೆ ಬಂದರೆ", ending("ನಾಳೆ ಬಂದರೆ")))
    assert len(call.commands(EndAfter)) == 1


def test_a_masked_trace_of_it_replays(tmp_path: Path) -> None:
    call = saying("ನಮ್ಮ ಮನೆಗೆ", asks=Asked("yes_no"))
    call.run(5.0)
    call.hear = lambda _: "ಹೌದು"
    call.say(0.5, 4.0)
    path = tmp_path / "call.jsonl"
    path.write_bytes(b"\n".join(record(call, keep_words=False)))
    assert "ಮನೆಗೆ" not in path.read_text(encoding="utf-8")
    assert replay(read(path)).difference == ""
    reasons = [row["reasons"] for row in read(path).outputs if row["out"] == "EndAfter"]
    assert reasons == [["dative: unfinished +0.80"], ["the yes or no that was asked for: finished -0.35"]]
