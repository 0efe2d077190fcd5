"""The desk that agent.file describes, put in the places where the rest of the program looks.

Of what both name, the desk's file wins: defaults, then a profile, then kva.toml, then the environment, then the file.
Without agent.file the settings alone count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from app import hours
from app.agents import agent_file, desk_file, flow_file, toml_file
from app.agents.desk_file import DeskFile, HoursTable
from app.agents.questions import Asks, of_questions, of_slots
from app.call.policy import Choice, Person, Policy
from app.config import ConfigError, Phrase, Settings
from app.hours import Hours
from app.kannada.asked import in_kannada


@dataclass(frozen=True, slots=True)
class Desk:
    """What calls are answered with, besides engines."""

    settings: Settings
    """With the file's values in them."""
    people: tuple[Person, ...] = ()
    menu: tuple[Choice, ...] = ()
    hours: Mapping[str, tuple[Hours, ...]] = field(default_factory=dict)
    """Of `people`, by name; who has none is always there."""
    asks: Asks = in_kannada
    """What a clause of the agent wants to hear."""

    @property
    def policy(self) -> Policy:
        policy = self.settings.call.policy
        return replace(policy, people=self.people or policy.people, menu=self.menu)

    def closed(self, at: datetime) -> tuple[str, ...]:
        """Names of those who are not at work at that moment."""
        return hours.closed(self.hours, at)


def open_desk(settings: Settings) -> Desk:
    """The desk of `settings`. Reads agent.file, and checks it. Raises ConfigError, with a line for each problem."""
    path = settings.agent.file
    if path is None:
        return Desk(settings)
    own = ":" in settings.agent.engine
    match desk_file.agent_of(toml_file.parse(path)):
        case "flow":
            flow = flow_file.read(path).file
            return _desk(settings if own else _answered_by("flow", settings), flow, path, of_slots(flow))
        case "openai":
            model = agent_file.read(path)
            asks = of_questions(model.questions)
            return _desk(settings if own else _answered_by("openai", settings), model, path, asks)
        case None:
            raise ConfigError(
                f'{path}:1: desk.agent: is missing; write agent = "flow" or agent = "openai" below [desk], '
                "since nothing in the file tells which"
            )


def _answered_by(engine: str, settings: Settings) -> Settings:
    return settings.model_copy(update={"agent": settings.agent.model_copy(update={"engine": engine})})


def _desk(settings: Settings, file: DeskFile, path: Path, asks: Asks) -> Desk:
    return Desk(
        applied(settings, file, path),
        tuple(Person(name, person.number) for name, person in file.people.items()),
        tuple(Choice(key, choice.says, choice.person) for key, choice in file.menu.items()),
        {name: tuple(map(_hours, file.hours[person.hours])) for name, person in file.people.items() if person.hours},
        asks,
    )


def applied(settings: Settings, file: DeskFile, path: Path) -> Settings:
    """`settings` with the values that `file`, which was read from `path`, has of the same."""
    prompts: dict[str, Phrase] = {
        name: Phrase(kannada=said.kannada, english=said.english) for name, said in file.prompts.items()
    }
    patience = replace(settings.call.patience, **file.limits.model_dump(exclude_none=True))
    changed: dict[str, object] = {
        "prompts": settings.prompts.model_copy(update=prompts),
        "call": settings.call.model_copy(update={"patience": patience}),
    }
    if file.lexicon:
        changed["translation"] = settings.translation.model_copy(update=_lexicon(file.lexicon, path))
    return settings.model_copy(update=changed)


def _lexicon(lexicon: Path | dict[str, str], path: Path) -> dict[str, object]:
    if isinstance(lexicon, Path):
        return {"lexicon": desk_file.lexicon_path(lexicon, path), "names": {}}
    return {"lexicon": None, "names": lexicon}


def _hours(table: HoursTable) -> Hours:
    return Hours(table.weekdays, table.opens, table.closes, ZoneInfo(table.zone), frozenset(table.closed))
