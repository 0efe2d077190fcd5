"""`kva agent chat`: the terminal around a Talk."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from rich.console import Console
from rich.text import Text

from app.agents.flow import FlowAgent
from app.agents.openai import OpenAiAgent
from app.call.events import Finished, Speech, Understood
from app.config import Settings
from app.console.talk import Talk, Turn
from app.console.translators import UNKNOWN_DESK, Nothing, translators_know
from app.desk import Desk, open_desk
from app.engines.base import Agent, Engine, Translator
from app.engines.table import load_engine
from app.kannada.lexicon import has_kannada
from app.reply import Result, StageError

HELP = "/keys 4521 presses keys, /back takes the last turn back, /quit ends."
_STYLES = {"caller": "bold blue", "agent": "bold yellow"}


def chat(settings: Settings, out: Console) -> None:
    """Until the input ends. Raises ConfigError and EngineError."""
    desk = open_desk(settings)
    known = translators_know(desk)
    with asyncio.Runner() as runner:
        with out.status("Loading the models"):
            to_english: Translator = load_engine("to_english", desk.settings) if known else Nothing()
            to_kannada: Translator = load_engine("to_kannada", desk.settings) if known else Nothing()
            agent: Agent = load_engine("agent", desk.settings)
        engines: tuple[Engine, ...] = (to_english, to_kannada, agent)
        try:
            with out.status("Warming them up"):
                for engine in engines:
                    runner.run(engine.warm_up())
            _Screen(out, desk, Talk(desk, to_english, agent, to_kannada), agent, known).run(runner)
        finally:
            for engine in engines:
                runner.run(engine.aclose())


class _Screen:
    def __init__(self, out: Console, desk: Desk, talk: Talk, agent: Agent, known: bool) -> None:
        self._out = out
        self._desk = desk
        self._talk = talk
        self._known = known
        self._typed = ""
        """What the terminal shows already."""
        if isinstance(agent, OpenAiAgent):
            agent.watch = self._tool
        if isinstance(agent, FlowAgent):
            agent.records.watch(self._statement)

    def run(self, runner: asyncio.Runner) -> None:
        if not self._known:
            self._out.print(UNKNOWN_DESK, style="yellow", soft_wrap=True)
        self._note(f"Type Kannada or English. {HELP}")
        greeting = self._talk.history[0]
        self._line("agent", greeting.kannada, greeting.english)
        for line in _lines():
            self._typed = line if sys.stdin.isatty() else ""
            if line == "/quit":
                return
            self._do(line, runner)

    def _do(self, line: str, runner: asyncio.Runner) -> None:
        command, _, keys = line.partition(" ")
        keys = keys.strip().removesuffix("#")
        if command == "/back":
            self._note("The last turn is taken back." if self._talk.back() else "There is nothing to take back.")
        elif command == "/keys" and keys and set(keys) <= set("0123456789*"):
            self._keyed(keys, runner)
        elif command.startswith("/"):
            self._note(f"There is no such command. {HELP}")
        elif has_kannada(line) and not self._known:
            self._note("The demo translators do not know this desk: type English.")
        else:
            self._turn(line, runner, understood=not has_kannada(line))

    def _keyed(self, keys: str, runner: asyncio.Runner) -> None:
        choice = self._talk.choice(keys)
        if choice is None or choice.says:
            self._turn(choice.says if choice else keys, runner, understood=True)
        else:
            self._note(f"The call goes to: {choice.person}.")

    def _turn(self, text: str, runner: asyncio.Runner, *, understood: bool) -> None:
        try:
            turn = runner.run(self._talk.turn(text, partial(self._show, text), understood=understood))
        except StageError as error:
            self._out.print(f"{error.stage} failed: {error.__cause__}", style="bold red", markup=False, soft_wrap=True)
            return
        if turn.asked.kind:
            digits = f", {turn.asked.digits} of them" if turn.asked.digits else ""
            self._note(f"expects: {turn.asked.kind.replace('_', ' or ')}{digits}")
        self._ended(turn.finished)
        self._note(_timings(turn))

    def _show(self, said: str, result: Result) -> None:
        match result:
            case Understood() if result.english != self._typed:
                self._line("caller", "" if said == self._typed else said, result.english)
            case Speech(kannada=kannada, english=english) if kannada or english:
                self._line("agent", kannada, english, "  (filler)" if result.filler else "")

    def _statement(self, statement: str) -> None:
        if statement not in ("BEGIN ", "COMMIT"):
            self._note(f"records: {' '.join(statement.split())}")

    def _tool(self, name: str, arguments: str, result: str | Finished) -> None:
        self._note(f"tool: {name} {arguments}")
        if isinstance(result, str):
            self._note(f"  says: {result}")

    def _ended(self, finished: Finished) -> None:
        people = [person.name for person in self._desk.policy.people]
        match finished.action:
            case "hang_up":
                self._note("The agent hangs up here. /back takes it back.")
            case "transfer" if people:
                self._note(f"The call goes to: {finished.target or people[0]}. /back takes it back.")
            case "transfer":
                self._note("The call would go to a person, and the desk names none. /back takes it back.")

    def _line(self, role: str, kannada: str, english: str, after: str = "") -> None:
        texts = [text for text in dict.fromkeys((kannada, english)) if text]
        for number, text in enumerate(texts):
            head = Text(f"{role if number == 0 else '':8}", style=_STYLES[role])
            self._out.print(head + Text(text + (after if number == 0 else "")), soft_wrap=True)

    def _note(self, text: str) -> None:
        self._out.print(Text(f"        {text}", style="dim"), soft_wrap=True)


def _timings(turn: Turn) -> str:
    stages = {
        "translated": turn.translated_s,
        "first token": turn.token_s,
        "first clause": turn.clause_s,
        "all": turn.all_s,
    }
    return "after " + ", ".join(f"{name} {s * 1000:.0f} ms" for name, s in stages.items() if s is not None)


def _lines() -> Iterator[str]:
    terminal = sys.stdin.isatty()
    if terminal:
        with suppress(ImportError):
            import readline  # noqa: F401  input() edits lines with it
    with suppress(EOFError, KeyboardInterrupt):
        while True:
            if line := input("> " if terminal else "").strip():
                yield line
