"""A conversation with an agent, as the call would have it: every line heard in full unless a test says otherwise."""

from app.call.events import Finished, Line
from app.engines.base import Agent, Filler, Question

Answer = tuple[str, Finished | None]


def heard(*lines: str) -> tuple[Line, ...]:
    """A history from lines that begin with "c " (the caller said) or "a " (the caller heard)."""
    return tuple(Line("caller" if line[0] == "c" else "agent", "", line[2:]) for line in lines)


async def at_once() -> None:
    """The caller has finished."""


async def ask(agent: Agent, text: str, history: tuple[Line, ...] = (), call_id: str = "call-1") -> Answer:
    """The whole answer, fillers in brackets, and how it ended."""
    said, finished = [], None
    async for piece in agent.answer(Question(call_id, "+919900000000", text, history, at_once)):
        assert finished is None, "nothing follows Finished"
        if isinstance(piece, Finished):
            finished = piece
        elif isinstance(piece, Filler):
            said.append(f"({piece.english})")
        else:
            said.append(piece)
    return "".join(said).strip(), finished


class Conversation:
    """Keeps the history that the next question will carry."""

    def __init__(self, agent: Agent, call_id: str = "call-1") -> None:
        self._agent = agent
        self._call_id = call_id
        self.history: tuple[Line, ...] = ()

    async def say(self, text: str) -> str:
        """The answer; one that ends the call ends in its action, in square brackets."""
        said, finished = await ask(self._agent, text, self.history, self._call_id)
        self.history += (Line("caller", "", text),)
        if said:
            self.history += (Line("agent", "", said),)
        return f"{said} [{finished.action}]".strip() if finished else said
