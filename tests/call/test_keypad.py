"""Keys become entries."""

from app.call.keypad import LONGEST, Keypad


def test_a_hash_completes_the_entry() -> None:
    keypad = Keypad(2.0)
    assert [keypad.press(digit, 1.0) for digit in "45#"] == [None, None, "45"]
    assert not keypad.active
    assert keypad.press("#", 2.0) == ""


def test_a_pause_after_the_last_key_completes_the_entry() -> None:
    keypad = Keypad(2.0)
    keypad.press("4", 1.0)
    keypad.press("5", 2.5)
    assert keypad.deadline == 4.5
    assert keypad.due(4.4) is None
    assert keypad.due(4.5) == "45"
    assert keypad.deadline is None


def test_an_entry_has_an_end() -> None:
    keypad = Keypad(2.0)
    entries = [keypad.press("7", 1.0) for _ in range(LONGEST)]
    assert entries == [None] * (LONGEST - 1) + ["7" * LONGEST]
