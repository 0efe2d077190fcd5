"""The recogniser's batches: what the decoder is taught, and the same ones however many processes make them."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("espeakng_loader")
pytest.importorskip("faster_whisper")

from app.models.training import feed, tokens, voices
from app.models.training.feed import IGNORED, Batch
from app.models.training.hearing import Heard
from app.models.training.tokens import Tokens

SEED, ROWS = 3, 2


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("tokens") / "tokens.json"
    tokens.train(path, SEED)
    yield path
    voices.start_afresh()


def taken(vocabulary: Path, first: int, count: int, makers: int) -> list[Batch]:
    with closing(feed.batches(vocabulary, SEED, ROWS, first, makers)) as made:
        return list(islice(made, count))


def same(one: Batch, other: Batch) -> bool:
    return (
        np.array_equal(one.features, other.features)
        and np.array_equal(one.ids, other.ids)
        and np.array_equal(one.targets, other.targets)
        and np.array_equal(one.labels, other.labels)
    )


def test_batches_do_not_depend_on_who_makes_them_or_where_one_starts(vocabulary: Path) -> None:
    here = [*feed.chunk(Tokens(vocabulary), SEED, ROWS, 0), *feed.chunk(Tokens(vocabulary), SEED, ROWS, 1)]
    there = taken(vocabulary, 13, 6, makers=2)
    assert len(there) == 6
    assert all(same(*both) for both in zip(here[13:19], there, strict=True))


def test_a_maker_that_dies_is_noticed_at_once(vocabulary: Path) -> None:
    with closing(feed.batches(vocabulary, SEED, 1, 0)) as made:
        next(made)
        for maker in multiprocessing.active_children():
            maker.kill()
        began = time.monotonic()
        with pytest.raises(RuntimeError, match="ended: exit status -9"):
            list(islice(made, 100))
        assert time.monotonic() - began < 5


def test_the_decoder_learns_to_stop_at_once_when_nobody_speaks(vocabulary: Path) -> None:
    learned = Tokens(vocabulary)
    silence = Heard(np.zeros(8000, np.int16), "", somebody=False)
    said = Heard(np.zeros(16_000, np.int16), "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", somebody=True)
    batch = feed.collate(learned, [silence, said], None)
    prompt = len(learned.prompt)
    assert batch.features.shape == (2, 80, 200)
    assert list(batch.ids[1, :prompt]) == list(learned.prompt)
    assert batch.targets[0, 0] == learned.no_speech
    assert batch.targets[0, prompt - 1] == learned.end
    assert set(batch.targets[0, prompt:]) == {IGNORED}
    assert batch.targets[1, 0] == learned.kannada
    words = [int(i) for i in batch.targets[1, prompt - 1 :] if i != IGNORED]
    assert words[-1] == learned.end
    assert learned.decode(words) == said.text
    assert list(batch.ids[1, prompt : prompt + len(words) - 1]) == words[:-1], "it reads what it should have said"
