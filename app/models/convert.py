"""`kva models convert`: a published checkpoint as the CTranslate2 model that an engine loads.

What kind of checkpoint it is, its config.json says. Reading Whisper and NLLB takes torch and transformers; the files of
IndicTrans2 are read without them.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from app.config import Settings
from app.engines.base import EngineError
from app.engines.need import need_module
from app.models.catalogue import ModelError, catalogue, entry_of
from app.models.store import (
    LOCK,
    Origin,
    downloaded,
    finish,
    is_full,
    locked,
    manifest_files,
    origin_of,
    part_of,
    size_mb,
    told_plainly,
)

Quantization = Literal["int8", "int8_float16", "float16", "float32"]

_WHISPER_BASES: Mapping[int, str] = {384: "tiny", 512: "base", 768: "small", 1024: "medium", 1280: "large-v2"}
"""OpenAI's model by the width of its network (d_model): the one whose tokenizer a fine-tune has."""
_MELS_OF_LARGE_V3 = 128
"""It and the turbo made of it hear more bands than all others, and know one more language."""


def convert(source: Path, target: Path, quantization: Quantization) -> Path:
    """Write the checkpoint in `source` as a CTranslate2 model, the folder `target`, which appears when it is complete.

    What `target` was before is replaced. Raises ModelError or EngineUnavailable when `source` cannot be converted.
    """
    config = _config(source)
    kind = str(config.get("model_type"))
    if kind not in _CONVERTERS:
        known = ", ".join(_CONVERTERS)
        raise ModelError(f"{source}: config.json says model_type {kind!r}; what can be converted is {known}")
    before = origin_of(source)
    with told_plainly(target, "models.folder or --to"), locked(target) as part:
        _clear(part)
        _check_room(source, part)
        made = part / "made"
        _write(kind, source, config, made, quantization)
        for file in made.iterdir():
            file.rename(part / file.name)
        made.rmdir()
        kept = {"repository", "revision", "licence"}
        origin = Origin(files=manifest_files(part), quantization=quantization)
        finish(target, origin.model_copy(update=before.model_dump(include=kept) if before else {}))
    return target


def source_of(named: str, settings: Settings) -> Path:
    """The checkpoint that `kva models convert` is asked for: a folder, or the download of a model of the catalogue."""
    folder, store = Path(named).expanduser(), settings.models.folder
    if "/" in named or (folder.is_dir() and named not in catalogue()):
        if not folder.is_dir():
            raise ModelError(f"{folder}: no such folder")
        return folder
    if not entry_of(named).converts:
        raise ModelError(f"{named} needs no conversion: kva models pull {named} is all it takes")
    published = downloaded(store, named)
    if origin_of(published) is not None:
        return published
    half = part_of(published).is_dir()
    raise ModelError(
        f"{named} is half downloaded; go on with: kva models pull {named}"
        if half
        else f"{named} is not downloaded; fetch it with: kva models pull {named}"
    )


def _whisper(source: Path, config: Mapping[str, Any], target: Path, quantization: Quantization) -> None:
    if not (source / "tokenizer.json").is_file():
        base = _WHISPER_BASES.get(config.get("d_model", 0), "small")
        if config.get("num_mel_bins") == _MELS_OF_LARGE_V3:
            base = "large-v3"
        raise ModelError(
            f"{source}: tokenizer.json is missing, as in many fine-tunes; put that of openai/whisper-{base} there"
        )
    files = ["tokenizer.json", "preprocessor_config.json"]
    _transformers(source, target, quantization, [name for name in files if (source / name).is_file()])


def _nllb(source: Path, config: Mapping[str, Any], target: Path, quantization: Quantization) -> None:
    if not (source / "sentencepiece.bpe.model").is_file():
        raise ModelError(f"{source}: sentencepiece.bpe.model is missing; the engine cuts text into pieces with it")
    _transformers(source, target, quantization, ["sentencepiece.bpe.model"])


def _indictrans2(source: Path, config: Mapping[str, Any], target: Path, quantization: Quantization) -> None:
    from app.engines.indictrans2.convert import convert as convert_indictrans2

    convert_indictrans2(source, target, None if quantization == "float32" else quantization)


_CONVERTERS: Mapping[str, Callable[[Path, Mapping[str, Any], Path, Quantization], None]] = {
    "whisper": _whisper,
    "IndicTrans": _indictrans2,
    "m2m_100": _nllb,
}
"""By the model_type of config.json."""


def _transformers(source: Path, target: Path, quantization: Quantization, copied: list[str]) -> None:
    """CTranslate2's own converter for checkpoints that transformers reads."""
    need_module("torch", extra="convert")
    transformers = need_module("transformers", extra="convert")
    converters = need_module("ctranslate2.converters", extra="convert")

    class Converter(converters.TransformersConverter):  # type: ignore[misc, name-defined]
        def load_model(self, model_class: Any, name: str, **options: Any) -> Any:
            before = tuple(map(int, transformers.__version__.split(".")[:2])) < (4, 56)
            if before and "dtype" in options:  # it had another name
                options["torch_dtype"] = options.pop("dtype")
            return super().load_model(model_class, name, **options)

    Converter(str(source), copy_files=copied).convert(str(target), quantization=quantization, force=True)


def _config(source: Path) -> dict[str, Any]:
    if (source / "model.bin").is_file():
        raise ModelError(f"{source} is in CTranslate2's format already; an engine can load it")
    try:
        config = json.loads((source / "config.json").read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(f"{source}: config.json cannot be read, so this is no published checkpoint: {error}") from None
    if not isinstance(config, dict):
        raise ModelError(f"{source}: config.json holds no object, so this is no published checkpoint")
    return config


def _write(kind: str, source: Path, config: Mapping[str, Any], made: Path, quantization: Quantization) -> None:
    try:
        _CONVERTERS[kind](source, config, made, quantization)
    except (ModelError, EngineError, MemoryError):
        raise
    except Exception as error:  # the libraries raise anything for a file they do not understand
        if isinstance(error, OSError) and is_full(error):
            raise
        raise ModelError(f"{source}: not a usable {kind} checkpoint: {error}") from error


def _check_room(source: Path, part: Path) -> None:
    """A converted model is at most as large as the checkpoint."""
    needed_mb, free_mb = size_mb(source), shutil.disk_usage(part).free / 1e6
    if needed_mb > free_mb:
        raise ModelError(f"the disk of {part.parent} has {free_mb:.0f} MB free; {needed_mb} MB may be needed")


def _clear(part: Path) -> None:
    """Remove what an earlier conversion left when it was stopped."""
    for left in part.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        elif left.name != LOCK:
            left.unlink()
