"""A conversation as chat messages: what the caller said is the user, what the caller *heard* is the assistant.

- Text that was not heard is not in the history, so it is not here. A line that the caller interrupted ends in "—", as
  the call's ledger writes it; the system prompt explains that to the model.
- Roles take turns, since many chat templates refuse anything else: lines of one side in a row are joined, and what the
  agent said before the caller's first words stands in the system prompt.
"""

from collections.abc import Iterable
from itertools import groupby

from openai.types.chat import ChatCompletionMessageParam

from app.call.events import Line
from app.engines.base import Question

_INTERRUPTED = "A line of yours that ends in — was interrupted by the caller, who heard no more of it."
_OPENED = "You opened the call with: "
_UNINTELLIGIBLE = "(unintelligible)"


def messages(system_prompt: str, question: Question) -> list[ChatCompletionMessageParam]:
    """Everything said and heard so far, and what the caller just said."""
    lines = [line for line in (*question.history, Line("caller", "", question.text or _UNINTELLIGIBLE)) if line.english]
    turns = [(role, _joined(line.english for line in group)) for role, group in groupby(lines, lambda line: line.role)]
    system = [system_prompt, _INTERRUPTED]
    if turns[0][0] == "agent":
        system.append(_OPENED + turns.pop(0)[1])
    return [
        {"role": "system", "content": "\n".join(system)},
        *(_message(role, text) for role, text in turns),
    ]


def _joined(texts: Iterable[str]) -> str:
    """One text of several. A turn that went on begins with its own beginning, which is not said twice."""
    joined: list[str] = []
    for text in texts:
        if joined and text.startswith(joined[-1]):
            joined.pop()
        joined.append(text)
    return " ".join(joined)


def _message(role: str, text: str) -> ChatCompletionMessageParam:
    if role == "caller":
        return {"role": "user", "content": text}
    return {"role": "assistant", "content": text}
