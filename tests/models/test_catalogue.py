"""The catalogue is sound, and its names are those that profiles and engines use."""

import re

import pytest

from app.config import load_settings
from app.config.settings import profiles
from app.models.catalogue import Entry, ModelError, catalogue, entry_of
from app.models.presence import kinds_of, named_models

ENTRIES = sorted(catalogue().items())


@pytest.mark.parametrize(("name", "entry"), ENTRIES, ids=[name for name, _ in ENTRIES])
def test_entries(name: str, entry: Entry) -> None:
    assert re.fullmatch(r"[a-z0-9-]+", name), "a name is a folder, and is typed"
    assert name != "downloads"
    assert re.fullmatch(r"[\w-]+/[\w.-]+", entry.repository)
    assert entry.revision == "main" or re.fullmatch(r"[0-9a-f]{40}", entry.revision), "the hub takes no short commits"
    assert entry.weights
    assert entry.about
    assert all(borrowed.files for borrowed in entry.borrow)


def test_every_whisper_to_convert_gets_a_tokenizer() -> None:
    fine_tunes = [
        e for _, e in ENTRIES if e.engine == "whisper" and e.converts and not e.repository.startswith("openai/")
    ]
    assert len(fine_tunes) == 6
    for entry in fine_tunes:
        [borrowed] = entry.borrow
        size = next(size for size in ("tiny", "base", "small", "medium") if size in entry.repository)
        assert (borrowed.repository, borrowed.files[0]) == (f"openai/whisper-{size}", "tokenizer.json")


@pytest.mark.parametrize("profile", profiles())
def test_models_of_profiles_are_in_the_catalogue(profile: str) -> None:
    settings = load_settings(profile=profile)
    engines = {"stt": settings.stt.engine, "tts": settings.tts.engine}
    for named in named_models(settings):
        entry = entry_of(named.name)
        assert named.kind in kinds_of(entry)
        assert engines.get(named.kind, settings.translation.engine) == entry.engine


def test_weights_are_counted_by_their_bytes() -> None:
    turbo = entry_of("whisper-large-v3-turbo")
    assert (turbo.weights_mb("float32"), turbo.weights_mb("int8_float16")) == (3236, 809)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("whisper-vaani", "did you mean whisper-small-vaani"),
        ("indicparler", "indic-parler-tts"),
        ("??", "kva models list"),
    ],
)
def test_unknown_names(name: str, told: str) -> None:
    with pytest.raises(ModelError) as error:
        entry_of(name)
    assert told in str(error.value)
