"""Sentences the agent says by itself, rendered before the first call so that none of them ever waits for a model."""

from contextlib import aclosing
from dataclasses import dataclass
from typing import get_args

from app.call.events import Prompt, PromptName, Prompts
from app.config import Phrase, PromptSettings
from app.engines.base import TextToSpeech
from app.kannada.spoken import for_voice
from telephony.audio import Resampler, encode
from telephony.events import RATE_HZ, Encoding


@dataclass(frozen=True, slots=True)
class Rendered:
    """One prompt as 8 kHz int16 PCM, whatever line it will be played on."""

    phrase: Phrase
    pcm: bytes


async def render(
    settings: PromptSettings, tts: TextToSpeech, *, untranslated: bool = False
) -> dict[PromptName, Rendered]:
    """Every prompt; `untranslated`: for an agent that remembers them in Kannada. Raises EngineError."""
    rendered: dict[PromptName, Rendered] = {}
    for name in get_args(PromptName):
        phrase = getattr(settings, name)
        resampler = Resampler(tts.rate_hz, RATE_HZ)
        pcm = b""
        if phrase.kannada:
            async with aclosing(tts.speak(for_voice(phrase.kannada))) as chunks:
                pcm = b"".join([resampler.push(chunk) async for chunk in chunks]) + resampler.flush()
        if untranslated:
            phrase = Phrase(kannada=phrase.kannada, english=phrase.kannada)
        rendered[name] = Rendered(phrase, pcm)
    return rendered


def encoded(rendered: dict[PromptName, Rendered], encoding: Encoding) -> Prompts:
    """The prompts as lines of one encoding play them."""
    return {
        name: Prompt(prompt.phrase.kannada, prompt.phrase.english, encode(encoding, prompt.pcm))
        for name, prompt in rendered.items()
    }
