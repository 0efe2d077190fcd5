"""What one check found."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["pass", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`warn`: not for every use, or not yet. `fail`: `kva serve` would not work."""

    check: str
    level: Level
    detail: str
    fix: str = ""
    """What to do; empty when there is nothing to do."""


def passed(check: str, detail: str) -> Finding:
    return Finding(check, "pass", detail)


def warned(check: str, detail: str, fix: str) -> Finding:
    return Finding(check, "warn", detail, fix)


def failed(check: str, detail: str, fix: str) -> Finding:
    return Finding(check, "fail", detail, fix)
