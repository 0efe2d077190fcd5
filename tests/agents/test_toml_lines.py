"""Where keys stand, also in what goes on over many lines."""

import pytest

from app.agents.toml_lines import Key, Lines

SOURCE = '''# a comment
title = "x"
list = [
    "a",    # with a comment
    "b # no comment",
]

words = """
[not.a.table]
title = "no"
"""
inline = { a = 1, b = { c = 2 } }

[table]    # its header
key.inner = 1

[[many]]
name = "first"

[[many]]
name = "second"
[many.sub]
deep = true
'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("title",), 2),
        (("list",), 3),
        (("list", 1), 3),
        (("words",), 8),
        (("inline", "b", "c"), 12),
        (("table",), 14),
        (("table", "key", "inner"), 15),
        (("many",), 17),
        (("many", 0, "name"), 18),
        (("many", 1), 20),
        (("many", 1, "name"), 21),
        (("many", 1, "sub", "deep"), 23),
        (("table", "missing"), 14),  # its table's header
        (("many", 1, "sub", "missing"), 22),
        (("many", 0, "missing", "too"), 17),
        (("list", 5), 3),
        (("missing",), 1),
        ((), 1),
    ],
)
def test_where_a_key_stands(key: Key, line: int) -> None:
    assert Lines(SOURCE).of(key) == line


def test_every_line_of_a_long_file() -> None:
    source = "".join(f"[t{n}]\nkey = [\n  {n},\n]\n" for n in range(50))
    lines = Lines(source)
    assert [lines.of((f"t{n}", "key")) for n in range(50)] == [4 * n + 2 for n in range(50)]


def test_letters_that_end_a_line_elsewhere_do_not_here() -> None:
    assert Lines('a = "x\u2028y\x85z"\nb = 1\n').of(("b",)) == 2
