"""IndicConformer on a miniature of its published assets, by both of its decoders."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from app.config import Settings, SttSettings
from app.engines.base import EngineUnavailable, Partial
from app.engines.indicconformer import IndicConformerStt, load
from app.engines.need import need_module
from app.engines.table import load_engine
from tests.checkpoints.indicconformer import MOST_PIECES, tone, write
from tests.engines.speech import frames, noise, over_the_line

MY_BILL = [0, 1, 2, 3]
TEXT = "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"
YES = [4, 5]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("indicconformer"))


@pytest.fixture(params=["ctc", "rnnt"])
async def stt(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[IndicConformerStt]:
    engine = IndicConformerStt(folder, SttSettings(head=request.param))
    await engine.warm_up()
    yield engine
    await engine.aclose()


async def heard(stt: IndicConformerStt, pcm: bytes) -> str:
    ear = stt.listen()
    ear.feed(pcm)
    return await ear.finish()


async def test_turns_of_different_lengths_share_a_batch(stt: IndicConformerStt) -> None:
    said = [tone(MY_BILL), tone(YES), tone(MY_BILL, steps=6), tone([])]
    assert await asyncio.gather(*(heard(stt, pcm) for pcm in said)) == [TEXT, "ಹೌದು", TEXT, ""]


async def test_nothing_is_heard_in_silence_and_the_shortest_of_sounds_is_no_failure(stt: IndicConformerStt) -> None:
    assert [await heard(stt, pcm) for pcm in (b"", b"\x01", bytes(16000))] == ["", "", ""]
    assert isinstance(await heard(stt, over_the_line(noise(0.02, 0.1))), str)


async def test_a_turn_longer_than_a_window_is_heard_in_pieces(stt: IndicConformerStt) -> None:
    text = await heard(stt, (tone([0]) + bytes(80_000)) * 4)
    assert text in (" ".join(["ನನ್ನ"] * 4), "ನನ್ನ ನನ್ನ"), "the miniature's RNNT says it once a window"


async def test_partials_grow_and_the_final_costs_nothing_when_they_heard_it_all(stt: IndicConformerStt) -> None:
    said: list[Partial] = []
    ear = stt.listen(said.append)
    for frame in frames(tone(MY_BILL, steps=8) + bytes(16_000)):
        ear.feed(frame)
        async with asyncio.timeout(5):
            while ear._pass is not None:
                await asyncio.sleep(0.001)
    await stt.aclose()
    assert await ear.finish() == TEXT
    assert said[0].text == "ನನ್ನ"
    assert said[-1].text == TEXT
    assert TEXT.startswith(said[-1].stable)
    assert len(said) >= 5


async def test_a_piece_said_twice_counts_twice_by_ctc(folder: Path) -> None:
    engine = IndicConformerStt(folder, SttSettings(head="ctc"))
    assert await heard(engine, tone([1, 1, 5])) == "ಬಿಲ್ ಬಿಲ್ದು"
    await engine.aclose()


async def test_the_states_of_the_prediction_network_are_handed_on(folder: Path) -> None:
    """The miniature counts in them, and says no more than its most."""
    engine = IndicConformerStt(folder, SttSettings(head="rnnt"))
    assert await heard(engine, tone([0, 1] * MOST_PIECES)) == "ನನ್ನ ಬಿಲ್ ನನ್ನ ಬಿಲ್ ನನ್ನ"
    await engine.aclose()


def test_the_assets_may_lie_in_the_folder_itself(folder: Path) -> None:
    assert IndicConformerStt(folder / "assets", SttSettings(head="ctc"))._assets.blank == 6


def test_settings_choose_it(folder: Path) -> None:
    settings = Settings(stt=SttSettings(engine="indicconformer", model=folder))
    assert isinstance(load_engine("stt", settings), IndicConformerStt)
    with pytest.raises(EngineUnavailable, match=r"stt\.model must name"):
        load(Settings())


@pytest.mark.parametrize(("head", "needed"), [("ctc", "ctc_decoder"), ("rnnt", "joint_post_net_kn")])
def test_only_the_networks_of_the_head_are_needed(folder: Path, tmp_path: Path, head: str, needed: str) -> None:
    shutil.copytree(folder / "assets", tmp_path, dirs_exist_ok=True)
    settings = SttSettings.model_validate({"head": head})
    for file in ("ctc_decoder.onnx", "rnnt_decoder.onnx"):
        if file != f"{needed}.onnx" and not (head == "rnnt" and file == "rnnt_decoder.onnx"):
            (tmp_path / file).unlink()
    IndicConformerStt(tmp_path, settings)
    (tmp_path / f"{needed}.onnx").unlink()
    with pytest.raises(EngineUnavailable, match=rf"{needed}\.onnx is missing; stt\.model must name IndicConformer's"):
        IndicConformerStt(tmp_path, settings)


@pytest.mark.parametrize("file", ["preprocessor.ts", "encoder.onnx", "vocab.json", "language_masks.json"])
def test_a_broken_file_is_no_asset(folder: Path, tmp_path: Path, file: str) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "assets" / file).write_bytes(b"{")
    with pytest.raises(EngineUnavailable, match="not usable as IndicConformer's assets"):
        IndicConformerStt(tmp_path, SttSettings())


def test_another_models_network_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    shutil.copy(tmp_path / "assets" / "joint_enc.onnx", tmp_path / "assets" / "encoder.onnx")
    with pytest.raises(EngineUnavailable, match=r"encoder\.onnx: it has no input audio_signal, length"):
        IndicConformerStt(tmp_path, SttSettings())


@pytest.mark.parametrize("mask", [[True, False], [0, 1], [], [False] * 3 + [True] * 20])
def test_a_mask_that_does_not_fit_is_refused(folder: Path, tmp_path: Path, mask: list[object]) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "assets" / "language_masks.json").write_text(json.dumps({"kn": mask}))
    with pytest.raises(EngineUnavailable, match="do not fit each other for kn"):
        IndicConformerStt(tmp_path, SttSettings())


def test_a_gpu_needs_its_own_onnxruntime(folder: Path) -> None:
    onnxruntime = need_module("onnxruntime", extra="indicconformer")
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    with pytest.raises(EngineUnavailable, match="install onnxruntime-gpu"):
        IndicConformerStt(folder, SttSettings(device="cuda"))
