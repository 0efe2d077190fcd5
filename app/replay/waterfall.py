"""Where the time of a turn went: one row a turn, all on the call's own clock.

Times are seconds from the start of the call; None where the turn never got so far. Latencies are differences of two
fields: what a caller waits for is `first_on_wire_s - end_of_speech_s`.
"""

from dataclasses import asdict, dataclass
from typing import Any

from app.replay.interruptions import FalseInterruption, Interruptions
from app.replay.milestones import Milestones
from app.replay.sent import Sender
from app.replay.speculation import Speculation
from app.replay.steps import steps
from app.replay.trace import Trace
from app.replay.wire import Wire
from app.replay.words import Words, words


@dataclass(frozen=True, slots=True)
class TurnRow:
    """The caller spoke, the agent answered. Turn 0 is the greeting: nobody spoke before it."""

    number: int

    caller_kannada: str = ""
    caller_english: str = ""
    agent_kannada: str = ""
    """The part of the reply that the caller heard, to the word."""
    agent_english: str = ""
    unheard_kannada: str = ""
    """The rest of the reply: written and perhaps spoken, never heard, and not in the agent's memory."""
    unheard_english: str = ""

    start_of_speech_s: float | None = None
    end_of_speech_s: float | None = None
    """The last voiced frame; everything the caller waits for counts from here."""
    soft_end_s: float | None = None
    """Silence long enough to prepare the reply."""
    confirmed_end_s: float | None = None
    """Silence long enough to let the reply be heard."""
    stt_final_s: float | None = None
    translated_s: float | None = None
    """The caller's words in English."""
    first_agent_token_s: float | None = None
    first_clause_s: float | None = None
    """The reply's first clause, complete in Kannada."""
    first_tts_byte_s: float | None = None
    filler_on_wire_s: float | None = None
    """A "one moment": a sentence that bridges the wait for a tool, or for a reply that is late. All other times are the
    answer's own."""
    fillers: int = 0
    """How many were begun, over all revisions."""
    prompt_on_wire_s: float | None = None
    """What the caller heard instead of an answer: "please say it again", an apology."""
    first_on_wire_s: float | None = None
    first_mark_heard_s: float | None = None
    """The carrier reported the first clause as played."""
    end_of_reply_s: float | None = None
    """The last audio of the reply was heard, or cleared."""

    barge_in_speech_s: float | None = None
    """The caller began to speak over this reply, and it was stopped."""
    clear_s: float | None = None
    """`clear` left for the carrier."""
    false_interruptions: tuple[FalseInterruption, ...] = ()
    """The agent fell silent during this reply, and went on."""
    ignored: bool = False
    """No turn after all: a noise, or a "hm" at which the agent went on. Nobody answers it."""

    revisions: int = 0
    """How often work was begun: once, and once more each time the caller went on."""
    saved_s: float | None = None
    """How much later the answer would have been without speculation: app/replay/speculation.py."""
    wasted_s: float = 0.0
    """Time of work that was thrown away, from its `Finish` until it was dropped or complete, over dropped revisions."""
    wasted_questions: int = 0
    """In how many of them the agent had been asked already."""


def rows(trace: Trace) -> list[TurnRow]:
    """The turns of a recorded call, the greeting first."""
    sender, wire, milestones = Sender(), Wire(), Milestones(trace)
    interruptions, speculation = Interruptions(trace), Speculation()
    for step in steps(trace):
        sent = interruptions.see(step, sender.see(step))
        milestones.see(step)
        wire.see(step, sent)
        speculation.see(step, sender.audible)
    said = words(trace, interruptions.prompts)
    found: list[TurnRow] = []
    for number in sorted({0, *milestones.turns, *said}):
        by = interruptions.interrupted_by.get(number)
        fields: dict[str, Any] = {
            **milestones.found(number),
            **wire.found(number),
            **interruptions.found(number),
            **speculation.found(number),
            **asdict(said.get(number, Words())),
        }
        fields["ignored"] &= not fields["caller_kannada"]  # words before a key belong to the conversation
        if by is not None:
            fields["barge_in_speech_s"] = milestones.found(by).get("start_of_speech_s")
        found.append(TurnRow(number, **fields))
    return found
