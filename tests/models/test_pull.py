"""`kva models pull` against a hub on loopback: whole or not at all, and every refusal says what to do."""

import fcntl
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.config import ModelsSettings
from app.models.catalogue import ModelError
from app.models.pull import Pulled, pull
from app.models.store import MANIFEST, damage, downloaded, origin_of, part_of
from tests.model_hub import COMMIT, TOKEN, Hub, serving

PIECE = 1 << 20
WEIGHTS = bytes(range(256)) * 20_000
NLLB = {"config.json": b"{}", "sentencepiece.bpe.model": b"pieces", "README.md": b"hello", "pytorch_model.bin": WEIGHTS}
TURBO = {"config.json": b"{}", "tokenizer.json": b"[]", "model.bin": WEIGHTS, "extra/config.json": b"[]"}
CONFORMER = {
    "config.json": b"{}",
    "assets/encoder.onnx": WEIGHTS,
    "assets/joint_post_net_kn.onnx": b"kannada",
    "assets/joint_post_net_kok.onnx": b"konkani",
    "assets/joint_post_net_hi.onnx": b"hindi",
}
PARLER = {"config.json": b"{}", "tokenizer.json": b"prompt", "model.safetensors": WEIGHTS}
FLAN = {"tokenizer.json": b"description", "spiece.model": b"pieces", "model.safetensors": b"0"}
VAANI = {"config.json": b"{}", "model.safetensors": WEIGHTS}
WHISPER = {"tokenizer.json": b"whisper's", "vocab.json": b"{}", "config.json": b"another"}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


@pytest.fixture
def hub() -> Iterator[Hub]:
    repositories = {
        "facebook/nllb-200-distilled-600M": NLLB,
        "deepdml/faster-whisper-large-v3-turbo-ct2": TURBO,
        "ai4bharat/indic-conformer-600m-multilingual": CONFORMER,
        "ai4bharat/indic-parler-tts": PARLER,
        "google/flan-t5-large": FLAN,
        "ARTPARK-IISc/whisper-small-vaani-kannada": VAANI,
        "openai/whisper-small": WHISPER,
    }
    with serving({name: dict(files) for name, files in repositories.items()}) as hub:
        yield hub


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def get(name: str, hub: Hub, store: Path, token: str = "", *, again: bool = False) -> Pulled:
    settings = ModelsSettings(folder=store, endpoint=hub.endpoint, token=SecretStr(token))
    return pull(name, settings, again=again)


def refusal(name: str, hub: Hub, store: Path, token: str = "") -> str:
    with pytest.raises(ModelError) as error:
        get(name, hub, store, token)
    assert not (store / name).exists(), "what is not whole must not look so"
    assert token not in str(error.value) or not token
    return str(error.value)


def names(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_a_model_arrives_with_a_manifest(hub: Hub, store: Path) -> None:
    pulled = get("whisper-large-v3-turbo", hub, store)
    assert pulled == Pulled(store / "whisper-large-v3-turbo", fresh=True)
    assert names(pulled.folder) == {"config.json", "tokenizer.json", "model.bin", MANIFEST}
    assert (pulled.folder / "model.bin").read_bytes() == WEIGHTS
    origin = origin_of(pulled.folder)
    assert origin is not None
    assert (origin.repository, origin.revision) == ("deepdml/faster-whisper-large-v3-turbo-ct2", COMMIT)
    assert damage(pulled.folder) == []
    assert list(store.iterdir()) == [pulled.folder], "nothing unfinished is left"


def test_a_model_that_must_be_converted_goes_to_the_downloads(hub: Hub, store: Path) -> None:
    assert get("nllb-200-600m", hub, store).folder == downloaded(store, "nllb-200-600m")
    assert names(store / "downloads/nllb-200-600m") == {*NLLB, MANIFEST} - {"README.md"}


def test_a_second_pull_fetches_nothing(hub: Hub, store: Path) -> None:
    get("nllb-200-600m", hub, store)
    fetched = len(hub.files_asked())
    assert not get("nllb-200-600m", hub, store).fresh
    assert len(hub.files_asked()) == fetched
    assert get("nllb-200-600m", hub, store, again=True).fresh
    assert len(hub.files_asked()) == 2 * fetched


def test_damage_is_found_and_mended(hub: Hub, store: Path) -> None:
    folder = get("whisper-large-v3-turbo", hub, store).folder
    with (folder / "model.bin").open("r+b") as weights:
        weights.write(b"x")
    (folder / "config.json").unlink()
    assert sorted(damage(folder)) == ["config.json", "model.bin"]
    get("whisper-large-v3-turbo", hub, store, again=True)
    assert damage(folder) == []


def test_progress_is_told(hub: Hub, store: Path) -> None:
    told: dict[str, list[tuple[int, int]]] = {}
    pull(
        "whisper-large-v3-turbo",
        ModelsSettings(folder=store, endpoint=hub.endpoint),
        lambda path, done, size: told.setdefault(path, []).append((done, size)),
    )
    assert told["model.bin"][0] == (0, len(WEIGHTS))
    assert told["model.bin"][-1] == (len(WEIGHTS), len(WEIGHTS))


def test_a_broken_connection_is_taken_up_where_it_broke(hub: Hub, store: Path) -> None:
    hub.cut_at = [PIECE + 1000, PIECE]
    folder = get("whisper-large-v3-turbo", hub, store).folder
    assert (folder / "model.bin").read_bytes() == WEIGHTS
    spans = [span for name, span in hub.files_asked() if name == "model.bin"]
    assert spans == ["", f"bytes={PIECE}-", f"bytes={2 * PIECE}-"]


def test_a_half_finished_download_goes_on_later(hub: Hub, store: Path) -> None:
    hub.cut_at = [PIECE, PIECE, PIECE, *[0] * 50]
    assert "the same command goes on from there" in refusal("whisper-large-v3-turbo", hub, store)
    part = part_of(store / "whisper-large-v3-turbo")
    assert (part / "model.bin.part").stat().st_size == 3 * PIECE
    assert not (part / MANIFEST).exists()
    hub.cut_at = []
    hub.asked.clear()
    get("whisper-large-v3-turbo", hub, store)
    assert hub.files_asked() == [("model.bin", f"bytes={3 * PIECE}-")], "the small files were whole"
    assert not part.exists()


def test_a_file_without_end_is_cut_where_it_should_end(hub: Hub, store: Path) -> None:
    hub.endless = {"model.bin", "config.json"}
    assert (get("whisper-large-v3-turbo", hub, store).folder / "model.bin").read_bytes() == WEIGHTS


def test_a_hub_that_ignores_ranges_sends_it_all_again(hub: Hub, store: Path) -> None:
    hub.cut_at, hub.ignores_ranges = [PIECE], True
    assert (get("whisper-large-v3-turbo", hub, store).folder / "model.bin").read_bytes() == WEIGHTS


def test_the_beginning_of_another_revision_is_thrown_away(hub: Hub, store: Path) -> None:
    part = part_of(store / "whisper-large-v3-turbo")
    part.mkdir(parents=True)
    (part / "model.bin.part").write_bytes(b"other")
    (part / "vocabulary.txt").write_bytes(b"other")
    folder = get("whisper-large-v3-turbo", hub, store).folder
    assert (folder / "model.bin").read_bytes() == WEIGHTS
    assert not (folder / "vocabulary.txt").exists()


@pytest.mark.parametrize("name", ["model.bin", "config.json"])
def test_a_wrong_checksum_is_refused(name: str, hub: Hub, store: Path) -> None:
    hub.damaged = {name}
    assert f"{name} of deepdml/" in refusal("whisper-large-v3-turbo", hub, store)
    hub.damaged = set()
    assert damage(get("whisper-large-v3-turbo", hub, store).folder) == []


def test_gated_without_a_token(hub: Hub, store: Path) -> None:
    hub.gated = {"ai4bharat/indic-conformer-600m-multilingual"}
    told = refusal("indic-conformer-600m", hub, store)
    for part in ("is gated", f"{hub.endpoint}/ai4bharat/indic-conformer-600m-multilingual", "KVA_MODELS__TOKEN"):
        assert part in told


def test_gated_without_access(hub: Hub, store: Path) -> None:
    hub.gated = {"ai4bharat/indic-conformer-600m-multilingual"}
    assert "account has no access; ask for it at" in refusal("indic-conformer-600m", hub, store, TOKEN)


def test_a_wrong_token(hub: Hub, store: Path) -> None:
    assert "the hub refuses the token" in refusal("indic-conformer-600m", hub, store, "hf_wrong")


def test_gated_with_access_and_only_our_language(hub: Hub, store: Path) -> None:
    hub.gated, hub.granted = {"ai4bharat/indic-conformer-600m-multilingual"}, {TOKEN}
    folder = get("indic-conformer-600m", hub, store, TOKEN).folder
    assert names(folder / "assets") == {"encoder.onnx", "joint_post_net_kn.onnx"}


def test_the_token_goes_to_the_hub_alone(hub: Hub, store: Path) -> None:
    get("indic-conformer-600m", hub, store, TOKEN)
    tokens = {path.startswith("/cdn/"): token for path, _, token in hub.asked}
    assert tokens == {False: f"Bearer {TOKEN}", True: ""}


def test_what_other_programs_left_on_the_machine_goes_nowhere(
    hub: Hub, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    get("indic-conformer-600m", hub, store)
    assert {token for _, _, token in hub.asked} == {""}


@pytest.mark.parametrize(
    ("status", "told"), [(429, "asks for patience (HTTP 429)"), (503, "answers HTTP 503 for deepdml/")]
)
def test_a_hub_that_is_overloaded(status: int, told: str, hub: Hub, store: Path) -> None:
    hub.refuses = status
    assert told in refusal("whisper-large-v3-turbo", hub, store)


def test_borrowed_files_fill_the_gaps_only(hub: Hub, store: Path) -> None:
    folder = get("whisper-small-vaani", hub, store).folder
    assert names(folder) == {"config.json", "model.safetensors", "tokenizer.json", "vocab.json", MANIFEST}
    assert (folder / "config.json").read_bytes() == b"{}"
    assert (folder / "tokenizer.json").read_bytes() == b"whisper's"


def test_the_descriptions_tokenizer_comes_from_elsewhere(hub: Hub, store: Path) -> None:
    folder = get("indic-parler-tts", hub, store).folder
    assert (folder / "tokenizer.json").read_bytes() == b"prompt"
    assert names(folder / "description_tokenizer") == {"tokenizer.json", "spiece.model"}


def test_a_lender_without_the_file(hub: Hub, store: Path) -> None:
    del hub.repositories["openai/whisper-small"]["tokenizer.json"]
    assert "openai/whisper-small has no tokenizer.json any more" in refusal("whisper-small-vaani", hub, store)


def test_a_repository_without_weights(hub: Hub, store: Path) -> None:
    del hub.repositories["facebook/nllb-200-distilled-600M"]["pytorch_model.bin"]
    assert "holds no model.safetensors or pytorch_model.bin" in refusal("nllb-200-600m", hub, store)


def test_an_unknown_name_has_neighbours(hub: Hub, store: Path) -> None:
    assert "did you mean whisper-large-v3-turbo" in refusal("whisper-large-turbo", hub, store)
    assert "kva models list shows the names" in refusal("xyz", hub, store)


def test_a_repository_that_is_gone(hub: Hub, store: Path) -> None:
    hub.repositories.clear()
    assert "is not on the hub" in refusal("nllb-200-600m", hub, store)


def test_nobody_answers(hub: Hub, store: Path) -> None:
    hub.endpoint = "http://127.0.0.1:9"
    assert "http://127.0.0.1:9 cannot be reached (Connect" in refusal("nllb-200-600m", hub, store)


@pytest.mark.parametrize(
    "describes",
    [
        b"<html>",
        b"{}",
        b'{"sha": "main", "siblings": []}',
        b'{"sha": "'
        + COMMIT.encode()
        + b'", "siblings": [{"rfilename": "../../x", "size": 1, "blobId": "'
        + b"0" * 40
        + b'"}]}',
        b'{"sha": "' + COMMIT.encode() + b'", "siblings": [{"rfilename": 5}]}',
    ],
)
def test_what_is_no_hub(describes: bytes, hub: Hub, store: Path) -> None:
    hub.describes = describes
    assert "does not answer as a model hub does" in refusal("nllb-200-600m", hub, store)


def test_a_disk_that_cannot_hold_it_is_seen_before(hub: Hub, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 10**6))
    assert "has 1 MB free and 215 MB are needed; free some, or set models.folder" in refusal(
        "nllb-200-600m", hub, store
    )
    assert hub.files_asked() == []


def test_a_disk_that_fills_up(hub: Hub, store: Path) -> None:
    part = part_of(store / "whisper-large-v3-turbo")
    part.mkdir(parents=True)
    (part / "model.bin.part").symlink_to("/dev/full")
    assert "is full; free some" in refusal("whisper-large-v3-turbo", hub, store)


def test_a_store_that_cannot_be_written(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "check models.folder" in refusal("nllb-200-600m", hub, tmp_path / "file")


def test_a_folder_of_the_users_is_not_replaced(hub: Hub, store: Path) -> None:
    mine = downloaded(store, "nllb-200-600m")
    mine.mkdir(parents=True)
    (mine / "notes.txt").write_text("mine")
    assert "was not put there by kva models" in refusal("nllb-200-600m", hub, store)
    assert (mine / "notes.txt").read_text() == "mine"


def test_two_pulls_do_not_meet(hub: Hub, store: Path) -> None:
    part = part_of(downloaded(store, "nllb-200-600m"))
    part.mkdir(parents=True)
    with (part / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "being written by another kva models command" in refusal("nllb-200-600m", hub, store)


@pytest.mark.parametrize("token", ["hf_1\n2", "hf_ಕ"])
def test_a_token_that_no_header_can_carry(token: str, hub: Hub, store: Path) -> None:
    assert refusal("nllb-200-600m", hub, store, token) == (
        "models.token: must be plain ASCII in one line; copy it again"
    )


def test_a_token_needs_https() -> None:
    with pytest.raises(ValueError, match="must begin with https://"):
        ModelsSettings(endpoint="http://hub.example.in")
    assert ModelsSettings(endpoint="https://hub.example.in/").endpoint == "https://hub.example.in"
