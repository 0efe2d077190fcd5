"""The lexicon's file: what it says, and what is wrong with it."""

from pathlib import Path

import pytest

from app.kannada import lexicon
from app.kannada.lexicon import Lexicon, LexiconError, load_lexicon, parse_lexicon


def test_names_in_both_directions(tmp_path: Path) -> None:
    file = tmp_path / "names.tsv"
    file.write_text("\ufeff# places\n\nಬೆಂಗಳೂರು\tBengaluru\nಬೆಂಗ್ಳೂರು\t Bengaluru \nಶಿವಾಜಿ  ನಗರ\tShivaji Nagar\r\n")
    names = load_lexicon(file)
    assert names.to_english == {"ಬೆಂಗಳೂರು": "Bengaluru", "ಬೆಂಗ್ಳೂರು": "Bengaluru", "ಶಿವಾಜಿ ನಗರ": "Shivaji Nagar"}
    assert names.to_kannada == {"Bengaluru": "ಬೆಂಗಳೂರು", "Shivaji Nagar": "ಶಿವಾಜಿ ನಗರ"}
    assert parse_lexicon("", "empty") == Lexicon()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("ಗೀತಾ Geetha", "names:1: a line must be a Kannada name, a tab, an English name"),
        ("# x\nಗೀತಾ\t", "names:2: a line must be"),
        ("ಗೀತಾ\tGeetha\tx", "names:1: a line must be"),
        ("Geetha\tಗೀತಾ", "names:1: the Kannada name comes first"),
        ("ಗೀತಾ\tGeetha\nಗೀತಾ\tGita", "names:2: this Kannada name is in the file already"),
        ("ಗೀತಾ\t" + "a" * 65, "at most 64 characters and 6 words"),
        ("ಗೀತಾ\ta b c d e f g", "at most 64 characters and 6 words"),
        ("ಗೀತಾ\t12", "a name has letters"),
        ("\n".join(f"ಗೀತಾ{n}\tname" for n in range(5001)), "names:5001: more than 5000 names"),
    ],
)
def test_a_wrong_line_is_named(content: str, message: str) -> None:
    with pytest.raises(LexiconError, match=message):
        parse_lexicon(content, "names")


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"nothing\.tsv: cannot be read"):
        load_lexicon(tmp_path / "nothing.tsv")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LexiconError, match="binary: not UTF-8: byte 0"):
        load_lexicon(tmp_path / "binary")
    (tmp_path / "huge").write_bytes(b"#" * (lexicon.MOST_BYTES + 1))
    with pytest.raises(LexiconError, match="huge: longer than 1000000 bytes"):
        load_lexicon(tmp_path / "huge")
