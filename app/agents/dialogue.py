"""Where a conversation stands: a fold over the lines that were really said and really heard.

Nothing is remembered between turns. A question that the caller did not hear was not asked, an answer that was not heard
was not given, and a caller's turn that is revised is simply folded anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal

from app.agents.flow_tables import Flow, Task
from app.agents.phrases import contains, sentences
from app.agents.understanding import Meaning, Understanding, Word
from app.call.events import Line


@dataclass(frozen=True, slots=True)
class Filled:
    value: str
    """Empty: the caller said no to what was read back, so it must be asked for."""
    sure: bool
    """It need not be read back, or the caller said yes."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller wants and has not been told yet."""

    task: str
    position: int
    """Of the caller's line in the conversation; it names the wish in the records."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The question that the caller heard last."""

    what: Literal["value", "confirm", "agree", "more"]
    slot: str = ""
    """For "agree": the slot that is asked for anew after a no."""


Move = Literal["go_on", "help", "more", "repeat", "unclear", "person", "goodbye"]


@dataclass(frozen=True, slots=True)
class State:
    slots: Mapping[str, Filled] = field(default_factory=dict)
    wish: Wish | None = None
    asked: Asked | None = None
    heard: str = ""
    """The last thing the agent was heard to say."""
    agreed: str = ""
    """What the caller heard, and said yes to, about the wish."""
    unclear: int = 0
    """How often in a row the caller heard that they were not understood."""
    unknown: int = 0
    """How often in a row the caller confirmed a value that the records do not have."""
    move: Move = "help"
    """What the agent should do about the caller's last line."""


class Dialogue:
    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._file = flow.file
        self._understanding = Understanding(flow)

    def after(self, history: Iterable[Line], text: str) -> State:
        """The state once the caller, after `history`, has said `text`."""
        state = State()
        position = 0
        for role, lines in groupby(history, key=lambda line: line.role):
            said = [line.english for line in lines]
            if role == "agent":
                state = self._agent_was_heard(state, " ".join(said))
            else:
                for offset, english in enumerate(said):
                    state = self._caller_said(state, position + offset, english)
            position += len(said)
        return self._caller_said(state, position, text)

    # The caller's lines.

    def _caller_said(self, state: State, position: int, text: str) -> State:
        asked = state.asked
        meaning = self._understanding.of(text, asked.slot if asked else None)
        state = replace(state, asked=None, unclear=state.unclear if meaning.nothing else 0)
        if meaning.task:
            state = self._wishes(state, meaning.task, position)
        state = self._fill(state, meaning, asked)
        if meaning.word:
            return self._word(state, meaning, meaning.word, asked)
        if meaning.nothing:
            return replace(state, move="unclear")
        return self._go_on(state)

    def _wishes(self, state: State, task: str, position: int) -> State:
        """A wish repeated before it was answered is the same wish. A new one forgets what belonged to the old one."""
        if state.wish and state.wish.task == task:
            return state
        return replace(self._forget_wish(state), wish=Wish(task, position))

    def _fill(self, state: State, meaning: Meaning, asked: Asked | None) -> State:
        slots = dict(state.slots)
        for name, value in meaning.slots.items():
            old = slots.get(name)
            again = old is not None and old.value == value
            read_back = asked == Asked("confirm", name)
            sure = self._file.slots[name].confirm is None or (again and old is not None and (old.sure or read_back))
            slots[name] = Filled(value, sure)
        return replace(state, slots=slots)

    def _word(self, state: State, meaning: Meaning, word: Word, asked: Asked | None) -> State:
        match word, asked:
            case "person", _:
                return replace(state, move="person")
            case "goodbye", _:
                return replace(state, move="goodbye")
            case (("no" | "thanks"), Asked("more")):
                return replace(state, move="goodbye")
            case "yes", Asked("more"):
                return replace(state, move="help")
            case "repeat", _:
                return replace(state, move="go_on" if state.wish else "repeat")
            case (("yes" | "thanks"), Asked("confirm", slot)) if slot not in meaning.slots:
                return self._go_on(self._set(state, slot, Filled(state.slots[slot].value, sure=True)))
            case "no", Asked("confirm", slot) if slot not in meaning.slots:
                return self._go_on(self._set(state, slot, Filled("", sure=False)))
            case (("yes" | "thanks"), Asked("agree")):
                return self._go_on(replace(state, agreed=state.heard))
            case "no", Asked("agree", slot) if slot and not meaning.slots:
                return self._go_on(self._set(state, slot, Filled("", sure=False)))
            case "no", Asked("agree") if not meaning.slots:
                return replace(self._forget_wish(state), move="more")
            case "no", Asked("value", slot):
                return replace(self._set(self._forget_wish(state), slot, None), move="more")
        if self._pending(state):
            return replace(state, move="go_on")
        match word:
            case "greeting":
                return replace(state, move="help")
            case "no":
                return replace(state, move="unclear")
            case _:
                return replace(state, move="more")

    def _go_on(self, state: State) -> State:
        return replace(state, move="go_on" if self._pending(state) else "help")

    # The agent's lines.

    def _agent_was_heard(self, state: State, text: str) -> State:
        """The agent's lines since the caller's last one."""
        state = replace(state, heard=text)
        if self._file.say.unclear.was_heard(text):
            state = replace(state, unclear=state.unclear + 1)
        if self._file.say.more.was_heard(text):
            state = replace(state, asked=Asked("more"))
        state = self._answer_was_heard(state, text)
        task = self.task(state)
        for name in dict.fromkeys((*(task.needs if task else ()), *state.slots)):
            state = self._question_was_heard(state, name, text)
        if task and any(question.say.was_heard(text) for question in task.confirm):
            state = replace(state, asked=Asked("agree", task.change))
        return state

    def _question_was_heard(self, state: State, name: str, text: str) -> State:
        slot, filled = self._file.slots[name], state.slots.get(name)
        if filled is None or not filled.value:
            asked = slot.ask is not None and slot.ask.was_heard(text)
            return replace(state, asked=Asked("value", name)) if asked else state
        if filled.sure:
            if slot.unknown and slot.unknown.was_heard(text):
                # What was found by itself may be found otherwise now; what was said must be said anew.
                state = self._set(state, name, None if slot.default else Filled("", sure=False))
                return replace(state, asked=Asked("value", name), unknown=state.unknown + 1)
        elif slot.confirm and contains(text, slot.confirm.upto(name, filled.value)):
            return replace(state, asked=Asked("confirm", name))
        return state

    def _answer_was_heard(self, state: State, text: str) -> State:
        task = self.task(state)
        if task is None or not all(self.sure(state, need) for need in task.needs if need in state.slots):
            return state
        if any(answer.say.was_heard(text) for answer in task.answers):
            return replace(self._forget_wish(state), unknown=0)
        return state

    # Looking at a state.

    def task(self, state: State) -> Task | None:
        return self._file.tasks[state.wish.task] if state.wish else None

    def sure(self, state: State, slot: str) -> bool:
        filled = state.slots.get(slot)
        return filled is not None and filled.sure

    def unsure(self, state: State) -> str | None:
        """A value that was said and must be read back, though nothing needs it yet."""
        return next((name for name, filled in state.slots.items() if not filled.sure), None)

    def again(self, state: State) -> list[str]:
        """What the caller heard last, as far as it was the agent's own and complete."""
        own = [sentence for phrase in self._flow.phrases for sentence in phrase.sentences]
        return [text for text in sentences(state.heard) if any(sentence.says(text) for sentence in own)]

    def _pending(self, state: State) -> bool:
        return state.wish is not None or self.unsure(state) is not None

    def _set(self, state: State, slot: str, filled: Filled | None) -> State:
        slots = {name: old for name, old in state.slots.items() if name != slot}
        return replace(state, slots=slots if filled is None else {**slots, slot: filled})

    def _forget_wish(self, state: State) -> State:
        slots = {name: filled for name, filled in state.slots.items() if self._file.slots[name].remember}
        return replace(state, wish=None, slots=slots, agreed="")


def agreed(state: State, said: list[str]) -> bool:
    """Whether the caller said yes to just this. The last of several sentences is the question, which may be cut."""
    return contains(state.agreed, " ".join(said[:-1] or said))
