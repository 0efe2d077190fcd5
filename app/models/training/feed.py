"""Batches for the recogniser, made by other processes while this one trains."""

import itertools
import multiprocessing
import os
import queue
import random
import signal
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.models.training import hearing, voices
from app.models.training.hearing import FRAMES_PER_S, Heard
from app.models.training.machine import cores
from app.models.training.tokens import Tokens
from telephony.events import RATE_HZ

IGNORED = -100
"""A target that the loss passes over, as torch has it."""
_BATCHES_A_CHUNK = 16
"""So many batches are made at once and sorted by length, which leaves little padding."""
_BATCHES_AHEAD = 24
_ROUND_FRAMES = 50
_LEAST_FRAMES = 100
"""As app/engines/whisper/engine.py pads."""
_WINDOW_FRAMES = round(hearing.MOST_S * FRAMES_PER_S)
_STOCK_FRAMES = 3000
"""faster-whisper itself pads to 30 s."""
_SILENT_LABELS = 5
"""So many steps of the padding count as pause; the rest are too easy to learn from."""
_HANGS_AFTER_S = 120.0
_MOST_MAKERS = 4


@dataclass(frozen=True, slots=True)
class Batch:
    """Some utterances as the model takes them."""

    features: NDArray[np.float16]
    """rows x 80 x frames; 0 after the end of each row."""
    ids: NDArray[np.int64]
    """rows x tokens: what the decoder reads."""
    targets: NDArray[np.int64]
    """rows x tokens: what it should say after each, or IGNORED."""
    labels: NDArray[np.int64]
    """rows x frames / 2: the sound in each encoder state, or IGNORED."""
    seconds: float
    """Of audio, without the padding."""


def maker_count() -> int:
    """How many processes should make data while one trains: the cores that are left, but a few are enough."""
    return min(max(1, cores() - 1), _MOST_MAKERS)


def batches(tokens: Path, seed: int, rows: int, first: int, makers: int = 1) -> Generator[Batch, None, None]:
    """Batch number `first` and all after it, the same for any number of `makers`. Close it to end their processes."""
    number, skip = divmod(first, _BATCHES_A_CHUNK)
    started = [_start(tokens, seed, rows, number + i, makers) for i in range(makers)]
    try:
        for maker, made in itertools.cycle(started):
            for at in range(_BATCHES_A_CHUNK):
                batch = _take(maker, made)
                if at >= skip:
                    yield batch
            skip = 0
    finally:
        for maker, _ in started:
            maker.terminate()
        for maker, made in started:
            maker.join()
            made.close()


def _start(tokens: Path, seed: int, rows: int, number: int, makers: int) -> tuple[Any, Connection]:
    """A process that makes chunk `number` and every one `makers` after it, and the end of the pipe they come out of."""
    context = multiprocessing.get_context("spawn")
    made, out = context.Pipe(duplex=False)
    maker = context.Process(target=_make, args=(tokens, seed, rows, number, makers, out), daemon=True)
    maker.start()
    out.close()  # now the maker alone has it: the pipe ends when it does
    return maker, made


def _take(maker: Any, made: Connection) -> Batch:
    if not made.poll(_HANGS_AFTER_S):
        raise RuntimeError(f"a process that makes training data made none in {_HANGS_AFTER_S:.0f} s")
    try:
        batch: Batch = made.recv()
    except (EOFError, OSError):  # the latter within a batch
        maker.join()
        raise RuntimeError(f"a process that makes training data ended: exit status {maker.exitcode}") from None
    return batch


def _make(tokens: Path, seed: int, rows: int, number: int, step: int, out: Connection) -> None:
    """Chunk `number` and every `step`th after it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the trainer, which ends this process
    ready: queue.Queue[Batch] = queue.Queue(-(-_BATCHES_AHEAD // step))
    threading.Thread(target=_send, args=(ready, out), daemon=True).start()
    vocabulary = Tokens(tokens)
    while True:
        for batch in chunk(vocabulary, seed, rows, number):
            ready.put(batch)
        number += step


def _send(ready: "queue.Queue[Batch]", out: Connection) -> None:
    """A pipe holds less than one batch; so they wait in `ready` while the next ones are made."""
    try:
        while True:
            out.send(ready.get())
    except ConnectionError:
        os._exit(0)  # the trainer was killed: nobody else ends this process


def chunk(tokens: Tokens, seed: int, rows: int, number: int) -> list[Batch]:
    """Chunk `number` of batches: the same for the same arguments."""
    voices.start_afresh()
    count = rows * _BATCHES_A_CHUNK
    heard = [hearing.item(seed, number * count + i) for i in range(count)]
    heard.sort(key=lambda each: len(each.pcm))
    rng = random.Random(f"{seed}/chunk/{number}")
    made = [collate(tokens, heard[at : at + rows], rng) for at in range(0, count, rows)]
    rng.shuffle(made)
    return made


def collate(tokens: Tokens, heard: Sequence[Heard], rng: random.Random | None) -> Batch:
    """One batch. With `rng`, parts of the features are hidden and the padding varies, which is for training only."""
    if rng and (stock := rng.random() < 0.01):
        heard = heard[:: len(heard) // 4 or 1]  # attention over 30 s is dear: fewer rows
    features = [hearing.log_mel(each.pcm) for each in heard]
    longest = max(each.shape[1] for each in features)
    frames = max(_LEAST_FRAMES, -(-longest // _ROUND_FRAMES) * _ROUND_FRAMES)
    if rng:
        frames = _STOCK_FRAMES if stock else _padded(longest, frames, rng)
    block = np.zeros((len(heard), features[0].shape[0], frames), np.float16)
    labels = np.full((len(heard), frames // 2), IGNORED, np.int64)
    for row, (mel, each) in enumerate(zip(features, heard, strict=True)):
        block[row, :, : mel.shape[1]] = _hide(mel, rng) if rng else mel
        heard_steps = min((mel.shape[1] + 1) // 2 + _SILENT_LABELS, frames // 2)
        labels[row, :heard_steps] = hearing.labels(each.sounds, heard_steps)
    ids, targets = _decoder_sides(tokens, heard)
    return Batch(block, ids, targets, labels, sum(len(each.pcm) for each in heard) / RATE_HZ)


def _padded(longest: int, rounded: int, rng: random.Random) -> int:
    """Mostly the shortest that is even. Turns that are recognised together are padded to the longest of them."""
    chance = rng.random()
    if chance < 0.06:
        return rng.randrange(rounded, _WINDOW_FRAMES + 1, _ROUND_FRAMES)
    return rounded if chance < 0.4 else max(_LEAST_FRAMES, longest + longest % 2)


def _hide(mel: NDArray[np.float32], rng: random.Random) -> NDArray[np.float32]:
    """SpecAugment: two bands of mel and two moments become silent."""
    mel = mel.copy()
    floor = mel.min()
    for _ in range(2):
        height = rng.randrange(10)
        top = rng.randrange(len(mel) - height)
        mel[top : top + height] = floor
        width = rng.randrange(16)
        start = rng.randrange(max(1, mel.shape[1] - width))
        mel[:, start : start + width] = floor
    return mel


def _decoder_sides(tokens: Tokens, heard: Sequence[Heard]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    texts = [tokens.encode(each.text) for each in heard]
    prompt = len(tokens.prompt)
    length = prompt + max(map(len, texts))
    ids = np.full((len(heard), length), tokens.end, np.int64)
    targets = np.full((len(heard), length), IGNORED, np.int64)
    for row, (text, each) in enumerate(zip(texts, heard, strict=True)):
        ids[row, : prompt + len(text)] = [*tokens.prompt, *text]
        targets[row, 0] = tokens.kannada if each.somebody else tokens.no_speech  # Whisper reads it after the start
        targets[row, prompt - 1 : prompt + len(text)] = [*text, tokens.end]
    return ids, targets
