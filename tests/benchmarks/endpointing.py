"""Callers with known ends against the call's own core: when is each turn confirmed, and was the caller still speaking?

The caller is audio; a detector judges it frame by frame, and the core decides on a virtual clock with what `hear` makes
of the turn. Fixed silence is the same core with the words switched off.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import mean
from typing import Any

from rich.console import Console
from rich.table import Table

from app.call.events import Confirm, Hearing, Listen
from app.call.policy import Policy, TurnPolicy
from app.config import VadSettings
from app.engines.silero import SileroVoiceStream
from app.engines.silero_network import SileroNetwork
from app.engines.webrtc import WebrtcVoiceStream
from app.kannada.asked import NOTHING, Asked
from app.kannada.finished import ending
from telephony.events import FRAME_SAMPLES
from tests.call.virtual import VirtualCall, after_greeting

FRAME_S = 0.02
FIXED_S = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
PARTIAL_S = 0.4
"""Between partial transcripts while the caller speaks."""
STILL_S = 0.15
"""An end that misses no more than this of the voice cuts nobody."""
WORDS = TurnPolicy()


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn of a caller, with silence or noise behind it. All times are seconds from the start of the audio."""

    name: str
    speech: tuple[bool, ...]
    """A detector's judgement of each frame."""
    end_s: float
    """The last voice."""
    hear: Callable[[float, float], str]
    """What speech to text makes of the audio between two times."""
    asked: Asked = NOTHING
    partials: bool = True
    """There are partial transcripts as well."""


@dataclass(frozen=True, slots=True)
class Outcome:
    name: str
    delay_s: float | None
    """From the last voice to the confirmed end; negative when the caller had more to say. None: the detector missed the
    voice, or took noise for it, and nothing was confirmed at all."""

    @property
    def cut(self) -> bool:
        return self.delay_s is not None and self.delay_s < -STILL_S


@dataclass(frozen=True, slots=True)
class Point:
    """One way of ending turns."""

    way: str
    outcomes: tuple[Outcome, ...]

    @property
    def cut(self) -> float:
        return mean(outcome.cut for outcome in self.outcomes)

    @property
    def delay_s(self) -> float:
        """The mean of those that were not cut."""
        delays = [each.delay_s for each in self.outcomes if each.delay_s is not None and not each.cut]
        return mean(delays) if delays else float("nan")

    @property
    def shown(self) -> str:
        return f"{self.cut:.0%}  {self.delay_s:.2f} s" if self.cut < 1 else "100%       -"

    @property
    def never(self) -> int:
        return sum(each.delay_s is None for each in self.outcomes)

    def within(self, seconds: float) -> float:
        """The part of the turns that were confirmed, and so soon."""
        return mean(each.delay_s is not None and not each.cut and each.delay_s <= seconds for each in self.outcomes)

    def only(self, wanted: Callable[[str], bool]) -> "Point":
        return replace(self, outcomes=tuple(each for each in self.outcomes if wanted(each.name)))


def fixed(seconds: float) -> TurnPolicy:
    return replace(WORDS, words=False, end_s=seconds)


def point(way: str, utterances: Sequence[Utterance], turn: TurnPolicy, stt_s: float) -> Point:
    outcomes = []
    for each in utterances:
        at = confirmed_s(each, turn, stt_s)
        outcomes.append(Outcome(each.name, None if at is None else at - each.end_s))
    return Point(way, tuple(outcomes))


def curve(utterances: Sequence[Utterance], stt_s: float) -> list[Point]:
    """Fixed silence from short to long, then the words."""
    points = [point(f"{seconds:.1f} s", utterances, fixed(seconds), stt_s) for seconds in FIXED_S]
    return [*points, point("words", utterances, WORDS, stt_s)]


def confirmed_s(utterance: Utterance, turn: TurnPolicy, stt_s: float) -> float | None:
    """When the core confirms the end of the turn for the first time."""
    call = _asking(utterance.asked, turn, stt_s)
    begin_s, replies = call.now, len(call.commands(Confirm))

    def text(until_s: float) -> str:
        listen = call.commands(Listen)[-1]
        assert isinstance(listen, Listen)
        return utterance.hear(max(0.0, call.at(Listen, -1) - begin_s - listen.back_s), until_s - begin_s)

    call.hear = lambda _: text(call.now)
    call.answer = lambda _: None
    for count, speech in enumerate(utterance.speech, 1):
        call.run(FRAME_S, voice=speech)
        if turn.words and utterance.partials and speech and count % round(PARTIAL_S / FRAME_S) == 0:
            hearing = text(call.now - stt_s) if call.commands(Listen) else ""
            call.give(Hearing(len(call.commands(Listen)), "", hearing, ending(hearing)))
        if len(call.commands(Confirm)) > replies:
            return call.at(Confirm, replies) - begin_s
    return None


def _asking(asked: Asked, turn: TurnPolicy, stt_s: float) -> VirtualCall:
    """A call in which the caller has just heard the question."""
    call = after_greeting(policy=Policy(turn=turn), words=True, stt_s=stt_s, asks=asked)
    if asked.kind:
        call.say(0.5, 6.0)
    return call


# Detectors, inline.


def webrtc(pcm: bytes) -> tuple[bool, ...]:
    judged: list[bool] = []
    _feed(WebrtcVoiceStream(2, judged.append), pcm)
    return tuple(judged)


class Silero:
    """The engine's own stream; its model answers at once."""

    def __init__(self) -> None:
        self._network = SileroNetwork()

    def __call__(self, pcm: bytes) -> tuple[bool, ...]:
        judged: list[bool] = []
        detector: Any = self
        _feed(SileroVoiceStream(detector, VadSettings(), judged.append), pcm)
        return tuple(judged)

    def ask(self, stream: SileroVoiceStream) -> None:
        if (window := stream.next_window()) is not None:
            (probability,), (window.memory.state,) = self._network.run([window.span], [window.memory.state])
            stream.judged(window, float(probability))


def _feed(stream: WebrtcVoiceStream | SileroVoiceStream, pcm: bytes) -> None:
    for at in range(0, len(pcm) - 2 * FRAME_SAMPLES + 1, 2 * FRAME_SAMPLES):
        stream.feed(pcm[at : at + 2 * FRAME_SAMPLES])


DETECTORS: dict[str, Callable[[], Callable[[bytes], tuple[bool, ...]]]] = {
    "webrtcvad": lambda: webrtc,
    "Silero": Silero,
}


def show(title: str, curves: dict[str, list[Point]]) -> None:
    """A row a way of ending turns; a column a condition: cut-ins, and the mean end delay of the others."""
    table = Table(title=title, title_justify="left")
    table.add_column("silence")
    for name in curves:
        table.add_column(name, justify="right")
    for row in zip(*curves.values(), strict=True):
        table.add_row(row[0].way, *(each.shown for each in row))
    if any(points[-1].never for points in curves.values()):
        table.add_row("not heard", *(f"{points[-1].never} of {len(points[-1].outcomes)}" for points in curves.values()))
    Console(width=160).print(table)
