"""Cue sheets: what a caller does and when, tied to what the agent does, and what must come of the call. TOML.

Each `[[say]]` is one thing the caller does:

    kannada = "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"       espeak-ng says it, in the `voice` of the sheet
    start_s = 1.0, end_s = 2.5    that stretch of the recording `audio` is played; `kannada` then only tells the reader
    keys = "4521#"                keys are pressed
    silent_s = 9.0                nothing, for so long, whatever the agent says meanwhile

and its moment: so long after the agent has finished (`after_agent_s`, 0.6 unless another is given), so long after the
agent began, which is speaking over it (`barge_in_s`), or at a time of the call (`at_s`). `[expect]` says what must have
come of the call: app/demo/expect.py. With `say = []` the caller never says a word.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from app.agents import toml_file
from app.agents.toml_file import Problem, Table
from app.config import ConfigError
from app.demo.caller import CallError
from app.demo.expect import Expectation
from app.demo.voice import VOICE, WORDS_PER_MINUTE


class ScriptError(CallError):
    """The recording or its cue sheet cannot be used; the message says what to change."""


class Cue(Table):
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


class CueSheet(Table):
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
    def _comes_to_something(self) -> Self:
        if not self.say and self.expect is None:
            raise ValueError("say: is empty; a caller who never says a word needs an [expect]")
        return self


def read_sheet(path: Path) -> CueSheet:
    """Raises ScriptError, with a line a problem: FILE:LINE: key: what is wrong."""
    try:
        return toml_file.read(path, CueSheet)
    except ConfigError as error:
        raise ScriptError(str(error)) from None


def wrong(path: Path, problems: Iterable[Problem]) -> ScriptError:
    """What is wrong with a sheet though each of its values may be."""
    return ScriptError(str(toml_file.wrong(path, problems)))
