"""The reply pipeline with scripted engines: what it emits, in which order, and how it stops."""

import asyncio
from dataclasses import dataclass, field

import pytest

from app.call.events import Finished, Line, Reached, Replied, Reply, Speech, Understood
from app.engines.base import EngineFailed, Filler
from app.engines.scripted import Scripted, ScriptedAgent, ScriptedTranslator, ScriptedTts
from app.reply import Pipeline, Result, StageError, Task, reply


@dataclass
class Bench:
    agent: ScriptedAgent = field(default_factory=ScriptedAgent)
    to_english: ScriptedTranslator = field(default_factory=lambda: ScriptedTranslator(sentences={"ಬಿಲ್": "bill"}))
    to_kannada: ScriptedTranslator = field(
        default_factory=lambda: ScriptedTranslator(sentences={"all is well.": "ಎಲ್ಲಾ"})
    )
    tts: ScriptedTts = field(default_factory=lambda: ScriptedTts(seconds=0.2, rate_hz=22050))
    results: list[Result] = field(default_factory=list)
    room: asyncio.Event = field(default_factory=asyncio.Event)
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, asked: Reply | None = None) -> None:
        pipeline = Pipeline(self.to_english, self.agent, self.to_kannada, self.tts, "mulaw")
        asked = asked or Reply(1, 0, "ಬಿಲ್", ())
        await reply(pipeline, Task(asked, "CA1", "+911", self.results.append, self._confirmed, self._room))

    async def _confirmed(self) -> None:
        await self.confirmed.wait()

    async def _room(self) -> None:
        await self.room.wait()


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.room.set()
    bench.confirmed.set()
    return bench


async def test_everything_comes_in_order(bench: Bench) -> None:
    await bench.run()
    kinds = [type(result) for result in bench.results]
    assert kinds[:3] == [Understood, Reached, Reached]
    assert set(kinds[3:-1]) == {Speech}
    assert bench.results[-1] == Replied(1, 0, Finished())
    speech = [result for result in bench.results if isinstance(result, Speech)]
    first, *later = [(chunk.kannada, chunk.english) for chunk in speech]
    assert first == ("ಎಲ್ಲಾ", "all is well.")
    assert set(later) == {("", "")}
    assert {chunk.clause for chunk in speech} == {1}
    assert [chunk.last for chunk in speech] == [False] * (len(speech) - 1) + [True]
    assert sum(len(chunk.audio) for chunk in speech) == pytest.approx(1600, abs=2), "0.2 s at 8 kHz, one byte a sample"


async def test_the_agent_is_asked_in_english_with_what_was_heard(bench: Bench) -> None:
    history = (Line("caller", "ಬಿಲ್", ""), Line("agent", "ಎಲ್ಲಾ", "all"))
    await bench.run(Reply(2, 1, "ಬಿಲ್", history))
    (question,) = bench.agent.questions
    assert question.text == "bill"
    assert question.history == (Line("agent", "ಎಲ್ಲಾ", "all"),), "what was never translated is left out"


async def test_a_reply_that_is_all_punctuation_still_says_what_it_was(bench: Bench) -> None:
    bench.tts.seconds = 0.0
    await bench.run()
    (speech,) = [result for result in bench.results if isinstance(result, Speech)]
    assert (speech.english, speech.audio, speech.last) == ("all is well.", b"", True)


async def test_keys_are_not_translated(bench: Bench) -> None:
    bench.to_english.error = EngineFailed("must not be used")
    await bench.run(Reply(1, 0, "4521", (), keyed=True))
    assert bench.results[0] == Understood(1, 0, "4521")


async def test_the_voice_gets_words_for_digits_and_the_memory_keeps_the_digits(bench: Bench) -> None:
    bench.to_kannada.sentences = {"all is well.": "ನಿಮ್ಮ ಬಿಲ್ ₹450."}
    await bench.run()
    assert bench.tts.spoken == ["ನಿಮ್ಮ ಬಿಲ್ ನಾನೂರ ಐವತ್ತು ರೂಪಾಯಿ."]
    assert next(result.kannada for result in bench.results if isinstance(result, Speech)) == "ನಿಮ್ಮ ಬಿಲ್ ₹450."


async def test_a_filler_is_a_clause_of_its_own_and_not_the_answer(bench: Bench) -> None:
    bench.agent.tokens = ["let me see", Filler("one moment."), "\n", "all ", "is well."]
    bench.to_kannada.sentences = {"let me see": "ನೋಡುತ್ತೇನೆ", "one moment.": "ಒಂದು ಕ್ಷಣ", "all is well.": "ಎಲ್ಲಾ"}
    await bench.run()
    assert bench.tts.spoken == ["ನೋಡುತ್ತೇನೆ", "ಒಂದು ಕ್ಷಣ", "ಎಲ್ಲಾ"]
    speech = [result for result in bench.results if isinstance(result, Speech)]
    assert {(chunk.clause, chunk.filler) for chunk in speech} == {(1, False), (2, True), (3, False)}


async def test_a_filler_reaches_no_milestone(bench: Bench) -> None:
    bench.agent.tokens = [Filler("one moment."), "all ", "is well."]
    bench.agent.token_s = 0.05
    await bench.run()
    kinds = [type(result) for result in bench.results]
    reached = [result.milestone for result in bench.results if isinstance(result, Reached)]
    assert kinds.index(Speech) < kinds.index(Reached), "the filler was spoken before the answer began"
    assert reached == ["agent_token", "clause"]


async def test_a_filler_in_kannada_is_not_translated(bench: Bench) -> None:
    bench.to_kannada.error = EngineFailed("must not be used")
    bench.agent.tokens = [Filler("one moment.", "ಒಂದು ಕ್ಷಣ")]
    await bench.run()
    assert bench.tts.spoken == ["ಒಂದು ಕ್ಷಣ"]
    speech = next(result for result in bench.results if isinstance(result, Speech))
    assert (speech.kannada, speech.english) == ("ಒಂದು ಕ್ಷಣ", "one moment.")


async def test_the_agent_may_end_the_call(bench: Bench) -> None:
    bench.agent.finished = Finished("transfer", "+918022225555")
    await bench.run()
    assert bench.results[-1] == Replied(1, 0, Finished("transfer", "+918022225555"))


@pytest.mark.parametrize(
    ("part", "stage"),
    [("to_english", "translation"), ("agent", "agent"), ("to_kannada", "translation"), ("tts", "tts")],
)
async def test_a_failure_names_its_stage_and_keeps_its_cause(bench: Bench, part: str, stage: str) -> None:
    engine: Scripted = getattr(bench, part)
    engine.error = EngineFailed("scripted")
    with pytest.raises(StageError) as raised:
        await bench.run()
    assert raised.value.stage == stage
    assert raised.value.__cause__ is engine.error


async def test_without_room_nothing_is_spoken_and_little_is_prepared(bench: Bench) -> None:
    bench.room.clear()
    taken: list[int] = []
    bench.agent.tokens = (f"Sentence {taken.append(n) or n}. " for n in range(50))  # type: ignore[func-returns-value]
    work = asyncio.create_task(bench.run())
    async with asyncio.timeout(5):
        while len(bench.results) < 3:
            await asyncio.sleep(0)
    for _ in range(200):
        await asyncio.sleep(0)
    assert bench.tts.spoken == []
    assert len(taken) < 8, "the agent is not asked for what nobody has time to hear"
    work.cancel()
    await asyncio.wait([work])
    assert work.cancelled()


async def test_cancelling_stops_the_agent_and_the_voice(bench: Bench) -> None:
    bench.agent.tokens = ["Sentence. "] * 1000
    bench.agent.token_s = 0.01
    before = asyncio.all_tasks()
    work = asyncio.create_task(bench.run())
    async with asyncio.timeout(5):
        while not any(isinstance(result, Speech) for result in bench.results):
            await asyncio.sleep(0.01)
    work.cancel()
    await asyncio.wait([work])
    assert asyncio.all_tasks() == before
