"""Whether the configured translators know what a desk says: the embedded demo ones have learnt one desk's sentences."""

from pathlib import Path

from app.agents.flow import ELECTRICITY_DESK
from app.agents.flow_file import read
from app.desk import Desk
from app.engines.table import uses_demo_translators

UNKNOWN_DESK = (
    "The embedded demo translators know the sentences of the electricity desk only. Of this desk nothing is translated "
    "to Kannada, and callers' lines must be English here; a profile brings real translators: kva --profile cpu-small."
)


def translators_know(desk: Desk) -> bool:
    """The configured translators are real ones, or the desk says what the demo ones have learnt."""
    if not uses_demo_translators(desk.settings):
        return True
    if desk.settings.agent.engine != "flow":
        return False
    file = desk.settings.agent.file
    return file is None or _sentences(file) <= _sentences(ELECTRICITY_DESK)


def _sentences(path: Path) -> set[str]:
    return {sentence.text for phrase in read(path).phrases for sentence in phrase.sentences}


class Nothing:
    """Implements app.engines.base.Translator: for a desk that the translators do not know."""

    async def translate(self, text: str, *, urgent: bool = False) -> str:
        return ""

    async def warm_up(self) -> None:
        """There is nothing to warm."""

    async def aclose(self) -> None:
        """There is nothing to close."""
