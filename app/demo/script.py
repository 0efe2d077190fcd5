"""What the caller does and when: a cue sheet with its sounds, or a bare recording, and who acts it out.

A bare recording is one utterance at 0 s: the caller speaks as recorded, come what may.
"""

import audioop
from dataclasses import dataclass, field
from pathlib import Path

from app.agents.toml_file import Problem
from app.demo.audio import read_recording
from app.demo.caller import Action, HangUp, Press, Say
from app.demo.expect import Expectation
from app.demo.playout import SILENCE, Playout, sample
from app.demo.sheet import Cue, CueSheet, ScriptError, read_sheet, wrong
from app.demo.voice import BACKGROUND_S, Recording, record
from app.engines.base import EngineUnavailable
from telephony.events import RATE_HZ

RECORDING_PATIENCE_S = 6.0
"""After a bare recording; less than the agent's own patience, or it would go on asking who is there."""
AFTER_AGENT_S = 0.6
"""The moment of a cue that names none."""
_STILL_S = 0.5
"""An agent that is heard so long after it was spoken over has not been interrupted."""


@dataclass(frozen=True, slots=True)
class Script:
    title: str
    note: str
    cues: tuple[Cue, ...]
    audio: bytes = field(repr=False)
    """The recording: 8 kHz mu-law."""
    background_s: float = 0.0
    patience_s: float = 10.0
    expect: Expectation | None = None

    @property
    def background(self) -> bytes:
        """What is heard of the caller who says nothing."""
        return self.audio[: sample(self.background_s)] or SILENCE

    def utterance(self, cue: Cue) -> bytes:
        return self.audio[sample(cue.start_s) : sample(cue.end_s)]


def load_script(path: Path) -> Script:
    """A cue sheet (`.toml`), or a recording played straight through. Raises ScriptError."""
    if path.suffix != ".toml":
        audio = _recording(path)
        cue = Cue(start_s=0, end_s=len(audio) / RATE_HZ, at_s=0, timeout_s=10.0)
        note = f"The caller is the recording {path.name}, played as it is."
        return Script(path.name, note, (cue,), audio, patience_s=RECORDING_PATIENCE_S)
    sheet = read_sheet(path)
    audio = _recording(path.parent / sheet.audio) if sheet.audio else b""
    _check_stretches(path, sheet, len(audio) / RATE_HZ)
    texts = [cue.kannada for cue in sheet.say if cue.spoken]
    if audio and not texts:
        return _script(sheet, sheet.say, audio, sheet.background_s)
    try:
        said = record(texts, sheet.voice, sheet.words_per_minute)
    except EngineUnavailable as error:
        raise ScriptError(f"{path}: {error}") from error
    background_s = sheet.background_s if audio else BACKGROUND_S
    return _script(sheet, _stretched(sheet.say, said, len(audio) / RATE_HZ), audio + said.mulaw, background_s)


def _check_stretches(path: Path, sheet: CueSheet, length_s: float) -> None:
    """All lie in the recording, of `length_s`."""
    ends = {("background_s",): sheet.background_s} | {("say", n, "end_s"): cue.end_s for n, cue in enumerate(sheet.say)}
    late = [key for key, end_s in ends.items() if end_s > length_s]
    if late:
        behind = f"is behind the end of the recording, at {length_s:.2f} s"
        what = behind if sheet.audio else "is of a recording: name it in audio"
        raise wrong(path, [Problem(key, what) for key in late])


def _script(sheet: CueSheet, cues: list[Cue], audio: bytes, background_s: float) -> Script:
    note = sheet.note or ("" if sheet.audio else f"The caller is synthesised: espeak-ng speaks, as {sheet.voice}.")
    return Script(sheet.title, note, tuple(cues), audio, background_s, sheet.patience_s, sheet.expect)


def _stretched(cues: list[Cue], said: Recording, behind_s: float) -> list[Cue]:
    """The cues that espeak-ng speaks, with their stretches of `said`, which lies `behind_s` in the recording."""
    stretches = iter(said.stretches)
    found = []
    for cue in cues:
        if cue.spoken:
            start_s, end_s = next(stretches)
            cue = cue.model_copy(update={"start_s": behind_s + start_s, "end_s": behind_s + end_s})
        found.append(cue)
    return found


def _recording(path: Path) -> bytes:
    try:
        pcm = read_recording(path, RATE_HZ)
    except (OSError, ValueError) as error:
        raise ScriptError(f"{path}: {error}") from error
    if len(pcm) < RATE_HZ // 5 * 2:
        raise ScriptError(f"{path}: shorter than a fifth of a second")
    return audioop.lin2ulaw(pcm, 2)


@dataclass(slots=True)
class Spoken:
    """A cue as it went, seconds on the call's clock."""

    cue: Cue
    start_s: float
    end_s: float
    answered_s: float | None = None
    """When the caller began to hear the answer."""
    ignored: bool = False
    """The agent was spoken over and went on."""


class Director:
    """Says the cues of a script at their moments: a `Behaviour`, pure."""

    def __init__(self, script: Script) -> None:
        self.spoken: list[Spoken] = []
        self.gave_up = False
        """The agent stayed silent for longer than the caller would wait."""
        self.script = script
        self._waiting = list(script.cues)

    @property
    def unsaid(self) -> int:
        """Cues whose moment never came: the call was over before."""
        return len(self._waiting)

    @property
    def waits_s(self) -> tuple[float, ...]:
        """From the end of each utterance until its answer began. What may be answered while it lasts has no wait."""
        return tuple(
            said.answered_s - said.end_s
            for said in self.spoken
            if said.answered_s is not None and not _answered_while_it_lasts(said.cue)
        )

    def step(self, now: float, ear: Playout) -> Action | None:
        said = self.spoken[-1] if self.spoken else None
        last = said.end_s if said else 0.0
        if now < last:
            return None
        answering = ear.began_s is not None and ear.began_s >= self._answer_from()
        if said and answering and said.answered_s is None:
            said.answered_s = ear.began_s
        if said and not answering and said.cue.barge_in_s is not None:
            said.ignored = answering = min(now, ear.ends_s) > last + _STILL_S
        quiet_s = now - ear.ends_s if answering else 0.0
        if not self._waiting:
            return self._end(now - last, answering, quiet_s)
        cue = self._waiting[0]
        if cue.at_s is not None:
            moment = now >= cue.at_s
        elif cue.barge_in_s is not None:
            moment = answering and now - (ear.began_s or 0.0) >= cue.barge_in_s
        else:
            moment = answering and quiet_s >= (AFTER_AGENT_S if cue.after_agent_s is None else cue.after_agent_s)
        if moment:
            return self._do(self._waiting.pop(0), now)
        if not answering and now - last > cue.timeout_s:
            return self._give_up()
        return None

    def _answer_from(self) -> float:
        """What the agent says from then on answers the last cue."""
        if not self.spoken:
            return 0.0
        said = self.spoken[-1]
        return said.start_s if _answered_while_it_lasts(said.cue) else said.end_s

    def _do(self, cue: Cue, now: float) -> Action | None:
        self.spoken.append(Spoken(cue, now, now + cue.lasts_s))
        if cue.silent_s:
            return None
        return Press(cue.keys) if cue.keys else Say(self.script.utterance(cue))

    def _end(self, waited_s: float, answering: bool, quiet_s: float) -> HangUp | None:
        if not answering and waited_s > self.script.patience_s:
            return self._give_up()
        return HangUp() if quiet_s > self.script.patience_s else None

    def _give_up(self) -> HangUp:
        self.gave_up = True
        return HangUp()


def _answered_while_it_lasts(cue: Cue) -> bool:
    """A whole recording, and silence."""
    return cue.at_s is not None or cue.silent_s > 0
