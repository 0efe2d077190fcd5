"""What callers may say beside their frames: clauses put together from parts."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.models.training.clauses import NOTHING, Hand, Part, Words
from app.models.training.grammar import Fill, Pair
from app.models.training.names import SERVICES

_THINGS: Sequence[Words] = (
    ("ಬಿಲ್", "the bill"), ("ರಸೀದಿ", "the receipt"), ("ದೂರು", "the complaint"), ("ಮೀಟರ್ ಓದುವಿಕೆ", "the meter reading"),
    ("ಕಂಪ್ಲೇಂಟ್", "the complaint"), ("ಹಣ", "the money"), ("ದುಡ್ಡು", "the money"), ("ದಾಖಲೆ", "the document"),
    ("ಮೀಟರ್ ರೀಡಿಂಗ್", "the meter reading"), ("ಪೇಮೆಂಟ್", "the payment"), ("ರಿಸಿಪ್ಟ್", "the receipt"),
)  # fmt: skip
_PERSONS: Sequence[tuple[str, str, int]] = (("ನಾನು", "i", 0), ("ನಾವು", "we", 1))


@dataclass(frozen=True, slots=True)
class _Verb:
    past: tuple[str, str, str]
    """I, we, and I as it is spoken."""
    future: tuple[str, str, str]
    please: str
    did: str
    do: str


_VERBS = (
    _Verb(("ಕಟ್ಟಿದೆ", "ಕಟ್ಟಿದೆವು", "ಕಟ್ಟಿದ್ದೆ"), ("ಕಟ್ಟುತ್ತೇನೆ", "ಕಟ್ಟುತ್ತೇವೆ", "ಕಟ್ತೀನಿ"), "ಕಟ್ಟಿ", "paid", "pay"),
    _Verb(("ಕಳುಹಿಸಿದೆ", "ಕಳುಹಿಸಿದೆವು", "ಕಳಿಸಿದ್ದೆ"), ("ಕಳುಹಿಸುತ್ತೇನೆ", "ಕಳುಹಿಸುತ್ತೇವೆ", "ಕಳಿಸ್ತೀನಿ"), "ಕಳುಹಿಸಿ", "sent", "send"),
    _Verb(("ಕೊಟ್ಟೆ", "ಕೊಟ್ಟೆವು", "ಕೊಟ್ಟಿದ್ದೆ"), ("ಕೊಡುತ್ತೇನೆ", "ಕೊಡುತ್ತೇವೆ", "ಕೊಡ್ತೀನಿ"), "ಕೊಡಿ", "gave", "give"),
    _Verb(("ನೋಡಿದೆ", "ನೋಡಿದೆವು", "ನೋಡಿದ್ದೆ"), ("ನೋಡುತ್ತೇನೆ", "ನೋಡುತ್ತೇವೆ", "ನೋಡ್ತೀನಿ"), "ನೋಡಿ", "saw", "see"),
)
_STATES: Sequence[Words] = (
    ("ಕೆಟ್ಟಿದೆ", "is broken"), ("ಬಿದ್ದಿದೆ", "has fallen"), ("ಸರಿ ಇದೆ", "is all right"), ("ಕೆಲಸ ಮಾಡುತ್ತಿಲ್ಲ", "is not working"),
    ("ಕೆಲಸ ಮಾಡ್ತಿಲ್ಲ", "is not working"),
)  # fmt: skip
_COMINGS: Sequence[Words] = (
    ("ಬರುತ್ತಾರೆ", "will come"), ("ಬರ್ತಾರೆ", "will come"), ("ಬಂದಿಲ್ಲ", "has not come"), ("ಬಂದರು", "came"), ("ಬಂದ್ರು", "came"),
)  # fmt: skip
_POWER: Sequence[Words] = (("ಕರೆಂಟ್", "the power"), ("ವಿದ್ಯುತ್", "the power"))


def caller_clause(rng: random.Random, fill: Fill) -> Pair:
    """One clause; it may be one that is held out, which the corpus looks to."""
    hand = Hand(rng, fill, "kannada")
    return rng.choice(_CALLER_CLAUSES)(hand)


def _when(hand: Hand) -> Part:
    return hand.pick(
        lambda: hand.slot("wday", english="on {}"),
        lambda: hand.slot("date", kannada="{} ರಂದು", english="on {}"),
        lambda: hand.slot("time"),
        lambda: hand.slot("rel"),
        lambda: hand.slot("dist", english="in {}", form="in"),
        lambda: hand.slot("dist", kannada="{} ಜಿಲ್ಲೆಯಲ್ಲಿ", english="in {} district"),
        lambda: hand.slot("mon", kannada="{} ತಿಂಗಳಲ್ಲಿ", english="in {}"),
        lambda: hand.one((("ಈ ತಿಂಗಳು", "this month"), ("ಕಳೆದ ತಿಂಗಳು", "last month"), ("ಹೋದ ತಿಂಗಳು", "last month"))),
        lambda: hand.word(("ನಮ್ಮ ಬೀದಿಯಲ್ಲಿ", "in our street")),
        lambda: NOTHING,
        lambda: NOTHING,
    )


def _thing(hand: Hand) -> Part:
    return hand.pick(
        lambda: hand.slot("amt", kannada="{} ರೂಪಾಯಿ", english="{} rupees"),
        lambda: hand.slot("unit", kannada="{} ಯೂನಿಟ್", english="{} units"),
        lambda: _named_thing(hand),
        lambda: _named_thing(hand),
    )


def _named_thing(hand: Hand) -> Part:
    kannada, english = hand.rng.choice(_THINGS)
    return hand.pick(
        lambda: hand.slot("mon", kannada=f"{{}} ತಿಂಗಳ {kannada}", english=f"{english} for {{}}"),
        lambda: hand.word(("ನನ್ನ " + kannada, english.replace("the ", "my "))),
        lambda: hand.word(("ನಮ್ಮ " + kannada, english.replace("the ", "my "))),
        lambda: hand.word((kannada, english)),
        lambda: hand.one(SERVICES),
    )


def _scrambled(hand: Hand, *parts: Part) -> list[Part]:
    return hand.rng.sample(parts, len(parts)) if hand.rng.random() < 0.3 else list(parts)


def _did(hand: Hand) -> Pair:
    person, i, we = hand.rng.choice(_PERSONS)
    chosen = hand.rng.choice(_VERBS)
    spoken = hand.rng.random() < 0.3 and not we
    done = hand.rng.random() < 0.5
    kannada = (chosen.past if done else chosen.future)[2 if spoken else we]
    verb = hand.word((kannada, chosen.did if done else f"will {chosen.do}"))
    when, thing, who = _when(hand), _thing(hand), hand.word((person, i))
    way = hand.slot("way", kannada="{} ಮೂಲಕ", english="by {}") if hand.rng.random() < 0.15 else NOTHING
    return hand.clause([*_scrambled(hand, who, when, way, thing), verb], [who, verb, thing, way, when], "clause.did")


def _please(hand: Hand) -> Pair:
    chosen = hand.rng.choice(_VERBS)
    when, thing, verb = _when(hand), _thing(hand), hand.word((chosen.please, chosen.do))
    return hand.clause([*_scrambled(hand, when, thing), verb], [verb, thing, when], "clause.please")


def _came(hand: Hand) -> Pair:
    states = (
        ("ಬಂದಿಲ್ಲ", "has not come"), ("ಬಂದಿದೆ", "has come"), ("ಬಂತು", "came"), ("ಸಿಕ್ಕಿಲ್ಲ", "was not received"),
        ("ತಪ್ಪು", "is wrong"), ("ಜಾಸ್ತಿ ಆಯಿತು", "is too much"),
    )  # fmt: skip
    when, thing, state = _when(hand), _named_thing(hand), hand.one(states)
    return hand.clause([*_scrambled(hand, when, thing), state], [thing, state, when], "clause.came")


def _was(hand: Hand) -> Pair:
    when = hand.pick(
        lambda: hand.one((("ಈ ತಿಂಗಳು", "this month"), ("ಕಳೆದ ತಿಂಗಳು", "last month"), ("ಹೋದ ತಿಂಗಳು", "last month"))),
        lambda: hand.slot("mon", kannada="{} ತಿಂಗಳಲ್ಲಿ", english="in {}"),
        lambda: hand.slot("rel"),
    )
    what = hand.pick(
        lambda: hand.slot("amt", kannada="{} ರೂಪಾಯಿ", english="{} rupees"),
        lambda: hand.slot("unit", kannada="{} ಯೂನಿಟ್", english="{} units"),
    )
    verb = hand.one((("ಇತ್ತು", "it was"), ("ಬಂದಿತ್ತು", "it was"), ("ಬಂದಿದೆ", "it is"), ("ಆಗಿದೆ", "it is")))
    return hand.clause([*_scrambled(hand, when, what), verb], [when, verb, what], "clause.was")


def _device(hand: Hand) -> Pair:
    when, device, state = _when(hand), hand.slot("dev", english="the {}"), hand.one(_STATES)
    since = hand.slot("dur") if hand.rng.random() < 0.25 else NOTHING
    return hand.clause([*_scrambled(hand, when, since, device), state], [device, state, when, since], "clause.device")


def _visitor(hand: Hand) -> Pair:
    workers = (("ಲೈನ್‌ಮನ್", "the lineman"), ("ಅಧಿಕಾರಿ", "the officer"), ("ಆಫೀಸರ್", "the officer"))
    who = hand.one(workers) if hand.rng.random() < 0.6 else hand.slot("name")
    when, verb = _when(hand), hand.one(_COMINGS)
    return hand.clause([*_scrambled(hand, who, when), verb], [who, verb, when], "clause.visitor")


def _power(hand: Hand) -> Pair:
    states = (
        ("ಬಂದಿಲ್ಲ", "has not come back"), ("ಹೋಗಿದೆ", "has gone"), ("ಹೋಯ್ತು", "went"), ("ಬಂತು", "came back"),
        ("ಬರುತ್ತದೆ", "will come back"),
    )  # fmt: skip
    since = hand.slot("dur") if hand.rng.random() < 0.4 else NOTHING
    home = hand.slot("place", kannada="ನಮ್ಮ {}", english="to our {}") if hand.rng.random() < 0.4 else NOTHING
    power, when, state = hand.one(_POWER), _when(hand), hand.one(states)
    order = _scrambled(hand, when, home, since)
    if not home.kannada and hand.rng.random() < 0.4:
        none = Part("ಇಲ್ಲ", "there is no power", (), "ಇಲ್ಲ")
        return hand.clause([*order, power, none], [none, when, since], "clause.no_power")
    return hand.clause([*order, power, state], [power, state, home, when, since], "clause.power")


def _need(hand: Hand) -> Pair:
    when, thing = _when(hand), _thing(hand)
    need = hand.one((("ಬೇಕು", ""), ("ಬೇಕಾಗಿದೆ", ""), ("ಬೇಡ", "not")))
    if hand.rng.random() < 0.5:
        home = hand.slot("place", kannada="ನಮ್ಮ {}", english="our {}")
        verb = Part("", "does not need" if need.english else "needs")
    else:
        home = hand.one((("ನನಗೆ", "i"), ("ನಮಗೆ", "we")))
        verb = Part("", "do not need" if need.english else "need")
    spoken = Part(need.kannada, "", (), need.skeleton)
    return hand.clause([*_scrambled(hand, home, when, thing), spoken], [home, verb, thing, when], "clause.need")


def _who(hand: Hand) -> Pair:
    part = hand.pick(
        lambda: hand.slot("name", kannada="ನನ್ನ ಹೆಸರು {}", english="my name is {}"),
        lambda: hand.slot("name", kannada="ನಾನು {}", english="i am {}"),
        lambda: hand.slot("name", kannada="ನಾನು {} ಮಾತಾಡ್ತಿದ್ದೀನಿ", english="this is {} speaking"),
        lambda: hand.slot("dist", kannada="ನಾನು {}", english="i am from {}", form="from"),
        lambda: hand.slot("dist", kannada="ನನ್ನ ಊರು {}", english="my town is {}"),
        lambda: hand.slot("cust", kannada="ನನ್ನ ನಂಬರ್ {}", english="my number is {}"),
        lambda: hand.slot("phone", kannada="ಫೋನ್ ನಂಬರ್ {}", english="phone number {}"),
        lambda: hand.slot("read", kannada="ರೀಡಿಂಗ್ {} ಇದೆ", english="the reading is {}"),
        lambda: hand.slot("cust", kannada="ಮೀಟರ್ {}", english="meter {}"),
        lambda: hand.slot("comp", kannada="ದೂರು {}", english="complaint {}"),
    )
    return hand.clause([part], [part], "clause.who")


def _question(hand: Hand, asks: Sequence[tuple[str, str, str]]) -> tuple[Part, Part]:
    """English asks in two places, Kannada in one: what comes first, and the verb."""
    kannada, first, last = hand.rng.choice(asks)
    return Part("", first), Part(kannada, last, (), kannada)


def _office(hand: Hand) -> Pair:
    office = hand.slot("dist", kannada=hand.rng.choice(("{} ಕಚೇರಿ", "{} ಆಫೀಸ್")), english="the {} office")
    when = hand.pick(lambda: hand.slot("wday", english="on {}"), lambda: hand.slot("rel"), lambda: hand.slot("time"))
    asks = (
        ("ತೆರೆಯುತ್ತದೆಯಾ", "is", "open"), ("ಓಪನ್ ಇರುತ್ತಾ", "is", "open"), ("ಓಪನ್ ಇದೆಯಾ", "is", "open"),
        ("ತೆರೆಯುತ್ತದೆ", "", "opens"), ("ತೆರೆದಿಲ್ಲ", "", "is not open"),
    )  # fmt: skip
    ask, verb = _question(hand, asks)
    return hand.clause([*_scrambled(hand, office, when), verb], [ask, office, verb, when], "clause.office")


def _why(hand: Hand) -> Pair:
    thing, when = _thing(hand), _when(hand)
    asks = (
        ("ಯಾಕೆ ಬಂದಿಲ್ಲ", "why has", "not come"), ("ಯಾವಾಗ ಬರುತ್ತೆ", "when will", "come"), ("ಎಲ್ಲಿದೆ", "where is", ""),
        ("ಯಾಕೆ ಇಷ್ಟು ಜಾಸ್ತಿ", "why is", "so high"), ("ಸಿಕ್ಕಿತಾ", "did you get", ""), ("ಕಟ್ಟಬೇಕಾ", "do i have to pay", ""),
        ("ಕಟ್ಟಬಹುದಾ", "can i pay", ""), ("ಎಷ್ಟು", "how much is", ""),
    )  # fmt: skip
    ask, verb = _question(hand, asks)
    return hand.clause([*_scrambled(hand, thing, when), verb], [ask, thing, verb, when], "clause.why")


def _last_day(hand: Hand) -> Pair:
    thing = _named_thing(hand)
    ask = hand.one((("ಕಟ್ಟಲು ಕೊನೆಯ ದಿನ ಯಾವುದು", ""), ("ಕಟ್ಟಲು ಕೊನೆಯ ದಿನ ಯಾವಾಗ", ""), ("ಕಟ್ಟೋಕೆ ಕೊನೆಯ ದಿನ ಯಾವಾಗ", "")))
    return hand.clause([thing, ask], [Part("", "what is the last day to pay"), thing], "clause.last")


def _for_service(hand: Hand) -> Pair:
    service = hand.slot("svc", kannada="{} ಗೆ", english="for {}")
    thing, need = hand.one(_THINGS), hand.word(("ಬೇಕು", ""))
    return hand.clause([*_scrambled(hand, service, thing), need], [Part("", "i need"), thing, service], "clause.for")


def _does_service(hand: Hand) -> Pair:
    service = hand.slot("svc", kannada="{} ಗೆ", english="does {}")
    what = hand.pick(
        lambda: hand.slot("amt", kannada="{} ರೂಪಾಯಿ", english="{} rupees"),
        lambda: hand.slot("days", kannada="{} ದಿನ", english="{} days"),
    )
    kannada, english = hand.rng.choice((("ಬೇಕಾ", "need"), ("ಖರ್ಚಾಗುತ್ತಾ", "cost")))
    verb = Part(kannada, english, (), kannada)
    return hand.clause([*_scrambled(hand, service, what), verb], [service, verb, what], "clause.does")


_CALLER_CLAUSES: Sequence[Callable[[Hand], Pair]] = (
    _did, _did, _please, _came, _was, _device, _visitor, _power, _need, _who, _who, _office, _why,
    _last_day, _for_service, _does_service,
)  # fmt: skip
