"""The manifest and the card that a training writes: figures from the records, nothing invented."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.models import damaged_files, demo_pack, is_demo, manifest_of
from app.models.training.report import MEASURED, write_manifest_and_card
from app.models.training.results import Result, write_json

STT = {
    "seed": 1, "steps": 11_000, "rows": 16, "parameters": 3_412_345, "step": 11_000, "utterances": 176_123,
    "audio_s": 540_000.0, "cpu_s": 4_815.0, "wall_s": 5_000.0, "word_loss": 0.512, "sound_loss": 0.487, "probes": [],
}  # fmt: skip
TRANSLATOR = {"seed": 1, "steps": 5_500, "pairs": 540_321, "cpu_minutes": 18.4, "loss": 1.234, "parameters": 2_350_000}
RESULTS = [
    Result("stt.unseen.cer", "unseen sentences", 300, 2.14, "%", most=2.5),
    Result("stt.unseen.wer", "unseen sentences", 300, 3.56, "%"),
    Result("stt.unseen.sentence", "unseen sentences", 300, 11.7, "%"),
    Result("stt.nobody.empty", "nobody speaks", 300, 99.3, "%", least=98),
    Result("kn_en.frames.slots", "Kannada to English, unseen sentence frames", 300, 84.2, "%", least=85),
    Result("whole.unseen.meaning", "spoken requests", 200, 94.5, "%", least=93),
    Result("speed.stt.cpu", "one pass over a turn of 3 s", 60, 30.2, "ms", most=120),
]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return written(tmp_path, STT, TRANSLATOR)


def written(folder: Path, stt: Mapping[str, object], translator: Mapping[str, object]) -> Path:
    """A pack after trainings with these records."""
    pack, work = folder / "pack", folder / "pack.work"
    shutil.copytree(demo_pack(), pack, ignore=shutil.ignore_patterns("CARD.md", "manifest.json"))
    (work / "kn_en").mkdir(parents=True)
    (work / "en_kn").mkdir()
    (work / "stt.json").write_text(json.dumps(dict(stt)))
    for name in ("kn_en", "en_kn"):
        (work / name / "record.json").write_text(json.dumps(dict(translator)))
        component = {"normalise": "lower_no_punctuation", "names": ["Mysuru"]}
        (work / name / "component.json").write_text(json.dumps(component))
    write_json(RESULTS, {"seed": 20}, work / MEASURED)
    write_manifest_and_card(work, pack)
    return pack


def test_the_manifest_is_the_packs(pack: Path) -> None:
    manifest = manifest_of(pack)
    assert manifest is not None
    assert (manifest.name, manifest.version, manifest.licence) == ("kn-desk-demo", "2", "Apache-2.0")
    assert is_demo(pack / "stt")
    assert damaged_files(pack) == []
    assert manifest.components["en_kn"].normalise == "lower_no_punctuation"
    assert manifest.components["en_kn"].names == ("Mysuru",)
    stt = json.loads((pack / "manifest.json").read_text(encoding="utf-8"))["components"]["stt"]
    assert stt["architecture"] == "Whisper, 8 s window; 3.41 M parameters; int8"
    assert stt["trained_on"] == "176,123 synthetic utterances; 11,000 steps, 80 CPU minutes, from nothing"
    assert stt["metrics"][0] == {"measure": "CER", "set": "unseen sentences", "n": 300, "value": 2.14, "unit": "%"}
    assert stt["metrics"][-1] == {"measure": "CER", "set": "human speech", "n": 0}


def test_the_card_says_what_was_done_and_found(pack: Path) -> None:
    card = (pack / "CARD.md").read_text(encoding="utf-8")
    assert "does not understand people" in card[:200]
    assert "$" not in card
    assert "the split is by frame" in card
    assert "176,123 synthetic utterances (150 hours" in card
    assert "| unseen sentences | 300 | 2.1 % | 3.6 % | 11.7 % | at most 2.5 % |" in card
    assert "| nobody speaks | nothing heard | 300 | 99.3 % | at least 98 % |" in card
    assert "| numbers, dates, names right | 300 | 84.2 % | at least 85 %: **missed** |" in card
    assert "From nothing, on the CPU, one thread. Whisper" in card
    assert "width 192, 4 encoder" in card
    assert "up to 999,999 rupees" in card


def test_the_card_says_what_trained_where_the_records_do(tmp_path: Path) -> None:
    machine = {"device": "cuda", "threads": 8, "torch": "2.13.0"}
    shape = {"width": 384, "encoder_layers": 6, "decoder_layers": 3}
    pack = written(tmp_path, {**STT, **machine, "shape": shape, "makers_cpu_s": 600.0}, {**TRANSLATOR, **machine})
    card = (pack / "CARD.md").read_text(encoding="utf-8")
    assert card.count("From nothing, on cuda, 8 threads, torch 2.13.0.") == 3
    assert "width 384, 6 encoder and\n3 decoder layers" in card
    assert "80 CPU minutes, and 10 more for making the speech" in card
    assert "CPU, one" not in card
