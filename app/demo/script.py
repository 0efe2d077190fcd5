"""What the caller says and when: a recording, and a cue sheet that ties its utterances to what the agent does.

A cue sheet is a small TOML file. Each `[[say]]` names a stretch of the recording and the moment to say it: so long
after the agent has finished (`after_agent_s`), so long after the agent began, which is a barge-in (`barge_in_s`), or at
a time of the call (`at_s`). A bare recording is one utterance at 0 s: the caller speaks as recorded, come what may.
"""

import audioop
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.demo.audio import read_recording
from app.demo.caller import Action, CallError, HangUp, Say
from app.demo.playout import SILENCE, Playout, sample
from telephony.events import RATE_HZ

RECORDING_PATIENCE_S = 6.0
"""After a bare recording; less than the agent's own patience, or it would go on asking who is there."""


class ScriptError(CallError):
    """The recording or its cue sheet cannot be used; the message says what to change."""


class Cue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    start_s: float = Field(ge=0)
    end_s: float = Field(gt=0)
    kannada: str = ""
    """What is said, for the reader; nothing in the call sees it."""
    english: str = ""
    after_agent_s: float | None = Field(None, ge=0)
    barge_in_s: float | None = Field(None, ge=0)
    at_s: float | None = Field(None, ge=0)
    timeout_s: float = Field(10.0, gt=0)
    """How long the caller waits for the agent to begin before giving up."""

    @model_validator(mode="after")
    def _one_moment(self) -> Self:
        if [self.after_agent_s, self.barge_in_s, self.at_s].count(None) != 2:
            raise ValueError("give exactly one of after_agent_s, barge_in_s and at_s")
        if self.end_s <= self.start_s:
            raise ValueError("end_s must be after start_s")
        return self


class CueSheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    audio: str
    """The recording, beside the cue sheet."""
    title: str
    note: str = ""
    """Where the recording comes from, printed before anything else."""
    background_s: float = Field(0.0, ge=0)
    """The recording begins with so much of the room's noise; it is repeated wherever the caller says nothing."""
    say: list[Cue] = Field(min_length=1)
    patience_s: float = Field(10.0, gt=0)
    """How long the caller waits for an answer to the last utterance, and then for the agent to hang up."""


@dataclass(frozen=True, slots=True)
class Script:
    title: str
    note: str
    cues: tuple[Cue, ...]
    audio: bytes = field(repr=False)
    """The recording: 8 kHz mu-law."""
    background_s: float = 0.0
    patience_s: float = 10.0

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
    try:
        sheet = CueSheet.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ScriptError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, one['loc'])) or 'cue sheet'}: {one['msg']}" for one in error.errors())
        raise ScriptError(f"{path}: " + "; ".join(problems)) from None
    audio = _recording(path.parent / sheet.audio)
    length_s = len(audio) / RATE_HZ
    ends = {"background": sheet.background_s} | {f"say.{n}": cue.end_s for n, cue in enumerate(sheet.say)}
    for name, end_s in ends.items():
        if end_s > length_s:
            raise ScriptError(f"{path}: {name} ends at {end_s} s, the recording at {length_s:.2f} s")
    return Script(sheet.title, sheet.note, tuple(sheet.say), audio, sheet.background_s, sheet.patience_s)


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
    """An utterance as it went, seconds on the call's clock."""

    cue: Cue
    start_s: float
    end_s: float
    answered_s: float | None = None
    """When the caller began to hear the answer."""


class Director:
    """Says the cues of a script at their moments: a `Behaviour`, pure."""

    def __init__(self, script: Script) -> None:
        self.spoken: list[Spoken] = []
        self.gave_up = False
        """The agent stayed silent for longer than the caller would wait."""
        self._script = script
        self._waiting = list(script.cues)

    @property
    def unsaid(self) -> int:
        """Cues whose moment never came: the call was over before."""
        return len(self._waiting)

    def step(self, now: float, ear: Playout) -> Action | None:
        last = self.spoken[-1].end_s if self.spoken else 0.0
        if now < last:
            return None
        answering = ear.began_s is not None and ear.began_s >= self._answer_from()
        if answering and self.spoken and self.spoken[-1].answered_s is None:
            self.spoken[-1].answered_s = ear.began_s
        quiet_s = now - ear.ends_s if answering else 0.0
        if not self._waiting:
            return self._end(now - last, answering, quiet_s)
        cue = self._waiting[0]
        if cue.at_s is not None:
            moment = now >= cue.at_s
        elif cue.barge_in_s is not None:
            moment = answering and now - (ear.began_s or 0.0) >= cue.barge_in_s
        else:
            moment = answering and quiet_s >= (cue.after_agent_s or 0.0)
        if moment:
            return self._say(self._waiting.pop(0), now)
        if not answering and now - last > cue.timeout_s:
            return self._give_up()
        return None

    def _answer_from(self) -> float:
        """What the agent says from then on answers the last utterance. A whole recording is answered while it lasts."""
        if not self.spoken:
            return 0.0
        said = self.spoken[-1]
        return said.end_s if said.cue.at_s is None else said.start_s

    def _say(self, cue: Cue, now: float) -> Say:
        self.spoken.append(Spoken(cue, now, now + cue.end_s - cue.start_s))
        return Say(self._script.utterance(cue))

    def _end(self, waited_s: float, answering: bool, quiet_s: float) -> HangUp | None:
        if not answering and waited_s > self._script.patience_s:
            return self._give_up()
        return HangUp() if quiet_s > self._script.patience_s else None

    def _give_up(self) -> HangUp:
        self.gave_up = True
        return HangUp()
