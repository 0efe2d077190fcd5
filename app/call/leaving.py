"""How a call ends: hung up, or handed over to a person, once the last word was heard."""

from app.call.events import PromptName
from app.call.floor import Floor
from app.call.handover import whisper
from app.call.keypad import Keypad
from app.call.policy import Person
from telephony.events import Hangup, Transfer


class Leaving:
    def __init__(self, floor: Floor, keypad: Keypad) -> None:
        self._floor = floor
        self._keypad = keypad
        self.closed: tuple[str, ...] = ()
        """Names of people who are not at work."""
        self.how: Hangup | Transfer | None = None
        """Decided: it is done when what is being said was heard."""
        self.asked_s: float | None = None
        """When the carrier was asked to take the call over."""
        self.over = False

    def give_up(self, why: str) -> None:
        """The agent is of no help to this caller; a person may be."""
        person = self._person("")
        if person is not None and person.name not in self.closed:
            self.transfer(person.name, announce=True)
        else:
            self._floor.say("apology")
            self.leave(Hangup(why), "farewell", interrupt=False)

    def transfer(self, name: str, *, announce: bool) -> None:
        """To the person of that name, or the first. `announce`: nothing was said of it yet."""
        person = self._person(name)
        if person is None:
            self._floor.say("nobody")
        elif person.name in self.closed:
            self._floor.say("closed")
        else:
            how = Transfer(person.target, whisper(self._floor.memory.lines))
            self.leave(how, "transfer" if announce else None, interrupt=False)

    def transfer_failed(self) -> None:
        """The caller is still here."""
        if self.asked_s is not None:
            self.how = self.asked_s = None
            self._floor.say("nobody")

    def leave(self, how: Hangup | Transfer, prompt: PromptName | None, *, interrupt: bool = True) -> None:
        """Say `prompt` and go when it was heard. Nobody interrupts a goodbye."""
        if self.how:
            return
        floor = self._floor
        floor.interrupt()
        if interrupt and prompt:
            floor.silence_agent()
        floor.stop_reply()
        floor.close_turn()
        self._keypad.clear()
        if prompt:
            floor.say(prompt)
        self.how = how

    def end_of_line(self) -> None:
        """There is nobody any more."""
        floor = self._floor
        floor.interrupt()
        floor.stop_reply()
        floor.mouth.stop(floor.now)
        floor.remember_caller()
        self.over = True

    def settle(self) -> None:
        """After every event: go, if all was heard."""
        if self.how is None or self._floor.mouth.busy or self.asked_s is not None or self.over:
            return
        if isinstance(self.how, Transfer):
            self.asked_s = self._floor.now
        else:
            self.over = True
        self._floor.do(self.how)

    def _person(self, name: str) -> Person | None:
        people = self._floor.policy.people
        return next((person for person in people if person.name == name), people[0] if people else None)
