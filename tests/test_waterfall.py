"""The latency waterfall, read from traces of virtual calls: every time is one that the script put there."""

import orjson
import pytest

from app.call.events import Finished, Reached, Replied, Speech
from app.replay.trace import Trace
from app.replay.waterfall import TurnRow, rows
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
    assert interrupted.clear_s == pytest.approx(spoke + 0.2)
    assert interrupted.end_of_reply_s == interrupted.clear_s
    assert interrupted.agent_english == "word one two three 1 word one —"
    assert interrupted.unheard_english == "two three 2"


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
