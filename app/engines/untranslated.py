"""No translation: for a language model that reads and writes Kannada itself. Its history is then Kannada throughout."""

from app.config import ConfigError, Settings


class Untranslated:
    async def translate(self, text: str, *, urgent: bool = False) -> str:
        return text.strip()

    async def warm_up(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


def load_to_english(settings: Settings) -> Untranslated:
    """Raises ConfigError for the flow agent, which understands English."""
    if settings.agent.engine == "flow":
        raise ConfigError('translation.engine = "none": the flow agent understands English only; see agent.engine')
    return Untranslated()


def load_to_kannada(settings: Settings) -> Untranslated:
    return Untranslated()
