"""The doctor's checks of models: are they there, does the machine compute so, do they fit."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.config import Budget, ModelsSettings, Settings, SttSettings, TranslationSettings, TtsSettings, load_settings
from app.doctor import models
from app.doctor.models import Placed
from app.models.presence import missing, named_models
from app.models.store import MANIFEST, Origin

A10G = "NVIDIA A10G, 23028, 22000\n"
STT = Placed("stt", "whisper", "cuda", "int8_float16", "stt", 3000)
VOICE = Placed("tts", "parler", "cuda", "bfloat16", "tts", 7000)


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Settings]:
    """The settings of a profile, with an empty store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KVA_MODELS__FOLDER", str(tmp_path / "store"))
    return lambda name: load_settings(profile=name)


def test_a_new_machine_is_told_every_command(profile: Callable[[str], Settings]) -> None:
    findings = list(models.presence(profile("gpu-single")))
    assert [(finding.check, finding.level, finding.fix) for finding in findings] == [
        ("stt.model", "fail", "kva models pull whisper-medium-vaani && kva models convert whisper-medium-vaani"),
        ("translation.to_english", "fail", "kva models pull indictrans2-kn-en && kva models convert indictrans2-kn-en"),
        ("translation.to_kannada", "fail", "kva models pull indictrans2-en-kn && kva models convert indictrans2-en-kn"),
        ("tts.model", "fail", "kva models pull indic-parler-tts"),
    ]


def test_what_was_done_already_is_not_told_again(profile: Callable[[str], Settings], tmp_path: Path) -> None:
    store = tmp_path / "store"
    (store / "indictrans2-en-kn").mkdir(parents=True)
    (store / "downloads/whisper-small-vaani").mkdir(parents=True)
    (store / "downloads/whisper-small-vaani" / MANIFEST).write_text(Origin(files={}).model_dump_json())
    (store / "downloads/indictrans2-kn-en.part").mkdir()
    whisper, translator, present = models.presence(profile("cpu-small"))
    assert (whisper.fix, whisper.detail) == (
        "kva models convert whisper-small-vaani",
        f"whisper-small-vaani is not in {store}",
    )
    assert translator.detail == f"indictrans2-kn-en is only half in {store}"
    assert (present.level, present.detail) == ("pass", "indictrans2-en-kn")


def test_a_path_of_the_users_is_corrected(tmp_path: Path) -> None:
    [(named, wrong, todo)] = missing(Settings(stt=SttSettings(model=tmp_path / "mine")))
    assert (named.setting, wrong) == ("stt.model", f"{tmp_path}/mine is not there")
    assert "correct stt.model" in todo


def test_engines_without_a_model_name_none(tmp_path: Path) -> None:
    unused = tmp_path / "unused"
    translation = TranslationSettings(engine="none", to_english=unused, to_kannada=unused)
    assert list(named_models(Settings(translation=translation, tts=TtsSettings(engine="espeak", model=unused)))) == []


def test_placed_engines_bring_their_budgets() -> None:
    budget = Settings().models.budget.model_copy(update={"stt": Budget(memory_mb=7, first_result_ms=1)})
    settings = Settings(models=ModelsSettings(budget=budget), translation=TranslationSettings(engine="none"))
    [stt] = models.placed(settings)
    assert (stt.kind, stt.device, stt.compute_type, stt.memory_mb) == ("stt", "cpu", "int8", 7)


@pytest.mark.parametrize(
    ("supported", "level", "told"),
    [
        ({"int8_float16", "float16"}, "pass", "int8_float16 on cuda"),
        ({"int8", "float32"}, "warn", "choose one of float32, int8"),
        (None, "fail", "CTranslate2 finds no cuda device"),
        (None, "fail", 'or set stt.device = "cpu"'),
    ],
)
def test_compute_types(supported: set[str] | None, level: str, told: str) -> None:
    finding = models.compute_type(STT, supported)
    assert (finding.level, told in finding.detail + finding.fix) == (level, True), finding


def test_the_cpu_computes_in_int8() -> None:
    settings = Settings(tts=TtsSettings(engine="espeak"))
    findings = {finding.check: finding.level for finding in models.model_findings(settings, run=False)}
    assert findings == {"stt.compute_type": "pass", "translation.compute_type": "pass"}


def test_without_ctranslate2_no_device_is_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    assert models.model_findings(Settings(), run=False) == []


@pytest.mark.parametrize(
    ("smi", "allowed_mb", "level", "told"),
    [
        (A10G, 0, "pass", "NVIDIA A10G: 23069 of 24147 MB free, 10000 MB budgeted (stt 3000, tts 7000)"),
        (A10G, 10_000, "pass", "A10G"),
        (A10G, 9_999, "fail", "models.gpu_memory_mb allows 9999"),
        ("Tesla T4, 15360, 8000", 0, "warn", "stop what else uses it"),
        ("GeForce, 1, with a comma, 12288, 12000", 0, "pass", "GeForce, 1, with a comma"),
        ("NVIDIA GTX 1080, 8192, 8000", 0, "fail", "lower tts.slots"),
        ("", 0, "fail", "install the NVIDIA driver"),
        ("NVIDIA-SMI has failed", 0, "fail", "nvidia-smi shows none"),
        ("A100, [N/A], [N/A]", 0, "fail", "nvidia-smi shows none"),
    ],
)
def test_gpu_memory(smi: str, allowed_mb: int, level: str, told: str) -> None:
    finding = models.gpu(smi, [STT, VOICE, replace(STT, device="cpu")], allowed_mb)
    assert finding is not None
    assert (finding.level, told in finding.detail + finding.fix) == (level, True), finding


def test_without_an_engine_on_it_the_gpu_does_not_matter() -> None:
    assert models.gpu("", [replace(STT, device="cpu")], 0) is None


@pytest.mark.parametrize(
    ("told", "level"), [("2.13.0+cu128 NVIDIA A10G\n", "pass"), ("2.13.0+cpu \n", "fail"), (None, "fail")]
)
def test_torch(told: str | None, level: str) -> None:
    assert models.torch_gpu(told).level == level


def test_the_gpu_profile_fits_a_card_of_16_gb(profile: Callable[[str], Settings]) -> None:
    finding = models.gpu("Tesla T4, 15360, 15360", models.placed(profile("gpu-single")), 0)
    assert finding is not None
    assert finding.level == "pass"
