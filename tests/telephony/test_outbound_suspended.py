"""The outbound writer on a real loop, before a socket that is full until told otherwise."""

import asyncio
from collections.abc import Callable

import pytest

from telephony.outbound import Outbound
from tests.telephony.test_outbound import FRAME, Plain


class Socket:
    """As uvicorn's send: returns at once while writable, else waits."""

    def __init__(self) -> None:
        self.writable = asyncio.Event()
        self.writable.set()
        self.sent: list[bytes | str] = []
        self.waiting = 0
        self.cancelled = 0
        self.gone: OSError | None = None

    async def send(self, message: bytes | str) -> None:
        self.waiting += 1
        try:
            await self.writable.wait()
            await self.writable.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.waiting -= 1
        if self.gone is not None:
            raise self.gone
        self.sent.append(message)


def on(socket: Socket, broken: list[str], send_timeout_s: float = 5.0) -> Outbound:
    return Outbound(
        Plain(),
        socket.send,
        loop=asyncio.get_running_loop(),
        silence=b"\xff",
        on_broken=broken.append,
        send_timeout_s=send_timeout_s,
    )


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


async def test_while_a_send_is_suspended_the_rest_waits_in_order() -> None:
    socket, broken = Socket(), list[str]()
    out = on(socket, broken)
    socket.writable.clear()
    out.play(FRAME * 3)
    out.mark("1")
    await asyncio.sleep(0)
    assert (socket.waiting, socket.sent) == (1, [])
    socket.writable.set()
    await until(lambda: len(socket.sent) == 4)
    assert socket.sent == [FRAME, FRAME, FRAME, "mark 1"]
    await out.aclose()
    assert broken == []


async def test_clear_leaves_next_when_a_send_is_suspended() -> None:
    socket, broken = Socket(), list[str]()
    out = on(socket, broken)
    socket.writable.clear()
    out.play(FRAME * 3)
    out.clear()
    out.play(b"\1" * 160)
    out.mark("new")
    assert socket.waiting == 1
    socket.writable.set()
    await until(lambda: "mark new" in socket.sent)
    assert socket.sent == [FRAME, "clear", b"\1" * 160, "mark new"]
    await out.aclose()


async def test_a_peer_that_does_not_read_breaks_the_line() -> None:
    socket, broken = Socket(), list[str]()
    out = on(socket, broken, send_timeout_s=0.02)
    socket.writable.clear()
    out.play(FRAME * 3)
    await until(lambda: bool(broken))
    assert broken == ["the carrier has read nothing for 0.02 s"]
    assert (socket.waiting, socket.cancelled) == (0, 1)
    await out.aclose()


@pytest.mark.parametrize("suspended", [False, True])
async def test_a_connection_that_is_gone_breaks_the_line(suspended: bool) -> None:
    socket, broken = Socket(), list[str]()
    out = on(socket, broken)
    socket.gone = ConnectionResetError("gone")
    if suspended:
        socket.writable.clear()
    out.play(FRAME * 3)
    socket.writable.set()
    await until(lambda: bool(broken))
    assert broken == ["the connection is gone: ConnectionResetError('gone')"]
    assert socket.sent == []
    await out.aclose()


async def test_closing_leaves_no_task_behind() -> None:
    socket, broken = Socket(), list[str]()
    out = on(socket, broken)
    socket.writable.clear()
    out.play(FRAME * 3)
    await asyncio.sleep(0)
    await out.aclose()
    assert (socket.waiting, socket.cancelled, broken) == (0, 1, [])
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_closing_in_the_step_of_the_suspension_leaves_no_task_behind() -> None:
    socket, broken = Socket(), list[str]()
    out = on(socket, broken)
    socket.writable.clear()
    out.play(FRAME)
    await out.aclose()
    assert broken == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_burst_is_told_when_its_suspended_frame_has_gone() -> None:
    socket, broken, first = Socket(), list[str](), list[float]()
    loop = asyncio.get_running_loop()
    out = Outbound(
        Plain(), socket.send, loop=loop, silence=b"\xff", on_broken=broken.append, on_sent_first=first.append
    )
    socket.writable.clear()
    out.play(FRAME)
    await asyncio.sleep(0)
    assert first == []
    released = loop.time()
    socket.writable.set()
    await until(lambda: bool(first))
    assert first[0] >= released
    await out.aclose()
