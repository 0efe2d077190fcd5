"""What the caller does and when: a recording, or a cue sheet that ties utterances and keys to what the agent does.

A cue sheet is a small TOML file. Each `[[say]]` is one thing the caller does:

    kannada = "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"       espeak-ng says it, in the `voice` of the sheet
    start_s = 1.0, end_s = 2.5    that stretch of the recording `audio` is played; `kannada` then only tells the reader
    keys = "4521#"                keys are pressed
    silent_s = 9.0                nothing, for so long, whatever the agent says meanwhile

and its moment: so long after the agent has finished (`after_agent_s`, 0.6 unless another is given), so long after the
agent began, which is speaking over it (`barge_in_s`), or at a time of the call (`at_s`). `[expect]` says what must have
come of the call: app/demo/expect.py. With `say = []` the caller never says a word.

A bare recording is one utterance at 0 s: the caller speaks as recorded, come what may.
"""

import audioop
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from app.demo.audio import read_recording
from app.demo.caller import Action, CallError, HangUp, Press, Say
from app.demo.expect import Expectation
from app.demo.playout import SILENCE, Playout, sample
from app.demo.voice import BACKGROUND_S, VOICE, WORDS_PER_MINUTE, Recording, record
from app.engines.base import EngineUnavailable
from telephony.events import RATE_HZ

RECORDING_PATIENCE_S = 6.0
"""After a bare recording; less than the agent's own patience, or it would go on asking who is there."""
AFTER_AGENT_S = 0.6
"""The moment of a cue that names none."""
_STILL_S = 0.5
"""An agent that is heard so long after it was spoken over has not been interrupted."""


class ScriptError(CallError):
    """The recording or its cue sheet cannot be used; the message says what to change."""


class Cue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    start_s: float = Field(0, ge=0)
    end_s: float = Field(0, ge=0)
    kannada: str = Field("", max_length=500)
    english: str = ""
    """For the reader; nothing in the call sees it."""
    keys: str = Field("", pattern=r"^[0-9*#]*$", max_length=64)
    silent_s: float = Field(0, ge=0)
    after_agent_s: float | None = Field(None, ge=0)
    barge_in_s: float | None = Field(None, ge=0)
    at_s: float | None = Field(None, ge=0)
    timeout_s: float = Field(10.0, gt=0)
    """How long the caller waits for the agent to begin before giving up."""

    @model_validator(mode="after")
    def _one_moment(self) -> Self:
        if [self.after_agent_s, self.barge_in_s, self.at_s].count(None) < 2:
            raise ValueError("give only one of after_agent_s, barge_in_s and at_s")
        return self

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        recorded = self.start_s > 0 or self.end_s > 0
        if recorded and self.end_s <= self.start_s:
            raise ValueError("end_s must be after start_s")
        things = [recorded or bool(self.kannada), bool(self.keys), self.silent_s > 0].count(True)
        if things != 1:
            raise ValueError(
                "give one thing to do: kannada to be spoken, keys, silent_s, or start_s and end_s of the recording"
            )
        return self

    @property
    def spoken(self) -> bool:
        """By espeak-ng."""
        return bool(self.kannada) and not self.end_s

    @property
    def lasts_s(self) -> float:
        return self.silent_s or self.end_s - self.start_s


class CueSheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    audio: str = ""
    """The recording, beside the cue sheet; none: espeak-ng says everything."""
    title: str
    note: str = ""
    """Where the recording comes from, printed before anything else."""
    voice: str = Field(VOICE, pattern=r"^[a-z]{2,3}(-[a-z]+)?(\+\w+)?$")
    """Of espeak-ng: kn, kn+f2, kn+m3, ..."""
    words_per_minute: int = Field(WORDS_PER_MINUTE, ge=80, le=450)
    background_s: float = Field(0.0, ge=0)
    """The recording begins with so much of the room's noise; it is repeated wherever the caller says nothing."""
    say: list[Cue] = Field(max_length=200)
    patience_s: float = Field(10.0, gt=0)
    """How long the caller waits for an answer to the last utterance, and then for the agent to hang up."""
    expect: Expectation | None = None

    @model_validator(mode="after")
    def _recorded(self) -> Self:
        if not self.audio and any(cue.end_s for cue in self.say):
            raise ValueError("start_s and end_s are of a recording: name it in audio")
        if not self.say and self.expect is None:
            raise ValueError("say is empty: a caller who never says a word needs an [expect]")
        return self


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
    length_s = len(audio) / RATE_HZ
    ends = {"background": sheet.background_s} | {f"say.{n}": cue.end_s for n, cue in enumerate(sheet.say)}
    for name, end_s in ends.items():
        if end_s > length_s:
            raise ScriptError(f"{path}: {name} ends at {end_s} s, the recording at {length_s:.2f} s")
    if audio and not any(cue.spoken for cue in sheet.say):
        return _script(sheet, sheet.say, audio, sheet.background_s)
    try:
        said = record([cue.kannada for cue in sheet.say if cue.spoken], sheet.voice, sheet.words_per_minute)
    except EngineUnavailable as error:
        raise ScriptError(f"{path}: {error}") from error
    background_s = sheet.background_s if audio else BACKGROUND_S
    return _script(sheet, _stretched(sheet.say, said, length_s), audio + said.mulaw, background_s)


def read_sheet(path: Path) -> CueSheet:
    """Raises ScriptError, with a line a problem."""
    try:
        return CueSheet.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ScriptError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        raise ScriptError("\n".join(f"{path}: {_explained(problem)}" for problem in problems)) from None


def _explained(problem: ErrorDetails) -> str:
    key = ".".join(map(str, problem["loc"])) or "cue sheet"
    match problem["type"]:
        case "extra_forbidden":
            return f"{key}: there is no such key; app/demo/script.py lists them"
        case "missing":
            return f"{key}: is missing"
        case _:
            return f"{key}: {problem['msg'].removeprefix('Value error, ')}"


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
        """What the agent says from then on answers the last cue. A whole recording, and silence, is answered while it
        lasts."""
        if not self.spoken:
            return 0.0
        said = self.spoken[-1]
        return said.start_s if said.cue.at_s is not None or said.cue.silent_s else said.end_s

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
