"""Single values of a desk's file: what they accept, said in messages that whoever writes the file can act on."""

import datetime
import re
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from app.kannada.lexicon import has_kannada

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_DESTINATION = re.compile(r"\+[1-9]\d{6,14}|sips?:\S+")
_CLOCK = re.compile(r"([01]?\d|2[0-4])[:.]([0-5]\d)")


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("must be a name of English letters, digits and _, and begin with a letter")
    return name


def _destination(number: str) -> str:
    if not _DESTINATION.fullmatch(number):
        raise ValueError('must be a number with its country code, such as "+918012345678", or a SIP URI')
    return number


def _menu_key(key: str) -> str:
    if key not in tuple("0123456789*"):
        raise ValueError("must be one key: 0 to 9, or *")
    return key


def _days(written: str) -> str:
    first, _, last = written.lower().partition("-")
    if first not in DAYS or (last and last not in DAYS):
        raise ValueError('must be a day such as "mon", or days such as "mon-sat"')
    return written.lower()


def _clock(written: Any) -> Any:
    if isinstance(written, datetime.time):
        return written
    found = _CLOCK.fullmatch(written) if isinstance(written, str) else None
    if not found or (found[1] == "24" and found[2] != "00"):
        raise ValueError('must be a time of day such as "09:30", in 24 hours')
    return datetime.time(int(found[1]) % 24, int(found[2]))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('is no time zone that this machine knows; one is written like "Asia/Kolkata"') from None
    return name


def _kannada(text: str) -> str:
    if text and not has_kannada(text):
        raise ValueError("must be Kannada, in Kannada script")
    return text


def _english(text: str) -> str:
    if has_kannada(text):
        raise ValueError("must be English")
    return text


def _file_or_names(value: Any) -> Path | dict[str, str]:
    if isinstance(value, str):
        return Path(value)
    if not isinstance(value, dict):
        raise ValueError("must be the name of a file, or a table of names")
    for kannada, english in value.items():
        if not isinstance(english, str):
            raise ValueError(f"{kannada}: must be a text in quotes")
    return value


Name = Annotated[str, AfterValidator(_name)]
Destination = Annotated[str, AfterValidator(_destination)]
"""A number in E.164, or a SIP URI."""
MenuKey = Annotated[str, AfterValidator(_menu_key)]
Kannada = Annotated[str, AfterValidator(_kannada)]
English = Annotated[str, AfterValidator(_english)]
Clock = Annotated[datetime.time, BeforeValidator(_clock)]
Day = Annotated[str, AfterValidator(_days)]
"""Or days: mon-sat."""
Zone = Annotated[str, AfterValidator(_zone)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Lexicon = Annotated[Path | dict[str, str], PlainValidator(_file_or_names)]
