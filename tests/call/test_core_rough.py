"""Lines with noise, engines that fail half way, callers nobody understands: no dead air, no wrong memory."""

from app.call.events import (
    Failed,
    Finished,
    Replied,
    Speech,
    StopReply,
)
from app.call.policy import Person, Policy
from telephony.events import Digit, Hangup, HungUp, Play, Transfer, TransferFailed
from tests.call.virtual import VirtualCall, after_greeting

OFFICE = Person("office", "+918022225555")


def bursts(call: VirtualCall, seconds: float, voice_s: float, every_s: float) -> None:
    end = call.now + seconds
    while call.now < end and not call.call.over:
        call.say(voice_s, every_s - voice_s)


def test_noise_while_a_reply_is_made_cannot_put_it_off_for_ever() -> None:
    call = after_greeting(first_audio_s=0.9)
    call.say(1.0, 0.7)
    bursts(call, 20.0, voice_s=0.24, every_s=1.2)
    assert len(call.commands(Play)) > 1
    assert call.at(Play, 1) < 12.0


def test_a_click_while_a_reply_is_made_changes_nothing() -> None:
    call = after_greeting(first_audio_s=0.9)
    call.say(1.0, 0.7)
    call.say(0.1, 2.0)
    assert call.commands(StopReply) == []


def test_noise_cannot_hide_that_transcription_hangs() -> None:
    call = after_greeting(hear=lambda _: None)
    call.say(1.0, 0.7)
    bursts(call, 40.0, voice_s=0.3, every_s=3.0)
    assert call.at(Play, 1) < 25.0, "the apology, whether the noise lets it be heard or not"


def test_a_clause_whose_voice_broke_is_remembered_only_as_far_as_it_sounded() -> None:
    call = after_greeting(answer=lambda _: None)
    call.say(1.0, 0.8)
    words = "one two three four five six seven eight nine ten"
    call.give(Speech(1, 0, 1, "ಒಂದು ಎರಡು ಮೂರು ನಾಲ್ಕು ಐದು ಆರು ಏಳು ಎಂಟು ಒಂಬತ್ತು ಹತ್ತು", words, bytes(8000), False))
    call.give(Failed(1, 0, "tts", "boom"))
    call.run(4.0)
    spoken, apology = call.call.history[-2:]
    assert apology.english == "en apology"
    assert spoken.english.endswith(" —")
    assert "six" not in spoken.english


def test_a_reply_that_never_sounds_is_an_apology_and_not_remembered() -> None:
    call = after_greeting(answer=lambda _: None)
    call.say(1.0, 0.8)
    call.give(Speech(1, 0, 1, "", "your balance is 845", b"", True))
    call.give(Replied(1, 0, Finished()))
    call.run(3.0)
    assert [line.english for line in call.call.history if line.role == "agent"] == ["en greeting", "en apology"]


def test_a_caller_who_is_never_understood_is_not_met_with_silence() -> None:
    call = after_greeting(hear=lambda _: "")
    bursts(call, 120.0, voice_s=1.5, every_s=5.0)
    assert call.commands(Hangup) == [Hangup("not understood")]
    assert call.call.history[-1].english.endswith("en farewell")


def test_noises_do_not_stand_for_a_caller() -> None:
    call = after_greeting()
    call.hear = lambda _: ""
    bursts(call, 120.0, voice_s=0.1, every_s=5.0)
    assert call.commands(Hangup) == [Hangup("no input")]


def test_a_hash_alone_disturbs_nothing() -> None:
    call = after_greeting()
    call.say(1.0, 0.4)
    call.give(Digit("#"))
    call.run(5.0)
    assert call.commands(StopReply) == []
    assert call.call.history[-1].role == "agent"


def test_words_before_keys_or_a_hang_up_stay_in_the_transcript() -> None:
    for event in (Digit("1"), HungUp("caller")):
        call = after_greeting()
        call.say(1.0, 0.4)
        call.give(event)
        assert call.call.history[-1].kannada == "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"


def test_a_reply_that_forgets_to_end_its_last_clause_ends_anyway() -> None:
    call = after_greeting(answer=lambda _: None)
    call.say(1.0, 0.8)
    call.give(Speech(1, 0, 1, "ಪದ", "word", bytes(8000), False))
    call.give(Replied(1, 0, Finished("hang_up")))
    call.run(3.0)
    assert call.commands(Hangup) == [Hangup("finished")]


def test_a_transfer_that_fails_goes_on_with_the_caller() -> None:
    call = after_greeting(answer=lambda _: ([1.0], Finished("transfer")), policy=Policy(people=(OFFICE,)))
    call.say(1.0, 2.0)
    assert len(call.commands(Transfer)) == 1
    assert not call.call.over
    call.give(TransferFailed("no account"))
    call.answer = lambda _: ([1.0], Finished())
    call.run(1.5)
    assert call.call.history[-1].english == "en nobody"
    call.say(1.0, 3.0)
    assert call.call.history[-1].english == "word one two three 1"


def test_a_transfer_that_nothing_comes_of_is_given_up() -> None:
    call = after_greeting(answer=lambda _: ([1.0], Finished("transfer")), policy=Policy(people=(OFFICE,)))
    call.say(1.0, 2.0)
    call.run(call.policy.patience.transfer_s + 2.0)
    assert call.call.history[-1].english == "en nobody"


def test_a_caller_who_asks_for_a_person_where_there_is_none_is_told_so() -> None:
    call = after_greeting(answer=lambda _: ([], Finished("transfer")))
    call.say(1.0, 3.0)
    assert call.call.history[-1].english == "en nobody"
