"""The parler-tts package as an engine, on random checkpoints: it says what the package says, streams, and stops."""

import asyncio
import sys
from contextlib import aclosing
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("torch")
if find_spec("parler_tts") is None:  # not imported: it can be only where the engine stands in for what it lacks
    pytest.skip("needs the parler-tts package", allow_module_level=True)

import numpy as np
import torch

from app.config import Settings, TtsSettings
from app.engines import parler_reference
from app.engines.base import EngineFailed, EngineUnavailable
from app.engines.parler.tokens import Tokens
from app.engines.parler_reference import ParlerReference, load, load_here
from tests.checkpoints import parler
from tests.engines.parler.reference import Reference

GREEDY = TtsSettings(temperature=0, most_seconds=0.7, speaker="Anu")
FRAMES = round(0.7 * 44100 / 512)
TEXTS = ["ನಮಸ್ಕಾರ", "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"]


@pytest.fixture(scope="module", params=["tiny", "medium"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    size = parler.TINY if request.param == "tiny" else parler.MEDIUM
    return parler.write(tmp_path_factory.mktemp("parler") / request.param, size)


async def spoken(engine: ParlerReference, text: str) -> list[bytes]:
    async with aclosing(engine.speak(text)) as chunks:
        return [chunk async for chunk in chunks]


async def test_it_says_what_the_package_says(folder: Path) -> None:
    engine = ParlerReference(folder, GREEDY)
    assert engine.rate_hz == 44100
    tokens, reference = Tokens(folder), Reference(folder)
    description = tokens.description(GREEDY.description.replace("{speaker}", "Anu"))
    for text in TEXTS:
        chunks = await spoken(engine, text)
        streamed = np.frombuffer(b"".join(chunks), np.int16) / 32767
        offline = reference.speak(tokens.prompt(text), list(description), FRAMES).audio.clamp(-1, 1).numpy()
        assert streamed.shape == offline.shape
        assert np.abs(streamed - offline).max() < 2e-5, "half a step of int16"
        assert len(chunks[0]) == 2 * 512 * GREEDY.first_frames
        assert len(chunks) >= 3
    await engine.aclose()


async def test_sampling_repeats_itself_and_follows_the_seed(folder: Path) -> None:
    sampled = GREEDY.model_copy(update={"temperature": 1.0, "most_seconds": 0.3})
    engines = [ParlerReference(folder, sampled.model_copy(update={"seed": seed})) for seed in (1, 1, 2)]
    first, again, other = [await spoken(engine, "ಹೌದು") for engine in engines]
    assert first == again == await spoken(engines[0], "ಹೌದು")
    assert first != other


async def test_closing_stops_the_package_within_a_step(folder: Path) -> None:
    engine = ParlerReference(folder, GREEDY.model_copy(update={"most_seconds": 29.0}))
    chunks = engine.speak(TEXTS[0])
    await anext(chunks)
    before = engine.steps
    await chunks.aclose()
    async with asyncio.timeout(10):
        assert await spoken(engine, " ") == []
        async with aclosing(engine.speak(TEXTS[1])) as others:
            await anext(others)
    # A first chunk takes 9 columns of delay, its own frames and 10 of context: the closed one added next to nothing.
    assert engine.steps - before < 9 + GREEDY.first_frames + 10 + 20
    await engine.aclose()


async def test_an_error_inside_the_generation_reaches_the_reader(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> bytes:
        raise RuntimeError("of the codec, quoting ನಮಸ್ಕಾರ")

    engine = ParlerReference(folder, GREEDY)
    with monkeypatch.context() as patch:
        patch.setattr(engine, "_pcm", broken)
        with pytest.raises(EngineFailed, match=r"^tts failed: RuntimeError$"):
            await spoken(engine, TEXTS[0])
    assert await spoken(engine, TEXTS[0])
    with pytest.raises(EngineFailed, match="2000 characters"):
        await spoken(engine, "ಕ" * 2000)
    await engine.aclose()


def test_importing_the_package_leaves_no_stand_in(folder: Path) -> None:
    assert parler_reference._package().__name__ == "parler_tts"
    assert "dac.model" not in sys.modules


def test_a_folder_that_is_no_checkpoint_is_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"tts\.model is not set"):
        load(Settings())
    with pytest.raises(EngineUnavailable, match=r"nowhere: no such folder; tts\.model must name"):
        load(Settings(tts=TtsSettings(model=tmp_path / "nowhere")))
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("config.json", "tokenizer.json"):
        (copy / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(EngineUnavailable, match=r"description_tokenizer/tokenizer\.json is missing"):
        load_here(Settings(tts=TtsSettings(model=copy)))
    if not torch.cuda.is_available():
        with pytest.raises(EngineUnavailable, match="torch sees no GPU"):
            load_here(Settings(tts=TtsSettings(model=copy, device="cuda")))
    (copy / "description_tokenizer").symlink_to(folder / "description_tokenizer")
    (copy / "model.safetensors").write_bytes(b"not a model")
    with pytest.raises(EngineUnavailable, match="not a usable Parler-TTS checkpoint"):
        load_here(Settings(tts=TtsSettings(model=copy)))


async def test_it_speaks_in_a_process_of_its_own(tmp_path: Path) -> None:
    folder = parler.write(tmp_path / "tiny", parler.TINY)
    here = ParlerReference(folder, GREEDY)
    hosted = load(Settings(tts=GREEDY.model_copy(update={"model": folder})))
    await hosted.warm_up()
    assert hosted.rate_hz == 44100
    async with aclosing(hosted.speak(TEXTS[0])) as chunks:
        there = np.frombuffer(b"".join([chunk async for chunk in chunks]), np.int16).astype(np.int32)
    assert np.abs(there - np.frombuffer(b"".join(await spoken(here, TEXTS[0])), np.int16)).max() <= 1
    await hosted.aclose()
    await here.aclose()
