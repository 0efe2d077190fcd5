"""The latency waterfall, read from traces of virtual calls: every time is one that the script put there."""

import random
from collections.abc import Callable

import orjson
import pytest

from app.call.events import Finish, Finished, Reached, Replied, Speech
from app.call.policy import TurnPolicy
from app.replay.trace import Trace
from app.replay.waterfall import TurnRow, rows
from telephony.events import Play
from tests.call.virtual import VirtualCall, after_greeting
from tests.test_trace import record


def turns(call: VirtualCall) -> list[TurnRow]:
    lines = [orjson.loads(line) for line in record(call, keep_words=True)]
    return rows(Trace(lines[0]["header"], tuple(lines[1:])))


def test_a_turn_is_timed_from_the_last_voiced_frame() -> None:
    call = after_greeting()
    began = call.now
    call.run(1.0, voice=True)
    end = call.now
    call.run(5.0)
    _, turn = turns(call)
    assert turn.start_of_speech_s == pytest.approx(began, abs=0.021)
    assert turn.end_of_speech_s == pytest.approx(end)
    assert turn.soft_end_s == pytest.approx(end + 0.2)
    assert turn.confirmed_end_s == pytest.approx(end + 0.6)
    assert turn.stt_final_s == pytest.approx(end + 0.2 + call.stt_s)
    assert turn.first_tts_byte_s == pytest.approx(end + 0.2 + call.stt_s + call.first_audio_s, abs=0.021)
    assert turn.first_mark_heard_s == pytest.approx(end + 0.6 + 1.0, abs=0.021)
    assert turn.end_of_reply_s == pytest.approx(end + 0.6 + 3.0, abs=0.021)
    assert turn.unheard_english == ""
    assert turn.clear_s is None


def test_a_reopened_turn_is_timed_from_its_last_revision() -> None:
    call = after_greeting()
    call.say(1.0, 0.4)
    call.run(0.5, voice=True)
    end = call.now
    call.run(5.0)
    _, turn = turns(call)
    assert turn.end_of_speech_s == pytest.approx(end)
    assert turn.stt_final_s == pytest.approx(end + 0.2 + call.stt_s)


def test_a_barge_in_is_timed_and_splits_heard_from_unheard() -> None:
    call = after_greeting()
    call.say(1.0, 2.2)
    spoke = call.now
    call.say(1.0, 5.0)
    _, interrupted, _ = turns(call)
    assert interrupted.barge_in_speech_s == pytest.approx(spoke, abs=0.021)
    assert interrupted.clear_s == pytest.approx(spoke + TurnPolicy().barge_in_voice_s)
    assert interrupted.end_of_reply_s == interrupted.clear_s
    assert interrupted.agent_english == "word one two three 1 word —"
    assert interrupted.unheard_english == "one two three 2"


def test_a_greeting_that_was_cut_stays_the_greeting() -> None:
    call = VirtualCall()
    call.run(0.2)
    call.say(1.0, 5.0)
    greeting, turn = turns(call)
    assert greeting.agent_english == "en —"
    assert turn.agent_english.startswith("word")


def test_an_apology_is_shown_with_the_turn_it_answers() -> None:
    call = VirtualCall(answer=lambda _: None)
    call.run(1.5)
    call.say(1.0, 12.0)
    greeting, turn = turns(call)
    assert greeting.agent_english == "en greeting"
    assert turn.agent_english == "en filler en apology"


@pytest.mark.parametrize("answer_after_s", [0.4, 1.5], ids=["while it is heard", "later"])
def test_a_filler_is_timed_apart_from_the_answer(answer_after_s: float) -> None:
    call = after_greeting(answer=lambda _: None)
    call.run(1.0, voice=True)
    call.run(1.0)
    filled = call.now
    call.give(Speech(1, 0, 1, "ಒಂದು ಕ್ಷಣ", "one moment", bytes(8000), last=True, filler=True))
    call.give(Reached(1, 0, "on_wire"))
    call.run(answer_after_s)
    answered = call.now
    call.give(Reached(1, 0, "agent_token"))
    call.give(Speech(1, 0, 2, "ಎಲ್ಲಾ", "all is well", bytes(8000), last=True))
    if answer_after_s > 1.0:
        call.give(Reached(1, 0, "on_wire"))
    call.give(Replied(1, 0, Finished()))
    call.run(3.0)
    _, turn = turns(call)
    assert turn.filler_on_wire_s == pytest.approx(filled)
    assert turn.first_agent_token_s == turn.first_tts_byte_s == pytest.approx(answered)
    assert turn.first_on_wire_s == pytest.approx(max(answered, filled + 1.0))
    assert turn.first_mark_heard_s == pytest.approx(max(answered, filled + 1.0) + 1.0, abs=0.021)
    assert turn.agent_english == "one moment all is well"


BILL, HUM = "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", "ಹೂಂ"


def hears(*texts: str) -> Callable[[Finish], str]:
    """Speech to text that makes each of these of the turns in their order."""
    return lambda asked: texts[asked.turn - 1]


def test_a_hum_over_the_agent_is_a_note_at_its_answer() -> None:
    call = after_greeting(hear=hears(BILL, HUM))
    call.say(1.0, 2.2)
    spoke = call.now
    call.say(0.3, 6.0)
    _, turn, hum = turns(call)
    (false,) = turn.false_interruptions
    assert false.kannada == HUM
    assert false.clear_s == pytest.approx(spoke + TurnPolicy().barge_in_voice_s)
    assert false.clear_s + false.gap_s == pytest.approx(spoke + 0.3 + 0.2 + call.stt_s)
    assert turn.clear_s is None
    assert turn.unheard_english == ""
    assert hum.ignored


def test_a_greeting_that_a_noise_silenced_goes_on() -> None:
    call = VirtualCall(hear=hears(""))
    call.run(0.2)
    call.say(0.6, 3.0)
    greeting, noise = turns(call)
    assert len(greeting.false_interruptions) == 1
    assert greeting.end_of_reply_s == pytest.approx(1.1 + 0.5, abs=0.021), "0.2 s were left, and it repeats 0.3 s"
    assert greeting.agent_english == "en greeting"
    assert noise.ignored


@pytest.mark.parametrize(("stt_s", "first_audio_s"), [(0.1, 1.6), (1.6, 0.1)], ids=["late agent", "late transcript"])
def test_a_filler_of_the_core_is_timed_apart_from_the_answer(stt_s: float, first_audio_s: float) -> None:
    call = after_greeting(stt_s=stt_s, first_audio_s=first_audio_s)
    call.run(1.0, voice=True)
    end = call.now
    call.run(6.0)
    _, turn = turns(call)
    assert turn.fillers == 1
    assert turn.filler_on_wire_s == pytest.approx(call.at(Play, 1))
    assert turn.first_on_wire_s == pytest.approx(call.at(Play, 1) + 1.0), "behind the filler, of one second"
    assert turn.first_tts_byte_s == pytest.approx(end + 0.2 + 1.7, abs=0.021)
    assert turn.saved_s == pytest.approx(0.4)


def test_a_caller_who_goes_on_throws_work_away() -> None:
    call = after_greeting()
    for _ in range(3):
        call.say(1.0, 0.4)
    call.run(5.0)
    _, turn = turns(call)
    assert turn.revisions == 3
    assert turn.wasted_s == pytest.approx(2 * 0.26), "0.4 s of silence and three frames, less the soft end"
    assert turn.wasted_questions == 2
    assert turn.saved_s == pytest.approx(call.stt_s + call.first_audio_s, abs=0.021)


@pytest.mark.parametrize(("text", "heard"), [("ಒಂದು ನಿಮಿಷ", "en wait"), ("ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ", "word one two three 1")])
def test_what_the_core_answers_by_itself_is_answered(text: str, heard: str) -> None:
    call = after_greeting(hear=hears(BILL, text), answer=lambda _: ([1.0], Finished()))
    call.say(1.0, 4.0)
    call.say(1.0, 4.0)
    turn = turns(call)[2]
    assert turn.agent_english == heard
    assert turn.first_on_wire_s is not None
    assert not turn.ignored


@pytest.mark.parametrize("seed", range(5))
def test_no_call_makes_a_row_that_contradicts_itself(seed: int) -> None:
    dice = random.Random(seed)
    texts = (BILL, HUM, "", "ನಿಲ್ಲಿ", "ಒಂದು ನಿಮಿಷ", "ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ")
    call = VirtualCall(
        hear=lambda _: dice.choice(texts),
        answer=lambda _: dice.choice([([1.0, 2.0], Finished()), ([0.5], Finished()), None]),
    )
    while call.now < 60 and not call.call.over:
        call.stt_s, call.first_audio_s = dice.choice([0.05, 0.5, 1.5]), dice.choice([0.1, 0.4, 1.5])
        call.say(dice.uniform(0.05, 2.0), dice.uniform(0.1, 4.0))
    found = turns(call)
    assert any(row.ignored or row.false_interruptions or row.fillers for row in found)
    for row in found:
        if row.ignored:
            assert (row.first_on_wire_s, row.agent_english, row.fillers) == (None, "", 0)
        if row.saved_s is not None:
            assert row.soft_end_s is not None
            assert row.confirmed_end_s is not None
            assert 0 <= row.saved_s <= row.confirmed_end_s - row.soft_end_s + 0.001
        if row.first_on_wire_s is not None and row.first_mark_heard_s is not None:
            assert row.first_on_wire_s <= row.first_mark_heard_s
        assert row.wasted_s >= 0
