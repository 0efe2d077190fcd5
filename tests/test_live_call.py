"""Calls over real sockets: what the caller hears, what the agent is told, what the trace holds."""

import asyncio
from dataclasses import replace
from pathlib import Path

from app.call.events import Finished, Hearing, Line
from app.engines.base import Partial
from app.engines.scripted import ScriptedAgent
from app.replay.trace import read, replay
from app.replay.waterfall import TurnRow, rows
from tests.live import QUICK, BriefTts, Staff, agent_says, ask, desk, words


async def test_every_turn_is_answered_and_the_agent_is_told_what_was_heard() -> None:
    async with desk(agent_says("all is well.")) as at:
        caller, ended = await at.call(ask(), ask(), patience_s=0.5)
    assert ended.by == "caller"
    assert len(caller.ear.bursts) == 3, "the greeting and two answers"
    first, second = at.staff.agent.questions
    assert first.text == words(1)
    assert second.history[-2:] == (Line("caller", words(1), words(1)), Line("agent", "all is well.", "all is well."))


async def test_words_are_spoken_while_the_agent_still_writes() -> None:
    staff = Staff(agent=ScriptedAgent(tokens=["One. ", *["more "] * 20, "and end."], token_s=0.1))
    async with desk(staff) as at:
        caller = at.caller(ask(), patience_s=3.0)
        call = asyncio.create_task(caller.run())
        async with asyncio.timeout(10):
            while len(caller.ear.bursts) < 2:
                await asyncio.sleep(0.02)
        assert staff.tts.spoken[-1] == "One.", "2 s before the last token"
        call.cancel()


async def test_barge_in_is_traced_and_unheard_words_never_reach_the_agent(tmp_path: Path) -> None:
    staff = agent_says("one two three four five six seven eight nine ten.", seconds=2.0)
    async with desk(staff, tmp_path) as at:
        await at.call(ask(), ask(barge_in_s=0.4), patience_s=0.5)
    (trace,) = tmp_path.glob("*.jsonl")
    _, interrupted, after = rows(read(trace))
    assert interrupted.clear_s is not None
    assert interrupted.barge_in_speech_s is not None
    silenced_s = interrupted.clear_s - interrupted.barge_in_speech_s
    assert QUICK.turn.barge_in_voice_s - 0.05 < silenced_s < QUICK.turn.opening_voice_s + 0.1
    heard = staff.agent.questions[1].history[-1]
    assert heard.role == "agent"
    assert heard.english.startswith("one two")
    assert heard.english.endswith(" —")
    assert "nine" not in heard.english
    assert interrupted.agent_english == heard.english
    assert interrupted.unheard_english.endswith("nine ten.")
    assert after.caller_kannada == words(2)


async def test_the_trace_of_a_live_call_replays_to_the_same_commands(tmp_path: Path) -> None:
    async with desk(agent_says("all is well.", seconds=2.0), tmp_path) as at:
        await at.call(ask(), ask(barge_in_s=0.8), patience_s=0.6)
    (path,) = tmp_path.glob("*.jsonl")
    trace = read(path)
    outcome = replay(trace)
    assert outcome.difference == ""
    assert outcome.events > 100
    assert {row["out"] for row in trace.outputs} >= {"Play", "Mark", "Clear", "Listen", "Finish", "Reply", "Confirm"}
    assert path.with_suffix(".caller.mulaw").stat().st_size > 8000
    assert path.with_suffix(".agent.mulaw").stat().st_size > 8000


async def test_partial_transcripts_of_each_turn_are_in_the_trace(tmp_path: Path) -> None:
    staff = agent_says("all is well.")
    staff.stt.partials = [Partial("", "ವಾಕ್ಯ"), Partial("ವಾಕ್ಯ", "ವಾಕ್ಯ ಒಂದು")]
    async with desk(staff, tmp_path) as at:
        await at.call(ask(), ask(), patience_s=0.6)
    (path,) = tmp_path.glob("*.jsonl")
    trace = read(path)
    hearing = [(event.turn, event.stable, event.text) for _, event in trace.inputs if isinstance(event, Hearing)]
    assert hearing == [(turn, *said) for turn in (1, 2) for said in (("", "ವಾಕ್ಯ"), ("ವಾಕ್ಯ", "ವಾಕ್ಯ ಒಂದು"))]
    assert replay(trace).difference == ""


async def test_the_waterfall_is_in_order(tmp_path: Path) -> None:
    async with desk(agent_says("all is well."), tmp_path) as at:
        await at.call(ask(), patience_s=0.6)
    (path,) = tmp_path.glob("*.jsonl")
    greeting, turn = rows(read(path))
    assert greeting.agent_english
    assert greeting.first_on_wire_s is not None
    assert in_order(turn)


def in_order(turn: TurnRow) -> bool:
    """Every stage was reached, none before what it is made of."""
    speech = [turn.start_of_speech_s, turn.end_of_speech_s, turn.soft_end_s, turn.confirmed_end_s]
    making = [turn.soft_end_s, turn.stt_final_s, turn.translated_s, turn.first_agent_token_s, turn.first_clause_s]
    hearing = [turn.first_clause_s, turn.first_tts_byte_s, turn.first_on_wire_s, turn.first_mark_heard_s]
    for times in (speech, making, [*hearing, turn.end_of_reply_s], [turn.confirmed_end_s, turn.first_on_wire_s]):
        known = [time for time in times if time is not None]
        if len(known) < len(times) or known != sorted(known):
            return False
    return True


async def test_keys_are_answered_as_words_are(tmp_path: Path) -> None:
    async with desk(agent_says("all is well."), tmp_path) as at:
        caller = at.caller(patience_s=1.0)
        caller._behaviour = Keys("4521#")  # type: ignore[assignment]
        await caller.run()
    assert [question.text for question in at.staff.agent.questions] == ["4521"]
    (path,) = tmp_path.glob("*.jsonl")
    assert [row.caller_kannada for row in rows(read(path))] == ["", "4521"]


class Keys:
    """Presses keys when the greeting is over, and hangs up after the answer."""

    def __init__(self, keys: str) -> None:
        self._keys = keys

    def step(self, now: float, ear: object) -> object:
        from app.demo.caller import HangUp, Press

        assert hasattr(ear, "bursts")
        if self._keys and now > 1.0:
            keys, self._keys = self._keys, ""
            return Press(keys)
        return HangUp() if len(ear.bursts) > 1 and now > 3.0 else None


async def test_the_agent_can_end_the_call_after_its_last_word_was_heard() -> None:
    staff = Staff(agent=ScriptedAgent(tokens=["goodbye."], finished=Finished("hang_up")), tts=BriefTts(seconds=0.5))
    async with desk(staff) as at:
        caller, ended = await at.call(ask())
    assert ended.by == "server"
    assert ended.verbs == ("Hangup",)
    assert caller.ear.bursts[-1].end - caller.ear.bursts[-1].start >= 4000, "the goodbye was heard to its end"


async def test_a_caller_who_never_speaks_is_asked_and_then_let_go() -> None:
    impatient = QUICK.model_copy(update={"patience": replace(QUICK.patience, no_input_s=0.5)})
    async with desk(call=impatient) as at:
        caller, ended = await at.call(patience_s=30.0)
    assert ended.by == "server"
    assert len(caller.ear.bursts) == 4, "greeting, asked twice, farewell"
    assert at.staff.agent.questions == []


async def test_readiness_says_the_truth() -> None:
    import httpx

    from app.config import ServerSettings

    async with desk(server=ServerSettings(port=0, max_calls=1)) as at, httpx.AsyncClient() as http:
        url = f"http://127.0.0.1:{at.server.port}"
        assert (await http.get(f"{url}/healthz")).json() == {"alive": True}
        assert (await http.get(f"{url}/readyz")).json()["state"] == "ready"
        call = asyncio.create_task(at.caller().run())
        while not at.server.switchboard.live:
            await asyncio.sleep(0.01)
        assert (await http.get(f"{url}/readyz")).status_code == 503
        answer = await http.post(f"{url}/twilio/voice", data={"CallSid": "CA1", "From": "+911"})
        assert "Reject" in answer.text
        call.cancel()
