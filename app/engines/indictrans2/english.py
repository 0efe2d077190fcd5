"""English as IndicTrans2 was trained on it: tokens separated by spaces, by the rules of Moses' tokenizer, and back.

The rules are those of Koehn and others' tokenizer.perl and detokenizer.perl for English, without escapes for XML: marks
stand alone, except an apostrophe, which opens its second half (don 't), a comma or a full stop inside a number, and the
full stop of an abbreviation.
"""

import re
from itertools import pairwise

_INDIC = "\u0900-\u0963\u0966-\u0dff"
"""Letters and vowel signs of India's scripts; Python does not count the signs as parts of a word."""
_ALONE = re.compile(rf"[^\w\s.'`,\-{_INDIC}]|_|\.{{2,}}")
_COMMA = re.compile(r"(?<!\d),|,(?!\d)")
_CONTRACTION = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])|(?<=\d)'(?=s)")
_QUOTE = re.compile(r"(?<=[\W\d_])'(?=[\W\d_])|(?<=[\W_])'(?=[^\W\d_])|(?<=[^\W\d_])'(?=[\W\d_])")
_LAST_QUOTE = re.compile(r"\.'$")
_ABBREVIATION = re.compile(
    r"[A-Z]|Adj|Ad[mv]|Asst|Bart|Bldg|Brig|Bros|Capt|Cmdr|Col|Comdr|Con|Corp|Cpl|D[Rr]|Drs|Ens|Gen|Gov|Hon|Hr|Hosp|Insp|"
    r"Lt|MM|M[Rr]|MRS|Mrs|M[Ss]|Maj|Messrs|Mlle|Mme|Msgr|Op|Ord|Pfc|Ph|Prof|Pvt|Reps?|Res|[Rr]ev|Rt|Sens?|Sfc|Sgt|Sr|St|"
    r"Supt|Surg|vs?|i\.e|e\.g|Rs|Nos|Nr|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
)
_BEFORE_NUMBERS = frozenset(("No", "Art", "pp"))

_OPENING = re.compile(r"[\$£€₹(\[{¿¡]+")
_CLOSING = re.compile(r"[,.?!:;\\%}\])]+")
_QUOTES = ("'", '"', "''", "`", "``")
_SECOND_HALF = re.compile(r"'[^\W\d_]")


def tokenise(text: str) -> str:
    """`text` with a space between any two tokens."""
    text = _ALONE.sub(r" \g<0> ", " ".join(text.split()))
    text = _COMMA.sub(" , ", text)
    text = _CONTRACTION.sub(" '", _QUOTE.sub(" ' ", text))
    words = pairwise([*text.split(), ""])
    text = " ".join(_without_full_stop(word, following) for word, following in words)
    return _LAST_QUOTE.sub(" . '", text)


def _without_full_stop(word: str, following: str) -> str:
    """A full stop ends a sentence unless it belongs to its word."""
    before = word[:-1]
    if not word.endswith(".") or not before or before.endswith("."):
        return word
    abbreviated = bool(_ABBREVIATION.fullmatch(before)) or ("." in before and any(char.isalpha() for char in before))
    numbered = before in _BEFORE_NUMBERS and following[:1].isdigit()
    return word if abbreviated or numbered or following[:1].islower() else f"{before} ."


def detokenise(text: str) -> str:
    """The sentence whose tokens are `text`."""
    sentence = ""
    gap = ""
    opened: set[str] = set()
    previous = ""
    for token in text.split():
        if _OPENING.fullmatch(token):
            sentence, gap = sentence + gap + token, ""
        elif _CLOSING.fullmatch(token) or (sentence and _SECOND_HALF.match(token)):
            sentence, gap = sentence + token, " "
        elif token in _QUOTES:
            possessive = token not in opened and token == "'" and previous.endswith("s")  # noqa: S105 - a word
            closes = possessive or token in opened
            sentence, gap = sentence + ("" if closes else gap) + token, " " if closes else ""
            if not possessive:
                opened ^= {token}
        else:
            sentence, gap = sentence + gap + token, " "
        previous = token
    return sentence
