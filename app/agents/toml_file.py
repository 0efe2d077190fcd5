"""A file that users write, read and checked. All that is wrong is one ConfigError, with a line a problem:

FILE:LINE: key: what is wrong, and what it should be
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from app.agents.toml_lines import Key, Lines
from app.config import ConfigError

MOST_BYTES = 256 * 1024
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_QUOTED = re.compile(r"'([^']*)'")

_WORDS = {
    "Input should": "must",
    r"a valid dictionary( or instance of \w+)?": "a table",
    "a valid (tuple|list)": "an array",
    "a valid string": "a text in quotes",
}


class Table(BaseModel):
    """What such files are made of."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


File = TypeVar("File", bound=Table)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with what stands at `key`."""

    key: Key
    what: str


def read(path: Path, kind: type[File]) -> File:
    """Raises ConfigError."""
    values = parse(path)
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise wrong(path, [_problem(one, kind, values) for one in details if not _follows(one, details)]) from None


def parse(path: Path) -> dict[str, Any]:
    """What stands in the file, whatever it is. Raises ConfigError."""
    source = text(path)
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = place[1] if place and place[1] else source.count("\n") + 1
        raise ConfigError(f"{path}:{line}: not valid TOML: {_PLACE.sub('', str(error))}") from error
    except RecursionError:
        raise ConfigError(f"{path}: too many brackets within brackets") from None


def wrong(path: Path, problems: Iterable[Problem]) -> ConfigError:
    """`problems` of a file that is valid TOML, in the order of their lines."""
    lines = Lines(text(path))
    told = sorted({(lines.of(problem.key), _written(problem.key), problem.what) for problem in problems})
    return ConfigError("\n".join(f"{path}:{line}: {key}: {what}" for line, key, what in told))


def text(path: Path) -> str:
    """Raises ConfigError."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ConfigError(f"{path}: longer than {MOST_BYTES // 1024} KiB")
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: must be UTF-8 text") from None


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """there is no person 'ofice'; did you mean 'office'?   Or all that is known, when nothing of it is like `name`."""
    known = list(known)
    return f"there is no {what} {name!r}" + (near(name, known) or f"; known are {', '.join(known) or 'none'}")


def near(name: object, known: Iterable[str]) -> str:
    """; did you mean 'office'?   Empty when nothing that is known is like `name`."""
    likest = get_close_matches(str(name), list(known), 1)
    return f"; did you mean {likest[0]!r}?" if likest else ""


def _written(key: Key) -> str:
    return ".".join(map(str, key))


def _problem(detail: ErrorDetails, kind: type[Table], values: dict[str, Any]) -> Problem:
    location, what = detail["loc"], detail["msg"].removeprefix("Value error, ")
    key = _key(location, values)  # what is missing is not in it
    match detail["type"]:
        case "extra_forbidden":
            what = unknown("key", location[-1], _keys_at(kind, location[:-1]))
            if location[-1] in kind.model_fields and len(location) > 1:
                what = f"there is no key {location[-1]!r} here; it belongs above the first [table] of the file"
        case "missing":
            key, what = (*key, location[-1]), "is missing"
        case "literal_error":
            known = _QUOTED.findall(what)
            named = location[-1] == "[key]"
            what = unknown("key", location[-2], known) if named else _must_be(_value(values, key), known)
        case "union_tag_invalid":
            key = (*key, "kind")
            what = _must_be(_value(values, key), _QUOTED.findall(detail["ctx"]["expected_tags"]))
        case "union_tag_not_found":
            key, what = (*key, "kind"), "is missing"
        case "too_short" | "string_too_short":
            what = "must not be empty"
        case "value_error":
            inner, _, rest = what.partition(": ")  # a table's own rule names the key that breaks it
            if rest and isinstance(table := _value(values, key), dict) and inner in table:
                key, what = (*key, inner), rest
    return Problem(key, _in_toml(what))


def _in_toml(what: str) -> str:
    """What pydantic says, in the words of the format."""
    for theirs, ours in _WORDS.items():
        what = re.sub(theirs, ours, what)
    return what


def _follows(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Too short only since what it should have is wrong."""
    if detail["type"] != "too_short":
        return False
    length = len(detail["loc"])
    return any(len(other["loc"]) > length and other["loc"][:length] == detail["loc"] for other in details)


def _must_be(found: Any, known: list[str]) -> str:
    return f"must be {' or '.join(map(repr, known))}{near(found, known)}"


def _key(location: tuple[int | str, ...], values: Any) -> Key:
    """`location` without the names that pydantic puts in between, such as that of a tool's kind."""
    key: list[int | str] = []
    for part in location:
        match values:
            case dict() if part in values:
                values = values[part]
            case list() if isinstance(part, int):
                values = values[part]
            case _:
                continue
        key.append(part)
    return tuple(key)


def _value(values: Any, key: Key) -> Any:
    for part in key:
        values = values[part]
    return values


def _keys_at(kind: Any, location: tuple[int | str, ...]) -> Iterator[str]:
    """The keys that the table at `location` may have."""
    tables = list(_tables(kind))
    for part in location:
        tables = [inner for table in tables for inner in _inside(table, part)]
    for table in tables:
        yield from (field.alias or name for name, field in table.model_fields.items())


def _inside(table: type[Table], part: int | str) -> Iterator[type[Table]]:
    """The tables at `part` of `table`; of tables in an array or under free names, and those told apart by their kind,
    any that it may be."""
    for name, field in table.model_fields.items():
        if part == (field.alias or name):
            yield from _tables(field.annotation)
            return
    kind = table.model_fields.get("kind")
    if isinstance(part, int) or kind is None or part in get_args(kind.annotation):
        yield table


def _tables(annotation: Any) -> Iterator[type[Table]]:
    if isinstance(annotation, type) and issubclass(annotation, Table):
        yield annotation
    else:
        for argument in get_args(annotation):
            yield from _tables(argument)
