"""`kva models convert` on checkpoints of the published layouts, with random weights."""

import errno
import io
import json
import os
import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr
from rich.console import Console

from app.config import Budget, ModelsSettings, Settings
from app.engines.base import EngineUnavailable
from app.models.catalogue import ModelError, entry_of
from app.models.check import check, check_files
from app.models.command import run_convert
from app.models.convert import convert, source_of
from app.models.presence import kinds_of, settings_for
from app.models.pull import pull
from app.models.store import MANIFEST, Origin, damage, downloaded, origin_of, part_of
from tests.model_hub import TOKEN, serving

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from tests.checkpoints import indictrans2, parler, whisper  # noqa: E402 they need the modules above

torch.set_num_threads(1)
TURBO = {"d_model": 1280, "num_mel_bins": 128}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Whisper checkpoint. Tests leave it as it is."""
    return whisper.write(tmp_path_factory.mktemp("whisper") / "checkpoint", says=["ನಮಸ್ಕಾರ"])


def names(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_a_converted_whisper_loads_and_is_checked(published: Path, tmp_path: Path) -> None:
    folder = convert(published, tmp_path / "store" / "mine", "int8")
    origin = origin_of(folder)
    assert origin is not None
    assert origin.quantization == "int8"
    assert damage(folder) == []
    assert list(folder.parent.iterdir()) == [folder], "nothing unfinished is left"
    check_files(folder)
    measured = check("stt", settings_for(folder, "stt", "whisper", Settings()))
    assert measured.over == []
    assert 0 < measured.first_result_ms < 1000
    tight = Settings().models.budget.model_copy(update={"stt": Budget(memory_mb=1, first_result_ms=0.001)})
    settings = Settings(models=ModelsSettings(budget=tight))
    assert len(check("stt", settings_for(folder, "stt", "whisper", settings)).over) >= 1


@pytest.mark.parametrize("quantization", ["float32", "float16", "int8_float16"])
def test_other_quantizations(published: Path, tmp_path: Path, quantization: str) -> None:
    sizes = {}
    for kind in ("int8", quantization):
        folder = convert(published, tmp_path / kind, kind)  # type: ignore[arg-type]
        sizes[kind] = (folder / "model.bin").stat().st_size
    ratio = sizes[quantization] / sizes["int8"]
    assert {"float32": 3, "float16": 1.5, "int8_float16": 0.8}[quantization] < ratio < 4.1


def test_an_old_fine_tune_whose_generation_config_is_stale(published: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(published, old)
    generation = {"bos_token_id": 50257, "eos_token_id": 50257, "decoder_start_token_id": 50258}
    (old / "generation_config.json").write_text(json.dumps(generation))
    folder = convert(old, tmp_path / "new", "int8")
    assert check("stt", settings_for(folder, "stt", "whisper", Settings())).over == []


def test_a_missing_tokenizer_is_named_with_its_source(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "old")
    (tmp_path / "old" / "tokenizer.json").unlink()
    config = json.loads((published / "config.json").read_bytes())
    for sizes, base in (({"d_model": 512}, "base"), ({"d_model": 1280}, "large-v2"), (TURBO, "large-v3")):
        (tmp_path / "old" / "config.json").write_text(json.dumps(config | sizes))
        with pytest.raises(ModelError, match=f"tokenizer.json is missing.*; put that of openai/whisper-{base} there"):
            convert(tmp_path / "old", tmp_path / "new", "int8")
    assert not (tmp_path / "new").exists()


def test_a_place_that_cannot_be_written(published: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match=r"file/mine cannot be written: Not a directory; check models.folder or --to"):
        convert(published, tmp_path / "file" / "mine", "int8")


def test_a_disk_that_fills_up_is_not_the_checkpoints_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "checkpoint"
    source.mkdir()
    indictrans2.make(source)

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfile", no_room)
    with pytest.raises(ModelError, match=r"the disk of .*/new is full; free some"):
        convert(source, tmp_path / "new", "int8")


def test_what_was_stopped_is_done_again(published: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    (part_of(target) / "made").mkdir(parents=True)
    for file in (part_of(target) / "model.bin", part_of(target) / "made" / "model.bin"):
        file.write_bytes(b"old")
    convert(published, target, "float32")
    convert(published, target, "int8")
    assert (target / "model.bin").stat().st_size > 1000
    assert not part_of(target).exists()


def test_damaged_weights_are_an_error_that_leaves_the_old_model(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "damaged")
    with (tmp_path / "damaged" / "model.safetensors").open("r+b") as weights:
        weights.truncate(1000)
    mine = convert(published, tmp_path / "mine", "int8")
    with pytest.raises(ModelError, match="not a usable whisper checkpoint"):
        convert(tmp_path / "damaged", mine, "int8")
    assert damage(mine) == []


def test_a_folder_of_the_users_is_not_replaced(published: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(ModelError, match="was not put there by kva models, so it is not replaced; move it away"):
        convert(published, tmp_path / "mine", "int8")


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (
            '{"model_type": "llama"}',
            "config.json says model_type 'llama'; what can be converted is whisper, IndicTrans",
        ),
        ("{}", "model_type 'None'"),
        ("[]", "holds no object"),
        ("{", "cannot be read, so this is no published checkpoint"),
        (None, "cannot be read, so this is no published checkpoint"),
    ],
)
def test_other_formats(config: str | None, told: str, tmp_path: Path) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(ModelError) as error:
        convert(tmp_path, tmp_path / "new", "int8")
    assert told in str(error.value)


def test_a_converted_model_is_not_converted_again(published: Path, tmp_path: Path) -> None:
    folder = convert(published, tmp_path / "mine", "int8")
    with pytest.raises(ModelError, match="is in CTranslate2's format already"):
        convert(folder, tmp_path / "again", "int8")


def test_indictrans2(tmp_path: Path) -> None:
    source = tmp_path / "checkpoint"
    source.mkdir()
    indictrans2.make(source)
    origin = Origin(repository="ai4bharat/x", revision="1", licence="MIT", files={})
    (source / MANIFEST).write_text(origin.model_dump_json())
    for quantization in ("int8", "float32"):
        folder = convert(source, tmp_path / quantization, quantization)
        made = origin_of(folder)
        assert made is not None
        assert (made.repository, made.revision, made.quantization) == ("ai4bharat/x", "1", quantization)
        assert {"model.bin", "vocab/model.SRC", "vocab/model.TGT"} <= set(made.files)
    (source / "model.SRC").unlink()
    with pytest.raises(EngineUnavailable, match=r"model.SRC is missing"):
        convert(source, tmp_path / "no", "int8")


def test_a_gated_translator_from_the_hub_to_its_verdict(tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint"
    checkpoint.mkdir()
    indictrans2.make(checkpoint)
    repository = "ai4bharat/indictrans2-indic-en-dist-200M"
    store = tmp_path / "store"
    with serving({repository: {file.name: file.read_bytes() for file in checkpoint.iterdir()}}) as hub:
        hub.gated, hub.granted = {repository}, {TOKEN}
        pull("indictrans2-kn-en", ModelsSettings(folder=store, endpoint=hub.endpoint, token=SecretStr(TOKEN)))
    settings = Settings(models=ModelsSettings(folder=store))
    folder = convert(source_of("indictrans2-kn-en", settings), store / "indictrans2-kn-en", "int8")
    check_files(folder)
    measured = check("to_english", settings_for(folder, "to_english", "indictrans2", settings))
    assert measured.over == []


def test_nllb(tmp_path: Path) -> None:
    (tmp_path / "sentencepiece.bpe.model").write_bytes(indictrans2.sentencepiece_model(["▁", "a", "b", "▁a"]))
    tokenizer = transformers.NllbTokenizerFast(vocab_file=str(tmp_path / "sentencepiece.bpe.model"))
    tokenizer.save_pretrained(tmp_path)
    sizes = {"d_model": 16, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16, "encoder_layers": 1, "decoder_layers": 1}
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2}
    config = transformers.M2M100Config(vocab_size=len(tokenizer) + 3, **sizes, **heads)
    transformers.M2M100ForConditionalGeneration(config).save_pretrained(tmp_path)
    folder = convert(tmp_path, tmp_path / "new", "int8")
    assert {"model.bin", "config.json", "shared_vocabulary.json", "sentencepiece.bpe.model"} <= names(folder)
    for kind in kinds_of(entry_of("nllb-200-600m")):
        assert check(kind, settings_for(folder, kind, "nllb", Settings())).over == []


def test_a_folder_of_the_users_goes_to_the_store_or_where_they_say(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(published.parent)
    settings, out = Settings(models=ModelsSettings(folder=tmp_path / "store")), Console(file=io.StringIO())
    for to, folder in ((None, "store/checkpoint"), ("mine", "store/mine"), (f"{tmp_path}/elsewhere", "elsewhere")):
        run_convert("./checkpoint", settings, out, quantization="int8", to=to)
        assert damage(tmp_path / folder) == []
    with pytest.raises(ModelError, match="would be written over itself"):
        run_convert("./checkpoint", settings, out, quantization="int8", to="./checkpoint")


def test_where_checkpoints_are_taken_from(tmp_path: Path) -> None:
    settings = Settings(models=ModelsSettings(folder=tmp_path / "store", token=SecretStr("x")))
    for named, told in (
        ("whisper-small-vaani", "is not downloaded; fetch it with: kva models pull whisper-small-vaani"),
        ("whisper-large-v3-turbo", "needs no conversion: kva models pull whisper-large-v3-turbo is all it takes"),
        ("whisper-vaani", "did you mean whisper-small-vaani"),
        (str(tmp_path / "none"), "no such folder"),
    ):
        with pytest.raises(ModelError) as error:
            source_of(named, settings)
        assert told in str(error.value)
    published = downloaded(tmp_path / "store", "whisper-small-vaani")
    part_of(published).mkdir(parents=True)
    with pytest.raises(ModelError, match="is half downloaded; go on with: kva models pull"):
        source_of("whisper-small-vaani", settings)
    published.mkdir()
    (published / MANIFEST).write_text(Origin(files={}).model_dump_json())
    assert source_of("whisper-small-vaani", settings) == published
    assert source_of(str(tmp_path), settings) == tmp_path


@pytest.mark.timeout(180)
def test_a_random_voice_is_checked(tmp_path: Path) -> None:
    """Indic Parler-TTS needs no conversion. Its process is measured too: torch alone is more than 100 MB."""
    folder = parler.write(tmp_path / "voice")
    budget = Settings().models.budget.model_copy(update={"tts": Budget(memory_mb=4000, first_result_ms=60_000)})
    settings = Settings(models=ModelsSettings(budget=budget))
    measured = check("tts", settings_for(folder, "tts", "parler", settings))
    assert measured.over == []
    assert measured.memory_mb > 100
