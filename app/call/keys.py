"""Keys of the telephone: an entry of digits is a turn whose words are keys, a key of the menu a choice."""

from app.call.events import Heard
from app.call.floor import Floor
from app.call.keypad import Keypad
from app.call.leaving import Leaving
from app.call.listening import Listening
from app.call.policy import Choice

_DIGITS = frozenset(["digits", "value"])
"""What may have been asked for that keys are no choice."""


class Keys:
    def __init__(self, floor: Floor, keypad: Keypad, listening: Listening, leaving: Leaving) -> None:
        self._floor = floor
        self._keypad = keypad
        self._listening = listening
        self._leaving = leaving

    def choose(self, now: float) -> bool:
        """A key that is pressed `now` may be a choice from the menu."""
        asked = self._floor.mouth.asking(now)
        return bool(self._floor.policy.menu) and not self._keypad.active and asked.kind not in _DIGITS

    def pressed(self, digit: str) -> None:
        """The first key silences the agent. After the menu one key is enough, and digits as many as were asked for."""
        floor, keypad = self._floor, self._keypad
        if digit == "#" and not keypad.active:
            return
        asked = floor.mouth.asking(floor.now)
        if not keypad.active:
            floor.silence_agent()
        if asked.kind == "menu" and not keypad.active and (choice := self._choice(digit)):
            self._chosen(choice)
        else:
            self._entered(keypad.press(digit, floor.now, asked.digits if asked.kind == "digits" else 0))

    def paused(self) -> None:
        """The caller may have pressed the last one."""
        self._entered(self._keypad.due(self._floor.now))

    def _entered(self, keys: str | None) -> None:
        if keys:
            asked = self._floor.mouth.asked.kind in _DIGITS
            self._chosen((None if asked else self._choice(keys)) or Choice(keys, says=keys))

    def _choice(self, key: str) -> Choice | None:
        return next((choice for choice in self._floor.policy.menu if choice.key == key), None)

    def _chosen(self, choice: Choice) -> None:
        """Voice that was heard meanwhile is forgotten."""
        floor = self._floor
        floor.ear.forget()
        if not choice.says:
            self._leaving.transfer(choice.person, announce=True)
            return
        floor.next_turn(keyed=True)
        floor.turn.ended_s = floor.now
        self._listening.heard(Heard(*floor.turn.id, choice.says))
