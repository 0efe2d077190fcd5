import wave
from pathlib import Path

import numpy as np
import pytest

from app.demo.caller import HangUp, Press, Say
from app.demo.playout import SILENCE, Playout
from app.demo.script import Director, load_script
from app.demo.sheet import ScriptError

RATE_HZ = 8000


def record(path: Path, seconds: float = 2.0, rate_hz: int = RATE_HZ, channels: int = 1, width: int = 2) -> Path:
    tone = np.sin(np.arange(round(seconds * rate_hz)) * 2 * np.pi * 440 / rate_hz) * 0.5
    samples = (tone * (2 ** (8 * width - 1) - 1)).astype(f"<i{width}")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(np.repeat(samples, channels).tobytes())
    return path


def sheet(folder: Path, says: str, top: str = 'audio = "call.wav"\ntitle = "A call"') -> Path:
    record(folder / "call.wav")
    path = folder / "call.toml"
    path.write_text(f"{top}\n{says}", encoding="utf-8")
    return path


ONE = "[[say]]\nstart_s = 0.5\nend_s = 1.5\nafter_agent_s = 0.5\n"


@pytest.mark.parametrize(("rate_hz", "channels", "width"), [(8000, 1, 2), (44100, 2, 2), (16000, 1, 4), (48000, 2, 2)])
def test_any_recording_becomes_8_khz_mono(tmp_path: Path, rate_hz: int, channels: int, width: int) -> None:
    script = load_script(record(tmp_path / "own.wav", 1.0, rate_hz, channels, width))
    assert abs(len(script.audio) - RATE_HZ) <= 8
    (cue,) = script.cues
    assert cue.at_s == 0
    assert script.utterance(cue) == script.audio


@pytest.mark.parametrize(
    ("says", "problem"),
    [
        ("", r"say: is missing"),
        ("[[say]]\nstart_s = 0\nend_s = 1\nat_s = 0\nbarge_in_s = 1\n", "only one of after_agent_s"),
        ("[[say]]\nstart_s = 2\nend_s = 1\nat_s = 0\n", "end_s must be after start_s"),
        (
            "[[say]]\nstart_s = 0\nend_s = 9\nat_s = 0\n",
            r"call.toml:5: say.0.end_s: is behind the end of the recording, at 2.00 s",
        ),
        (
            "[[say]]\nstart_s = 0\nend_s = 1\nat_s = 0\nloud = true\n",
            r"call.toml:7: say.0.loud: there is no key 'loud'; known are",
        ),
        ("[[say\n", "not valid TOML"),
        ("[[say]]\nat_s = 0\n", "say.0: give one thing to do: kannada to be spoken, keys, silent_s, or"),
        ('[[say]]\nkeys = "12"\nsilent_s = 1\n', "say.0: give one thing to do"),
        ('[[say]]\nkeys = "twelve"\n', "say.0.keys: "),
        ("say = []\n", "say: is empty; a caller who never says a word needs an"),
        ('voice = "Somebody"\nsay = []\n', "voice: "),
        ('say = []\n[expect]\nends = "well"\n', "expect.ends: must be 'hang_up' or 'transfer' or 'caller'"),
    ],
)
def test_a_bad_cue_sheet_says_what_is_wrong(tmp_path: Path, says: str, problem: str) -> None:
    with pytest.raises(ScriptError, match=problem) as caught:
        load_script(sheet(tmp_path, says))
    assert str(tmp_path / "call.toml") in str(caught.value)


def test_without_a_recording_espeak_speaks_and_the_line_has_its_noise(tmp_path: Path) -> None:
    says = '[[say]]\nkannada = "ಸರಿ"\n[[say]]\nkeys = "4521#"\n[[say]]\nkannada = "ಬೇಡ"\n'
    path = tmp_path / "call.toml"
    path.write_text(f'title = "A call"\nvoice = "kn+m3"\n{says}', encoding="utf-8")
    script = load_script(path)
    first, keys, second = script.cues
    assert script.note == "The caller is synthesised: espeak-ng speaks, as kn+m3."
    assert 0.2 < first.lasts_s < 1.0
    assert len(script.utterance(second)) == pytest.approx(second.lasts_s * RATE_HZ, abs=1)
    assert script.utterance(first) != script.utterance(second)
    assert keys.lasts_s == 0
    assert len(script.background) == RATE_HZ
    assert set(script.background) != set(SILENCE)
    path.write_text(f'title = "A call"\n{ONE}', encoding="utf-8")
    with pytest.raises(ScriptError, match=r"say.0.end_s: is of a recording: name it in audio"):
        load_script(path)
    path.write_text(f'title = "A call"\nvoice = "kn+nobody"\n{says}', encoding="utf-8")
    with pytest.raises(ScriptError, match=r"has no voice 'kn\+nobody'"):
        load_script(path)


def test_espeak_may_speak_beside_a_recording(tmp_path: Path) -> None:
    script = load_script(sheet(tmp_path, ONE + '[[say]]\nkannada = "ಸರಿ"\n'))
    recorded, spoken = script.cues
    assert script.utterance(recorded) == load_script(sheet(tmp_path, ONE)).utterance(recorded)
    assert spoken.start_s > 2.0
    assert len(script.utterance(spoken)) == pytest.approx(spoken.lasts_s * RATE_HZ, abs=1)


def test_files_that_are_missing_or_no_recordings_say_so(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="no such file"):
        load_script(tmp_path / "nothing.wav")
    with pytest.raises(ScriptError, match="cannot be read"):
        load_script(tmp_path / "nothing.toml")
    noise = tmp_path / "noise.wav"
    noise.write_bytes(b"not a recording at all")
    with pytest.raises(ScriptError, match="not a recording that can be read"):
        load_script(noise)
    with pytest.raises(ScriptError, match="shorter than"):
        load_script(record(tmp_path / "short.wav", 0.05))


def test_a_cue_waits_for_the_agent_and_the_caller_hangs_up_in_the_end(tmp_path: Path) -> None:
    script = load_script(sheet(tmp_path, "patience_s = 2.0\n" + ONE))
    director, ear = Director(script), Playout()
    assert director.step(0.9, ear) is None
    ear.play(b"a" * 8000, 1.0)
    assert director.step(1.5, ear) is None
    assert director.step(2.4, ear) is None
    assert director.step(2.5, ear) == Say(script.audio[4000:12000])
    assert director.step(3.5, ear) is None
    ear.play(b"b" * 800, 4.25)
    assert director.step(4.3, ear) is None
    assert director.spoken[0].answered_s == 4.25
    assert director.step(6.2, ear) is None
    assert director.step(6.5, ear) == HangUp()
    assert not director.gave_up


def test_a_barge_in_comes_while_the_agent_speaks(tmp_path: Path) -> None:
    script = load_script(sheet(tmp_path, "[[say]]\nstart_s = 0\nend_s = 1\nbarge_in_s = 0.4\n"))
    director, ear = Director(script), Playout()
    ear.play(b"a" * 80_000, 1.0)
    assert director.step(1.38, ear) is None
    assert director.step(1.42, ear) == Say(script.audio[:8000])
    assert director.step(2.6, ear) is None
    assert director.spoken[0].answered_s is None, "the reply that was barged into is no answer"
    ear.clear(2.7)
    ear.play(b"b" * 800, 2.9)
    director.step(2.9, ear)
    assert director.spoken[0].answered_s == 2.9


def test_a_caller_who_is_listened_to_while_speaking_goes_on_when_the_agent_has_finished(tmp_path: Path) -> None:
    says = "[[say]]\nstart_s = 0\nend_s = 0.4\nbarge_in_s = 0.4\n" + '[[say]]\nkeys = "1"\nafter_agent_s = 1.0\n'
    director, ear = Director(load_script(sheet(tmp_path, says))), Playout()
    ear.play(b"a" * 24_000, 1.0)  # until 4.0
    assert isinstance(director.step(1.42, ear), Say)
    for now in (1.9, 2.3, 2.4, 4.9):
        assert director.step(now, ear) is None
    assert director.spoken[0].ignored
    assert director.step(5.1, ear) == Press("1")


def test_keys_are_pressed_and_silence_is_kept_whatever_the_agent_says(tmp_path: Path) -> None:
    says = '[[say]]\nkeys = "45#"\n[[say]]\nsilent_s = 9.0\n[[say]]\nstart_s = 0\nend_s = 1\n'
    director, ear = Director(load_script(sheet(tmp_path, says))), Playout()
    ear.play(b"a" * 8000, 1.0)
    assert director.step(2.5, ear) is None
    assert director.step(2.6, ear) == Press("45#")
    ear.play(b"a" * 8000, 3.0)
    assert director.step(4.62, ear) is None  # the silence begins
    assert director.unsaid == 1
    ear.play(b"a" * 8000, 8.0)
    for now in (9.7, 13.5):
        assert director.step(now, ear) is None
    assert director.step(13.7, ear) == Say(director.script.audio[:8000])
    assert director.waits_s == pytest.approx((0.4,)), "nobody waits for an answer to silence"


def test_a_caller_may_say_nothing_at_all(tmp_path: Path) -> None:
    path = tmp_path / "call.toml"
    path.write_text('title = "Nobody"\npatience_s = 3.0\nsay = []\n[expect]\nends = "caller"\n', encoding="utf-8")
    director, ear = Director(load_script(path)), Playout()
    ear.play(b"a" * 8000, 1.0)
    assert director.step(4.9, ear) is None
    assert director.step(5.1, ear) == HangUp()
    assert not director.gave_up


def test_a_recording_may_be_answered_before_it_ends(tmp_path: Path) -> None:
    director, ear = Director(load_script(record(tmp_path / "own.wav", 3.0))), Playout()
    assert isinstance(director.step(0.02, ear), Say)
    ear.play(b"a" * 8000, 1.0)
    for now in (3.1, 5.0, 7.9):
        assert director.step(now, ear) is None
    assert director.step(8.1, ear) == HangUp()
    assert not director.gave_up


def test_the_caller_gives_up_on_a_silent_agent(tmp_path: Path) -> None:
    director = Director(load_script(sheet(tmp_path, ONE + "timeout_s = 3.0\n")))
    ear = Playout()
    assert director.step(2.9, ear) is None
    assert director.step(3.1, ear) == HangUp()
    assert director.gave_up
