"""The decisions of a call, on a virtual clock."""

import pytest

from app.call.events import (
    Confirm,
    Draining,
    Failed,
    Finish,
    Finished,
    Heard,
    Hearing,
    Line,
    Listen,
    Reply,
    Speech,
    StopReply,
    Understood,
)
from app.call.policy import Patience, Person, Policy, TurnPolicy
from telephony.events import Clear, Digit, Hangup, HungUp, Mark, Play, Played, Transfer
from tests.call.virtual import VirtualCall, after_greeting

GREETING_S = 1.0
OFFICE = Person("office", "+918022225555")


def test_the_greeting_is_played_first_and_remembered_once_heard() -> None:
    call = VirtualCall()
    assert [type(command) for _, command in call.log] == [Play, Mark]
    assert not call.call.history
    call.run(GREETING_S + 0.1)
    assert call.call.history == (Line("agent", "kn greeting", "en greeting"),)


def test_a_turn_is_transcribed_at_the_soft_end_and_heard_after_the_confirmed_end() -> None:
    call = after_greeting()
    call.run(1.0, voice=True)
    end_of_speech = call.now
    call.run(1.0)
    assert call.at(Finish) == pytest.approx(end_of_speech + call.policy.turn.soft_end_s)
    assert call.at(Reply) == pytest.approx(call.at(Finish) + call.stt_s)
    assert call.at(Confirm) == pytest.approx(end_of_speech + call.policy.turn.end_s)
    assert call.at(Play, 1) == call.at(Confirm), "the reply was ready and is heard in the very step"


def test_the_ear_gets_what_was_said_before_the_voice_was_noticed() -> None:
    call = after_greeting()
    call.say()
    (listen,) = call.commands(Listen)
    assert isinstance(listen, Listen)
    assert listen.back_s == pytest.approx(call.policy.turn.start_voice_s + call.policy.turn.pre_roll_s)


def test_a_reply_becomes_two_lines_of_history_when_heard() -> None:
    call = after_greeting()
    call.say(1.0, 5.0)
    assert call.call.history[1:] == (
        Line("caller", "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", "english of ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"),
        Line("agent", "ಪದ ಒಂದು ಎರಡು ಮೂರು 1 ಪದ ಒಂದು ಎರಡು ಮೂರು 2", "word one two three 1 word one two three 2"),
    )


def test_speech_that_resumes_reopens_the_turn_as_a_new_revision() -> None:
    call = after_greeting()
    call.say(1.0, 0.4)  # past the soft end, before the confirmed end: the reply is being made
    assert [type(command) for command in call.commands(Reply, StopReply)] == [Reply]
    call.say(0.5, 1.0)
    replies = [command for command in call.commands(Reply) if isinstance(command, Reply)]
    assert [(reply.turn, reply.revision) for reply in replies] == [(1, 0), (1, 1)]
    assert call.commands(StopReply) == [StopReply(1, 0)]
    assert call.commands(Confirm) == [Confirm(1, 1)]
    assert len(call.commands(Listen)) == 1, "the same ear hears both parts"
    assert sum(line.role == "caller" for line in call.call.history) == 1


def test_speech_that_resumes_before_anything_was_heard_reopens_even_a_confirmed_turn() -> None:
    call = after_greeting(first_audio_s=2.0)
    call.say(1.0, 1.0)
    assert call.commands(Confirm) == [Confirm(1, 0)]
    call.say(0.5, 5.0)
    assert call.commands(StopReply) == [StopReply(1, 0)]
    assert call.commands(Confirm) == [Confirm(1, 0), Confirm(1, 1)]
    assert [len(reply.history) for reply in call.commands(Reply) if isinstance(reply, Reply)] == [1, 1]
    assert sum(line.role == "caller" for line in call.call.history) == 1


def test_barge_in_clears_in_the_step_of_the_decision_and_cuts_the_memory() -> None:
    call = after_greeting()
    call.say(1.0, 0.6)
    began = call.at(Play, 1)
    call.run(began + 1.5 - call.now)  # the first clause (1 s) is over, the second (2 s) half a second in
    spoke = call.now
    call.run(1.4, voice=True)
    step = [type(command) for now, command in call.log if now == call.at(Clear)]
    assert step == [Clear, Listen]
    assert call.at(Clear) - spoke == pytest.approx(call.policy.turn.barge_in_voice_s)
    agent = call.call.history[-1]
    assert agent.role == "agent"
    assert agent.english == "word one two three 1 word —", "0.64 of 2 s of the second clause"


def test_barge_in_stops_a_reply_that_is_still_being_made() -> None:
    call = after_greeting(answer=lambda _: ([1.0] * 40, Finished()))
    call.say(1.0, 1.3)
    call.run(0.3, voice=True)
    step = [type(command) for now, command in call.log if now == call.at(Clear)]
    assert step == [Clear, Listen]
    played = len(call.commands(Play))
    turn = call.policy.turn
    call.run(turn.interrupts_s, voice=True)
    more = turn.interrupts_s - turn.barge_in_voice_s
    assert call.at(StopReply) - call.at(Clear) == pytest.approx(more), "so much voice is more than a hm"
    call.run(0.5, voice=True)
    assert len(call.commands(Play)) == played, "late audio of the old turn is dropped"


def test_marks_that_come_back_because_of_clear_prove_no_hearing() -> None:
    call = after_greeting()
    call.say(1.0, 0.8)
    call.run(0.3, voice=True)
    remembered = call.call.history
    call.run(0.2, voice=True)
    assert [event for _, event in call.inputs if isinstance(event, Played)][-2:] == [Played("0.1.2"), Played("0.1.3")]
    assert call.call.history == remembered


def test_a_cough_does_not_interrupt() -> None:
    call = after_greeting()
    call.say(1.0, 0.8)
    call.run(0.12, voice=True)
    call.run(4.0)
    assert call.commands(Clear) == []


def test_hello_into_the_greeting_does_not_cut_it() -> None:
    call = VirtualCall()
    call.run(0.2)
    call.say(0.4, 0.3)
    assert call.commands(Clear, Listen) == []


def test_silence_is_met_twice_then_with_a_farewell() -> None:
    call = after_greeting()
    call.run(60.0)
    said = [line.english for line in call.call.history]
    assert said == ["en greeting", "en no_input", "en no_input_again", "en farewell"]
    assert call.commands(Hangup) == [Hangup("no input")]


def test_noise_without_words_is_ignored_and_speech_without_words_asked_again() -> None:
    call = after_greeting(hear=lambda _: "")
    call.say(0.2, 1.5)
    assert [line.english for line in call.call.history] == ["en greeting"]
    call.say(1.0, 3.0)
    assert [line.english for line in call.call.history] == ["en greeting", "en repeat"]


@pytest.mark.parametrize("stage", ["translation", "agent", "tts"])
def test_a_failure_is_heard_as_an_apology(stage: str) -> None:
    call = after_greeting(answer=lambda _: None)
    call.say(1.0, 0.5)
    call.give(Failed(1, 0, stage, "boom"))  # type: ignore[arg-type]
    assert len(call.commands(Play)) == 1, "before the caller has finished nothing is said"
    call.run(2.0)
    assert call.call.history[-1] == Line("agent", "kn apology", "en apology")


def test_a_transcription_that_fails_is_heard_as_an_apology() -> None:
    call = after_greeting(hear=lambda _: None)
    call.say(1.0, 1.0)
    call.give(Failed(1, 0, "stt", "boom"))
    call.run(2.0)
    assert call.call.history[-1].english == "en apology"


@pytest.mark.parametrize("hang", ["stt", "reply"])
def test_an_engine_that_hangs_is_heard_as_an_apology_in_time(hang: str) -> None:
    never = {"stt": {"hear": lambda _: None}, "reply": {"answer": lambda _: None}}[hang]
    call = after_greeting(policy=Policy(patience=Patience(filler_s=0.0)), **never)
    call.say(1.0, 0.0)
    end_of_speech = call.now
    call.run(12.0)
    expected = end_of_speech + call.policy.turn.end_s + call.policy.patience.no_reply_s
    assert call.at(Play, 1) == pytest.approx(expected, abs=0.021)


def test_a_reply_that_stops_in_the_middle_of_a_clause_is_given_up() -> None:
    call = after_greeting(answer=lambda _: None)
    call.say(1.0, 1.0)
    call.give(Speech(1, 0, 1, "ಪದ", "word", bytes(4000), False))
    call.run(20.0)
    assert "en apology" in [line.english for line in call.call.history]
    assert call.commands(StopReply) == [StopReply(1, 0)]


def test_failures_in_a_row_end_the_call_or_hand_it_over() -> None:
    for people, expected in (((), Hangup), ((OFFICE,), Transfer)):
        call = after_greeting(answer=lambda _: None, policy=Policy(people=people))
        for turn in (1, 2, 3):
            call.say(1.0, 0.8)
            call.give(Failed(turn, 0, "agent", "boom"))
            call.run(2.5)
        (end,) = call.commands(Hangup, Transfer)
        assert isinstance(end, expected)
        assert call.call.history[-1].english == ("en transfer" if people else "en farewell")


def test_the_agents_goodbye_is_heard_to_its_end_before_the_line_closes() -> None:
    call = after_greeting(answer=lambda _: ([1.0], Finished("hang_up")))
    call.say(1.0, 0.7)
    call.run(0.5, voice=True)  # nobody interrupts a goodbye
    call.run(2.0)
    assert call.commands(Clear) == []
    assert call.at(Hangup) - call.at(Play, 1) == pytest.approx(1.0, abs=0.021)
    assert call.call.history[-1].english == "word one two three 1"


def test_an_agent_can_hand_over() -> None:
    people = (OFFICE, Person("emergency", "+918000000112"))
    for name, target in (("", OFFICE.target), ("office", OFFICE.target), ("emergency", "+918000000112")):
        call = after_greeting(
            answer=lambda _, name=name: ([1.0], Finished("transfer", name)), policy=Policy(people=people)
        )
        call.say(1.0, 3.0)
        (transfer,) = call.commands(Transfer)
        assert isinstance(transfer, Transfer)
        assert transfer.target == target
        assert [words.language for words in transfer.whisper] == ["kn-IN", "en-IN"]


def test_a_carrier_without_marks_is_believed_by_the_clock() -> None:
    call = after_greeting(marks=False)
    call.say(1.0, 5.0)
    assert call.call.history[-1].english == "word one two three 1 word one two three 2"


def test_a_lost_mark_does_not_leave_the_agent_speaking_for_ever() -> None:
    call = VirtualCall()
    call.playout.clear(0.0)  # the carrier forgets the greeting's mark
    call.run(GREETING_S + call.policy.patience.mark_s + 0.1)
    assert not call.call.speaking


def test_a_dead_line_is_hung_up() -> None:
    call = after_greeting()
    call.media = False
    call.run(30.0)
    assert call.commands(Hangup) == [Hangup("no media")]


def test_the_longest_call_ends_with_a_farewell() -> None:
    call = after_greeting(policy=Policy(patience=Patience(longest_call_s=5.0, no_input_s=60.0)))
    call.run(10.0)
    assert call.commands(Hangup) == [Hangup("longest call")]
    assert call.call.history[-1].english == "en farewell"


def test_draining_says_goodbye_even_over_a_reply() -> None:
    call = after_greeting()
    call.say(1.0, 1.0)
    call.give(Draining())
    call.run(3.0)
    assert [type(command) for now, command in call.log if now == call.at(Clear)][:2] == [Clear, Play]
    assert call.commands(Hangup) == [Hangup("draining")]
    assert call.call.history[-1].english == "en farewell"


def test_keys_make_a_turn_after_a_pause_or_a_hash() -> None:
    for ending in ("#", ""):
        call = after_greeting()
        for key in "4521" + ending:
            call.give(Digit(key))
            call.run(0.4)
        call.run(3.0, voice=False)
        (reply,) = call.commands(Reply)
        assert isinstance(reply, Reply)
        assert (reply.text, reply.keyed) == ("4521", True)
        assert call.commands(Confirm) == [Confirm(1, 0)]


def test_a_voice_after_keys_is_a_turn_of_its_own() -> None:
    call = after_greeting(answer=lambda asked: None if asked.keyed else ([1.0], Finished()))
    call.give(Digit("7"))
    call.give(Digit("#"))
    call.say(1.0, 3.0)
    assert call.commands(StopReply) == [StopReply(1, 0)]
    assert call.commands(Confirm) == [Confirm(1, 0), Confirm(2, 0)]
    assert [line.kannada for line in call.call.history if line.role == "caller"] == ["7", "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"]


def test_keys_silence_the_agent() -> None:
    call = after_greeting()
    call.say(1.0, 1.0)
    call.give(Digit("1"))
    assert [type(command) for now, command in call.log if now == call.now] == [Clear]


def test_nothing_follows_a_hang_up() -> None:
    call = after_greeting()
    call.say(1.0, 0.4)
    call.give(HungUp("caller"))
    assert call.commands(StopReply) == [StopReply(1, 0)]
    assert call.call.over
    assert call.call.deadline is None
    assert call.call.handle(Heard(1, 0, "ಹೌದು"), call.now) == []


def test_what_is_heard_meanwhile_is_kept_over_revisions_and_dropped_when_stale() -> None:
    call = after_greeting()
    call.run(0.5, voice=True)
    hearing = Hearing(1, "ನನ್ನ", "ನನ್ನ ಬಿಲ್")
    call.give(hearing)
    call.give(Hearing(0, "", "of the greeting's turn"))
    call.run(0.3)
    call.run(0.5, voice=True)
    assert call.call.hearing == hearing, "the caller went on: the same turn"
    call.run(8.0)
    call.give(Hearing(1, "ನನ್ನ ಬಿಲ್", "too late: the turn is settled"))
    assert call.call.hearing == hearing
    call.run(0.5, voice=True)
    assert call.call.hearing is None, "the next turn"


def test_english_that_came_too_late_is_left_open_for_the_next_reply() -> None:
    call = after_greeting(answer=lambda _: None)
    call.say(1.0, 1.0)
    call.give(Speech(1, 0, 1, "ಪದ", "word", bytes(80000), True))
    call.give(Understood(9, 0, "of another turn"))
    call.say(1.0, 1.0)
    reply = call.commands(Reply)[-1]
    assert isinstance(reply, Reply)
    assert reply.history[1] == Line("caller", "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", "")


def test_a_turn_without_end_is_ended() -> None:
    call = after_greeting(policy=Policy(turn=TurnPolicy(longest_s=3.0)))
    call.run(3.5, voice=True)
    assert len(call.commands(Finish)) == 1
    assert len(call.commands(Confirm)) == 1
    assert call.commands(StopReply) == [], "the same noise going on does not reopen the turn"
