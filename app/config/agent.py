"""Settings of what answers."""

from pydantic import Field, SecretStr

from app.config.section import Section
from app.config.types import UserPath


class AgentSettings(Section):
    engine: str = "flow"
    flow: UserPath | None = None
    """The flow agent's file; none: the embedded electricity desk."""
    base_url: str = "https://api.openai.com/v1"
    api_key: SecretStr = SecretStr("")
    model: str = ""
    system_prompt: str = (
        "You answer the phone. Your words are translated to Kannada and spoken. Use short plain sentences, "
        "the fact first, one question at a time. Write no lists, symbols or markup."
    )
    temperature: float = Field(0.3, ge=0, le=2)
    max_tokens: int = Field(300, ge=1)
    first_token_timeout_s: float = Field(5.0, gt=0, allow_inf_nan=False)
