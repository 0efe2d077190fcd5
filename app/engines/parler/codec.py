"""Codes to audio: windows of many slots as one batch, on a GPU on a stream of its own, so that no step waits for it."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from app.engines.parler.checkpoint import Checkpoint
from app.engines.parler.graphs import Call, Captured, sizes_up_to, warmed
from app.engines.parler.modules import codec
from app.engines.parler.windows import Window, widths


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What one window was for."""

    audio: Tensor
    """float32 [samples] on the CPU; not to be read before its `Decoding` is ready."""
    codes: Tensor
    """[K, frames] on the device: the codes of this audio."""


@dataclass(frozen=True, slots=True, eq=False)
class Decoding:
    """Pieces in the order of their windows, and the event after which they can be read."""

    pieces: list[Piece]
    event: Any = None

    @property
    def ready(self) -> bool:
        return self.event is None or bool(self.event.query())

    def wait(self) -> None:
        if self.event is not None:
            self.event.synchronize()


class Codec:
    """`rows`: windows of one batch, at most."""

    def __init__(self, checkpoint: Checkpoint, rows: int, first: int, chunk: int, device: torch.device) -> None:
        shape = checkpoint.shape
        self._module = codec(checkpoint).to(device)
        self._hop, self._sounds = shape.hop, shape.sounds
        self._rows, self._device = rows, device
        self._cuda = device.type == "cuda"
        self._codebook = torch.arange(shape.codebooks, device=device)[:, None]
        self._stream = torch.cuda.Stream(device) if self._cuda else None
        self._batches = sizes_up_to(rows, 1) if self._cuda else tuple(range(1, rows + 1))
        self._fixed = {width: _Fixed(self, rows, width) for width in widths(first, chunk)}

    def decode(self, windows: Sequence[tuple[int, Window]], codes: Tensor) -> Decoding:
        """Start to decode windows, each of a slot's columns in `codes` [S, M + 1, K], which may change afterwards."""
        pieces: dict[int, Piece] = {}
        by_width: defaultdict[int, list[int]] = defaultdict(list)
        for n, (_, window) in enumerate(windows):
            by_width[window.width].append(n)
        for width, group in by_width.items():
            for begin in range(0, len(group), self._rows):
                rows = group[begin : begin + self._rows]
                picked = self._picked([windows[n] for n in rows], width, codes)
                waves = self._waves(picked, width)
                for n, row, wave in zip(rows, picked, waves, strict=True):
                    pieces[n] = self._piece(windows[n][1], row, wave)
        event = None
        if self._stream is not None:
            event = torch.cuda.Event(blocking=True)
            event.record(self._stream)
        return Decoding([pieces[n] for n in range(len(windows))], event)

    def warm_up(self) -> None:
        """Run every batch of the two widths; on a GPU capture them too."""
        with self._aside():
            for fixed in self._fixed.values():
                warmed(fixed.decode, self._batches if self._cuda else (1, self._rows))
            if self._cuda:
                pool = torch.cuda.graph_pool_handle()
                for fixed in self._fixed.values():
                    fixed.call = Captured(fixed.decode, self._batches, pool)

    def wave(self, codes: Tensor) -> Tensor:
        """float32 [n, width * hop] of `codes` [n, K, width]."""
        audio: Tensor = self._module.decode(audio_codes=codes).audio_values
        return audio.reshape(len(codes), -1)

    def _picked(self, windows: Sequence[tuple[int, Window]], width: int, codes: Tensor) -> Tensor:
        """[n, K, width]: the delay undone, a copy. Columns that are not there yet are made valid, no more."""
        slots, starts = zip(*((slot, window.start) for slot, window in windows), strict=True)
        slot = torch.tensor(slots).to(self._device)[:, None, None]
        start = torch.tensor(starts).to(self._device)[:, None, None]
        column = start + 1 + self._codebook + torch.arange(width, device=self._device)
        picked: Tensor = codes[slot, column.clamp(max=codes.shape[1] - 1), self._codebook]
        return picked.clamp(max=self._sounds - 1)

    def _waves(self, picked: Tensor, width: int) -> Tensor:
        """[n, width * hop] on the CPU, once the stream has come so far."""
        count = len(picked)
        with self._aside():
            if self._stream is not None:
                picked.record_stream(self._stream)
            fixed = self._fixed.get(width)
            if fixed is None:  # a clause shorter than the wide window
                waves = self.wave(picked)
            else:
                fixed.codes[:count] = picked
                fixed.call(next(size for size in self._batches if size >= count))
                waves = fixed.waves[:count]
            host: Tensor = torch.empty(waves.shape, pin_memory=self._cuda)
            host.copy_(waves, non_blocking=self._cuda)
        return host

    def _piece(self, window: Window, codes: Tensor, wave: Tensor) -> Piece:
        begin, end = window.begin - window.start, window.end - window.start
        return Piece(wave[begin * self._hop : end * self._hop], codes[:, begin:end])

    def _aside(self) -> AbstractContextManager[Any]:
        """The codec's own stream, which first waits for what the current one has been given."""
        if self._stream is None:
            return nullcontext()
        self._stream.wait_stream(torch.cuda.current_stream(self._device))
        stream: AbstractContextManager[Any] = torch.cuda.stream(self._stream)
        return stream


class _Fixed:
    """Windows of one width, in tensors that stay, so that decoding them can be captured."""

    def __init__(self, codec: Codec, rows: int, width: int) -> None:
        self._codec = codec
        self.codes = torch.zeros(rows, codec._codebook.shape[0], width, dtype=torch.long, device=codec._device)
        self.waves = torch.zeros(rows, width * codec._hop, device=codec._device)
        self.call: Call = self.decode

    def decode(self, count: int) -> None:
        self.waves[:count] = self._codec.wave(self.codes[:count])
