"""Types of single settings: what they accept beyond their Python type, said in messages a user can act on."""

import math
from dataclasses import fields
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl

from app.call.policy import Patience, TurnPolicy

Numbers = TypeVar("Numbers", TurnPolicy, Patience)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`, a name or an address."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _public(url: HttpUrl) -> HttpUrl:
    """Carriers stream over wss only, and sign the whole URL: anything after the path would break the signature."""
    if url.username or url.password:
        raise ValueError("must not contain a user name or password")
    if url.query is not None or url.fragment is not None:
        raise ValueError("must have no query or fragment, e.g. https://voice.example.in")
    if url.scheme != "https":
        raise ValueError("must begin with https://")
    return url


def _known_keys(value: Any, known: list[str]) -> Any:
    """Refuses keys that a dataclass does not have; pydantic overlooks them there."""
    if isinstance(value, dict) and (unknown := sorted(set(value) - set(known))):
        raise ValueError(f"there is no {unknown[0]!r} in it; known are {', '.join(known)}")
    return value


def _not_negative(value: Numbers) -> Numbers:
    for field in fields(value):
        number = getattr(value, field.name)
        if not (number >= 0 and math.isfinite(number)):
            raise ValueError(f"{field.name} must be a number from 0 up")
    return value


def _soft_before_end(turn: TurnPolicy) -> TurnPolicy:
    if turn.soft_end_s > turn.end_s:
        raise ValueError("soft_end_s must not be longer than end_s")
    if turn.words and not turn.soonest_end_s <= turn.end_s <= turn.latest_end_s:
        raise ValueError("end_s must lie between soonest_end_s and latest_end_s, or words be false")
    return turn


def _table_of(kind: type[TurnPolicy | Patience]) -> BeforeValidator:
    known = [field.name for field in fields(kind)]
    return BeforeValidator(lambda value: _known_keys(value, known))


ComputeType = Literal[
    "int8",
    "int8_float32",
    "int8_float16",
    "int8_bfloat16",
    "int16",
    "float16",
    "bfloat16",
    "float32",
    "default",
    "auto",
]
"""What CTranslate2 can compute in; which of them a device has, `kva doctor` tells."""
UserPath = Annotated[Path, AfterValidator(Path.expanduser)]
"""A path in which ~ means the home folder."""
PublicUrl = Annotated[HttpUrl, AfterValidator(_public)]
PhoneNumber = Annotated[str, Field(pattern=r"^(\+[1-9]\d{6,14})?$")]
"""E.164, or empty."""
TurnTable = Annotated[
    TurnPolicy, _table_of(TurnPolicy), AfterValidator(_not_negative), AfterValidator(_soft_before_end)
]
PatienceTable = Annotated[Patience, _table_of(Patience), AfterValidator(_not_negative)]
