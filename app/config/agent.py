"""Settings of what answers."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from app.config.section import Section
from app.config.types import UserPath


def _lower(secrets: dict[str, SecretStr]) -> dict[str, SecretStr]:
    """Names of environment variables have no case."""
    return {name.lower(): secret for name, secret in secrets.items()}


class FallbackSettings(Section):
    """A second endpoint, for when the first fails or is silent."""

    base_url: str
    api_key: SecretStr = SecretStr("")
    model: str = Field(min_length=1)


class AgentSettings(Section):
    engine: str = "flow"
    """A file that says which agent it is for wins."""
    file: UserPath | None = None
    """The desk: all that the agent says and does there. None: the embedded electricity desk, or for a language model
    `system_prompt`, and what ends a call. app/agents/electricity_desk.toml and electricity_agent.toml explain the
    format. Of what both name, the file's value wins over these settings, the environment's included."""
    base_url: str = "https://api.openai.com/v1"
    api_key: SecretStr = SecretStr("")
    model: str = ""
    fallback: FallbackSettings | None = None
    secrets: Annotated[dict[str, SecretStr], AfterValidator(_lower)] = Field(default_factory=dict)
    """What tools in `file` log in with, by name: KVA_AGENT__SECRETS__TAVILY is {secret:tavily} there."""
    system_prompt: str = ""
    """For a model whose file has no persona. Empty: a few plain rules for the phone, in the language that
    `translation.engine` leaves to the model."""
    hotwords: tuple[str, ...] = ()
    """Kannada words that callers are likely to say, for Whisper to listen for. It has room for some fifteen; the more
    there are, the shorter the stretches that it hears at once."""
    temperature: float = Field(0.3, ge=0, le=2)
    max_tokens: int = Field(300, ge=1)
    first_token_timeout_s: float = Field(5.0, gt=0, allow_inf_nan=False)
    """The caller's patience; with a fallback the first endpoint has half of it."""
