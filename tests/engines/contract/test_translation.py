"""What every translator promises, in both directions."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import pytest

from app.engines.base import EngineError, Translator
from app.engines.table import Kind
from tests.engines.contract.rows import MY_NAME, MY_NAME_IN_ENGLISH, WAIT, WAIT_IN_KANNADA, Case

pytestmark = pytest.mark.asyncio(loop_scope="module")

BACKLOG = 160


@dataclass(frozen=True, slots=True)
class Direction:
    translator: Translator
    says: str
    expected: str | None
    """What `says` means; none where the model was not trained."""
    foreign: str
    """In the language it translates to."""


@pytest.fixture
def at(translation: tuple[Kind, Case]) -> Direction:
    kind, case = translation
    said, meant = (MY_NAME, MY_NAME_IN_ENGLISH) if kind == "to_english" else (WAIT, WAIT_IN_KANNADA)
    return Direction(case.engine, said, meant if case.trained else None, meant)


def right(at: Direction, text: str) -> bool:
    return text == at.expected if at.expected else isinstance(text, str)


async def test_it_keeps_calls_apart(at: Direction) -> None:
    said = [at.says, "", at.says, " \n"] * 4
    texts = await asyncio.gather(*(at.translator.translate(text, urgent=bool(text)) for text in said))
    assert [text for text, source in zip(texts, said, strict=True) if not source.strip()] == [""] * 8
    spoken = [text for text, source in zip(texts, said, strict=True) if source.strip()]
    assert all(right(at, text) for text in spoken)


async def test_it_survives_cancellation(at: Direction) -> None:
    task = asyncio.create_task(at.translator.translate(at.says))
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):  # one that has nothing to do may have done it
        await task
    assert right(at, await at.translator.translate(at.says))


async def test_sentences_that_nobody_waits_for_any_more_are_not_translated(at: Direction) -> None:
    """Those that have begun may end; the rest would keep the next caller waiting. Once in three is enough."""
    clock = asyncio.get_running_loop().time
    texts = [f"{at.says} {n}" for n in range(BACKLOG)]
    began_s = clock()
    await asyncio.gather(*(at.translator.translate(text) for text in texts))
    all_s = clock() - began_s
    after_s = []
    for _ in range(3):
        tasks = [asyncio.create_task(at.translator.translate(text)) for text in texts]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        began_s = clock()
        assert right(at, await at.translator.translate(at.says, urgent=True))
        after_s.append(clock() - began_s)
    assert min(after_s) < max(0.1, 0.6 * all_s)


async def test_large_input_is_translated_or_refused(at: Direction) -> None:
    async with asyncio.timeout(30):
        for text in ((at.says + " ") * 60, (at.says + ". ") * 60, at.says[0] * 3000, "ಕ" * 100_000, "k " * 100_000):
            with suppress(EngineError):
                assert isinstance(await at.translator.translate(text), str)
        assert right(at, await at.translator.translate(at.says))


@pytest.mark.parametrize(
    "text", ["मेरा नाम गीता है", "我叫吉塔", "👍🏽 ok", "a\ud83d\x00\x1bb", "<s></s><pad>", "1 2 3", "..."]
)
async def test_other_scripts_are_translated_somehow_or_refused(at: Direction, text: str) -> None:
    async with asyncio.timeout(20):
        for wrong in (text, at.foreign):
            with suppress(EngineError):
                assert len(await at.translator.translate(wrong)) < 1000
        assert right(at, await at.translator.translate(at.says))
