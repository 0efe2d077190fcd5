"""Batches over calls, limits and loops of the translator that every family of models shares."""

import asyncio
import threading
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from app.config import TranslationSettings
from app.engines.base import EngineFailed
from app.engines.seq2seq import Encoded, Search, SentenceTranslator, cut_pieces, patience, without_loop


@dataclass(slots=True)
class Result:
    hypotheses: list[list[str]]


@dataclass(slots=True)
class Model:
    """Turns each input around; the first batch waits until `go` is set."""

    batches: list[list[list[str]]] = field(default_factory=list)
    options: list[dict[str, object]] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)

    def translate_batch(self, parts: list[list[str]], **options: object) -> list[Result]:
        self.batches.append(parts)
        self.options.append(options)
        assert self.go.wait(10)
        if any("bad" in part for part in parts):
            raise ValueError("bad words of a caller")
        return [Result([[*(options["target_prefix"] or [[]])[0], *part[::-1]]]) for part in parts]  # type: ignore[index]


class Words:
    sample = "hello there"

    def encode(self, sentence: str) -> Encoded:
        if sentence == "same":
            return Encoded([], instead="same")
        return Encoded(cut_pieces(sentence.removesuffix("!").split(), 6), "!" if sentence.endswith("!") else "")

    def decode(self, tokens: list[str]) -> str:
        return " ".join(tokens)


ROOMY = Search(spare=50)


def translator(model: Model, search: Search = ROOMY, **settings: int) -> SentenceTranslator:
    return SentenceTranslator("test", model, Words(), search, TranslationSettings(**settings))


async def test_clauses_of_calls_that_wait_are_one_batch_urgent_ones_first() -> None:
    model = Model()
    engine = translator(model, max_batch=6)
    first = asyncio.create_task(engine.translate("a b"))
    async with asyncio.timeout(10):
        while not model.batches:
            await asyncio.sleep(0.001)
    texts = ["c d. e f.", "same", "g h!", "i j", "k l", "m n", "o p"]
    waiting = [asyncio.create_task(engine.translate(text, urgent=text == "o p")) for text in texts]
    await asyncio.sleep(0)
    model.go.set()
    expected = ["d. c f. e", "same", "h g!", "j i", "l k", "n m", "p o"]
    assert await asyncio.gather(first, *waiting) == ["b a", *expected]
    batches = [[" ".join(part) for part in batch] for batch in model.batches]
    assert batches == [["a b"], ["o p", "c d.", "e f.", "g h", "i j", "k l"], ["m n"]]
    await engine.aclose()


async def test_one_bad_input_harms_nobody_else() -> None:
    model = Model()
    engine = translator(model)
    jobs = [asyncio.create_task(engine.translate(text)) for text in ("a b", "c d", "bad", "e f")]
    await asyncio.sleep(0)
    model.go.set()
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [result for result in results if isinstance(result, str)] == ["b a", "d c", "f e"]
    assert isinstance(results[2], EngineFailed)
    assert "bad words" not in str(results[2])
    await engine.aclose()


async def test_long_sentences_come_back_whole_and_texts_too_long_are_refused() -> None:
    model = Model()
    model.go.set()
    engine = translator(model)
    assert await engine.translate("▁a ▁b ▁c ▁d ▁e ▁f ▁g!") == "▁e ▁d ▁c ▁b ▁a ▁g ▁f!"
    assert await engine.translate(" \n ") == ""
    with pytest.raises(EngineFailed, match="4001 characters"):
        await engine.translate("a" * 4001)
    await engine.aclose()


async def test_an_output_begins_with_its_prefix_and_ends_in_time() -> None:
    model = Model()
    model.go.set()
    engine = translator(model, Search(spare=3, growth=2, prefix=("kan",)), beam=2)
    assert await engine.translate("a b c") == "c b a"
    await engine.warm_up()
    assert [options["max_decoding_length"] for options in model.options] == [3 + 2 * 3, 3 + 2 * 2]
    assert model.options[0]["target_prefix"] == [["kan"]]
    assert (model.options[0]["beam_size"], model.options[0]["patience"]) == (2, 2.0)
    await engine.aclose()


def test_no_output_has_more_tokens_than_a_model_has_positions() -> None:
    assert [Search(spare=16, growth=2).limit(length) for length in (3, 122)] == [22, 250]


def test_a_wide_beam_needs_no_patience() -> None:
    assert [patience(beam) for beam in (1, 3, 4, 5)] == [2.0, 2.0, 1.0, 1.0]


async def test_an_output_that_never_ends_is_said_once() -> None:
    class Endless(Model):
        def translate_batch(self, parts: list[list[str]], **options: object) -> list[Result]:
            return [Result([["well", *["na", "no"] * 20][: 10 if "b" in part else 3]]) for part in parts]

    engine = translator(Endless(), Search(spare=10))
    assert await engine.translate("b") == "well na no"
    assert await engine.translate("c") == "well na no", "one that ended by itself is left alone"
    await engine.aclose()


@pytest.mark.parametrize(
    ("tokens", "once"),
    [
        ("", ""),
        ("abc", "abc"),
        ("abcc", "abcc"),
        ("abccc", "abc"),
        ("xababababa", "xab"),
        ("xababab", "xab"),
        ("xyzabcabcabcabc", "xyzabc"),
        ("abab", "abab"),
        ("aaaaaaaaa", "a"),
    ],
)
def test_loops_at_the_end_are_cut(tokens: str, once: str) -> None:
    assert "".join(without_loop(list(tokens))) == once


@given(st.lists(st.sampled_from(["▁a", "b"]), max_size=60), st.integers(3, 20))
def test_pieces_are_cut_between_words_where_that_can_be(pieces: list[str], most: int) -> None:
    parts = cut_pieces(pieces, most)
    assert [piece for part in parts for piece in part] == pieces
    assert all(1 <= len(part) <= most for part in parts)
    for part, after in pairwise(parts):
        assert len(part) == most or after[0] == "▁a"
