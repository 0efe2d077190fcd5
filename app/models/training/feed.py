"""Batches for the recogniser, made by other processes while this one trains."""

import itertools
import multiprocessing
import queue
import random
import signal
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.models.training import hearing, voices
from app.models.training.hearing import FRAMES_PER_S, Heard
from app.models.training.machine import cores, main_process_is_gone
from app.models.training.tokens import Tokens
from telephony.events import RATE_HZ

IGNORED = -100
"""A target that the loss passes over, as torch has it."""
_BATCHES_A_CHUNK = 16
"""So many batches are made at once and sorted by length, which leaves little padding."""
_BATCHES_AHEAD = 24
_ROUND_FRAMES = 50
_LEAST_FRAMES = 100
"""As app/engines/whisper.py pads."""
_WINDOW_FRAMES = round(hearing.MOST_S * FRAMES_PER_S)
_STOCK_FRAMES = 3000
"""faster-whisper itself pads to 30 s."""
_SILENT_LABELS = 5
"""So many steps of the padding count as pause; the rest are too easy to learn from."""
_HANGS_AFTER_S = 120.0
_LOOK_EVERY_S = 5.0
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
    context = multiprocessing.get_context("spawn")
    number, skip = divmod(first, _BATCHES_A_CHUNK)
    queues = [context.Queue(-(-_BATCHES_AHEAD // makers)) for _ in range(makers)]
    processes = [
        context.Process(target=_make, args=(tokens, seed, rows, number + i, makers, made), daemon=True)
        for i, made in enumerate(queues)
    ]
    for process in processes:
        process.start()
    try:
        for maker, made in itertools.cycle(list(zip(processes, queues, strict=True))):
            for at in range(_BATCHES_A_CHUNK):
                batch = _take(maker, made)
                if at >= skip:
                    yield batch
            skip = 0
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()


def _take(maker: Any, made: Any) -> Batch:
    given_up_at = time.monotonic() + _HANGS_AFTER_S
    while time.monotonic() < given_up_at:
        try:
            batch: Batch = made.get(timeout=_LOOK_EVERY_S)
        except queue.Empty:
            if not maker.is_alive():
                raise RuntimeError(f"a process that makes training data ended: exit status {maker.exitcode}") from None
        else:
            return batch
    raise RuntimeError(f"a process that makes training data made none in {_HANGS_AFTER_S:.0f} s")


def _make(tokens: Path, seed: int, rows: int, number: int, step: int, made: Any) -> None:
    """Chunk `number` and every `step`th after it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the trainer, which ends this process
    vocabulary = Tokens(tokens)
    while True:
        for batch in chunk(vocabulary, seed, rows, number):
            if not _put(batch, made):
                return
        number += step


def _put(batch: Batch, made: Any) -> bool:
    """Wait for room. False when the training has gone: one that is killed cannot end this process."""
    while not main_process_is_gone():
        try:
            made.put(batch, timeout=_LOOK_EVERY_S)
        except queue.Full:
            continue
        return True
    made.cancel_join_thread()
    return False


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
