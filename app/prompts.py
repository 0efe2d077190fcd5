"""Sentences the agent says by itself, rendered before the first call so that none of them ever waits for a model."""

from contextlib import aclosing
from typing import get_args

from app.call.events import Prompt, PromptName, Prompts
from app.config import PromptSettings
from app.engines.base import TextToSpeech
from telephony.audio import Resampler, encode
from telephony.events import RATE_HZ, Encoding


async def render(settings: PromptSettings, tts: TextToSpeech, encoding: Encoding) -> Prompts:
    """Every prompt as audio of one encoding. Raises EngineError."""
    prompts: dict[PromptName, Prompt] = {}
    for name in get_args(PromptName):
        phrase = getattr(settings, name)
        resampler = Resampler(tts.rate_hz, RATE_HZ)
        async with aclosing(tts.speak(phrase.kannada)) as chunks:
            pcm = b"".join([resampler.push(chunk) async for chunk in chunks]) + resampler.flush()
        prompts[name] = Prompt(phrase.kannada, phrase.english, encode(encoding, pcm))
    return prompts
