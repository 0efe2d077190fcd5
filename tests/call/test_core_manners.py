"""No dead air, no caller left behind: fillers, asking again, waiting, keys, people, and the ways out."""

import pytest

from app.call.core import Call
from app.call.events import Answered, Confirm, Finished, Heard, Hearing, Reached, Reply, StopReply, Understood
from app.call.policy import Choice, Patience, Person, Policy, TurnPolicy
from app.kannada.asked import Asked
from app.kannada.finished import ending
from telephony.events import Clear, Digit, Hangup, Play, Transfer, TransferFailed, Voicemail
from tests.call.virtual import VirtualCall, after_greeting, prompts

OFFICE, NIGHT = Person("office", "+918022225555"), Person("night", "+918000000112")
MENU = (Choice("1", says="how much is my bill"), Choice("0", person="office"))
PATIENCE = Patience()
FRAME_S = 0.02


def english(call: VirtualCall) -> list[str]:
    return [line.english for line in call.call.history]


# Fillers.


def test_a_late_answer_is_announced_and_follows() -> None:
    call = after_greeting(first_audio_s=2.0)
    call.say(1.0, 8.0)
    assert english(call)[1:3] == ["english of ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", "en filler"]
    assert english(call)[3].startswith("word one")
    assert call.at(Play, 1) - call.at(Confirm) == pytest.approx(PATIENCE.filler_s, abs=FRAME_S)


def test_an_answer_in_time_needs_no_announcement() -> None:
    call = after_greeting(first_audio_s=1.0)
    call.say(1.0, 8.0)
    assert "en filler" not in english(call)


def test_an_answer_that_is_being_written_is_waited_for_a_little_longer() -> None:
    call = after_greeting(first_audio_s=1.4)
    call.later(2.0, Reached(1, 0, "agent_token"))
    call.say(1.0, 8.0)
    assert "en filler" not in english(call)


def test_never_twice_running() -> None:
    call = after_greeting(first_audio_s=2.0)
    for _ in range(3):
        call.say(1.0, 8.0)
    assert english(call).count("en filler") == 2


def test_it_fits_what_was_said() -> None:
    for text, filler in (("ಬಿಲ್ ಬಂದಿದೆಯಾ", "en filler_question"), ("ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು", "en filler_number")):
        call = after_greeting(hear=lambda _, text=text: text, words=True, first_audio_s=3.0)
        call.say(1.0, 4.0)
        assert filler in english(call)


def test_a_hm_to_the_announcement_does_not_begin_the_reply_anew() -> None:
    for after_s in (2.0, 2.6):  # over it, and behind it
        call = after_greeting(first_audio_s=4.0)
        call.say(1.0, after_s)
        call.hear = lambda _: "ಹೂಂ"
        call.say(0.3, 9.0)
        assert call.commands(StopReply) == []
        assert english(call)[2:] == ["en filler", "word one two three 1 word one two three 2"]


def test_words_after_the_announcement_are_the_next_turn() -> None:
    call = after_greeting(first_audio_s=4.0)
    call.say(1.0, 1.5)
    call.say(0.8, 9.0)
    first, second = [reply for reply in call.commands(Reply) if isinstance(reply, Reply)]
    assert (first.turn, second.turn) == (1, 2)
    assert second.history[1].kannada == first.text
    assert call.commands(StopReply) == [StopReply(1, 0)]
    assert len(call.commands(Clear)) == 1


def test_a_caller_who_goes_on_before_the_words_are_known_goes_on_with_the_same_turn() -> None:
    call = after_greeting(stt_s=2.5)
    call.run(1.0, voice=True)
    call.give(Hearing(1, "", "ನನ್ನ ಬಿಲ್"))
    call.run(1.5)
    assert len(call.commands(Play)) == 2, "the announcement"
    call.say(0.8, 9.0)
    assert [(reply.turn, reply.revision) for reply in call.commands(Reply) if isinstance(reply, Reply)] == [(1, 1)]
    assert len(call.commands(Clear)) == 1
    assert english(call).count("en filler") <= 1


def test_noise_without_words_announces_nothing() -> None:
    call = after_greeting(hear=lambda _: None)
    call.say(1.0, 5.0)
    assert len(call.commands(Play)) == 1


def test_a_prompt_without_words_is_never_said() -> None:
    silent = VirtualCall(first_audio_s=2.0)
    silent.call = Call(Policy(), {**prompts(), "greeting": prompts(0.0)["greeting"], "filler": prompts(0.0)["filler"]})
    silent.log.clear()
    silent.give(Answered())
    assert silent.log == []
    silent.say(1.0, 8.0)
    assert [line.english.split()[0] for line in silent.call.history] == ["english", "word"]


def test_whoever_is_asked_without_words_has_as_much_patience_as_others() -> None:
    mute = VirtualCall()
    mute.call = Call(Policy(), prompts(1.0) | {"no_input": prompts(0.0)["no_input"]})
    mute.give(Answered())
    mute.run(1.0 + PATIENCE.no_input_s + 1.0)
    assert english(mute) == ["en greeting"]
    mute.run(PATIENCE.no_input_s + 1.5)
    assert english(mute) == ["en greeting", "en no_input_again"]
    assert mute.commands(Hangup) == []


# Repair.


def test_say_that_again_needs_no_agent() -> None:
    call = after_greeting()
    call.say(1.0, 5.0)
    call.hear = lambda _: "ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ"
    call.say(1.0, 6.0)
    assert len(call.commands(Reply)) == 1
    assert english(call)[3] == "say that again."
    assert english(call)[4] == english(call)[2]
    call.say(1.0, 6.0)
    assert english(call)[-1] == english(call)[2], "as often as they like"


def test_what_is_repeated_is_the_answer_not_the_announcement_before_it() -> None:
    call = after_greeting(first_audio_s=2.0)
    call.say(1.0, 8.0)
    call.hear = lambda _: "ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ"
    call.say(1.0, 6.0)
    assert english(call)[-1] == english(call)[3]


def test_what_was_asked_stands_though_the_caller_had_to_be_asked_for_it_again() -> None:
    call = after_greeting(asks=Asked("yes_no"), answer=lambda _: ([1.0], Finished()))
    call.say(1.0, 2.0 + PATIENCE.no_input_s + 2.0)
    assert english(call)[-1] == "en no_input"
    call.hear = lambda _: "ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ"
    call.say(1.0, 6.0)
    assert english(call)[-1] == english(call)[2]


def test_a_repeated_question_is_a_question_again() -> None:
    call = after_greeting(asks=Asked("yes_no"), answer=lambda _: ([1.0], Finished()))
    call.say(1.0, 3.0)
    call.hear = lambda _: "ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ"
    call.say(1.0, 1.3)
    call.hear = lambda _: "ಹೌದು"
    call.say(0.3, 3.0)
    assert english(call)[-2] == "english of ಹೌದು"


def test_a_caller_who_is_not_understood_is_asked_differently_then_offered_keys_then_a_person() -> None:
    call = after_greeting(hear=lambda _: "", policy=Policy(people=(OFFICE,), menu=MENU))
    for _ in range(4):
        call.say(1.0, 3.0)
    assert english(call)[1:] == ["en repeat", "en repeat_again", "en keys", "en transfer"]
    assert len(call.commands(Transfer)) == 1


def test_whoever_is_understood_begins_at_the_first_step_again() -> None:
    call = after_greeting(hear=lambda _: "")
    call.say(1.0, 3.0)
    call.hear = lambda _: "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"
    call.say(1.0, 6.0)
    call.hear = lambda _: ""
    call.say(1.0, 3.0)
    assert english(call).count("en repeat") == 2


# Silence.


def test_silence_is_met_with_the_keys_where_there_are_any() -> None:
    call = after_greeting(policy=Policy(menu=MENU))
    call.run(60.0)
    assert english(call) == ["en greeting", "en no_input", "en keys", "en farewell"]


def test_a_caller_who_asks_for_a_moment_has_it() -> None:
    call = after_greeting(hear=lambda _: "ಒಂದು ನಿಮಿಷ")
    call.say(1.0, 1.8)
    assert english(call)[1:] == ["one moment please.", "en wait"]
    assert call.commands(Reply) == []
    call.run(PATIENCE.wait_s - 1.0)
    assert english(call)[-1] == "en wait"
    call.run(3.0)
    assert english(call)[-1] == "en no_input"
    call.run(PATIENCE.no_input_s + 2.0)
    assert english(call)[-1] == "en no_input_again", "once"


def test_a_noise_does_not_end_the_moment_that_the_caller_asked_for() -> None:
    call = after_greeting(hear=lambda _: "ಒಂದು ನಿಮಿಷ")
    call.say(1.0, 14.0)
    call.hear = lambda _: ""
    call.say(0.1, 4.0)
    assert english(call)[-1] == "en wait"


# Keys.


def test_a_key_of_the_menu_is_a_choice_at_once() -> None:
    call = after_greeting(policy=Policy(menu=MENU, people=(OFFICE,)))
    call.run(PATIENCE.no_input_s * 2 + 3.0)
    assert english(call)[-1] == "en keys"
    call.give(Digit("1"))
    (reply,) = call.commands(Reply)
    assert isinstance(reply, Reply)
    assert (reply.text, reply.keyed) == ("how much is my bill", True)


def test_a_hm_while_the_answer_to_keys_is_made_changes_nothing() -> None:
    call = after_greeting(first_audio_s=1.5)
    call.give(Digit("4"))
    call.give(Digit("#"))
    call.hear = lambda _: "ಹೂಂ"
    call.say(0.3, 6.0)
    assert english(call)[1] == "english of 4"
    assert english(call)[-1] == "word one two three 1 word one two three 2"
    assert call.commands(StopReply) == []


def test_words_after_keys_take_the_place_of_their_answer() -> None:
    call = after_greeting(first_audio_s=1.5)
    call.give(Digit("4"))
    call.give(Digit("#"))
    call.say(1.0, 6.0)
    assert [reply.text for reply in call.commands(Reply) if isinstance(reply, Reply)] == ["4", "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"]
    assert call.commands(StopReply) == [StopReply(1, 0)]


def test_what_was_keyed_is_understood_although_the_caller_hums_meanwhile() -> None:
    call = after_greeting(first_audio_s=1.5, answer=lambda _: None)
    call.give(Digit("4"))
    call.give(Digit("#"))
    call.run(0.2, voice=True)
    call.give(Understood(1, 0, "four"))
    assert english(call)[-1] == "four"


def test_a_key_may_be_a_person() -> None:
    call = after_greeting(policy=Policy(menu=MENU, people=(OFFICE,)))
    call.give(Digit("0"))
    call.run(PATIENCE.digit_s + 2.0)
    assert english(call)[-1] == "en transfer"
    assert len(call.commands(Transfer)) == 1


def test_digits_that_were_asked_for_are_no_choice_and_complete_at_their_length() -> None:
    call = after_greeting(
        policy=Policy(menu=MENU),
        asks=Asked("digits", 4),
        answer=lambda asked: None if asked.keyed else ([1.0], Finished()),
    )
    call.say(1.0, 3.0)
    for key in "1021":
        call.give(Digit(key))
        call.run(0.2)
    reply = call.commands(Reply)[-1]
    assert isinstance(reply, Reply)
    assert reply.text == "1021"


def test_speech_is_dropped_once_keying_began() -> None:
    call = after_greeting()
    call.run(0.5, voice=True)
    call.give(Digit("4"))
    call.run(0.5, voice=True)
    call.give(Digit("#"))
    call.run(3.0)
    assert [reply.text for reply in call.commands(Reply) if isinstance(reply, Reply)] == ["4"]


# Ways out.


@pytest.mark.parametrize(("name", "expected"), [("office", "en closed"), ("night", "en transfer")])
def test_people_who_have_gone_home_are_not_rung(name: str, expected: str) -> None:
    call = VirtualCall(policy=Policy(people=(OFFICE, NIGHT)), answer=lambda _: ([], Finished("transfer", name)))
    call.give(Answered(closed=("office",)))
    call.run(2.5)
    call.say(1.0, 3.0)
    assert english(call)[-1] == expected


def test_nobody_is_handed_to_a_closed_office_because_the_agent_fails() -> None:
    call = VirtualCall(policy=Policy(people=(OFFICE,)), hear=lambda _: "")
    call.give(Answered(closed=("office",)))
    call.run(2.5)
    for _ in range(3):
        call.say(1.0, 4.0)
    assert call.commands(Hangup, Transfer) == [Hangup("not understood")]


def test_a_failed_transfer_leaves_the_keypad_and_the_agent_as_they_were() -> None:
    call = after_greeting(answer=lambda _: ([1.0], Finished("transfer")), policy=Policy(people=(OFFICE,)))
    call.say(1.0, 3.0)
    call.give(TransferFailed("busy"))
    call.run(2.0)
    call.give(Digit("7"))
    call.give(Digit("#"))
    assert isinstance(call.commands(Reply)[-1], Reply)


def test_the_end_of_a_long_call_is_announced_in_a_pause() -> None:
    call = after_greeting(policy=Policy(patience=Patience(longest_call_s=120.0, no_input_s=300.0)))
    call.run(100.0)
    assert english(call) == ["en greeting", "en time_is_up"]
    assert call.at(Play, 1) == pytest.approx(120.0 - PATIENCE.time_is_up_s, abs=0.03)
    call.run(30.0)
    assert call.commands(Hangup) == [Hangup("longest call")]


def test_an_answering_machine_is_left_a_message() -> None:
    call = after_greeting()
    call.say(1.0, 1.0)
    call.give(Voicemail())
    call.run(0.5, voice=True)
    call.run(3.0)
    assert english(call)[-1] == "en voicemail"
    assert call.commands(Hangup) == [Hangup("voicemail")]


# Speculation.


def test_after_three_replies_that_nobody_heard_the_end_is_awaited() -> None:
    call = after_greeting(policy=Policy(turn=TurnPolicy(end_s=0.8)))
    for _ in range(5):
        call.say(0.5, 0.5)
    assert len(call.commands(Reply)) == PATIENCE.revisions_most
    call.run(5.0)
    last = call.commands(Reply)[-1]
    assert isinstance(last, Reply)
    assert last.revision == 4
    assert call.commands(Confirm) == [Confirm(1, 4)]
    assert english(call)[-1].startswith("word one")


def test_a_stale_transcript_repeats_nothing() -> None:
    call = after_greeting()
    call.say(1.0, 5.0)
    before = english(call)
    call.give(Heard(1, 0, "ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ", ending(""), "repeat"))
    assert english(call) == before
