"""Where the time of a turn went: one row a turn, all on the call's own clock.

Times are seconds from the start of the call; None where the turn never got so far. Latencies are differences of two
fields: what a caller waits for is `first_on_wire_s - end_of_speech_s`.
"""

from dataclasses import dataclass


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
    first_on_wire_s: float | None = None
    first_mark_heard_s: float | None = None
    """The carrier reported the first clause as played."""
    end_of_reply_s: float | None = None
    """The last audio of the reply was heard, or cleared."""

    barge_in_speech_s: float | None = None
    """The caller began to speak over this reply."""
    clear_s: float | None = None
    """`clear` left for the carrier."""
