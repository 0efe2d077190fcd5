"""The state of a conversation is what was said and heard, and nothing else."""

import pytest

from app.agents.dialogue import Asked, Dialogue, Filled, State, Wish
from app.agents.flow import ELECTRICITY_DESK
from app.agents.flow_file import read
from tests.agents.talk import heard

dialogue = Dialogue(read(ELECTRICITY_DESK))

READ_BACK = "a your customer number is 4521 is that right?"
NUMBER = "c my customer number is 4521"


def after(*lines: str) -> State:
    """The last line is what the caller says now."""
    return dialogue.after(heard(*lines[:-1]), lines[-1][2:])


def test_yes_to_what_was_heard() -> None:
    assert after(NUMBER, READ_BACK, "c yes").slots == {"customer": Filled("4521", sure=True)}


@pytest.mark.parametrize(
    "not_heard",
    [
        (),
        ("a your customer —",),
        ("a your customer number is —",),
        ("a your customer number is 45 —",),
        ("a hello, are you there?",),
    ],
)
def test_yes_to_what_was_not_heard(not_heard: tuple[str, ...]) -> None:
    state = after(NUMBER, *not_heard, "c yes")
    assert state.slots == {"customer": Filled("4521", sure=False)}
    assert state.move == "go_on"  # which reads it back


def test_the_number_is_enough_to_say_yes_to() -> None:
    state = after(NUMBER, "a your customer number is 4521 is —", "c yes")
    assert state.slots == {"customer": Filled("4521", sure=True)}


def test_a_prompt_of_the_call_does_not_take_the_question_back() -> None:
    state = after(NUMBER, READ_BACK, "a hello, are you there?", "c yes")
    assert state.slots == {"customer": Filled("4521", sure=True)}


def test_an_answer_counts_once_its_fact_was_heard() -> None:
    wish = ("c there is no power in Mysuru", "a your complaint has been registered the number is 70013. do you —")
    assert after(*wish, "c okay").wish is None
    assert after(wish[0], "a your complaint has been —", "c okay").wish == Wish("outage", 0)


def test_a_read_back_is_not_the_answer() -> None:
    """The reading's last answer begins with the words of its read-back."""
    state = after(NUMBER, READ_BACK, "c yes", "a hello how can i help you?", "c the meter reading is 345",
                  "a your meter reading is 345. is that right?", "c hello")  # fmt: skip
    assert state.wish == Wish("reading", 4)


def test_a_revised_turn_is_the_same_wish() -> None:
    assert after("c there is no power", "c there is no power in Mysuru").wish == Wish("outage", 0)


def test_another_wish_forgets_what_belonged_to_the_old_one() -> None:
    state = after("c how much is the bill for March", "a please tell me your customer number.", "c number 4521",
                  READ_BACK, "c when is my bill due")  # fmt: skip
    assert state.wish == Wish("due", 4)
    assert set(state.slots) == {"customer"}


def test_misunderstandings_count_when_they_were_heard() -> None:
    sorry = "a sorry i did not understand please say that again."
    assert after("c i like dosa", sorry, "c i like dosa", sorry, "c i like dosa").unclear == 2
    assert after("c i like dosa", "c i like dosa", sorry, "c i like dosa").unclear == 1
    assert after("c i like dosa", sorry, "c hello", "a hello how can i help you?", "c i like dosa").unclear == 0


def test_more_is_answered_by_no() -> None:
    more = "a do you need anything else?"
    assert after("c thank you", more, "c no").move == "goodbye"
    assert after("c thank you", "a do you need —", "c no").move == "unclear"


def test_asked_value_is_understood_alone() -> None:
    state = after("c how much is my bill", "a please tell me your customer number.", "c it is 4521")
    assert state.slots == {"customer": Filled("4521", sure=False)}
    assert state.asked is None
    assert Asked("value", "customer") != state.asked


def test_again_says_only_whole_sentences_of_the_agent() -> None:
    greeting = "a hello welcome to the electricity help line. how can i help you?"
    assert dialogue.again(after(greeting, "c say that again")) == []
    answer = "Ramesh your bill for October is 845 rupees."
    assert dialogue.again(after("c hello", f"a {answer} do you need —", "c say that again")) == [answer]
