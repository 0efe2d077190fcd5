"""What the agent may say beside its frames: clauses put together from parts, in one Kannada order.

Kannada: place, who, time, way, what, verb. English: who, in place, verb, what, by way, time.
"""

import random
from collections.abc import Callable, Sequence

from app.models.training.clauses import NOTHING, Hand, Part, Words
from app.models.training.grammar import Fill, Pair

_NUMBERS: Sequence[tuple[str, str, str]] = (
    ("ಗ್ರಾಹಕ ಸಂಖ್ಯೆ", "customer number", "cust"), ("ಖಾತೆ ಸಂಖ್ಯೆ", "account number", "cust"),
    ("ಫೋನ್ ಸಂಖ್ಯೆ", "phone number", "phone"), ("ದೂರು ಸಂಖ್ಯೆ", "complaint number", "comp"),
    ("ಮೀಟರ್ ಓದುವಿಕೆ", "meter reading", "read"), ("ಮೀಟರ್ ಸಂಖ್ಯೆ", "meter number", "cust"),
    ("ಹೆಸರು", "name", "name"), ("ಜಿಲ್ಲೆ", "district", "dist"), ("ಊರು", "town", "dist"),
)  # fmt: skip
_SUMS: Sequence[Words] = (
    ("ಬಿಲ್", "bill"), ("ಬಾಕಿ ಮೊತ್ತ", "pending amount"), ("ವಿದ್ಯುತ್ ಬಿಲ್", "electricity bill"), ("ಬಾಕಿ", "balance"),
)  # fmt: skip
_WORKERS: Sequence[Words] = (("ಲೈನ್‌ಮನ್", "the lineman"), ("ಅಧಿಕಾರಿ", "the officer"))


def agent_clause(rng: random.Random, fill: Fill) -> Pair:
    """One clause; it may be one that is held out, which the corpus looks to."""
    hand = Hand(rng, fill, "english")
    return rng.choice(_AGENT_CLAUSES)(hand)


def _when(hand: Hand) -> Part:
    return hand.pick(
        lambda: hand.slot("wday", english="on {}"),
        lambda: hand.slot("rel"),
        lambda: hand.slot("time"),
        lambda: _both(hand.slot("rel"), hand.slot("time")),
        lambda: _both(hand.slot("wday", english="on {}"), hand.slot("time")),
        lambda: hand.slot("date", english="on {}", form="on"),
        lambda: hand.slot("date", english="before {}", form="before"),
        lambda: hand.slot("days", kannada="{} ದಿನಗಳಲ್ಲಿ", english="in {} days"),
        lambda: hand.slot("days", kannada="{} ಗಂಟೆಗಳಲ್ಲಿ", english="in {} hours"),
        lambda: hand.slot("mon", kannada="{} ತಿಂಗಳಲ್ಲಿ", english="in {}"),
        lambda: hand.one((("ಈ ತಿಂಗಳು", "this month"), ("ಕಳೆದ ತಿಂಗಳು", "last month"))),
    )


def _both(one: Part, other: Part) -> Part:
    return Part(
        f"{one.kannada} {other.kannada}",
        f"{one.english} {other.english}",
        one.slots + other.slots,
        f"{one.skeleton} {other.skeleton}",
    )


def _maybe(hand: Hand, chance: float, make: Callable[[], Part]) -> Part:
    return make() if hand.rng.random() < chance else NOTHING


def _place(hand: Hand) -> Part:
    return hand.slot("dist", english="in {}", form="in")


def _amount(hand: Hand) -> Part:
    return hand.slot("amt", kannada="{} ರೂಪಾಯಿ", english="{} rupees")


def _thing(hand: Hand) -> Part:
    things = (("ರಸೀದಿ", "the receipt"), ("ಬಿಲ್", "the bill"), ("ದಾಖಲೆ", "the document"), ("ದೂರು", "the complaint"))
    kannada, english = hand.rng.choice(things)
    return hand.pick(
        lambda: _amount(hand),
        lambda: hand.word((kannada, english)),
        lambda: hand.slot("mon", kannada=f"{{}} ತಿಂಗಳ {kannada}", english=f"{english} for {{}}"),
        lambda: hand.word((f"ನಿಮ್ಮ {kannada}", english.replace("the ", "your "))),
        lambda: hand.slot("svc"),
    )


def _your_number_is(hand: Hand) -> Pair:
    kannada, english, kind = hand.rng.choice(_NUMBERS)
    part = hand.slot(kind, kannada=f"ನಿಮ್ಮ {kannada} {{}}", english=f"your {english} is {{}}")
    asks = (("", ""), ("ಸರಿಯೇ", "is that right"), ("ಸರಿಯೇ", "is that correct"))
    ask = hand.one(asks) if kind != "comp" else NOTHING  # a held-out frame asks about complaints
    return hand.clause([part, ask], [part, ask], "clause.number")


def _your_sum_is(hand: Hand) -> Pair:
    kannada, english = hand.rng.choice(_SUMS)
    month = _maybe(hand, 0.5, lambda: hand.slot("mon", kannada="{} ತಿಂಗಳ", english="for {}"))
    amount = _amount(hand)
    your = hand.word(("ನಿಮ್ಮ", "your"))
    thing, verb = hand.word((kannada, english)), hand.word(("", hand.rng.choice(("is", "was"))))
    was = Part("ಇತ್ತು") if verb.english == "was" else NOTHING
    return hand.clause([your, month, thing, amount, was], [your, thing, month, verb, amount], "clause.sum")


def _tell_me(hand: Hand) -> Pair:
    kannada, english, _ = hand.rng.choice(_NUMBERS)
    please = hand.word(("ದಯವಿಟ್ಟು", "please"))
    again = hand.one((("", ""), ("ಇನ್ನೊಮ್ಮೆ", "again")))
    verb = hand.word(("ಹೇಳಿ", hand.rng.choice(("tell me", "say"))))
    thing = hand.word((f"ನಿಮ್ಮ {kannada}", f"your {english}"))
    return hand.clause([please, thing, again, verb], [please, verb, thing, again], "clause.tell")


def _who_comes(hand: Hand) -> Pair:
    who = hand.one(_WORKERS) if hand.rng.random() < 0.7 else hand.slot("name")
    verbs = (("ಬರುತ್ತಾರೆ", "will come"), ("ಬಂದಿದ್ದಾರೆ", "has come"), ("ಬಂದರು", "came"), ("ಕರೆ ಮಾಡುತ್ತಾರೆ", "will call you"))
    place, when, verb = _maybe(hand, 0.3, lambda: _place(hand)), _when(hand), hand.one(verbs)
    return hand.clause([place, who, when, verb], [who, verb, place, when], "clause.comes")


def _device(hand: Hand) -> Pair:
    verbs = (("ದುರಸ್ತಿ ಆಗುತ್ತದೆ", "will be repaired"), ("ದುರಸ್ತಿ ಆಗಿದೆ", "has been repaired"), ("ಕೆಟ್ಟಿದೆ", "is broken"))
    device, verb = hand.slot("dev", english="the {}"), hand.one(verbs)
    place, when = _maybe(hand, 0.45, lambda: _place(hand)), _maybe(hand, 0.7, lambda: _when(hand))
    return hand.clause([place, device, when, verb], [device, place, verb, when], "clause.device")


def _power(hand: Hand) -> Pair:
    verbs = (("ಬರುತ್ತದೆ", "will come back"), ("ಹೋಗಿದೆ", "has gone"), ("ಬಂದಿದೆ", "has come back"), ("ಇಲ್ಲ", "is off"))
    power, verb = hand.word(("ಕರೆಂಟ್", "the power")), hand.one(verbs)
    place, when = _maybe(hand, 0.6, lambda: _place(hand)), _maybe(hand, 0.8, lambda: _when(hand))
    return hand.clause([place, power, when, verb], [power, place, verb, when], "clause.power")


def _we_did(hand: Hand) -> Pair:
    thing = _thing(hand)
    way = _maybe(hand, 0.4, lambda: hand.slot("way", kannada="{} ಮೂಲಕ", english="by {}"))
    when = _maybe(hand, 0.7, lambda: _when(hand))
    if hand.rng.random() < 0.5:
        who, verb = hand.word(("", "we")), hand.word(("ನಮಗೆ ಬಂದಿದೆ", hand.rng.choice(("have received", "got"))))
    else:
        verbs = (("ಕಳುಹಿಸುತ್ತೇವೆ", "will send"), ("ಕಳುಹಿಸಿದ್ದೇವೆ", "have sent"))
        who, verb = hand.word(("ನಾವು", "we")), hand.one(verbs)
    return hand.clause([who, when, way, thing, verb], [who, verb, thing, way, when], "clause.we")


def _pay(hand: Hand) -> Pair:
    thing, when = _thing(hand), _maybe(hand, 0.8, lambda: _when(hand))
    way = _maybe(hand, 0.4, lambda: hand.slot("way", kannada="{} ಮೂಲಕ", english="by {}"))
    if hand.rng.random() < 0.5:
        who, verb = hand.word(("ದಯವಿಟ್ಟು", "please")), hand.word(("ಕಟ್ಟಿ", "pay"))
    else:
        verbs = (("ಕಟ್ಟಬಹುದು", "can pay"), ("ಕಟ್ಟಬೇಕು", "must pay"), ("ಕಟ್ಟಿದ್ದೀರಿ", "have paid"), ("ಕಟ್ಟಿಲ್ಲ", "have not paid"))
        who, verb = hand.word(("ನೀವು", "you")), hand.one(verbs)
    return hand.clause([who, when, way, thing, verb], [who, verb, thing, way, when], "clause.pay")


def _office(hand: Hand) -> Pair:
    verbs = (("ತೆರೆಯುತ್ತದೆ", "opens"), ("ಮುಚ್ಚುತ್ತದೆ", "closes"), ("ತೆರೆದಿಲ್ಲ", "is not open"), ("ತೆರೆದಿದೆ", "is open"))
    office, verb = hand.slot("dist", kannada="{} ಕಚೇರಿ", english="the {} office"), hand.one(verbs)
    when = hand.pick(
        lambda: hand.slot("wday", english="on {}"), lambda: hand.slot("time"), lambda: hand.slot("rel"),
        lambda: _both(hand.slot("wday", english="on {}"), hand.slot("time")),
    )  # fmt: skip
    return hand.clause([office, when, verb], [office, verb, when], "clause.office")


def _service(hand: Hand) -> Pair:
    if hand.rng.random() < 0.4:
        service = hand.slot("svc")
        verb = hand.pick(
            lambda: hand.slot("days", kannada="{} ದಿನಗಳಲ್ಲಿ ಸಿಗುತ್ತದೆ", english="will be ready in {} days"),
            lambda: hand.slot("rel", kannada="{} ಸಿಗುತ್ತದೆ", english="will be ready {}"),
        )
    else:
        service = hand.slot("svc", form="to")
        verb = hand.pick(
            lambda: hand.slot("amt", kannada="{} ರೂಪಾಯಿ ಖರ್ಚಾಗುತ್ತದೆ", english="costs {} rupees"),
            lambda: hand.slot("days", kannada="{} ದಿನ ಬೇಕಾಗುತ್ತದೆ", english="takes {} days"),
            lambda: hand.slot("amt", kannada="{} ರೂಪಾಯಿ ಬೇಕು", english="needs {} rupees"),
        )
    return hand.clause([service, verb], [service, verb], "clause.service")


def _used(hand: Hand) -> Pair:
    you = hand.word(("ನೀವು", "you"))
    verb, units = hand.word(("ಬಳಸಿದ್ದೀರಿ", "used")), hand.slot("unit", kannada="{} ಯೂನಿಟ್", english="{} units")
    when = hand.pick(
        lambda: hand.word(("ಈ ತಿಂಗಳು", "this month")),
        lambda: hand.slot("mon", kannada="{} ತಿಂಗಳಲ್ಲಿ", english="in {}"),
    )
    english = [when, you, verb, units] if hand.rng.random() < 0.3 else [you, verb, units, when]
    return hand.clause([when, you, units, verb], english, "clause.used")


def _come(hand: Hand) -> Pair:
    please = hand.word(("ದಯವಿಟ್ಟು", "please"))
    what, when = hand.one((("ಬನ್ನಿ", "come"), ("ಕರೆ ಮಾಡಿ", "call"), ("ಕಚೇರಿಗೆ ಬನ್ನಿ", "come to the office"))), _when(hand)
    return hand.clause([please, when, what], [please, what, when], "clause.come")


def _last_day(hand: Hand) -> Pair:
    month = _maybe(hand, 0.5, lambda: hand.slot("mon", kannada="{} ತಿಂಗಳ", english="for {}"))
    day = hand.pick(lambda: hand.slot("date"), lambda: hand.slot("wday"), lambda: hand.slot("rel"))
    kannada = [month, Part("ಬಿಲ್ ಕಟ್ಟಲು ಕೊನೆಯ ದಿನ"), day]
    verb = hand.word(("", "is"))
    return hand.clause(kannada, [hand.word(("", "the last day to pay the bill")), month, verb, day], "clause.last")


_AGENT_CLAUSES: Sequence[Callable[[Hand], Pair]] = (
    _your_number_is, _your_number_is, _your_sum_is, _your_sum_is, _tell_me, _who_comes, _device, _power, _we_did, _pay,
    _pay, _office, _service, _used, _come, _last_day,
)  # fmt: skip
