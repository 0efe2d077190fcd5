"""The recogniser's training in miniature: it stops and goes on, and the engine loads what it leaves."""

import json
import shutil
import signal
from pathlib import Path

import pytest

from app.config import SttSettings
from app.engines.whisper import WhisperStt

pytest.importorskip("torch")
pytest.importorskip("transformers", minversion="5")
pytest.importorskip("faster_whisper")
pytest.importorskip("espeakng_loader")

import torch

from app.models.training import stt, tokens
from app.models.training.feed import Batch
from app.models.training.stt_export import export
from app.models.training.stt_model import Shape
from app.models.training.work import TrainingRefused

TINY = Shape(width=64, encoder_layers=1, decoder_layers=1)
STEPS, ROWS = 4, 2


def train(work: Path, *, seed: int = 1, steps: int = STEPS) -> None:
    stt.train(work, steps=steps, seed=seed, rows=ROWS, shape=TINY)


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokens") / "stt.tokenizer.json"
    tokens.train(path, 1)
    return path


@pytest.fixture
def work(tmp_path: Path, vocabulary: Path) -> Path:
    (tmp_path / "work").mkdir()
    shutil.copy(vocabulary, tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture(autouse=True)
def a_short_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.models.training.probe._EACH", 1)


def stop_in_step(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the midst of it."""
    whole_step = stt.Trainer.step

    def interrupted(trainer: stt.Trainer, batch: Batch) -> None:
        if trainer.progress.step == step - 1:
            signal.raise_signal(signal.SIGINT)
        whole_step(trainer, batch)

    monkeypatch.setattr(stt.Trainer, "step", interrupted)


@pytest.mark.filterwarnings("ignore")
async def test_a_stopped_training_goes_on_to_the_same_model_and_the_engine_hears_with_it(
    work: Path, vocabulary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = work.with_name("whole")
    whole.mkdir()
    shutil.copy(vocabulary, whole)
    train(whole)

    with pytest.MonkeyPatch.context() as patch:
        stop_in_step(2, patch)
        with pytest.raises(KeyboardInterrupt):
            train(work)
    assert torch.load(work / "stt.pt")["progress"]["step"] == 2
    assert not (work / "stt.json").exists()
    train(work)
    records = [json.loads((folder / "stt.json").read_bytes()) for folder in (whole, work)]
    for name in ("step", "utterances", "audio_s", "word_loss", "sound_loss", "probes"):
        assert records[0][name] == records[1][name], name
    assert (records[0]["device"], records[0]["threads"]) == ("cpu", 1)
    assert records[0]["makers_cpu_s"] > 0
    models = [torch.load(folder / "stt.pt")["model"] for folder in (whole, work)]
    assert all(torch.equal(weights, models[1][name]) for name, weights in models[0].items())

    for other in ({"seed": 2}, {"steps": 2 * STEPS}):
        with pytest.raises(TrainingRefused, match=r"was begun with (seed 1|steps 4): use that"):
            train(work, **other)
    train(work)  # nothing is left to do
    lines = capsys.readouterr().out.splitlines()
    assert "stt: its 4 steps are done already" in lines
    assert all(line.startswith("stt") for line in lines)

    export(work, work.with_name("pack"))
    engine = WhisperStt(work.with_name("pack") / "stt", SttSettings())
    try:
        await engine.warm_up()
    finally:
        await engine.aclose()


def test_a_checkpoint_that_names_no_steps_is_held_to_its_seed_alone(work: Path) -> None:
    torch.save({"seed": 1}, work / "stt.pt")
    with pytest.raises(TrainingRefused, match="seed 1: use that, or another --out"):
        train(work, seed=2)
