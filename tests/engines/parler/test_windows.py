"""The plan of codec windows: chunks that follow each other, and that are exact."""

import random
from itertools import pairwise

import pytest

from app.engines.parler.windows import LEFT, RIGHT, Window, plan, widths


def streamed(total: int, first: int, chunk: int, chance: random.Random) -> list[tuple[Window, int, bool]]:
    """All windows of a clause of `total` frames that grows by a few at a time, with the frames there were then."""
    found: list[tuple[Window, int, bool]] = []
    have = emitted = 0
    over = False
    while not over:
        have = min(total, have + chance.randrange(9))
        over = have == total and chance.random() < 0.3
        for window in plan(emitted, have, over, first, chunk):
            found.append((window, have, over))
            emitted = window.end
    return found


@pytest.mark.parametrize("seed", range(40))
def test_chunks_follow_each_other_and_are_exact(seed: int) -> None:
    chance = random.Random(seed)
    first, chunk = chance.randrange(4, 17), chance.randrange(16, 65)
    total = chance.choice((0, 1, 7, first, first + RIGHT, LEFT + chunk + RIGHT, chance.randrange(400)))
    windows = streamed(total, first, chunk, chance)
    edges = [0, *(window.end for window, _, _ in windows)]
    assert edges[-1] == total
    for (window, have, over), begin in zip(windows, edges, strict=False):
        assert window.begin == begin < window.end <= window.start + window.width
        assert window.start == 0 or window.begin - window.start >= LEFT
        at_the_end = over and window.end == window.start + window.width == have
        assert at_the_end or window.end + RIGHT <= min(have, window.start + window.width)
        assert window.width in widths(first, chunk) or window.width == have == total


def test_chunks_grow_so_that_real_time_is_enough() -> None:
    windows: list[Window] = []
    for have in range(401):
        windows += plan(windows[-1].end if windows else 0, have, False, 8, 32)
    lengths = [window.end - window.begin for window in windows]
    assert lengths[:4] == [8, 8, 16, 32]
    assert set(lengths[4:]) == {32}
    for sooner, later in pairwise(windows):
        assert later.end <= 2 * sooner.end, "a chunk is no longer than all before it, which play meanwhile"
