"""Writes what a pack says of itself: manifest.json for programs, CARD.md for people.

Every figure comes from the records of the trainings or from the measurement; the words are card_template.md's.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Any, Literal

from app.models import DEMO_SCOPE, Manifest
from app.models.training import line, voices
from app.models.training.corpus import Side, far_frames, frames
from app.models.training.results import MEASURES, Result, read_json
from app.models.training.sets import LONGEST_S, STRANGERS
from app.models.training.slots import MOST_RUPEES

VERSION = "2"
Component = Literal["stt", "kn_en", "en_kn"]
COMPONENTS: tuple[Component, ...] = ("stt", "kn_en", "en_kn")
MEASURED = "measured.json"
"""The measurement's file in the work folder."""
_HERE = Path(__file__).parent
_FIRST_SHAPE = {"width": 192, "encoder_layers": 4, "decoder_layers": 2}
"""Of the recogniser, for the first records, which do not name theirs."""
_SPEECH_MEASURES = ("cer", "wer", "sentence")

Record = Mapping[str, Any]


def write_manifest_and_card(work: Path, pack: Path) -> None:
    """Needs the three models in `pack`, and in `work` the records of their trainings and MEASURED."""
    results = read_json(work / MEASURED)
    records: dict[str, Record] = {name: _record(work, name) for name in COMPONENTS}
    manifest = json.dumps(_manifest(work, pack, records, results), ensure_ascii=False, indent=2)
    Manifest.model_validate_json(manifest)
    (pack / "manifest.json").write_text(manifest + "\n", encoding="utf-8")
    (pack / "CARD.md").write_text(_card(work, pack, records, results), encoding="utf-8")


def _record(work: Path, name: str) -> Record:
    """What the training of a component says of itself."""
    file = work / "stt.json" if name == "stt" else work / name / "record.json"
    record: Record = json.loads(file.read_text(encoding="utf-8"))
    return record


def _manifest(work: Path, pack: Path, records: Mapping[str, Record], results: Sequence[Result]) -> dict[str, Any]:
    return {
        "name": "kn-desk-demo",
        "version": VERSION,
        "scope": DEMO_SCOPE,
        "licence": "Apache-2.0",
        "summary": "Kannada speech recognition and Kannada-English translation for one synthetic electricity desk. "
        "Trained on the output of a speech synthesiser and of a grammar. Does not understand people. Not for real "
        "callers.",
        "components": {name: _component(name, work, pack, records[name], results) for name in COMPONENTS},
        "metrics": _metrics(results, ("whole", "speed")),
    }


def _component(name: str, work: Path, pack: Path, record: Record, results: Sequence[Result]) -> dict[str, Any]:
    files = sorted(file for file in (pack / name).iterdir() if file.is_file())
    metrics = _metrics(results, (name,))
    if name == "stt":
        said: dict[str, Any] = {"engine": "whisper"}
        architecture, data = "Whisper, 8 s window", f"{record['utterances']:,} synthetic utterances"
        minutes = record["cpu_s"] / 60
        metrics.append({"measure": MEASURES["cer"], "set": "human speech", "n": 0})
    else:
        said = {"engine": "ctranslate2", **json.loads((work / name / "component.json").read_text(encoding="utf-8"))}
        architecture, data = "Marian Transformer", f"{record['pairs']:,} sentence pairs of the desk's grammar"
        minutes = record["cpu_minutes"]
    return said | {
        "architecture": f"{architecture}; {record['parameters'] / 1e6:.2f} M parameters; int8",
        "trained_on": f"{data}; {record['steps']:,} steps, {minutes:.0f} CPU minutes, from nothing",
        "metrics": metrics,
        "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
    }


def _metrics(results: Sequence[Result], parts: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"measure": MEASURES[r.measure], "set": r.what, "n": r.n, "value": round(r.value, 2), "unit": r.unit}
        for r in results
        if r.component in parts
    ]


# The card.


def _card(work: Path, pack: Path, records: Mapping[str, Record], results: Sequence[Result]) -> str:
    template = Template((_HERE / "card_template.md").read_text(encoding="utf-8"))
    values: dict[str, object] = {
        "version": VERSION,
        "seed": json.loads((work / MEASURED).read_text(encoding="utf-8"))["seed"],
        "size_mb": f"{_bytes(pack) / 1e6:.1f}",
        **{f"{name}_mb": f"{_bytes(pack / name) / 1e6:.1f}" for name in COMPONENTS},
        **_training_figures(records),
        **_split_figures(),
        "speech_table": "\n".join(_speech_table(results)),
        "other_table": "\n".join(_other_table(results)),
        "how_it_fails": (_HERE / "how_it_fails.md").read_text(encoding="utf-8").strip(),
    }
    return template.substitute(values)


def _training_figures(records: Mapping[str, Record]) -> dict[str, object]:
    stt = records["stt"]
    figures: dict[str, object] = {
        **_FIRST_SHAPE,
        **stt.get("shape", {}),
        "stt_utterances": f"{stt['utterances']:,}",
        "stt_hours": f"{stt['audio_s'] / 3600:.0f}",
        "stt_cpu_minutes": f"{stt['cpu_s'] / 60:.0f}",
        "stt_makers": f"{stt['makers_cpu_s'] / 60:.0f} more" if stt.get("makers_cpu_s") else "some more, not counted,",
        "stt_remarks": f" {stt['remarks']}" if "remarks" in stt else "",
        "stt_word_loss": f"{stt['word_loss']:.2f}",
        "stt_sound_loss": f"{stt['sound_loss']:.2f}",
    }
    for name, record in records.items():
        figures |= {
            f"{name}_machine": _machine(record),
            f"{name}_parameters": f"{record['parameters'] / 1e6:.2f}",
            f"{name}_steps": f"{record['steps']:,}",
            f"{name}_seed": record["seed"],
        }
        if name != "stt":
            figures |= {
                f"{name}_pairs": f"{record['pairs']:,}",
                f"{name}_cpu_minutes": f"{record['cpu_minutes']:.0f}",
                f"{name}_loss": f"{record['loss']:.2f}",
            }
    return figures


def _machine(record: Record) -> str:
    """The first records name no device and no threads: they were of one thread on the CPU."""
    device, threads = record.get("device", "cpu"), record.get("threads", 1)
    told = [f"on {'the CPU' if device == 'cpu' else device}", "one thread" if threads == 1 else f"{threads} threads"]
    return ", ".join([*told, f"torch {record['torch']}"] if "torch" in record else told)


def _split_figures() -> dict[str, object]:
    figures: dict[str, object] = {"far_caller_frames": len(far_frames("caller"))}
    sides: tuple[Side, ...] = ("caller", "agent")
    for side in sides:
        held_out = sum(frame.held_out for frame in frames(side))
        figures |= {f"{side}_frames": len(frames(side)) - held_out, f"held_{side}_frames": held_out}
    (slowest, fastest), (slow, fast) = voices.TRAINING_RATES, voices.HELD_OUT_RATES
    worst_db, best_db = line.SNR_DB
    return figures | {
        "training_voices": len(voices.TRAINING_VOICES),
        "held_voices": len(voices.HELD_OUT_VOICES),
        "sibling_voices": len(voices.HELD_OUT_VOICES) - len(STRANGERS),
        **{"slowest": slowest, "fastest": fastest, "slow": slow, "fast": fast},
        **{"worst_db": f"{worst_db:g}", "best_db": f"{best_db:g}", "longest_s": LONGEST_S},
        "most_rupees": f"{MOST_RUPEES:,}",
    }


def _speech_table(results: Sequence[Result]) -> Iterator[str]:
    """A line for each set that has an error rate of characters."""
    yield "| speech | n | CER | wrong words | sentences with an error | floor of the CER |"
    yield "|---|---|---|---|---|---|"
    for _, rows in groupby(results, key=lambda result: result.of):
        by_measure = {row.measure: row for row in rows}
        if set(_SPEECH_MEASURES) <= by_measure.keys():
            cer = by_measure["cer"]
            values = " | ".join(f"{by_measure[measure].value:.1f} %" for measure in _SPEECH_MEASURES)
            yield f"| {cer.what} | {cer.n} | {values} | {_floor(cer)} |"


def _other_table(results: Sequence[Result]) -> Iterator[str]:
    yield "| of | what | n | value | floor |"
    yield "|---|---|---|---|---|"
    speech = {result.of for result in results if result.measure == "wer"}
    for result in results:
        if result.of not in speech:
            value = f"{result.value:.1f} {result.unit}"
            yield f"| {result.what} | {MEASURES[result.measure]} | {result.n} | {value} | {_floor(result)} |"


def _floor(result: Result) -> str:
    return result.floor if result.ok else f"{result.floor}: **missed**"


def _bytes(folder: Path) -> int:
    own = {"manifest.json", "CARD.md"}  # they are being written
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and file.name not in own)
