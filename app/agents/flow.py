"""The flow agent: answers from a readable file, the same way every time.

`dialogue` folds the conversation into what the caller wants; this module asks for what is missing, writes and looks up
what is needed, and says the file's sentences. It gives the call to a person without a word: the call announces that.
"""

from collections.abc import AsyncGenerator, Callable
from functools import partial
from pathlib import Path

from app.agents.dialogue import Dialogue, State, agreed
from app.agents.flow_file import read
from app.agents.flow_tables import Answer, Flow, Slot, Task
from app.agents.phrases import Phrase
from app.agents.records import Records, Row
from app.call.events import Finished
from app.config import Settings
from app.engines.base import Question
from app.engines.worker import Worker

ELECTRICITY_DESK = Path(__file__).with_name("electricity_desk.toml")


def load(settings: Settings) -> "FlowAgent":
    """The agent of `settings.agent.file`, or the embedded electricity desk. Raises ConfigError."""
    return FlowAgent(read(settings.agent.file or ELECTRICITY_DESK))


class FlowAgent:
    """Implements app.engines.base.Agent."""

    def __init__(self, flow: Flow) -> None:
        self._file = flow.file
        self._dialogue = Dialogue(flow)
        self.records = Records(flow.script)
        self._clerk: Worker[Callable[[], Row | None], Row | None] = Worker(
            "records", lambda errands: [errand() for errand in errands]
        )
        """Its one thread runs all statements: one that takes long keeps no other call's audio waiting."""

    async def warm_up(self) -> None:
        """Everything is in memory already."""

    async def aclose(self) -> None:
        await self._clerk.aclose()
        self.records.close()

    async def answer(self, question: Question) -> AsyncGenerator[str | Finished, None]:
        state = self._dialogue.after(question.history, question.text)
        sentences, finished = await self._reply(state, question)
        for sentence in sentences:
            yield sentence + " "
        if finished:
            yield finished

    async def _reply(self, state: State, question: Question) -> tuple[list[str], Finished | None]:
        say = self._file.say
        match state.move:
            case "person":
                return [], Finished("transfer")
            case "goodbye":
                return say.goodbye.render({}), Finished("hang_up")
            case "unclear" if state.unclear >= self._file.patience:
                return [], Finished("transfer")
            case "unclear":
                return say.unclear.render({}), None
            case "repeat":
                return self._dialogue.again(state) or say.help.render({}), None
            case "more":
                return say.more.render({}), None
            case "help":
                return say.help.render({}), None
            case "go_on":
                return await self._go_on(state, question)

    async def _go_on(self, state: State, question: Question) -> tuple[list[str], Finished | None]:
        values = self._values(state, question)
        task = self._dialogue.task(state)
        if task is None:
            name = self._dialogue.unsure(state)
            return self._ask(name, state) if name else self._file.say.help.render({}), None
        if task.person:
            return [], Finished("transfer", task.person)
        for name in task.needs:
            if name not in state.slots:
                values[name] = await self._default(self._file.slots[name], values)
            if values[name] is None:
                return self._ask(name, state), None
            if not await self._exists(self._file.slots[name], values):
                if state.unknown >= self._file.patience:
                    return [], Finished("transfer")
                return self._said(self._file.slots[name].unknown, values), None
        if state.agreed:  # what was agreed to may be gone when the caller has finished: it is looked up only then
            await question.confirmed()
        to_confirm = await self._first(task.confirm, values)
        if to_confirm and not agreed(state, to_confirm):
            return to_confirm, None
        if task.effect and (to_confirm or not task.confirm):
            await self._write(task, values, question)
        return await self._answer(task, values), None

    def _values(self, state: State, question: Question) -> dict[str, object]:
        """What statements and sentences may use; None is what nobody said, or nobody said yes to."""
        values: dict[str, object] = {name: None for name in self._file.slots}
        values |= {name: filled.value for name, filled in state.slots.items() if filled.sure}
        position = state.wish.position if state.wish else None
        return values | {"call_id": question.call_id, "caller": question.caller, "position": position}

    def _ask(self, name: str, state: State) -> list[str]:
        slot, filled = self._file.slots[name], state.slots.get(name)
        if filled and filled.value:
            return self._said(slot.confirm, {name: filled.value})
        return self._said(slot.ask, {})

    async def _default(self, slot: Slot, values: dict[str, object]) -> object:
        row = await self._find(slot.default, values) if slot.default else None
        return next(iter(row.values())) if row else None

    async def _exists(self, slot: Slot, values: dict[str, object]) -> bool:
        return not slot.check or await self._find(slot.check, values) is not None

    async def _find(self, look_up: str, values: Row) -> Row | None:
        return await self._clerk.submit(partial(self.records.find, look_up, values))

    async def _write(self, task: Task, values: dict[str, object], question: Question) -> None:
        """The only place where a call changes anything, and only once the caller has really finished."""
        await question.confirmed()
        await self._clerk.submit(partial(self.records.write, task.effect, values))

    async def _answer(self, task: Task, values: dict[str, object]) -> list[str]:
        if said := await self._first(task.answers, values):
            return said + (self._file.say.more.render({}) if task.more else [])
        return self._file.say.unclear.render({})

    async def _first(self, answers: tuple[Answer, ...], values: dict[str, object]) -> list[str]:
        """What the first of `answers` says that finds a row; nothing when none does."""
        for answer in answers:
            row = await self._find(answer.look_up, values) if answer.look_up else {}
            if row is not None and (said := answer.say.render({**values, **row})):
                return said
        return []

    def _said(self, phrase: Phrase | None, values: dict[str, object]) -> list[str]:
        return phrase.render(values) if phrase else self._file.say.unclear.render({})
