"""Everything that can happen to a call, and everything a call can ask for.

Both unions are closed. `Call.handle` matches the first and returns members of the second; the session performs them.
Results of engines carry the turn and the revision they belong to, so a late one is recognised and dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.kannada.asked import NOTHING, Asked
from app.kannada.finished import UNKNOWN, Ending
from app.kannada.small_words import SmallWord
from telephony.events import Clear, Digit, Hangup, HungUp, Mark, Play, Played, Transfer, TransferFailed, Voicemail

Role = Literal["caller", "agent"]
Stage = Literal["stt", "translation", "agent", "tts", "reply"]
"""Where in the pipeline something was reached or went wrong; "reply" is the pipeline as a whole."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the conversation as both sides know it: said by the caller, or *heard* by the caller."""

    role: Role
    kannada: str
    english: str


@dataclass(frozen=True, slots=True)
class Finished:
    """How a reply ends: keep listening, hang up, or hand over to `target`."""

    action: Literal["listen", "hang_up", "transfer"] = "listen"
    target: str = ""
    """The name of one of `Policy.people`; empty: the first of them."""


# What can happen.


@dataclass(frozen=True, slots=True)
class Answered:
    """The call is up and its first audio is about to arrive."""

    closed: tuple[str, ...] = ()
    """Names of those of `Policy.people` who are not at work now."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One 20 ms frame of the caller was judged. Frames are the call's sample clock."""

    speech: bool
    echo: bool = False
    """The frame resembles what the agent is saying: a loudspeaker in the caller's room, or the line."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What speech to text has made of the turn so far. It may lack the last words."""

    turn: int
    stable: str
    """The beginning of `text`, as far as it is settled."""
    text: str
    ends: Ending = UNKNOWN
    """What `text` ends in. Not personal, unlike the text: a masked trace replays by it."""
    says: SmallWord = ""
    """What all of `text` is, when it is one of the small words that decide a turn."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Speech to text finished with what the caller said so far in this turn."""

    turn: int
    revision: int
    text: str
    ends: Ending = UNKNOWN
    """What `text` ends in."""
    says: SmallWord = ""
    """What all of `text` is, when it is one of the small words that decide a turn."""


@dataclass(frozen=True, slots=True)
class Understood:
    """The caller's words in English, as the agent was given them."""

    turn: int
    revision: int
    english: str


@dataclass(frozen=True, slots=True)
class Reached:
    """A milestone of the reply that changes nothing but belongs in the latency waterfall."""

    turn: int
    revision: int
    milestone: Literal["agent_token", "clause", "on_wire"]


@dataclass(frozen=True, slots=True)
class Speech:
    """Audio of one clause of the reply. A clause comes in any number of chunks; the last has `last` set."""

    turn: int
    revision: int
    clause: int
    kannada: str
    """With the first chunk; later ones leave both texts empty."""
    english: str
    audio: bytes = field(repr=False)
    last: bool
    filler: bool = False
    """Said while a tool runs: not the answer that the caller waits for."""
    asks: Asked = NOTHING
    """What the clause wants to hear; with the first chunk."""


@dataclass(frozen=True, slots=True)
class Replied:
    """The reply is complete: no more `Speech` follows for this turn."""

    turn: int
    revision: int
    finished: Finished


@dataclass(frozen=True, slots=True)
class Failed:
    """An engine raised or did not answer in time."""

    turn: int
    revision: int
    stage: Stage
    error: str


@dataclass(frozen=True, slots=True)
class Draining:
    """The server is going down: say goodbye, and hang up."""


@dataclass(frozen=True, slots=True)
class Tick:
    """The deadline the call offered has passed."""


Event = (
    Answered
    | Voice
    | Hearing
    | Heard
    | Understood
    | Reached
    | Speech
    | Replied
    | Failed
    | Digit
    | Played
    | TransferFailed
    | Voicemail
    | HungUp
    | Draining
    | Tick
)


# What can be asked for, besides the line's own Play, Mark, Clear, Hangup and Transfer.


@dataclass(frozen=True, slots=True)
class Listen:
    """Hand the caller's audio to speech to text, starting `back_s` seconds before now."""

    turn: int
    back_s: float


@dataclass(frozen=True, slots=True)
class Finish:
    """Transcribe what was listened to so far in `turn`; the listening goes on until `Ignore` or the next `Listen`."""

    turn: int
    revision: int


@dataclass(frozen=True, slots=True)
class EndAfter:
    """Nothing to do: the silence that ends the turn from here on, and why, for the trace."""

    turn: int
    revision: int
    silence_s: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ignore:
    """Stop listening: `turn` is settled or was only noise."""

    turn: int


@dataclass(frozen=True, slots=True)
class Reply:
    """Start the reply to `text`. It is speculative, without side effects, until `Confirm`."""

    turn: int
    revision: int
    text: str
    history: tuple[Line, ...]
    keyed: bool = False
    """The text was entered by keys: digits, in no language."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """The caller has really finished: tools of this reply may run."""

    turn: int
    revision: int


@dataclass(frozen=True, slots=True)
class StopReply:
    """Cancel the reply of `turn`. Its late results are dropped."""

    turn: int
    revision: int


Command = Play | Mark | Clear | Hangup | Transfer | Listen | Finish | EndAfter | Ignore | Reply | Confirm | StopReply


@dataclass(frozen=True, slots=True)
class Prompt:
    """A sentence rendered before the first call: greeting, reprompt, apology, farewell."""

    kannada: str
    english: str
    audio: bytes = field(repr=False)
    """G.711 in the call's encoding, 8 kHz."""


PromptName = Literal[
    "greeting",
    "no_input",
    "no_input_again",
    "repeat",
    "repeat_again",
    "keys",
    "filler",
    "filler_question",
    "filler_number",
    "wait",
    "apology",
    "time_is_up",
    "transfer",
    "nobody",
    "closed",
    "voicemail",
    "message",
    "call_later",
    "farewell",
]
Prompts = Mapping[PromptName, Prompt]
