"""Voice over the agent: silence at once, then either the floor changes hands or the agent goes on."""

from collections.abc import Callable

import pytest

from app.call.events import Failed, Finish, Finished, Hearing, Ignore, Line, Listen, Replied, Reply, Speech, StopReply
from app.call.policy import Choice, Patience, Policy, TurnPolicy
from app.kannada.asked import Asked
from app.kannada.finished import ending
from app.kannada.small_words import SmallWord
from telephony.events import Clear, Digit, HungUp, Mark, Play
from tests.call.virtual import VirtualCall, after_greeting

TURN = TurnPolicy()
FRAME_S = 0.02
LONG = ([1.0, 2.0, 3.0], Finished())
WHOLE = " ".join(f"word one two three {number}" for number in (1, 2, 3))


def speaking(at_s: float = 1.5, **options: object) -> VirtualCall:
    """The agent has been answering for `at_s`: in the middle of the second clause."""
    call = after_greeting(**{"answer": lambda _: LONG, **options})
    call.say(1.0, 0.6)
    call.run(call.at(Play, 1) + at_s - call.now)
    return call


def heard_s(call: VirtualCall) -> float:
    """Audio of the agent that the caller has heard."""
    return sum(burst.end - burst.start - burst.starved for burst in call.playout.bursts) / 8000


@pytest.mark.parametrize("text", ["ಹೂಂ", ""])
def test_a_hm_silences_the_agent_for_a_moment_only(text: str) -> None:
    call = speaking()
    call.hear = lambda _: text
    call.say(0.3, 8.0)
    assert call.at(Clear) < call.at(Finish, 1) < call.at(Ignore, 1)
    assert call.call.history[-1] == Line("agent", call.call.history[-1].kannada, WHOLE)
    assert call.commands(StopReply) == []
    assert len(call.commands(Reply)) == 1, "nobody was asked to answer a hm"
    assert heard_s(call) == pytest.approx(1.0 + 6.0 + TURN.resume_back_s, abs=0.03), "greeting, answer, a little twice"


def test_the_silence_is_as_short_as_the_hm() -> None:
    call = speaking()
    call.hear = lambda _: "ಹೂಂ"
    call.say(0.3, 2.0)
    resumed = next(now for now, command in call.log if isinstance(command, Play) and now > call.at(Clear))
    rest = 0.3 - TURN.barge_in_voice_s
    assert resumed - call.at(Clear) == pytest.approx(rest + TURN.soft_end_s + call.stt_s, abs=2 * FRAME_S)


def test_a_reply_that_is_still_being_made_goes_on_being_made() -> None:
    call = speaking(answer=lambda _: ([1.0] * 30, Finished()))
    call.hear = lambda _: "ಹೂಂ"
    call.say(0.3, 35.0)
    assert call.commands(StopReply) == []
    assert call.call.history[-1].english.endswith("word one two three 30")
    assert call.call.history[-1].english.count("one") == 30, "no clause is remembered twice"


def test_a_voice_for_longer_than_a_hm_takes_the_floor_whatever_it_says() -> None:
    call = speaking()
    call.hear = lambda _: "ಹೂಂ"
    call.say(TURN.interrupts_s + 0.1, 3.0)
    assert call.call.history[-2] == Line("caller", "ಹೂಂ", "english of ಹೂಂ")
    assert len(call.commands(Reply)) == 2


@pytest.mark.parametrize("text", ["ಬಿಲ್", "ನಿಲ್ಲಿ", "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"])
def test_other_words_take_the_floor(text: str) -> None:
    call = speaking(policy=Policy(patience=Patience(filler_s=0)))
    call.hear = lambda _: text
    call.say(0.3, 2.0)
    agent, caller = call.call.history[2:4]
    assert agent.english == "word one two three 1 word —"
    assert caller.kannada == text
    assert len(call.commands(Reply)) == 2


def test_the_memory_is_as_of_the_moment_of_silence_however_late_the_words_are_known() -> None:
    call = speaking()
    call.stt_s = 1.5
    call.hear = lambda _: "ಬಿಲ್"
    call.say(0.3, 1.0)
    assert call.call.history[2].english == "word one two three 1", "of the second clause nothing is certain yet"
    call.run(2.0)
    assert call.call.history[2].english == "word one two three 1 word —"


@pytest.mark.parametrize(
    ("text", "says", "stops"),
    [("ನಿಲ್ಲಿ", "stop", True), ("ಒಂದು ನಿಮಿಷ", "wait", True), ("ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", "", True), ("ಹಾಂ ಸರಿ", "backchannel", False)],
)
def test_words_that_are_heard_while_the_caller_speaks_decide_at_once(text: str, says: SmallWord, stops: bool) -> None:
    call = speaking(answer=lambda _: ([1.0] * 30, Finished()))
    call.run(0.3, voice=True)
    call.give(Hearing(2, "", text, ending(text), says))
    assert (call.commands(StopReply) == [StopReply(1, 0)]) is stops


def test_a_yes_to_a_question_is_an_answer_not_a_hm() -> None:
    for asks, answered in ((Asked("yes_no"), True), (Asked("value"), False)):
        call = speaking(answer=lambda _: ([3.0, 0.5], Finished()), at_s=2.5, asks=asks)
        call.hear = lambda _: "ಹೌದು"
        call.say(0.3, 3.0)
        assert (len(call.commands(Reply)) == 2) is answered


def test_a_question_that_had_hardly_begun_was_not_asked() -> None:
    call = speaking(answer=lambda _: ([4.0, 0.5], Finished()), at_s=0.8, asks=Asked("yes_no"))
    call.hear = lambda _: "ಹೌದು"
    call.say(0.3, 3.0)
    assert len(call.commands(Reply)) == 1


def test_a_hm_into_the_last_word_is_an_answer() -> None:
    call = speaking(at_s=5.7)
    call.hear = lambda _: "ಹೂಂ"
    call.say(0.3, 3.0)
    assert len(call.commands(Reply)) == 2


def test_so_it_is_when_the_end_of_the_reply_came_meanwhile() -> None:
    call = after_greeting(answer=lambda _: None)
    call.say(1.0, 0.8)
    call.give(Speech(1, 0, 1, "ಪದ ಒಂದು", "word one", bytes(16000), True))
    call.run(1.7)
    call.hear = lambda _: "ಹೂಂ"
    call.run(0.3, voice=True)
    call.give(Replied(1, 0, Finished()))
    call.run(3.0)
    assert len(call.commands(Reply)) == 2


def test_a_prompt_goes_on_too_and_a_greeting_stays_a_greeting() -> None:
    call = VirtualCall(hear=lambda _: "ಹೂಂ", policy=Policy(turn=TurnPolicy(nearly_s=0.1)))
    call.run(0.1)
    call.say(0.7, 3.0)
    assert len(call.commands(Clear)) == 1
    assert call.call.history == (Line("agent", "kn greeting", "en greeting"),)


def test_a_greeting_that_was_over_when_a_noise_silenced_it_is_over() -> None:
    call = VirtualCall(hear=lambda _: "", answer=lambda _: LONG)
    call.playout.due = lambda now: []  # type: ignore[method-assign]  # its mark is late
    call.run(0.5)
    call.say(0.7, 1.0)
    call.hear = lambda _: "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"
    call.say(1.0, 1.9)
    spoke, silenced = call.now, len(call.commands(Clear))
    call.say(0.3, 0.0)
    assert call.at(Clear, silenced) - spoke < TURN.opening_voice_s


def test_after_a_long_while_the_cut_clause_begins_anew() -> None:
    call = speaking()
    call.stt_s = 2.0
    call.hear = lambda _: "ಹೂಂ"
    call.say(0.3, 12.0)
    assert call.call.history[-1].english == WHOLE
    resumed = next(command for now, command in call.log if isinstance(command, Play) and now > call.at(Clear))
    assert isinstance(resumed, Play)
    assert len(resumed.audio) == 2.0 * 8000


def test_echo_does_not_silence_the_agent() -> None:
    call = speaking()
    call.run(1.2, echo=True)
    assert call.commands(Clear) == []


def test_words_that_were_the_agents_own_are_neither_answered_nor_asked_for_again() -> None:
    for at_s in (1.5, 6.02):  # over the answer, and right after it
        call = speaking(at_s)
        call.says["ಪದ ಒಂದು"] = "echo"
        call.hear = lambda _: "ಪದ ಒಂದು"
        call.say(0.6, 6.0)
        assert [line.english for line in call.call.history[2:]] == [WHOLE]


def test_a_caller_who_answers_in_the_words_of_the_question_is_no_echo() -> None:
    call = speaking(at_s=6.4)
    call.says["ಪದ ಒಂದು"] = "echo"
    call.hear = lambda _: "ಪದ ಒಂದು"
    call.say(0.5, 3.0)
    assert call.call.history[3].kannada == "ಪದ ಒಂದು"
    assert len(call.commands(Reply)) == 2


def test_a_greeting_that_its_own_echo_cut_is_not_answered() -> None:
    call = VirtualCall(hear=lambda _: "ನಮಸ್ಕಾರ ನಾನು", says={"ನಮಸ್ಕಾರ ನಾನು": "echo"})
    call.run(0.2)
    call.say(TURN.greeting_voice_s + 0.3, 4.0)
    assert call.call.history == (Line("agent", "kn greeting", "en greeting"),)
    assert call.commands(Reply) == []


def test_whoever_made_the_agent_give_way_is_not_met_with_silence() -> None:
    call = speaking(answer=lambda _: ([1.0] * 30, Finished()))
    call.says["ಪದ ಒಂದು"] = "echo"
    call.hear = lambda _: "ಪದ ಒಂದು"
    call.run(0.3, voice=True)
    call.give(Hearing(2, "", "ಪದ ಒಂದು ಬಿಲ್", ending("ಪದ ಒಂದು ಬಿಲ್")))
    assert call.commands(StopReply) == [StopReply(1, 0)]
    call.run(3.0)
    assert call.call.history[-1].english == "en repeat"


def test_in_its_first_moments_the_agent_is_not_so_easily_silenced() -> None:
    call = speaking(at_s=0.0)
    spoke = call.now
    call.run(0.6, voice=True)
    assert call.at(Clear) - spoke == pytest.approx(TURN.opening_voice_s, abs=FRAME_S)


def test_who_hums_is_not_yielded_to_so_quickly_until_they_interrupt() -> None:
    call = speaking(answer=lambda _: ([1.0] * 40, Finished()))
    call.hear = lambda _: "ಹೂಂ"
    asked_s = []
    for text in ("ಹೂಂ", "ಹೂಂ", "ಹೂಂ", "ಹೂಂ", "ಬಿಲ್"):
        call.hear = lambda _, text=text: text  # type: ignore[misc]
        spoke, silenced = call.now, len(call.commands(Clear))
        call.say(0.5, 2.0)
        asked_s.append(round(call.at(Clear, silenced) - spoke, 2))
    assert asked_s == [0.14, 0.24, 0.34, 0.4, 0.4]
    spoke, silenced = call.now, len(call.commands(Clear))
    call.say(0.5, 2.0)
    assert call.at(Clear, silenced) - spoke == pytest.approx(TURN.barge_in_voice_s)


def test_a_second_voice_before_the_first_was_judged_belongs_to_it() -> None:
    call = speaking(policy=Policy(patience=Patience(filler_s=0)))
    call.stt_s = 1.2
    call.hear = lambda _: "ಬಿಲ್"
    call.say(0.3, 0.9)
    call.say(0.4, 4.0)
    assert [(finish.turn, finish.revision) for finish in call.commands(Finish) if isinstance(finish, Finish)] == [
        (1, 0),
        (2, 0),
        (2, 1),
    ]
    assert len(call.commands(Listen)) == 2
    assert [line.role for line in call.call.history] == ["agent", "caller", "agent", "caller", "agent"]


def key(call: VirtualCall) -> None:
    call.give(Digit("4"))


def hang_up(call: VirtualCall) -> None:
    call.give(HungUp("caller"))


@pytest.mark.parametrize("then", [key, hang_up])
def test_whatever_else_happens_meanwhile_settles_it(then: Callable[[VirtualCall], None]) -> None:
    call = speaking(answer=lambda _: ([1.0] * 30, Finished()))
    call.run(0.3, voice=True)
    then(call)
    assert call.commands(StopReply) == [StopReply(1, 0)]
    assert call.call.history[2].english == "word one two three 1 word one two —"


def test_a_transcription_that_fails_or_hangs_lets_the_agent_go_on() -> None:
    for fails in (True, False):
        call = speaking()
        call.hear = lambda _: None
        call.say(0.3, 0.3)
        if fails:
            call.give(Failed(2, 0, "stt", "boom"))
        call.run(16.0)
        assert call.call.history[2].english == WHOLE


def test_a_caller_who_is_silenced_by_a_hm_may_still_be_heard_later() -> None:
    call = speaking()
    call.hear = lambda _: "ಹೂಂ"
    call.say(0.3, 8.0)
    call.hear = lambda _: "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"
    call.say(1.0, 3.0)
    numbers = [listen.turn for listen in call.commands(Listen) if isinstance(listen, Listen)]
    assert numbers == [1, 2, 3], "a number is never used twice"
    assert call.call.history[3].kannada == "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"


def test_marks_of_what_was_resumed_are_of_a_new_generation() -> None:
    call = speaking()
    call.hear = lambda _: "ಹೂಂ"
    call.say(0.3, 3.0)
    names = [mark.name for mark in call.commands(Mark) if isinstance(mark, Mark)]
    assert [name.split(".")[0] for name in names] == ["0", "0", "0", "0", "1", "1"]
    assert len(names) == len(set(names))


def test_a_yes_to_a_question_that_something_was_said_behind_is_an_answer() -> None:
    call = after_greeting(answer=lambda _: None)
    call.say(1.0, 0.6)
    for number, asks in ((1, Asked("yes_no")), (2, Asked())):
        call.give(Speech(1, 0, number, "ಪದ ಒಂದು", "word one", bytes([number]) * 12000, True, asks=asks))
    call.give(Replied(1, 0, Finished()))
    call.run(2.0)
    call.hear = lambda _: "ಹೌದು"
    call.say(0.3, 1.0)
    assert [reply.text for reply in call.commands(Reply)[1:] if isinstance(reply, Reply)] == ["ಹೌದು"]


def test_a_key_over_what_is_said_behind_the_question_for_digits_is_the_caller_s_own() -> None:
    call = after_greeting(answer=lambda _: None, policy=Policy(menu=(Choice("1", "bill"),)))
    call.say(1.0, 0.6)
    for number, asks in ((1, Asked("digits", 4)), (2, Asked())):
        call.give(Speech(1, 0, number, "ಪದ ಒಂದು", "word one", bytes([number]) * 12000, True, asks=asks))
    call.run(2.0)
    assert not call.call.keys_choose(call.now)
