"""The one writer of a call: paces audio to the carrier, keeps marks in their place, forgets everything on `clear`.

Audio goes out in 20 ms frames on an absolute clock, `lead_ms` ahead of playout, so that a stall of the loop shorter
than the lead is never heard. The playout clock says when the carrier will have played all it was given: a frame may
leave once that is no more than the lead away. After a stall everything due leaves at once. Only when the carrier has
really run dry does the clock start anew from now, with the full lead again.

Nothing here waits. A send is a coroutine that this file starts by hand: as long as the socket takes what it is given
(uvicorn's `send` suspends only above the transport's high-water mark) it finishes on the spot, and so `clear` reaches
the socket in the same loop step as the decision. A send that does suspend is finished by the one task a call ever has
here; what comes after it waits in the bounded outbox.
"""

import asyncio
import math
import types
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Sequence
from typing import Any, Protocol

from telephony.audio import Framer
from telephony.codec import Encoder, Message
from telephony.events import RATE_HZ

EARLY_S = 0.002
"""A frame this close to its time may go: event loops round timers to a millisecond."""
TICK_S = 0.01
"""Timers of all calls fall on multiples of this, so one wake-up of the loop serves many."""
TAIL_S = 0.03
"""An unfinished frame is padded and sent so long before the carrier would run dry."""

Send = Callable[[Message], Coroutine[Any, Any, None]]
"""Writes one message to the socket. Raises OSError when the connection is gone."""


class Clock(Protocol):
    """What the pacing needs of an event loop."""

    def time(self) -> float: ...
    def call_at(self, when: float, callback: Callable[[], object], /) -> asyncio.TimerHandle: ...
    def call_soon(self, callback: Callable[[float], object], at: float, /) -> asyncio.Handle: ...


class Outbound:
    """`play`, `mark`, `clear` and `close` never wait and never fail.

    `on_sent_first(at)` is called by the loop when a frame has gone out to a carrier that had nothing left to play; `at`
    is loop time. `on_broken(reason)` is called once, when nothing more can be sent: the connection is gone, the carrier
    has not read for `send_timeout_s`, or more than `outbox_s` of audio waits. It may be called from inside `play`.
    """

    def __init__(
        self,
        encoder: Encoder,
        send: Send,
        *,
        loop: Clock,
        silence: bytes,
        on_broken: Callable[[str], None],
        on_sent_first: Callable[[float], None] | None = None,
        frame_bytes: int = 160,
        lead_ms: int = 200,
        outbox_s: float = 60.0,
        send_timeout_s: float = 5.0,
    ) -> None:
        self._encoder = encoder
        self._send = send
        self._loop = loop
        self._pad = silence[0]
        self._on_broken = on_broken
        self._on_sent_first = on_sent_first
        self._frame_s = frame_bytes / RATE_HZ
        self._ahead_s = lead_ms / 1000 - self._frame_s
        self._outbox_most = round(outbox_s / self._frame_s)
        self._send_timeout_s = send_timeout_s
        self._framer = Framer(frame_bytes)
        self._outbox: deque[bytes | str] = deque()
        """Whole frames, and names of marks between them."""
        self._frames = 0
        self._must_clear = False
        self._playout_end = 0.0
        self._tail_due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._writer: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def queued_s(self) -> float:
        """Seconds of audio not yet given to the socket."""
        return self._frames * self._frame_s + self._framer.pending / RATE_HZ

    def play(self, g711: bytes) -> None:
        if not self._closed:
            self._tail_due = self._loop.time() + self._frame_s
            self._queue(self._framer.push(g711))

    def mark(self, name: str) -> None:
        if not self._closed:
            tail = self._framer.flush(self._pad)
            self._queue([tail, name] if tail else [name])

    def clear(self) -> None:
        """Forget what is queued here, and in the same loop step tell the carrier to forget what it has."""
        if not self._closed:
            self._empty()
            self._must_clear = True
            self._pump()

    def close(self) -> None:
        """Send nothing more. A suspended send is cancelled."""
        self._closed = True
        self._empty()
        self._disarm()
        if self._writer is not None:
            self._writer.cancel()

    async def aclose(self) -> None:
        """Close, and wait until a suspended send has gone."""
        self.close()
        if self._writer is not None:
            await asyncio.wait([self._writer])

    def _queue(self, items: Sequence[bytes | str]) -> None:
        waiting = bool(self._outbox)
        if len(self._outbox) + len(items) > self._outbox_most:
            self._break("more audio is queued than the outbox holds")
            return
        self._outbox.extend(items)
        self._frames += sum(isinstance(item, bytes) for item in items)
        if not waiting:  # else the timer or the writer that the others wait for sends these as well
            self._pump()

    def _pump(self) -> None:
        """Send all whose time has come, and set the timer for the next."""
        self._disarm()
        now = self._loop.time()
        if self._must_clear and self._writer is None:
            self._must_clear = False
            self._playout_end = now
            self._write(self._encoder.clear())
        while self._writer is None and not self._closed:
            due = self._next_due(now)
            if due is None:
                return
            tick = math.ceil((due - EARLY_S) / TICK_S) * TICK_S
            if due > now + EARLY_S and tick > now:  # rounded, the tick of what is not quite due may be now
                self._timer = self._loop.call_at(tick, self._on_timer)
                return
            self._send_next(now)

    def _next_due(self, now: float) -> float | None:
        """When the next item may leave; None when there is none."""
        if self._outbox:
            return now if isinstance(self._outbox[0], str) else self._playout_end - self._ahead_s
        if self._framer.pending:
            return max(self._playout_end - TAIL_S, self._tail_due)
        return None

    def _send_next(self, now: float) -> None:
        if not self._outbox:
            self._outbox.append(self._framer.flush(self._pad))
            self._frames += 1
        item = self._outbox.popleft()
        if isinstance(item, str):
            self._write(self._encoder.mark(item))
            return
        self._frames -= 1
        was_silent = self._playout_end <= now
        self._playout_end = max(self._playout_end, now) + self._frame_s
        self._write(self._encoder.audio(item), first=was_silent)

    def _write(self, message: Message, *, first: bool = False) -> None:
        sending = self._send(message)
        try:
            awaited = sending.send(None)
        except StopIteration:
            self._sent(first)
        except OSError as error:
            self._break(f"the connection is gone: {error!r}")
        else:
            self._writer = asyncio.create_task(self._finish(sending, awaited, first), name="outbound writer")

    async def _finish(self, sending: Coroutine[Any, Any, None], awaited: Any, first: bool) -> None:
        try:
            async with asyncio.timeout(self._send_timeout_s):
                await _resumed(sending, awaited)
        except TimeoutError:
            broken = f"the carrier has read nothing for {self._send_timeout_s:g} s"
        except OSError as error:
            broken = f"the connection is gone: {error!r}"
        else:
            broken = ""
        self._writer = None
        if broken:
            self._break(broken)
        else:
            self._sent(first)
            self._pump()

    def _sent(self, first: bool) -> None:
        if first and self._on_sent_first is not None:
            self._loop.call_soon(self._on_sent_first, self._loop.time())

    def _break(self, reason: str) -> None:
        if not self._closed:
            self.close()
            self._on_broken(reason)

    def _empty(self) -> None:
        self._outbox.clear()
        self._framer.flush(self._pad)
        self._frames = 0
        self._must_clear = False

    def _on_timer(self) -> None:
        self._timer = None
        self._pump()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


@types.coroutine
def _resumed(started: Coroutine[Any, Any, None], awaited: Any) -> Generator[Any, None, None]:
    """The rest of a coroutine that was started by hand and then yielded `awaited`, for a task to wait on."""
    while True:
        try:
            try:
                yield awaited
            except BaseException as error:
                awaited = started.throw(error)
            else:
                awaited = started.send(None)
        except StopIteration:
            return
