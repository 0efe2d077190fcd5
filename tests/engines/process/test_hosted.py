"""An engine in a real child process: it speaks, breaks in every way, and comes back."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
import uvloop

from app.config import Settings, TtsSettings
from app.engines.base import EngineError, EngineFailed, EngineOverloaded, EngineUnavailable
from app.engines.process.hosted import HostedTts
from tests.engines.process.factory import BEGINNING, CHUNK, FACTORY, LARGE, RATE_HZ

HANG_S = 1.0
MODULE = FACTORY.partition(":")[0]
SETTINGS = Settings(tts=TtsSettings(hang_s=HANG_S, speaker="Anu"))


@pytest.fixture
async def tts() -> AsyncIterator[HostedTts]:
    engine = HostedTts(FACTORY, SETTINGS)
    await engine.warm_up()
    yield engine
    await engine.aclose()


async def spoken(tts: HostedTts, text: str) -> bytes:
    async with aclosing(tts.speak(text)) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def told(tts: HostedTts) -> dict[str, object]:
    with pytest.raises(EngineFailed) as failure:
        await spoken(tts, "tell")
    answer: dict[str, object] = json.loads(str(failure.value))
    return answer


def lives(pid: int) -> bool:
    """A zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def gone(pid: int) -> None:
    async with asyncio.timeout(5):
        while lives(pid):
            await asyncio.sleep(0.01)


async def test_it_speaks_as_the_engine_does(tts: HostedTts) -> None:
    assert tts.rate_hz == RATE_HZ
    assert await asyncio.gather(*(spoken(tts, f"ವಾಕ್ಯ {n}") for n in range(20))) == [CHUNK * 4] * 20
    assert await spoken(tts, "large") == LARGE, "larger than a frame"
    assert await spoken(tts, " \n") == b""
    assert await spoken(tts, "half a \ud83d letter") == CHUNK * 4
    with pytest.raises(EngineFailed, match="5000 characters"):
        await spoken(tts, "ಕ" * 5000)


async def test_before_warm_up_the_rate_is_unknown_and_speaking_starts_the_child() -> None:
    tts = HostedTts(FACTORY, SETTINGS)
    with pytest.raises(EngineFailed, match="known after warm_up"):
        _ = tts.rate_hz
    assert await spoken(tts, "ಹೌದು") == CHUNK * 4
    await tts.aclose()
    await tts.aclose()
    with pytest.raises(EngineFailed, match="closed"):
        await spoken(tts, "ಹೌದು")


async def test_an_error_of_the_engine_fails_one_clause(tts: HostedTts) -> None:
    with pytest.raises(EngineFailed, match="as told"):
        await spoken(tts, "break fail")
    with pytest.raises(EngineFailed) as failure:
        await spoken(tts, "break surprise ನನ್ನ ಸಂಖ್ಯೆ")
    assert str(failure.value) == "the engine failed: ValueError", "without the caller's words"
    assert await spoken(tts, "ಹೌದು") == CHUNK * 4


@pytest.mark.parametrize(
    ("how", "why", "least_s"),
    [
        ("crash", "ended by itself .exit status -11", 0.0),
        ("lose", "the GPU is lost", 0.0),
        ("garble", "sent a frame of type 255", 0.0),
        ("hang", "hung and was stopped", HANG_S),
        ("freeze", "hung and was stopped", HANG_S),
    ],
)
async def test_a_child_that_breaks_fails_its_clauses_and_comes_back(
    tts: HostedTts, how: str, why: str, least_s: float
) -> None:
    clock = asyncio.get_running_loop().time
    began_s = clock()
    async with aclosing(tts.speak("closed 99")) as other:
        waiting = asyncio.ensure_future(anext(other))
        with pytest.raises(EngineError, match=why):
            await spoken(tts, f"break {how}")
        broken_s = clock()
        assert least_s <= broken_s - began_s
        with pytest.raises(EngineFailed, match=why):
            await waiting
    with pytest.raises(EngineFailed, match="being started again"):
        await spoken(tts, "ಹೌದು")
    assert clock() - broken_s < 0.2, "nobody waits in silence"
    await tts.warm_up()
    assert await spoken(tts, "ಹೌದು") == CHUNK * 4


async def in_vain(tts: HostedTts) -> str:
    try:
        await asyncio.wait_for(spoken(tts, "closed 99"), HANG_S / 4)
    except TimeoutError:
        return "too long"
    except EngineFailed as error:
        return str(error)
    return "spoken"


async def test_callers_who_give_up_on_a_hung_model_do_not_hide_it(tts: HostedTts) -> None:
    pid = (await told(tts))["pid"]
    impatient = tts.speak("break hang")
    assert await anext(impatient) == BEGINNING
    await impatient.aclose()
    async with asyncio.timeout(10 * HANG_S):
        while (why := await in_vain(tts)) == "too long":
            pass
    assert why == f"{FACTORY} hung and was stopped"
    await tts.warm_up()
    assert (await told(tts))["pid"] != pid


async def test_an_engine_that_only_fails_is_started_again(tts: HostedTts) -> None:
    """A GPU's error can stick to its process: nothing works in it any more, and it goes on saying so."""
    pids = [(await told(tts))["pid"] for _ in range(4)]
    assert await spoken(tts, "ಹೌದು") == CHUNK * 4
    pids += [(await told(tts))["pid"] for _ in range(5)]
    assert len(set(pids)) == 1
    await asyncio.sleep(0)
    await tts.warm_up()
    assert (await told(tts))["pid"] not in pids


async def test_a_model_that_works_without_audio_is_not_hung(tts: HostedTts) -> None:
    pid = (await told(tts))["pid"]
    assert await spoken(tts, f"think {round(HANG_S * 20)}") == CHUNK
    assert (await told(tts))["pid"] == pid


async def test_closing_the_generator_stops_the_engine(tts: HostedTts) -> None:
    """Within 100 ms. The best of three counts: the machine is shared."""
    clock = asyncio.get_running_loop().time
    took_s = []
    for closed in range(1, 4):
        endless = tts.speak("endless 0.001")
        assert await anext(endless) == CHUNK
        began_s = clock()
        await endless.aclose()
        assert await spoken(tts, f"closed {closed}") == CHUNK
        took_s.append(clock() - began_s)
    assert min(took_s) < 0.1


async def test_a_reader_that_falls_behind_is_cut_off(tts: HostedTts) -> None:
    async with aclosing(tts.speak("endless 0")) as chunks:
        assert await anext(chunks) == CHUNK
        async with asyncio.timeout(20):
            assert await spoken(tts, "closed 1") == CHUNK
        with pytest.raises(EngineOverloaded, match="chunks behind"):
            assert [chunk async for chunk in chunks] == []


async def test_too_many_clauses_at_once_are_refused(tts: HostedTts) -> None:
    streams = [tts.speak("endless 9") for _ in range(256)]
    await asyncio.gather(*(anext(stream) for stream in streams))
    with pytest.raises(EngineOverloaded, match="256 clauses"):
        await spoken(tts, "ಹೌದು")
    await streams[0].aclose()
    assert await spoken(tts, "ಹೌದು") == CHUNK * 4
    for stream in streams:
        await stream.aclose()


async def test_the_child_gets_its_settings_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    twilio = {"account_sid": "AC" + "0" * 32, "auth_token": "s3cret"}
    monkeypatch.setenv("KVA_TWILIO__AUTH_TOKEN", "s3cret")
    monkeypatch.setenv("kva_tts__speaker", "Nobody")
    settings = Settings(twilio=twilio, tts=SETTINGS.tts.model_dump())
    tts = HostedTts(FACTORY, settings)
    await tts.warm_up()
    about = await told(tts)
    await tts.aclose()
    assert about["speaker"] == settings.tts.speaker
    assert (about["token"], about["env"]) == ("", [])
    assert "s3cret" not in str(about)


async def test_what_a_child_prints_is_logged_and_harms_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        tts = HostedTts(f"{MODULE}:load_talkative", SETTINGS)
        await tts.warm_up()
        assert await spoken(tts, "break print ಕೇಳಿ") == BEGINNING
        await tts.aclose()
    lines = [message.partition(": ")[2] for message in caplog.messages]
    assert "end of  [31mnoise" in lines
    assert lines.count("print ಕೇಳಿ") == 2
    assert max(map(len, lines)) == 500


@pytest.mark.parametrize(
    ("factory", "error", "message"),
    [
        (f"{MODULE}:load_unavailable", EngineUnavailable, "^there is no voice Anu$"),
        (f"{MODULE}:load_broken", EngineUnavailable, "load_broken cannot be loaded: KeyError: 'weights'"),
        (f"{MODULE}:load_crashing", EngineFailed, "ended by itself .exit status 7"),
        (f"{MODULE}:load_slow", EngineFailed, "was not ready after 1 s"),
        (f"{MODULE}:nothing", EngineUnavailable, "nothing cannot be imported"),
        ("no.such.module:load", EngineUnavailable, "no.such.module:load cannot be imported"),
    ],
)
async def test_an_engine_that_cannot_start_is_explained(factory: str, error: type[EngineError], message: str) -> None:
    tts = HostedTts(factory, SETTINGS, start_s=1.0 if "slow" in factory else 30.0)
    for _ in range(2 if error is EngineUnavailable else 1):
        with pytest.raises(error, match=message):
            await tts.warm_up()
    with pytest.raises(error, match=message):
        await spoken(tts, "ಹೌದು")
    await tts.aclose()


async def test_a_frozen_child_is_closed_in_time(tts: HostedTts) -> None:
    pid = (await told(tts))["pid"]
    assert isinstance(pid, int)
    frozen = tts.speak("break freeze")
    await anext(frozen)
    async with asyncio.timeout(2.5):
        await tts.aclose()
    with pytest.raises(EngineFailed, match="closed"):
        await anext(frozen)
    assert not lives(pid)


async def test_closing_while_it_starts_leaves_nothing() -> None:
    tts = HostedTts(f"{MODULE}:load_slow", SETTINGS)
    starting = asyncio.create_task(tts.warm_up())
    await asyncio.sleep(0)
    async with asyncio.timeout(3):
        await tts.aclose()
    with pytest.raises(EngineFailed, match="closed"):
        await starting


PARENT = """
import asyncio, sys
from tests.engines.process.test_hosted import *
async def main():
    tts = HostedTts(FACTORY, SETTINGS)
    await tts.warm_up()
    print((await told(tts))["pid"], flush=True)
    await spoken(tts, sys.argv[1])
asyncio.run(main())
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks the child up in /proc")
@pytest.mark.parametrize("doing", ["endless 0.1", "break freeze"])
async def test_the_child_dies_with_its_parent(doing: str) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, doing,
        stdout=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert lives(pid)
    parent.kill()
    await parent.wait()
    await gone(pid)


def test_it_works_on_the_servers_event_loop() -> None:
    async def live() -> None:
        tts = HostedTts(FACTORY, SETTINGS)
        await tts.warm_up()
        for how in ("crash", "freeze"):
            with pytest.raises(EngineFailed):
                await spoken(tts, f"break {how}")
            await tts.warm_up()
        assert await spoken(tts, "large") == LARGE
        await tts.aclose()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(live())
