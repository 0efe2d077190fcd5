"""When people are at work: weekdays, times of day in their own time zone, and holidays. Pure: the moment is given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Hours:
    """One stretch of a day, on the same weekdays of every week.

    It goes by the clock on the wall, also on the days when that is put forward or back.
    """

    days: frozenset[int]
    """Monday is 0."""
    opens: time
    closes: time
    """Not later than `opens`: of the next day. That day's holiday does not shorten it."""
    zone: ZoneInfo
    closed: frozenset[date] = frozenset()
    """Days on which it does not open."""

    def at_work(self, at: datetime) -> bool:
        """`at` knows its own time zone."""
        here = at.astimezone(self.zone)
        today, clock = here.date(), here.time()
        if self.opens < self.closes:
            return self._opens_on(today) and self.opens <= clock < self.closes
        yesterday = today - timedelta(days=1)
        return (self._opens_on(today) and clock >= self.opens) or (self._opens_on(yesterday) and clock < self.closes)

    def _opens_on(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.closed


def closed(people: Mapping[str, Iterable[Hours]], at: datetime) -> tuple[str, ...]:
    """The names of those `people` who are not at work at that moment; who has no hours always is."""
    return tuple(
        name
        for name, stretches in people.items()
        if (known := list(stretches)) and not any(hours.at_work(at) for hours in known)
    )
