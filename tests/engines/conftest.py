"""The real engines on the demo pack, loaded once for all tests."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from app.config import Settings
from app.engines import espeak, silero, translation, whisper


@pytest.fixture(scope="session")
def stt() -> Iterator[whisper.WhisperStt]:
    engine = whisper.load(Settings())
    yield engine
    asyncio.run(engine.aclose())


@pytest.fixture(scope="session")
def to_english() -> Iterator[translation.Ctranslate2Translator]:
    engine = translation.load_to_english(Settings())
    yield engine
    asyncio.run(engine.aclose())


@pytest.fixture(scope="session")
def to_kannada() -> Iterator[translation.Ctranslate2Translator]:
    engine = translation.load_to_kannada(Settings())
    yield engine
    asyncio.run(engine.aclose())


@pytest.fixture(scope="session")
def tts() -> Iterator[espeak.EspeakTts]:
    engine = espeak.load(Settings())
    yield engine
    asyncio.run(engine.aclose())


@pytest.fixture
async def silero_vad() -> AsyncIterator[silero.SileroVad]:
    """Not shared: its tick belongs to one event loop, and each test has its own."""
    engine = silero.load(Settings())
    yield engine
    await engine.aclose()
