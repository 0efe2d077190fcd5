"""The measurement of packs: its sums, its data, and a very small one of the shipped pack."""

import asyncio
import io
import math
import random
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

pytest.importorskip("faster_whisper")

from app.engines.quiet import is_quiet
from app.models import demo_pack
from app.models.training import answers, sets
from app.models.training.corpus import far_frames, frames, is_test_sentence
from app.models.training.engines import Engines, engines_of
from app.models.training.grammar import SLOT, Pair, skeletons
from app.models.training.measure import Stage, measure
from app.models.training.noises import noise_clip
from app.models.training.results import Result, read_json, share, show, write_json
from app.models.training.rows import batches, requests, size, speed, transcripts, translations
from app.models.training.scoring import Transcript, character_error_rate, contradictions, word_error_rate


def test_errors_count_over_all_that_was_said() -> None:
    pairs = [Transcript("ab cd", "ab cd"), Transcript("ab", "xb y")]
    assert character_error_rate(pairs) == 3 / 7
    assert word_error_rate(pairs) == 2 / 3
    assert [pair.wrong for pair in pairs] == [False, True]


def test_all_words_are_there_when_each_stands_in_its_place() -> None:
    assert Transcript("one two three", "one two three").complete
    assert Transcript("one two three", "one and two three four").complete
    assert not Transcript("one two three", "one three four").complete
    assert not Transcript("one two three", "one three two").complete
    assert not Transcript("one two three", "").complete


def test_the_last_word_of_a_partial_text_may_still_change() -> None:
    assert contradictions(["", "on", "one t", "one two"], "one two three") == 0
    assert contradictions(["won two", "one two three"], "one two three") == 1
    assert contradictions(["one two three four"], "one two") == 1


def test_results_keep_their_limits_and_survive_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = [
        share("stt.a.empty", "x", 98, 100, least=98),
        Result("stt.b.cer", "y", 3, 2.6, "%", most=2.5),
        share("stt.c.all_words", "z", 0, 0, least=1),
        Result("speed.a.cpu", "w", 1, 7, "ms"),
    ]
    assert [result.ok for result in results] == [True, False, False, True]
    assert [result.floor for result in results] == ["at least 98 %", "at most 2.5 %", "at least 1 %", ""]
    assert math.isnan(results[2].value)
    write_json([results[0], results[1], results[3]], {"pack": "x"}, tmp_path / "new" / "figures.json")
    assert read_json(tmp_path / "new" / "figures.json") == [results[0], results[1], results[3]]
    show(results, "title")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in lines if " x " in line or " y " in line] == ["ok", "missed"]


def first_sentences(pair: Pair) -> list[Pair]:
    """What `pair` may begin with, without words of politeness: its first frame, with its first values."""
    frame = next(frame for frame in frames("caller") if frame.name == pair.frame.split("+")[0])
    found = []
    for skeleton in {skeleton for skeleton in skeletons(frame) if f"{pair.skeleton} ".startswith(f"{skeleton} ")}:
        values = iter(pair.slots)
        text = SLOT.sub(lambda _, values=values: next(values).kannada, skeleton)  # type: ignore[misc]
        if f" {text} " in f" {pair.kannada} ":
            found.append(Pair(text, pair.english, frame.name, pair.slots[: len(SLOT.findall(skeleton))]))
    return found


def test_clips_are_held_out_and_the_same_each_time() -> None:
    pytest.importorskip("espeakng_loader")
    once, again = (list(sets.clips(sets.UNSEEN, 30, 3)) for _ in range(2))
    assert once == again
    assert len({clip.pair.kannada for clip in once}) == 30
    assert all(1 < clip.seconds <= sets.LONGEST_S for clip in once)
    for clip in once:
        assert any(is_test_sentence("caller", first) for first in first_sentences(clip.pair))
    a_law = list(sets.clips(sets.A_LAW, 30, 3))
    assert [clip.pair for clip in a_law] == [clip.pair for clip in once]
    assert [clip.pcm for clip in a_law] != [clip.pcm for clip in once]


@pytest.mark.parametrize("of", [sets.FRAMES, sets.FAR_FRAMES])
def test_clips_of_unseen_frames_have_no_other(of: sets.SpeechSet) -> None:
    pytest.importorskip("espeakng_loader")
    held_out = {frame.name for frame in frames("caller") if frame.held_out}
    assert far_frames("caller") < held_out
    spoken = {clip.pair.frame for clip in sets.clips(of, 20, 3)}
    assert spoken <= held_out
    assert (spoken <= far_frames("caller")) == of.far


def test_noise_comes_in_all_kinds_and_lengths() -> None:
    rng = random.Random(1)
    noises = [noise_clip(rng) for _ in range(80)]
    assert {kind for kind, _ in noises} == {
        "white noise", "pink noise", "hum", "clicks", "line noise", "rumble", "ringback", "keys",
    }  # fmt: skip
    assert all(0.5 <= len(pcm) / 16000 <= 8 for _, pcm in noises)
    assert not any(is_quiet(np.frombuffer(pcm, np.int16)) for _, pcm in noises)


def test_the_grammar_makes_every_sentence_of_the_desk() -> None:
    sentences = [*answers.with_the_desks_data(), *answers.with_random_values(100, 1)]
    assert len(sentences) > 300
    assert [sentence for sentence in sentences if answers.reference(sentence) is None] == []
    bill = answers.reference("Ramesh your bill for October is 845 rupees.")
    assert bill is not None
    assert bill.kannada == "ರಮೇಶ್ ನಿಮ್ಮ ಅಕ್ಟೋಬರ್ ತಿಂಗಳ ಬಿಲ್ ಎಂಟುನೂರ ನಲವತ್ತೈದು ರೂಪಾಯಿ"
    power = answers.reference("the power in Kolar will come back at 5 in the evening.")
    assert power is not None
    assert [slot.kannada for slot in power.slots] == ["ಕೋಲಾರದಲ್ಲಿ", "ಸಂಜೆ ಐದು ಗಂಟೆಗೆ"]
    assert answers.reference("the moon is full.") is None


def test_a_measurement_that_is_no_bar_says_each_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    async def size_only(engines: Engines) -> list[Result]:
        return [Result("stt.a.cer", "a", 1, 1.0, "%")]

    monkeypatch.setattr("app.models.training.measure.stages", lambda scale, seed: [Stage("one", size_only)])
    said = io.StringIO()
    results = asyncio.run(measure(demo_pack(), console=Console(file=said)))
    assert [result.name for result in results] == ["stt.a.cer", "pack.disk.size"]
    assert said.getvalue() == "one: 0 s\n"


async def test_a_very_small_measurement_of_the_shipped_pack() -> None:
    """The limits are loose: twenty sentences say little, and tests must not fail by chance."""
    pytest.importorskip("espeakng_loader")
    text_set = {each.direction: each for each in sets.TEXT_SETS if each.name == "sentences"}
    async with engines_of(demo_pack()) as engines:
        heard = await transcripts(engines, sets.UNSEEN, 20, 1)
        together = await batches(engines, 20, 1)
        english = await translations(engines, text_set["kn_en"], 20, 1)
        kannada = await translations(engines, text_set["en_kn"], 20, 1)
        meant = await requests(engines, 5, 5, 1)
        fast = await speed(engines, 3, 1)
        assert await engines.hear([bytes(16000), b""]) == ["", ""]
    assert [result.n for result in (heard[0], together[0], english[0], kannada[0], meant[0])] == [20, 20, 20, 20, 5]
    assert max(heard[0].value, together[0].value) < 50
    assert min(english[0].value, kannada[0].value) > 20
    assert "drawn sentences left out" in meant[0].what
    assert all(result.value < 1000 for result in fast)
    assert size(demo_pack())[0].ok
