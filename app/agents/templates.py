"""Texts with placeholders in braces, filled with a tool's arguments.

Placeholders are the tool's own parameters, and `{caller}` and `{call_id}`. A value is put in once, and not searched for
placeholders itself. One that has no value is empty.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from app.agents.parameters import Arguments, Value
from app.engines.base import Question

ALWAYS = frozenset({"caller", "call_id"})

_PLACEHOLDER = re.compile(r"\{([A-Za-z]\w*)\}")
_SECRET = re.compile(r"\{secret:([A-Za-z]\w*)\}")

Values = Mapping[str, Value]


def values(arguments: Arguments, question: Question) -> Values:
    """What placeholders stand for in one use of a tool."""
    return {"caller": question.caller, "call_id": question.call_id, **arguments}


def placeholders(template: Any) -> set[str]:
    """The names used in a text, or in the texts of a JSON value."""
    match template:
        case str():
            return set(_PLACEHOLDER.findall(template))
        case dict():
            return set().union(*map(placeholders, template.values()))
        case list() | tuple():
            return set().union(*map(placeholders, template))
        case _:
            return set()


def fill(template: str, values: Values) -> str:
    return _filled(template, values, shown)


def fill_url(template: str, values: Values) -> str:
    """Every value is percent-encoded whole, so none can leave its place in the path or the query.

    Raises ValueError when the path would lead elsewhere all the same: through a part that is empty, "." or "..".
    """
    path, mark, query = template.partition("?")
    parts = [(part, _filled(part, values, _quoted)) for part in path.split("/")]
    if any(filled in {"", ".", ".."} for part, filled in parts if filled != part):
        raise ValueError("an argument in the path is empty or only dots")
    return "/".join(filled for _, filled in parts) + mark + _filled(query, values, _quoted)


def fill_json(template: Any, values: Values) -> Any:
    """A text that is one placeholder becomes the value as it is, a number stays a number; without one its key goes."""
    match template:
        case str() if whole := _PLACEHOLDER.fullmatch(template):
            return values.get(whole[1])
        case str():
            return fill(template, values)
        case dict():
            filled = {key: fill_json(value, values) for key, value in template.items()}
            return {key: value for key, value in filled.items() if value is not None}
        case list() | tuple():
            return [fill_json(value, values) for value in template]
        case _:
            return template


def secrets(template: str) -> set[str]:
    """Names of the secrets in it, in lower case."""
    return {name.lower() for name in _SECRET.findall(template)}


def fill_secrets(template: str, secrets: Mapping[str, str]) -> str:
    return _SECRET.sub(lambda found: secrets[found[1].lower()], template)


def shown(value: Value) -> str:
    """As JSON would write it, a text without its quotes."""
    return value if isinstance(value, str) else json.dumps(value)


def _filled(template: str, values: Values, written: Callable[[Value], str]) -> str:
    return _PLACEHOLDER.sub(lambda found: written(values.get(found[1], "")), template)


def _quoted(value: Value) -> str:
    return quote(shown(value), safe="")
