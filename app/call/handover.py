"""What a person hears of a caller before the two are connected: who has spoken with the agent need not begin anew."""

from collections.abc import Iterable, Iterator

from app.call.events import Line
from telephony.events import Words

_LINES = 3
"""Of the caller: the last ones."""
_CHARACTERS = 200
"""Of a line: the person waits with the telephone in the hand."""


def whisper(history: Iterable[Line]) -> tuple[Words, ...]:
    """The caller's last lines and the agent's last one, in both languages; empty when the caller said nothing."""
    lines = list(history)
    caller = [line for line in lines if line.role == "caller"][-_LINES:]
    agent = [line for line in lines if line.role == "agent"][-1:]
    kannada = _told("ಕರೆ ಮಾಡಿದವರು ಹೇಳಿದ್ದು:", (line.kannada for line in caller))
    english = _told("The caller said:", (line.english for line in caller))
    if kannada:
        kannada += _told(" ಅವರಿಗೆ ಹೇಳಿದ್ದು:", (line.kannada for line in agent))
    if english:
        english += _told(" They were told:", (line.english for line in agent))
    spoken = (Words("kn-IN", kannada), Words("en-IN", english))
    return tuple(words for words in spoken if words.text)


def _told(head: str, texts: Iterable[str]) -> str:
    sentences = list(_sentences(texts))
    return " ".join([head, *sentences]) if sentences else ""


def _sentences(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if text := text.strip()[:_CHARACTERS]:
            yield text if text[-1] in ".?!।—" else text + "."
