"""Each engine is made once for all tests of its kind, in one event loop."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from app.engines.table import Kind
from tests.engines.contract.rows import STT, TRANSLATION, TTS, VAD, Case, Row, case

_DIRECTIONS: tuple[Kind, ...] = ("to_english", "to_kannada")


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)


async def living(kind: Kind, row: Row, files: pytest.TempPathFactory) -> AsyncIterator[Case]:
    made = case(kind, row, files.mktemp(kind))
    await made.engine.warm_up()
    yield made
    await made.engine.aclose()
    await made.engine.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=list(STT.values()), ids=list(STT))
async def stt(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Case]:
    async for made in living("stt", request.param, tmp_path_factory):
        yield made


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=[(kind, row) for row in TRANSLATION.values() for kind in _DIRECTIONS],
    ids=[f"{name}-{kind}" for name in TRANSLATION for kind in _DIRECTIONS],
)
async def translation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Kind, Case]]:
    kind, row = request.param
    async for made in living(kind, row, tmp_path_factory):
        yield kind, made


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=list(TTS.values()), ids=list(TTS))
async def tts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Case]:
    async for made in living("tts", request.param, tmp_path_factory):
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=list(VAD.values()), ids=list(VAD))
async def vad(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Case]:
    async for made in living("vad", request.param, tmp_path_factory):
        yield made
