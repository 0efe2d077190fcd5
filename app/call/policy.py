"""The numbers a call is run by. All in seconds unless the name says otherwise."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TurnPolicy:
    """When the caller begins, and when the caller has finished."""

    start_voice_s: float = 0.06
    """Voice needed to call it the start of a turn while the agent is silent."""
    barge_in_voice_s: float = 0.14
    """Voice needed to silence the agent: more, since a click must not. Its own echo does not count."""
    wary_s: float = 0.1
    """Each voice over the agent that was nothing asks so much more of the next, until one interrupts."""
    opening_s: float = 0.6
    """The first moments of the agent's speech, in which caller and agent begin at once by chance."""
    opening_voice_s: float = 0.4
    """Voice needed to silence the agent in its first moments; it never takes more but for the greeting."""
    interrupts_s: float = 1.2
    """Voice that long interrupts the agent, whatever it says. Less may be a "hm": then the agent goes on."""
    resume_within_s: float = 1.5
    """An agent silenced for no longer goes on where it was; later it begins the clause anew."""
    resume_back_s: float = 0.3
    """Going on, it repeats so much of what was heard."""
    nearly_s: float = 0.4
    """An agent who had less than this left to say has said it: a "hm" is an answer then."""
    greeting_voice_s: float = 0.6
    """Voice needed to interrupt the greeting: callers say hello into it and still want to hear it."""
    goes_on_voice_s: float = 0.2
    """Voice needed to go on with a turn that was over, while the reply is prepared."""
    soft_end_s: float = 0.2
    """Silence after which the reply is prepared, without side effects and unheard."""
    end_s: float = 0.6
    """Silence after which the turn is over and the reply may be heard, as long as the words say nothing of it."""
    words: bool = True
    """The caller's words decide how long the silence must be: app/call/endpoint.py. Off: it is always `end_s`."""
    soonest_end_s: float = 0.25
    """However finished the words sound, the silence is no shorter."""
    latest_end_s: float = 2.0
    """However unfinished they sound, it is no longer."""
    finished_s: float = 0.35
    """A finished sentence, or the answer that was asked for, takes so much off `end_s`."""
    likely_s: float = 0.15
    """What is likely the end takes so much off."""
    noun_s: float = 0.35
    """An end in a bare noun, which may be a list or a subject, adds so much."""
    unfinished_s: float = 0.8
    """An end in a case, which waits for its verb, adds so much."""
    open_s: float = 1.4
    """A conditional, a participle, "and", a number that lacks its rest: they add so much."""
    pause_s: float = 0.2
    """A caller who paused within a turn is waited for so much longer than that pause when the words end alike."""
    pre_roll_s: float = 0.3
    """Audio from before the voice was noticed that speech to text gets as well."""
    longest_s: float = 30.0
    """A turn that never pauses is ended here: nobody asks for that long, a radio in the room does."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call waits for each side, and how long it may last."""

    no_input_s: float = 8.0
    """Silence of the caller, after the agent has finished, until the agent asks again."""
    no_input_most: int = 2
    """Times in a row the agent asks a silent caller, or one it cannot understand, before it gives up."""
    wait_s: float = 25.0
    """The same for a caller who asked the agent to wait."""
    filler_s: float = 0.7
    """Waiting for the reply after the caller has finished, until a "one moment" is said; 0: it never is."""
    no_reply_s: float = 8.0
    """Waiting for the reply after the caller has finished; then the agent apologises."""
    failures_most: int = 3
    """Replies that may fail in a row before the call is handed over or ended."""
    digit_s: float = 2.5
    """After the last key pressed, until the keys count as entered ('#' ends at once)."""
    no_media_s: float = 10.0
    """A connected carrier sends audio all the time; without any for so long the line is dead."""
    goes_on_most: int = 3
    """Times a caller who has finished may go on before the reply is heard. Later voice interrupts the reply instead, so
    that a noisy line cannot put it off for ever."""
    revisions_most: int = 3
    """Replies that are begun for one turn before the caller has finished; from then on the end is awaited."""
    mark_s: float = 3.0
    """How long after its expected end a mark may come back before playout is believed to be over."""
    transfer_s: float = 20.0
    """How long the carrier may take to hand a caller over."""
    longest_call_s: float = 900.0
    time_is_up_s: float = 45.0
    """So long before that the caller is told, at the next pause of the conversation."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a caller can be handed over to."""

    name: str
    target: str
    """A number in E.164, or a SIP URI."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a key stands for in the menu that the prompt `keys` reads out."""

    key: str
    says: str = ""
    """As if the caller had said it, in the agent's language; empty: hand the caller over to `person`."""
    person: str = ""
    """One of `Policy.people`; empty: the first."""


@dataclass(frozen=True, slots=True)
class Policy:
    turn: TurnPolicy = TurnPolicy()
    patience: Patience = Patience()
    people: tuple[Person, ...] = ()
    """Where callers go who ask for a person, or whom the agent keeps failing: the first, unless another is named.
    Without any the call ends with an apology."""
    menu: tuple[Choice, ...] = ()
    """For callers whom the agent does not understand. Empty: keys are never offered."""
