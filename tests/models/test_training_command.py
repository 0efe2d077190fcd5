"""python -m app.models.training: its options, and what it refuses without a traceback."""

from pathlib import Path

import pytest

pytest.importorskip("espeakng_loader")
pytest.importorskip("faster_whisper")

from typer.testing import CliRunner, Result

from app.models.training.__main__ import cli
from app.models.training.work import TrainingRefused, alone, refuse_another, write_whole
from app.terminal import WRONG_INPUT


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, env={"COLUMNS": "120", "NO_COLOR": "1", "TERM": "dumb"})


def test_help_lists_the_options() -> None:
    result = run("--help")
    assert result.exit_code == 0
    for option in ("--out", "--only", "--steps-percent", "--device", "--seed", "--threads", "--jobs"):
        assert option in result.output


def test_an_unknown_device_is_refused(tmp_path: Path) -> None:
    result = run("--device", "tpu", "--out", str(tmp_path / "pack"))
    assert result.exit_code == WRONG_INPUT
    assert "tpu" in result.output
    assert not any(tmp_path.iterdir())


def test_a_gpu_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers", minversion="5")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    result = run("--device", "cuda", "--out", str(tmp_path / "pack"))
    assert result.exit_code == WRONG_INPUT
    assert "no GPU" in result.output
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("component", "checkpoint", "state"),
    [("stt", "stt.pt", {"seed": 1}), ("kn_en", "kn_en/checkpoint.pt", {"plan": {"seed": 1}})],
)
@pytest.mark.filterwarnings("ignore")
def test_another_seed_is_refused(component: str, checkpoint: str, state: dict[str, object], tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers", minversion="5")
    file = tmp_path / "pack.work" / checkpoint
    file.parent.mkdir(parents=True)
    torch.save(state, file)
    result = run("--only", component, "--seed", "2", "--out", str(tmp_path / "pack"))
    assert result.exit_code == WRONG_INPUT
    assert f"{checkpoint} was begun with seed 1: use that, or another --out" in result.output
    assert "Traceback" not in result.output


def test_everything_that_differs_is_named_and_what_is_not_known_may_be_anything() -> None:
    begun = {"seed": 1, "steps": 6300}
    refuse_another(begun, {"seed": 1, "steps": 6300, "rows": 24}, Path("stt.pt"))
    with pytest.raises(TrainingRefused, match="seed 1 and steps 6300: use those, or another --out"):
        refuse_another(begun, {"seed": 2, "steps": 63}, Path("stt.pt"))


def _try(lock: Path) -> None:
    with alone(lock):
        pass


def test_only_one_training_has_a_work_folder(tmp_path: Path) -> None:
    lock = tmp_path / "stt.lock"
    with alone(lock), pytest.raises(TrainingRefused, match="another training"):
        _try(lock)
    _try(lock)


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    write_whole(tmp_path / "record.json", b"old")
    write_whole(tmp_path / "record.json", b"new")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("record.json", b"new")]
