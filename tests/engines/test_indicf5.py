"""IndicF5: our network against the f5-tts package, and the engine on a tiny random checkpoint."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("safetensors")

import torch

from app.config import Settings, TtsSettings
from app.engines import indicf5
from app.engines.base import EngineFailed, EngineUnavailable
from app.engines.indicf5.engine import IndicF5Tts
from app.engines.indicf5.network import Network, Stopped
from app.engines.indicf5.speaker import schedule
from app.engines.indicf5.vocoder import Vocoder, mel_of
from app.engines.table import load_engine
from tests.checkpoints.indicf5 import MICRO, REAL, build, network, recording, turns, vocoder, weights
from tests.engines import f5_package

REFERENCE_FRAMES, FRAMES = 60, 150
GOLDEN = (-2.27447, -4.96875, 8.37426, 0.35574, -0.11436, -1.4825)
CLAUSE = "ನನ್ನ ಹೆಸರು ಗೀತಾ"


def micro(steps: int, dtype: str = "float32") -> Network:
    tensors = {**weights(network(MICRO)), "rotary_embed.inv_freq": turns(MICRO)}
    return Network(tensors, schedule(steps)[:-1], "cpu", getattr(torch, dtype))


def inputs() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A reference, text, and the noise to begin with."""
    reference = torch.sin(torch.arange(REFERENCE_FRAMES * 100) * 0.7).reshape(-1, 100)
    text = torch.arange(50) * 7 % MICRO.vocabulary
    return reference, text, torch.randn(FRAMES, 100, generator=torch.Generator().manual_seed(0))


def drawn(net: Network, steps: int, mel: torch.Tensor) -> torch.Tensor:
    """The mel spectrogram behind the reference, out of the noise `mel`."""
    reference, text, _ = inputs()
    times = schedule(steps)
    given = net.given(reference, text, FRAMES)
    for step in range(steps):
        mel = mel + (times[step + 1] - times[step]) * net.flow(mel, step, given, lambda: False)
    return mel[REFERENCE_FRAMES:]


@pytest.fixture
def reference_audio(tmp_path: Path) -> Path:
    pcm = (recording() * 32767).astype("<i2")
    with wave.open(str(tmp_path / "voice.wav"), "wb") as file:
        file.setparams((1, 2, 24000, 0, "NONE", ""))
        file.writeframes(pcm.tobytes())
    return tmp_path / "voice.wav"


@pytest.fixture
def settings(tmp_path: Path, reference_audio: Path) -> Settings:
    model = build(tmp_path / "model")
    return Settings(
        tts=TtsSettings(
            engine="indicf5", model=model, steps=7, reference_audio=reference_audio, reference_text="ನಮಸ್ಕಾರ, ನಾನು ಗೀತಾ"
        )
    )


@pytest.fixture
async def tts(settings: Settings) -> AsyncIterator[IndicF5Tts]:
    torch.set_num_threads(1)
    engine = IndicF5Tts(settings)
    yield engine
    await engine.aclose()


async def spoken(tts: IndicF5Tts, text: str) -> list[bytes]:
    async with aclosing(tts.speak(text)) as chunks:
        return [chunk async for chunk in chunks]


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # x_transformers' own
@pytest.mark.parametrize("steps", [7, 9, 16])
def test_steps_are_those_of_the_package(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    f5_package.stand_in(monkeypatch)
    pytest.importorskip("f5_tts")
    reference, text, noise = inputs()
    expected = f5_package.sampled(MICRO, reference, text, FRAMES, steps)[REFERENCE_FRAMES:]
    assert (drawn(micro(steps), steps, noise) - expected).abs().max() < 5e-5 * expected.abs().max()


def test_sound_is_that_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    f5_package.stand_in(monkeypatch)
    pytest.importorskip("vocos")
    mel = inputs()[2]
    ours = Vocoder(weights(vocoder(MICRO)), "cpu").wave(mel)
    assert (ours - f5_package.vocoded(MICRO, mel)).abs().max() < 1e-5


def test_network_and_vocoder_give_what_the_packages_gave() -> None:
    """The numbers come from f5-tts 1.1.22 and vocos 0.1.0."""
    mel = drawn(micro(7), 7, torch.sin(torch.arange(FRAMES * 100) * 1.3).reshape(-1, 100))
    sound = Vocoder(weights(vocoder(MICRO)), "cpu").wave(mel)
    assert [*mel[[0, 40, 89], [0, 50, 99]].tolist(), *sound[[2000, 9000, 20000]].tolist()] == pytest.approx(
        GOLDEN, abs=1e-3
    )


def test_half_precision_stays_near() -> None:
    exact = drawn(micro(7), 7, inputs()[2])
    for dtype, most in (("float16", 0.01), ("bfloat16", 0.06)):
        error = drawn(micro(7, dtype), 7, inputs()[2]) - exact
        assert error.square().mean().sqrt() < most * exact.square().mean().sqrt()


def test_a_real_checkpoint_has_447_tensors() -> None:
    """Beside the listed ones it has the rotary frequencies, and Vocos's two windows and mel filters."""
    shapes = dict(network(REAL))
    assert len(shapes) + 1 + len(dict(vocoder(REAL))) + 3 == 447
    assert sum(int(np.prod(shape)) for shape in shapes.values()) == pytest.approx(337e6, rel=0.01)


def test_mel_bands_of_a_tone_are_where_its_frequency_is() -> None:
    """On the HTK scale 1 kHz is at mel 1000, of 3266 at 12 kHz: 30.6 of 101 steps up."""
    tone = torch.sin(2 * torch.pi * 1000 * torch.arange(24000) / 24000)
    mel = mel_of(tone)
    assert mel.shape == (1 + 24000 // 256, 100)
    assert int(mel[40].argmax()) in (29, 30)


def test_a_stopped_clause_ends_within_a_layer() -> None:
    reference, text, noise = inputs()
    net = micro(7)
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked == 2

    with pytest.raises(Stopped):
        net.flow(noise, 0, net.given(reference, text, FRAMES), stopped)
    assert asked == 2


async def test_a_clause_takes_its_share_of_the_references_pace(tts: IndicF5Tts) -> None:
    short, long = await spoken(tts, CLAUSE), await spoken(tts, f"{CLAUSE} {CLAUSE}")
    seconds = [sum(map(len, chunks)) / 2 / tts.rate_hz for chunks in (short, long)]
    assert seconds[0] == pytest.approx(3.0 * len(CLAUSE.encode()) / len("ನಮಸ್ಕಾರ, ನಾನು ಗೀತಾ. ".encode()), abs=0.1)
    assert seconds[1] == pytest.approx(2 * seconds[0], abs=0.15)
    assert np.abs(np.frombuffer(b"".join(short), "<i2").astype(float)).max() > 100
    assert await spoken(tts, CLAUSE) == short, "the same text always sounds the same"


async def test_chunks_are_small_and_of_whole_samples(tts: IndicF5Tts) -> None:
    await tts.warm_up()
    chunks = await spoken(tts, CLAUSE)
    assert len(chunks) > 5
    assert all(chunk and len(chunk) % 2 == 0 and len(chunk) <= 2400 for chunk in chunks)


async def test_nothing_and_too_much_are_not_spoken(tts: IndicF5Tts) -> None:
    assert await spoken(tts, " \n\x07") == []
    with pytest.raises(EngineFailed, match="100000 characters"):
        await spoken(tts, "ಕ" * 100_000)


async def test_a_long_text_is_spoken_in_pieces(settings: Settings) -> None:
    tts = IndicF5Tts(settings.model_copy(update={"tts": settings.tts.model_copy(update={"most_seconds": 4.0})}))
    whole = sum(map(len, await spoken(tts, f"{CLAUSE} " * 4))) / 2 / tts.rate_hz
    one = sum(map(len, await spoken(tts, CLAUSE))) / 2 / tts.rate_hz
    assert whole == pytest.approx(4 * one, rel=0.1)
    await tts.aclose()


async def test_closing_the_generator_frees_the_model(tts: IndicF5Tts) -> None:
    async with asyncio.timeout(10):
        waiting = asyncio.create_task(spoken(tts, f"{CLAUSE} " * 100))
        while not tts.steps:
            await asyncio.sleep(0.001)
        waiting.cancel()
        await asyncio.wait([waiting])
        before = tts.steps
        assert await spoken(tts, CLAUSE)
    assert tts.steps - before <= 7 * MICRO.depth + 3, "the layers of one clause, and one or two of what was stopped"


async def test_names_of_a_fine_tuned_version_are_known(settings: Settings, tmp_path: Path) -> None:
    model = build(tmp_path / "tuned", compiled=False)
    tts = IndicF5Tts(settings.model_copy(update={"tts": settings.tts.model_copy(update={"model": model})}))
    assert await spoken(tts, CLAUSE)
    await tts.aclose()


@pytest.mark.timeout(120)
async def test_it_speaks_from_a_process_of_its_own(settings: Settings) -> None:
    tts = load_engine("tts", settings)
    try:
        await tts.warm_up()
        assert tts.rate_hz == 24000
        async with aclosing(tts.speak(CLAUSE)) as chunks:
            assert [chunk async for chunk in chunks]
    finally:
        await tts.aclose()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": None}, "tts.model must name"),
        ({"model": Path("/nowhere/at/all")}, "no such folder"),
        ({"reference_audio": None}, "tts.reference_audio must name"),
        ({"reference_audio": Path("/nowhere.wav")}, "cannot be read"),
        ({"reference_text": " "}, "tts.reference_text must say"),
    ],
)
def test_what_is_missing_is_said_at_once(settings: Settings, change: dict[str, object], message: str) -> None:
    with pytest.raises(EngineUnavailable, match=message):
        indicf5.load(settings.model_copy(update={"tts": settings.tts.model_copy(update=change)}))


def test_another_models_file_is_refused(settings: Settings) -> None:
    from safetensors.torch import save_file

    assert settings.tts.model is not None
    save_file({"encoder.weight": torch.zeros(3)}, settings.tts.model / "model.safetensors")
    with pytest.raises(EngineUnavailable, match=r"no IndicF5 checkpoint: it lacks time_embed"):
        IndicF5Tts(settings)


@pytest.mark.parametrize(("seconds", "bits"), [(0.5, 16), (14.0, 16), (3.0, 8)])
def test_a_useless_reference_is_refused(settings: Settings, tmp_path: Path, seconds: float, bits: int) -> None:
    with wave.open(str(tmp_path / "bad.wav"), "wb") as file:
        file.setparams((1, bits // 8, 16000, 0, "NONE", ""))
        file.writeframes(bytes(int(16000 * seconds) * bits // 8))
    tts = settings.tts.model_copy(update={"reference_audio": tmp_path / "bad.wav"})
    with pytest.raises(EngineUnavailable, match="3 to 5 seconds"):
        indicf5.load(settings.model_copy(update={"tts": tts}))
