"""What must be true before real callers may meet this server."""

import logging

from app.config import ConfigError, Settings
from app.config.types import is_loopback
from app.engines.table import uses_demo_models
from app.models.presence import missing

log = logging.getLogger(__name__)


def check_models(settings: Settings, *, allow_demo_models: bool) -> None:
    """Raises ConfigError when a caller would be answered by the embedded demo models and nobody asked for that."""
    if uses_demo_models(settings) and not allow_demo_models:
        raise ConfigError(
            "the embedded demo models know one synthetic electricity desk and have never heard a human voice, "
            "so real callers are not answered with them; "
            "set stt.model, translation.to_english and translation.to_kannada to others (kva models list), "
            "choose a profile that does (kva --profile cpu-small serve), "
            "or try your line with them anyway: kva serve --allow-demo-models"
        )


def check_present(settings: Settings) -> None:
    """Raises ConfigError, a line a model, when a model that the settings name is not there."""
    if lines := [f"{named.setting}: {wrong}; {todo}" for named, wrong, todo in missing(settings)]:
        raise ConfigError("\n".join(lines))


def warn_of_sample_desk(settings: Settings) -> None:
    """Real models and an invented desk: callers would hear bills that are nobody's."""
    if settings.agent.engine == "flow" and settings.agent.file is None and not uses_demo_models(settings):
        log.warning("agent.file is not set: callers are answered from the sample desk, whose customers are invented")


def check_public_url(settings: Settings) -> None:
    """Raises ConfigError when the carrier's signatures could not be checked."""
    if settings.twilio.configured and not settings.server.public_url:
        raise ConfigError(
            "server.public_url: is missing; Twilio signs its requests over the public address of this server "
            "(set it in kva.toml or as KVA_SERVER__PUBLIC_URL, e.g. https://voice.example.in)"
        )


def kept_local(settings: Settings) -> Settings:
    """Without credentials no request can be told from a forged one: then only this machine may connect."""
    if settings.twilio.configured:
        return settings
    host = settings.server.host if is_loopback(settings.server.host) else "127.0.0.1"
    log.warning("twilio.account_sid and twilio.auth_token are not set: only this machine can connect, on %s", host)
    return settings.model_copy(update={"server": settings.server.model_copy(update={"host": host})})
