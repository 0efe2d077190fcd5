"""`kva models check`: what an engine takes is measured and compared. Real engines, on the embedded models."""

import io
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from app.config import Budget, ModelsSettings, Settings, SttSettings, TranslationSettings
from app.engines.base import EngineUnavailable
from app.models import check as checking, demo_pack
from app.models.catalogue import ModelError
from app.models.check import Measured, check, check_files
from app.models.command import run_check
from app.models.presence import Kind, settings_for
from app.models.store import MANIFEST, Origin, manifest_files

ENGINES: dict[Kind, str] = {"stt": "whisper", "to_english": "ctranslate2", "to_kannada": "ctranslate2"}
FOLDERS: dict[Kind, str] = {"stt": "stt", "to_english": "kn_en", "to_kannada": "en_kn"}


@pytest.mark.parametrize("kind", [*FOLDERS, "tts"])
def test_every_kind_of_engine(kind: Kind) -> None:
    settings = Settings()
    if kind in FOLDERS:
        settings = settings_for(demo_pack() / FOLDERS[kind], kind, ENGINES[kind], settings)
    measured = check(kind, settings)
    assert measured.over == []
    assert measured.first_result_ms > 0
    assert measured.budget_memory_mb == getattr(settings.models.budget, kind).memory_mb


def test_too_slow_is_over_the_budget() -> None:
    budget = Settings().models.budget.model_copy(update={"stt": Budget(memory_mb=4000, first_result_ms=0.01)})
    [over] = check("stt", Settings(models=ModelsSettings(budget=budget))).over
    assert "first result" in over
    assert "0 ms allowed" in over


def test_too_large_is_over_the_budget() -> None:
    measured = Measured(1, 1, first_result_ms=5, memory_mb=11, budget_memory_mb=10, budget_first_result_ms=10)
    assert measured.over == ["memory: 11 MB, 10 MB allowed"]


def test_memory_is_that_of_this_process_and_its_children() -> None:
    before = checking.tree_mb()
    kept = bytearray(b"x") * 100_000_000
    assert 95 < checking.tree_mb() - before < 130
    assert len(kept) == 100_000_000


def test_a_model_that_does_not_load(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"model.bin, config.json, tokenizer.json is missing"):
        check("stt", settings_for(tmp_path, "stt", "whisper", Settings()))


def test_damaged_files_are_named_with_the_remedy(tmp_path: Path) -> None:
    shutil.copytree(demo_pack() / "stt", tmp_path / "stt")
    (tmp_path / "stt" / MANIFEST).write_text(Origin(files=manifest_files(tmp_path / "stt")).model_dump_json())
    check_files(tmp_path / "stt")
    (tmp_path / "stt" / "model.bin").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"is damaged: model.bin; make it anew with kva models pull --again"):
        check_files(tmp_path / "stt")


def test_a_model_that_the_settings_name_is_checked_as_they_use_it(tmp_path: Path) -> None:
    """Both directions, and by their engine: the catalogue's for this name could not load it."""
    shutil.copytree(demo_pack() / "kn_en", tmp_path / "nllb-200-600m")
    twice = dict.fromkeys(("to_english", "to_kannada"), Path("nllb-200-600m"))
    translation = TranslationSettings(engine="ctranslate2", **twice)
    settings, told = Settings(models=ModelsSettings(folder=tmp_path), translation=translation), io.StringIO()
    assert run_check("nllb-200-600m", settings, Console(file=told))
    assert [line.strip() for line in told.getvalue().splitlines() if "to_" in line] == ["to_english", "to_kannada"]


def test_what_a_model_of_the_users_is_for_the_settings_say(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="neither in the catalogue nor named in the settings"):
        run_check(str(tmp_path), Settings(stt=SttSettings(model=tmp_path / "other")), Console(file=io.StringIO()))


def test_a_gpu_that_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ModelError, match="nvidia-smi cannot be asked"):
        checking.gpu_used_mb()
