"""Silero for many calls: the same numbers as the file that is shipped, rest in silence, and a fallback under load."""

import numpy as np
import pytest

from app.config import Settings, VadSettings
from app.engines import silero, silero_network, webrtc
from app.engines.need import need_module
from app.engines.silero_network import MOST_CALLS, NEW, SPAN, SileroNetwork, no_state
from tests.engines.speech import Judgements, caller_says, frames, noise, over_the_line

SAID = "ಚಿಕ್ಕಬಳ್ಳಾಪುರ ನಲ್ಲಿ ನಿನ್ನೆಯಿಂದ ಕರೆಂಟ್ ಇಲ್ಲ"


def spans(pcm: bytes) -> list[bytes]:
    return [pcm[at : at + SPAN * 2] for at in range(0, len(pcm) - SPAN * 2, NEW * 2)]


def one_call(network: SileroNetwork, pcm: bytes) -> list[float]:
    state, voice = no_state(), []
    for span in spans(pcm):
        probability, [state] = network.run([span], [state])
        voice.append(float(probability[0]))
    return voice


def test_a_batch_of_calls_gives_each_what_it_gets_alone() -> None:
    network = SileroNetwork()
    calls = [caller_says(SAID)[:32000], over_the_line(noise(2, 0.05)), bytes(32000)]
    alone = [one_call(network, pcm) for pcm in calls]
    states, together = [no_state()] * 3, []
    for row in zip(*map(spans, calls), strict=True):
        probability, states = network.run(list(row), states)
        together.append(probability)
    np.testing.assert_allclose(np.array(together).T, alone, atol=1e-4)
    assert max(alone[0]) > 0.9
    assert max(alone[1] + alone[2]) < 0.3


def test_more_calls_than_one_run_takes() -> None:
    span = spans(caller_says(SAID))[30]
    probability, states = SileroNetwork().run([span] * (MOST_CALLS + 3), [no_state()] * (MOST_CALLS + 3))
    assert probability.shape == (MOST_CALLS + 3,)
    assert len(states) == MOST_CALLS + 3
    assert np.ptp(probability) < 1e-4


def test_the_change_for_batches_fits_the_file_we_have_and_spares_any_other() -> None:
    assets = need_module("faster_whisper.utils", extra="silero").get_assets_path()
    with open(f"{assets}/silero_vad_v6.onnx", "rb") as file:
        shipped = file.read()
    changed, most = silero_network._over_calls(shipped)
    assert (len(changed), most) == (len(shipped), MOST_CALLS)
    assert silero_network._over_calls(b"another model") == (b"another model", 1)


def test_the_file_as_shipped_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pcm = caller_says(SAID)[:16000]
    batched = one_call(SileroNetwork(), pcm)
    monkeypatch.setattr(silero_network, "_over_calls", lambda graph: (graph, 1))
    np.testing.assert_allclose(one_call(SileroNetwork(), pcm), batched, atol=1e-5)


async def test_the_network_rests_in_silence(silero_vad: silero.SileroVad) -> None:
    judged: list[bool] = []
    stream = silero_vad.open(judged.append)
    for frame in frames(bytes(32000)):
        stream.feed(frame)
    assert judged == [False] * 100, "judged at once, within feed"


async def test_webrtc_judges_when_the_network_is_gone() -> None:
    detector = silero.load(Settings())
    await detector.aclose()
    said = frames(caller_says(SAID, before_s=0.5, after_s=0.5))
    judgements = Judgements()
    stream = detector.open(judgements)
    for n, frame in enumerate(said, 1):
        stream.feed(frame)
        await judgements.reach(n - 1)
    await judgements.reach(len(said))
    plain: list[bool] = []
    judge = webrtc.WebrtcVad(VadSettings().aggressiveness).open(plain.append)
    for frame in said:
        judge.feed(frame)
    assert np.mean(np.array(judgements.frames) == np.array(plain)) > 0.9


async def test_a_call_the_network_cannot_keep_up_with_is_judged_in_bounded_time(silero_vad: silero.SileroVad) -> None:
    judged: list[bool] = []
    stream = silero_vad.open(judged.append)
    said = frames(caller_says(SAID, before_s=0, after_s=0))
    for n, frame in enumerate(said, 1):  # no step of the loop between: the network has no chance to answer
        stream.feed(frame)
        assert n - len(judged) <= 8
    assert sum(judged) > 0.5 * len(judged)


async def test_many_calls_are_judged_in_order_and_apart(silero_vad: silero.SileroVad) -> None:
    await silero_vad.warm_up()
    voice = frames(caller_says(SAID, before_s=0.5, after_s=0))[:100]
    hiss = frames(over_the_line(noise(2, 0.02)))
    emitted = [Judgements() for _ in range(20)]
    streams = [silero_vad.open(each) for each in emitted]
    for n, (spoken, noisy) in enumerate(zip(voice, hiss, strict=True), 1):
        for index, stream in enumerate(streams):
            stream.feed(spoken if index % 2 else noisy)
        for each in emitted:
            await each.reach(n - 3)
    for each in emitted:
        await each.reach(100)
    assert all(sum(each.frames) > 55 for each in emitted[1::2])
    assert all(sum(each.frames) == 0 for each in emitted[0::2])
    assert len({tuple(each.frames) for each in emitted}) == 2
