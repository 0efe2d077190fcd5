"""A file that users write, read and checked: anything wrong is a ConfigError with a line a problem, naming its key."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from app.config import ConfigError


class Table(BaseModel):
    """What such files are made of."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


File = TypeVar("File", bound=Table)


def read(path: Path, kind: type[File]) -> File:
    """Raises ConfigError."""
    try:
        return kind.model_validate(tomllib.loads(text(path)))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        raise ConfigError("\n".join(_explain(path, problem) for problem in problems)) from None


def text(path: Path) -> str:
    """Raises ConfigError."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: must be UTF-8 text") from None


def _explain(path: Path, problem: ErrorDetails) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{path}: {key}: there is no such key"
    if problem["type"] == "missing":
        return f"{path}: {key}: is missing"
    return f"{path}: {key}: {problem['msg'].removeprefix('Value error, ')}"
