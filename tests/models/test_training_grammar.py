"""The grammar the demo pack is trained on: both languages say the same, and what is held out stays out."""

import random
from pathlib import Path

import pytest

from app.agents import flow
from app.agents.flow_file import read
from app.agents.understanding import Understanding
from app.models.training import corpus, slots
from app.models.training.grammar import Frame, Pair, parse, say, skeletons

FRAMES = """
[balance]   # a section
<{mon} ತಿಂಗಳ> <ಬಿಲ್> (ಎಷ್ಟು|ಎಷ್ಟಾಯ್ತು|) = how much is the bill for {mon}
! {cust} ಅಲ್ಲ {cust2} = not {cust} but {cust2}
"""


def test_a_frame_becomes_sentences() -> None:
    bill, correction = parse(FRAMES, "kannada")
    assert (bill.name, bill.held_out, correction.name, correction.held_out) == ("balance.1", False, "balance.2", True)
    said = {say(bill, random.Random(seed), slots.spoken, "kannada").skeleton for seed in range(60)}
    assert said == set(skeletons(bill))
    assert "ಬಿಲ್ {mon} ತಿಂಗಳ ಎಷ್ಟು" in said
    pair = say(correction, random.Random(1), slots.spoken, "kannada")
    wrong, right = pair.slots
    assert pair.english == f"not {wrong.english} but {right.english}"
    assert wrong.english != right.english
    assert pair.kannada == f"{wrong.kannada} ಅಲ್ಲ {right.kannada}"


@pytest.mark.parametrize(
    "line", ["no equals sign", "[a]\n{amt} ಎಷ್ಟು = how much", "before = a section", "[a]\nಸರಿ = (yes|okay)"]
)
def test_a_line_that_is_no_frame_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=f"line {len(line.splitlines())}"):
        parse(line, "kannada")


def draws(make: object, count: int = 3000, *args: object) -> list[Pair]:
    rng = random.Random(5)
    assert callable(make)
    return [make(rng, *args) for _ in range(count)]


EVERY_PAIR = [
    (corpus.caller_says, ("train",)),
    (corpus.caller_says, ("sentences",)),
    (corpus.caller_says, ("frames",)),
    (corpus.agent_says, ("train",)),
    (corpus.agent_says, ("frames",)),
    (corpus.to_english, ()),
    (corpus.to_kannada, ()),
]


@pytest.mark.parametrize(("make", "args"), EVERY_PAIR)
def test_both_sides_carry_every_value(make: object, args: tuple[object, ...]) -> None:
    for pair in draws(make, 1500, *args):
        for slot in pair.slots:
            assert f" {slot.kannada} " in f" {pair.kannada} "
            assert f" {slot.english} " in f" {pair.english} "
        kannada = pair.kannada.replace("\u200c", "").replace(" ", "")
        assert all("\u0c80" <= char <= "\u0cff" for char in kannada)
        assert "{" not in pair.english
        digits = sum(map(len, filter(str.isdigit, pair.english.split())))
        assert digits == sum(len(word) for slot in pair.slots for word in slot.english.split() if word.isdigit())


@pytest.mark.parametrize(
    ("side", "source", "train"), [("caller", "kannada", corpus.to_english), ("agent", "english", corpus.to_kannada)]
)
def test_what_is_held_out_is_never_trained_on(side: str, source: str, train: object) -> None:
    says = corpus.caller_says if side == "caller" else corpus.agent_says
    rng = random.Random(11)
    trained = {getattr(pair, source) for pair in draws(train, 20_000)}
    frames = {getattr(says(rng, "frames"), source) for _ in range(3000)}
    sentences = {getattr(says(rng, "sentences"), source) for _ in range(3000)}
    assert len(frames) > 1000
    assert len(sentences) > 500
    assert not trained & (frames | sentences)
    if side == "caller":
        spoken = {corpus.spoken(rng) for _ in range(20_000)}
        assert not spoken & (frames | sentences)


@pytest.mark.parametrize("side", ["caller", "agent"])
def test_held_out_frames_are_made_of_known_words(side: str) -> None:
    source = "kannada" if side == "caller" else "english"
    trained = {word for pair in draws(corpus.to_english if side == "caller" else corpus.to_kannada, 20_000)
               for word in getattr(pair, source).split()}  # fmt: skip
    says = corpus.caller_says if side == "caller" else corpus.agent_says
    unseen = {word for pair in draws(says, 2000, "frames") for word in getattr(pair, source).split()} - trained
    assert [word for word in unseen if not word.isdigit()] == []


def test_the_same_dice_say_the_same() -> None:
    assert draws(corpus.to_english, 50) == draws(corpus.to_english, 50)
    assert corpus.words() == sorted(corpus.words())
    assert len(corpus.words()) > 500


def frames(held_out: bool) -> list[Frame]:
    text = (Path(corpus.__file__).with_name("caller.frames")).read_text(encoding="utf-8")
    return [frame for frame in parse(text, "kannada") if frame.held_out == held_out]


@pytest.mark.parametrize("held_out", [False, True])
def test_the_desk_understands_every_frame_as_its_section_says(held_out: bool) -> None:
    understanding = Understanding(read(flow.ELECTRICITY_DESK))
    rng = random.Random(2)
    wrong = []
    for frame in frames(held_out):
        for _ in range(4):
            pair = say(frame, rng, slots.spoken, "kannada")
            meaning = understanding.of(pair.english)
            meant = meaning.task or meaning.word or ("nothing" if meaning.nothing else "detail")
            if meant == "danger":
                meant = "person"  # the frames have both in one section
            if meant != frame.name.partition(".")[0]:
                wrong.append(f"{frame.name}: {pair.english!r} is {meant}")
    assert wrong == []


@pytest.mark.parametrize(
    ("place", "inside"),
    [("ಮೈಸೂರು", "ಮೈಸೂರಿನಲ್ಲಿ"), ("ಹಾಸನ", "ಹಾಸನದಲ್ಲಿ"), ("ಬಳ್ಳಾರಿ", "ಬಳ್ಳಾರಿಯಲ್ಲಿ"), ("ಬೀದರ್", "ಬೀದರ್\u200cನಲ್ಲಿ"), ("ಹೊಸಪೇಟೆ", "ಹೊಸಪೇಟೆಯಲ್ಲಿ")],
)
def test_places_take_their_case_endings(place: str, inside: str) -> None:
    assert slots.stem(place) + "ಲ್ಲಿ" == inside
