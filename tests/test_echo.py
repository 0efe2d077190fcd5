"""The echo guard, on noise that has the rhythm of speech."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from app.echo import EchoGuard
from telephony.audio import encode
from telephony.events import FRAME_SAMPLES, RATE_HZ, Encoding
from tests.echo_line import FRAME_S, Call, Samples, delayed, frame_levels, level, passed

NOISE = -66.0
LEARNT = round(1.0 / FRAME_S)
SPEECH_DBFS = -20.0


def talk(seed: int, seconds: float, quiet_s: float = 0.0) -> Samples:
    """Syllables of noise at changing levels, three to eight in a second, words apart. `quiet_s` of silence before."""
    rng = np.random.default_rng(seed)
    parts = [np.zeros(round(quiet_s * RATE_HZ))]
    while sum(map(len, parts)) < (quiet_s + seconds) * RATE_HZ:
        count = round(rng.uniform(0.08, 0.25) * RATE_HZ)
        rise = np.sin(np.linspace(0, np.pi, count)) ** 0.5 * 10 ** (rng.uniform(-14, 0) / 20)
        parts += [rng.standard_normal(count) * rise, np.zeros(round(rng.choice([0.02, 0.05, 0.2]) * RATE_HZ))]
    return np.concatenate(parts)[: round((quiet_s + seconds) * RATE_HZ)] * level(SPEECH_DBFS)


def noise(like: Samples, dbfs: float = NOISE) -> Samples:
    return np.random.default_rng(len(like)).standard_normal(len(like)) * level(dbfs)


def loud(samples: Samples, over_dbfs: float = NOISE + 6) -> np.ndarray:
    voiced: np.ndarray = frame_levels(samples) > over_dbfs
    return voiced


def echoing(lag_s: float = 0.3, gain_db: float = -20.0) -> Call:
    """A call that has heard the agent's echo for 4 s."""
    call = Call(EchoGuard("mulaw"))
    agent = passed(talk(1, 4.0))
    echo = delayed(agent, lag_s, gain_db)
    assert call.run(agent, echo + noise(echo), loud(echo))[-LEARNT:].any()
    return call


@pytest.mark.parametrize("lag_s", [0.06, 0.2, 0.4437, 0.7])
@pytest.mark.parametrize("gain_db", [-6.0, -20.0, -35.0])
@pytest.mark.parametrize("law", ["mulaw", "alaw"])
def test_an_echo_is_recognised_after_the_first_second(lag_s: float, gain_db: float, law: Encoding) -> None:
    agent = passed(talk(1, 8.0, quiet_s=0.5), law)
    echo = delayed(agent, lag_s, gain_db)
    voiced = loud(echo)
    judged = Call(EchoGuard(law), law).run(agent, echo + noise(echo), voiced)
    begin = int(np.flatnonzero(voiced)[0]) + LEARNT
    assert judged[begin:].sum() >= 0.9 * voiced[begin:].sum()


@pytest.mark.parametrize("seed", range(20, 32))
def test_somebody_else_is_no_echo(seed: int) -> None:
    agent, caller = passed(talk(seed, 12.0)), talk(seed + 100, 10.0, quiet_s=2.0)
    judged = Call(EchoGuard("mulaw")).run(agent, caller + noise(caller), loud(caller))
    assert judged.mean() <= 0.01


@pytest.mark.parametrize("apart_s", [0.0, 0.2, 0.5])
def test_two_who_begin_at_once_are_no_echo(apart_s: float) -> None:
    agent = passed(talk(3, 3.0, quiet_s=2.0))
    caller = delayed(talk(4, 3.0, quiet_s=2.0), apart_s)
    assert not Call(EchoGuard("mulaw")).run(agent, caller + noise(caller), loud(caller)).any()


@pytest.mark.parametrize("over_db", [6.0, 12.0, 25.0])
def test_a_caller_who_talks_over_the_echo_is_heard(over_db: float) -> None:
    call = echoing(gain_db=-20.0)
    agent = passed(talk(5, 6.0))
    echo, caller = delayed(agent, 0.3, -20.0), talk(6, 4.0, quiet_s=2.0) * 10 ** ((over_db - 20.0) / 20)
    voiced = loud(echo + caller)
    judged = call.run(agent, echo + caller + noise(echo), voiced)
    calling = loud(caller, SPEECH_DBFS - 20 + over_db - 10)
    assert judged[~calling][: round(2.0 / FRAME_S)].any()
    assert judged[calling].mean() <= 0.05


def test_a_known_echo_is_recognised_from_the_first_word_of_the_next_sentence() -> None:
    call = echoing()
    agent = passed(talk(7, 3.0, quiet_s=3.0))
    echo = delayed(agent, 0.3, -20.0)
    voiced = loud(echo)
    first = np.flatnonzero(voiced)[:15]
    assert call.run(agent, echo + noise(echo), voiced)[first].mean() >= 0.8


def test_an_echo_that_moves_and_grows_is_found_again() -> None:
    call = echoing(0.3, -25.0)
    agent = passed(talk(8, 6.0))
    echo = delayed(agent, 0.62, -10.0)
    voiced = loud(echo)
    later = voiced & (np.arange(len(voiced)) > round(3.0 / FRAME_S))
    assert call.run(agent, echo + noise(echo), voiced)[later].mean() >= 0.9


def test_a_caller_who_puts_the_loudspeaker_off_is_heard() -> None:
    call = echoing(0.3, -6.0)
    agent, caller = passed(talk(9, 6.0)), talk(10, 5.0, quiet_s=1.0) * 0.3
    assert call.run(agent, caller + noise(caller), loud(caller)).mean() <= 0.02


def test_a_silent_agent_has_no_echo() -> None:
    call = echoing()
    silence, caller = np.zeros(3 * RATE_HZ), talk(11, 2.0, quiet_s=1.0)
    assert not call.run(silence, caller, loud(caller)).any()


def test_what_was_cleared_is_never_heard() -> None:
    """The line carries on with the words that the carrier was told to forget: it is somebody who says the same."""
    call = echoing()
    agent = passed(talk(12, 4.0))
    echo = delayed(agent, 0.3, -20.0)
    frames = round(1.0 / FRAME_S)
    call.guard.played(encode("mulaw", agent.astype("<i2").tobytes()), call.now_s)
    before = call.run(np.zeros(0), echo[: RATE_HZ * 2] + noise(echo)[: RATE_HZ * 2], loud(echo)[: 2 * frames])
    call.guard.cleared(call.now_s)
    after = call.run(np.zeros(0), echo[RATE_HZ * 2 :], loud(echo)[2 * frames :])
    assert before.any()
    assert not after[round(0.4 / FRAME_S) :].any()


def test_late_frames_that_come_in_crowds_do_not_matter() -> None:
    agent = passed(talk(13, 8.0))
    echo = delayed(agent, 0.25, -15.0)
    voiced = loud(echo)
    guard, pcm = EchoGuard("mulaw"), (echo + noise(echo)).astype("<i2").tobytes()
    guard.played(encode("mulaw", agent.astype("<i2").tobytes()), 0.0)
    rng = np.random.default_rng(5)
    held, judged = 0.0, np.zeros(len(voiced), bool)
    for number in range(len(voiced)):
        at_s = (number + 1) * FRAME_S + rng.uniform(0, 0.03)
        held = max(held, at_s + 0.3 if rng.random() < 0.02 else at_s)
        guard.heard(pcm[number * 320 : number * 320 + 320], held)
        judged[number] = voiced[number] and guard.resembles()
    assert judged[LEARNT:].sum() >= 0.9 * voiced[LEARNT:].sum()


def test_a_late_judgement_is_about_the_frame_it_is_about() -> None:
    agent = passed(talk(14, 6.0))
    echo = delayed(agent, 0.25, -15.0)
    pcm = (echo + noise(echo)).astype("<i2").tobytes()
    at_once, late = EchoGuard("mulaw"), EchoGuard("mulaw")
    answers: tuple[list[bool], list[bool]] = ([], [])
    for guard in (at_once, late):
        guard.played(encode("mulaw", agent.astype("<i2").tobytes()), 0.0)
    for number in range(len(pcm) // 320):
        for guard, ago, said in zip((at_once, late), (0, 3), answers, strict=True):
            guard.heard(pcm[number * 320 : number * 320 + 320], (number + 1) * FRAME_S)
            if number >= ago:
                said.append(guard.resembles(ago))
    same = np.array(answers[0][: len(answers[1])]) == np.array(answers[1])
    assert np.array(answers[1]).any()
    assert same.mean() >= 0.97


@pytest.mark.parametrize("gain_db", [-20.0, None])
def test_a_line_that_gives_nothing_back_has_no_echo(gain_db: float | None) -> None:
    call = Call(EchoGuard("mulaw"))
    assert call.guard.possible, "nobody knows yet"
    agent = passed(talk(1, 9.0))
    line = noise(agent) if gain_db is None else delayed(agent, 0.2, gain_db)
    call.run(agent, line, loud(line))
    assert call.guard.possible is (gain_db is not None)


def test_a_mark_fills_up_the_frame_before_it() -> None:
    """Clauses of odd lengths: without the filling they would be 10 ms apart from what the carrier plays."""
    clauses = [talk(seed, 1.5)[:11_921] for seed in range(40, 52)]
    padded = [np.concatenate([clause, np.zeros(-len(clause) % FRAME_SAMPLES)]) for clause in clauses]
    guard, pcm = EchoGuard("mulaw"), delayed(np.concatenate(padded), 0.2, -15.0)
    whole = EchoGuard("mulaw")
    whole.played(encode("mulaw", np.concatenate(padded).astype("<i2").tobytes()), 0.0)
    for clause in clauses:
        guard.played(encode("mulaw", clause.astype("<i2").tobytes()), 0.0)
        guard.marked(0.0)
    frames = pcm.astype("<i2").tobytes()
    for number in range(len(frames) // 320):
        for each in (guard, whole):
            each.heard(frames[number * 320 : number * 320 + 320], (number + 1) * FRAME_S)
        assert guard.resembles() == whole.resembles()


def test_memory_is_bounded() -> None:
    guard = EchoGuard("mulaw")
    guard.played(bytes(RATE_HZ * 600), 0.0)
    for number in range(5000):
        guard.heard(bytes(320), number * FRAME_S)
        guard.played(b"\x10" * 250, number * FRAME_S)
    assert len(pickle.dumps(guard)) < 100_000


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("played"), st.binary(max_size=2000)),
        st.tuples(st.sampled_from(["marked", "cleared"]), st.just(b"")),
        st.tuples(st.just("heard"), st.binary(min_size=320, max_size=320)),
        st.tuples(st.just("resembles"), st.just(b"")),
    ),
    max_size=60,
)


@given(STEPS, st.sampled_from([0.0, 0.0137, 3.0, 1000.0]))
@settings(max_examples=60)
def test_any_order_of_events_has_an_answer(steps: list[tuple[str, bytes]], apart_s: float) -> None:
    guard = EchoGuard("alaw")
    for number, (step, audio) in enumerate(steps):
        at_s = number * apart_s
        if step == "resembles":
            assert guard.resembles(number % 65) in (True, False)
        elif step in ("played", "heard"):
            getattr(guard, step)(audio, at_s)
        else:
            getattr(guard, step)(at_s)
