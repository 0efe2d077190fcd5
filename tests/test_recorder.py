"""The recorder: files of their own for every stream, few large blocks, and traces that say what they lack."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from app import recorder as module
from app.recorder import Recorder

FRAME = b"\xff" * 160


@contextmanager
def stalled(recorder: Recorder, directory: Path) -> Iterator[None]:
    """The recorder's thread is stuck in the middle of a write, as on a disk that hangs.

    It opens a named pipe, which takes until the pipe is opened at its other end.
    """
    pipe = directory / "stuck.caller.mulaw"
    os.mkfifo(pipe)
    stuck = recorder.recording("stuck")
    stuck.audio("caller", b"x" * module.AUDIO_BLOCK_BYTES)
    wait_taken(recorder)
    try:
        yield
    finally:
        reader = threading.Thread(target=pipe.read_bytes)
        reader.start()
        reader.join()


def wait_taken(recorder: Recorder) -> None:
    """Until the thread has taken every block."""
    until = time.monotonic() + 10
    while recorder._blocks.qsize():
        assert time.monotonic() < until
        time.sleep(0.001)


def wait_logged(caplog: pytest.LogCaptureFixture, words: str) -> None:
    until = time.monotonic() + 10
    while words not in caplog.text:
        assert time.monotonic() < until
        time.sleep(0.001)


def rows(path: Path) -> list[object]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_everything_is_written_and_no_call_id_is_trusted(tmp_path: Path) -> None:
    with Recorder(tmp_path / "calls") as recorder:
        recording = recorder.recording("../../etc/passwd")
        for number in range(100):
            recording.trace(b"%d\n" % number)
    (path,) = (tmp_path / "calls").iterdir()
    assert path.name == "______etc_passwd.jsonl"
    assert rows(path) == list(range(100))


def test_every_stream_has_files_of_its_own(tmp_path: Path) -> None:
    """A stream attached again, an id used again, another process's file: nothing is appended to."""
    (tmp_path / "CA1-2.jsonl").write_text("of another process")
    with Recorder(tmp_path) as recorder:
        for number in (1, 2, 3):
            recording = recorder.recording("CA1", "alaw")
            recording.trace(b'{"stream":%d}\n' % number)
            recording.audio("caller", b"%d" % number)
            recording.close()
    with Recorder(tmp_path) as recorder:
        recorder.recording("CA1").trace(b'{"stream":4}\n')
    assert {path.name: path.read_text().strip() for path in tmp_path.iterdir()} == {
        "CA1.jsonl": '{"stream":1}',
        "CA1.caller.alaw": "1",
        "CA1-2.jsonl": "of another process",
        "CA1-3.jsonl": '{"stream":2}',
        "CA1-3.caller.alaw": "2",
        "CA1-4.jsonl": '{"stream":3}',
        "CA1-4.caller.alaw": "3",
        "CA1-5.jsonl": '{"stream":4}',
    }


def test_audio_is_collected_into_blocks_of_a_second(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recording = recorder.recording("CA1")
        with stalled(recorder, tmp_path):
            for _ in range(125):
                recording.audio("caller", FRAME)
                recording.audio("agent", FRAME)
            assert recorder._blocks.qsize() == 4, "2.5 s of two sides"
            recording.close()
            assert recorder._blocks.qsize() == 6
    assert (tmp_path / "CA1.caller.mulaw").read_bytes() == FRAME * 125
    assert (tmp_path / "CA1.agent.mulaw").read_bytes() == FRAME * 125


def test_a_slow_disk_costs_audio_first_and_a_trace_says_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "MOST_AUDIO", 2)
    monkeypatch.setattr(module, "MOST_TRACE", 4)
    with Recorder(tmp_path) as recorder:
        recording = recorder.recording("CA1")
        with stalled(recorder, tmp_path):
            for _ in range(200):
                recording.audio("caller", FRAME)
            for number in range(5):
                recording.trace(b"%d\n" % number)
        wait_taken(recorder)
        recording.trace(b"5\n")
        recording.close()
    assert (tmp_path / "CA1.caller.mulaw").read_bytes() == FRAME * 100
    assert rows(tmp_path / "CA1.jsonl") == [0, 1, {"lost": 3}, 5]
    assert recorder.dropped == 2 + 3
    assert [record.message for record in caplog.records if "stuck" not in record.message] == [
        f"the disk under {tmp_path} is too slow: recordings are incomplete"
    ]


def test_what_a_trace_lacks_at_its_end_is_said_even_when_the_disk_is_slow_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_TRACE", 1)
    with Recorder(tmp_path) as recorder:
        recording = recorder.recording("CA1")
        with stalled(recorder, tmp_path):
            for number in range(3):
                recording.trace(b"%d\n" % number)
            recording.close()
    assert rows(tmp_path / "CA1.jsonl") == [0, {"lost": 2}]


def test_a_disk_that_fails_and_recovers_leaves_a_readable_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "calls"
    with Recorder(folder) as recorder:
        recording = recorder.recording("CA1")
        shutil.rmtree(folder)
        recording.trace(b"1\n")
        recording.trace(b"2\n")
        recorder.recording("CA1/other").trace(b"x")
        wait_logged(caplog, "CA1_other")
        folder.mkdir()
        recording.trace(b"3\n")
    assert rows(folder / "CA1.jsonl") == [{"lost": 2}, 3]
    assert caplog.messages[0] == "cannot record call CA1: No such file or directory"
    assert len(caplog.messages) == 2, "one a call, not one a block"


def test_half_a_block_is_taken_back(tmp_path: Path) -> None:
    """A limit on file sizes stands for a full disk: both write what fits."""
    resource = pytest.importorskip("resource", reason="limits on file sizes are of Unix")
    signal = pytest.importorskip("signal")
    path = tmp_path / "trace.jsonl"
    module._append(path, b"1\n")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5, before[1]))
    try:
        with pytest.raises(OSError, match="No space left"):
            module._append(path, b"234567\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == b"1\n"
