"""A server of one's own on loopback, with the configured engines, and calls to it from the far end of its carrier."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.agents.flow import FlowAgent
from app.config import Settings, TwilioSettings
from app.demo.caller import Caller, Ended, Number
from app.demo.exchange import ACCOUNT, Exchange, exchange
from app.demo.expect import Records, unmet
from app.demo.script import Director, Script
from app.demo.sheet import ScriptError
from app.desk import open_desk
from app.engines.base import EngineFailed
from app.engines.table import Engines, load_engines
from app.replay.trace import read
from app.replay.waterfall import rows
from app.server import Running, running
from telephony.twilio.rest import TwilioRest


@dataclass(slots=True)
class Call:
    """Somebody who acts out a script, before, during and after the call."""

    script: Script
    caller: Caller
    director: Director
    trace: Path
    """What the server writes of it, with the words; complete once the server is closed."""
    ended: Ended | None = None
    found: list[Records] = field(default_factory=list)
    """What the script's facts look up, right after the call."""

    def problems(self) -> list[str]:
        """What did not come as the script expects, a sentence each. Raises TraceError."""
        director, expect = self.director, self.script.expect
        found = []
        if director.gave_up or director.unsaid:
            after = f"after say.{len(director.spoken) - 1}" if director.spoken else "before the first say"
            why = "the agent was silent and the caller gave up" if director.gave_up else "the call ended"
            found.append(f"{after} {why}")
        trace = read(self.trace)
        return found + (unmet(expect, trace, rows(trace), self.found) if expect else [])


@dataclass(frozen=True, slots=True)
class LocalServer:
    """Takes any number of calls at once."""

    server: Running
    engines: Engines
    exchange: Exchange
    folder: Path

    def place(self, script: Script) -> Call:
        """Raises ScriptError when the facts of `script` cannot be looked up here."""
        director = Director(script)
        number = Number(f"http://127.0.0.1:{self.server.port}/twilio/voice", account_id=ACCOUNT)
        caller = Caller(number, director, background=script.background)
        call = Call(script, caller, director, self.folder / f"{caller.call_id}.jsonl")
        self._look_up(call)  # better now than after the call
        self.exchange.connect(caller)
        return call

    async def run(self, call: Call) -> None:
        """Make the call, until it is over. Raises CallError."""
        call.ended = await call.caller.run()
        call.found = self._look_up(call)

    def _look_up(self, call: Call) -> list[Records]:
        facts = call.script.expect.facts if call.script.expect else ()
        agent, found = self.engines.agent, []
        for number, fact in enumerate(facts):
            if not isinstance(agent, FlowAgent):
                raise ScriptError("expect.facts: only the flow agent's records can be looked at (agent.engine)")
            try:
                found.append(agent.records.rows(fact.look_up, {"call_id": call.caller.call_id}))
            except EngineFailed as error:
                raise ScriptError(f"expect.facts.{number}.look_up: {error}") from error
        return found


@asynccontextmanager
async def local_server(settings: Settings, folder: Path) -> AsyncIterator[LocalServer]:
    """The user's settings on a free port, with a carrier that is here too. Raises ConfigError and EngineError."""
    alone = open_desk(_alone(settings, folder)).settings
    engines = await asyncio.to_thread(load_engines, alone)
    try:
        async with exchange() as there:
            rest = TwilioRest(ACCOUNT, "of-the-demo", api_url=there.url)
            try:
                async with running(alone, engines, rest) as server:
                    yield LocalServer(server, engines, there, folder)
            finally:
                await rest.aclose()
    finally:
        await engines.aclose()


def _alone(settings: Settings, folder: Path) -> Settings:
    server = settings.server.model_copy(update={"host": "127.0.0.1", "port": 0, "public_url": None})
    trace = settings.trace.model_copy(update={"directory": folder, "audio": False, "keep_words": True})
    return settings.model_copy(update={"server": server, "trace": trace, "twilio": TwilioSettings()})
