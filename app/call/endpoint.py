"""How much silence ends this turn: from what the words end in, what the agent had asked, and how this caller pauses.

    silence = end_s + the weight of the end + what the caller's own pauses ask for, within the two bounds

The weights are seconds, in TurnPolicy. Each part of the sum is a reason, which goes into the trace with the decision.
Words shorten the silence only when they are all there: a partial transcript may lack the last one, so it only lengthens
it.
"""

from collections import deque
from dataclasses import dataclass, field

from app.call.policy import TurnPolicy
from app.kannada.asked import Asked
from app.kannada.finished import Ending, Means
from app.kannada.small_words import SmallWord

_SHORT = 3
"""Words of an answer that is only a name, a place, a day."""
_FEWEST_DIGITS = 4
"""Numbers that one is asked for by telephone have no fewer."""
_REMEMBERED = 6
"""Pauses of a caller that count: the newest."""
_REQUESTS: frozenset[SmallWord] = frozenset(["stop", "wait", "repeat", "person"])
"""Small words that nothing need follow."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The silence that ends the turn, in seconds, and why."""

    silence_s: float
    reasons: tuple[str, ...]
    means: Means


@dataclass(slots=True)
class Pauses:
    """The caller's pauses within turns so far in this call: those after which the same turn went on."""

    _seen: deque[tuple[bool, float]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def add(self, seconds: float, *, finished: bool) -> None:
        """`finished`: the words before it sounded finished."""
        self._seen.append((finished, seconds))

    def longest_s(self, *, finished: bool) -> float:
        """The longest after words that sounded finished, or after others; 0 without any.

        A caller who pauses before the verb need not be waited for after it.
        """
        return max((seconds for sounded, seconds in self._seen if sounded == finished), default=0.0)


def verdict(
    end: Ending, asked: Asked, pauses: Pauses, policy: TurnPolicy, *, whole: bool, says: SmallWord = ""
) -> Verdict:
    """When a turn that ends in `end` is over. `whole`: the transcript is final, not a partial one."""
    means, why = weighed(end, asked)
    if says in _REQUESTS:
        means, why = "finished", f"all of it says {says}"
    seconds = _weight_s(means, policy)
    reasons = [f"{why}: {means} {seconds:+.2f}"]
    if not whole and seconds < 0:
        seconds, reasons = 0.0, [f"{why}: {means}, but not all of it is transcribed"]
    silence_s = policy.end_s + seconds
    own_s = pauses.longest_s(finished=sounds_finished(means))
    if own_s and own_s + policy.pause_s > silence_s:
        reasons.append(f"the caller's own pause of {own_s:.2f} {own_s + policy.pause_s - silence_s:+.2f}")
        silence_s = own_s + policy.pause_s
    bounded_s = min(max(silence_s, policy.soonest_end_s), policy.latest_end_s)
    if round(bounded_s - silence_s, 2):
        reasons.append(f"within the bounds {bounded_s - silence_s:+.2f}")
    return Verdict(round(bounded_s, 3), tuple(reasons), means)


def sounds_finished(means: Means) -> bool:
    return means in ("finished", "likely")


def weighed(end: Ending, asked: Asked) -> tuple[Means, str]:
    """What the end means once it is known what the agent had asked, and the name of that."""
    means: Means
    match asked.kind:
        case "digits" if end.digits and asked.digits:
            if end.digits >= asked.digits:
                return "finished", f"all {asked.digits} digits"
            return "open", f"{end.digits} of {asked.digits} digits"
        case "digits" if end.digits:
            means = "unfinished" if end.digits < _FEWEST_DIGITS else "ambiguous"
            return means, f"{end.digits} digits of a number of unknown length"
        case "yes_no" if end.cue in ("yes_no", "acknowledgement"):
            return "finished", "the yes or no that was asked for"
        case "value" if end.words <= _SHORT and end.means in ("noun", "ambiguous", "unfinished", "likely"):
            return "finished", "the value that was asked for"
        case _ if end.digits >= _FEWEST_DIGITS:
            return "ambiguous", f"{end.digits} digits"
        case _:
            return end.means, end.cue.replace("_", " ")


def _weight_s(means: Means, policy: TurnPolicy) -> float:
    match means:
        case "finished":
            return -policy.finished_s
        case "likely":
            return -policy.likely_s
        case "ambiguous":
            return 0.0
        case "noun":
            return policy.noun_s
        case "unfinished":
            return policy.unfinished_s
        case "open":
            return policy.open_s
