"""Traces written by hand: the decisions are the script's, not the core's, so a reader of traces can be tested alone."""

from typing import Any

from app.call.policy import Policy
from app.replay.trace import Trace
from app.trace import Row, header
from tests.call.virtual import prompts


class Script:
    """Rows in the order in which they are written. Without frames of voice the end of speech is the soft end."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.now = 0.0
        self.given("Answered")
        self.play(8000, mark="0.0.1")

    @property
    def trace(self) -> Trace:
        head = header("CA1", "2026-01-01", Policy(), prompts(), marks=True, keep_words=True)
        return Trace(head["header"], tuple(self.rows))

    def at(self, now: float) -> "Script":
        self.now = now
        return self

    def given(self, event: str, /, **values: Any) -> None:
        self.rows.append({"t": self.now, "in": event, **values})

    def does(self, command: str, /, **values: Any) -> None:
        self.rows.append({"t": self.now, "out": command, **values})

    def play(self, samples: int, mark: str = "") -> None:
        self.does("Play", samples=samples)
        if mark:
            self.does("Mark", name=mark)

    def voice(self) -> None:
        """One frame, whose decisions follow."""
        self.given("Voice", speech=True, ms=[])

    def heard(self, turn: int, text: str = "ಬಿಲ್ ಎಷ್ಟು", revision: int = 0, says: str = "") -> None:
        self.given("Heard", turn=turn, revision=revision, says=says, pii={"text": text})

    def reached(self, turn: int, milestone: str, revision: int = 0) -> None:
        self.given("Reached", turn=turn, revision=revision, milestone=milestone)

    def speech(self, turn: int, samples: int, *, revision: int = 0, clause: int = 1, filler: bool = False) -> None:
        text = {"kannada": "ಎಲ್ಲಾ ಸರಿ", "english": "all is well"}
        self.given(
            "Speech", turn=turn, revision=revision, clause=clause, samples=samples, last=True, filler=filler, pii=text
        )

    def turn(self, number: int, began: float, soft_end: float, *, revision: int = 0, listens: bool = True) -> None:
        """The caller speaks, up to the soft end."""
        if listens:
            self.at(began).voice()
            self.does("Listen", turn=number, back_s=0.36)
        self.at(soft_end).voice()
        self.does("Finish", turn=number, revision=revision)

    def asks(self, number: int, *, revision: int = 0) -> None:
        """The transcript came: the reply is begun and understood."""
        self.heard(number, revision=revision)
        self.does("Reply", turn=number, revision=revision, keyed=False, pii={"text": "ಬಿಲ್ ಎಷ್ಟು", "history": []})
        self.given("Understood", turn=number, revision=revision, pii={"english": "the bill"})

    def confirm(self, number: int, *, revision: int = 0) -> None:
        self.voice()
        self.does("Confirm", turn=number, revision=revision)
