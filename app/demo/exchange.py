"""The carrier's REST API on loopback, as far as a transfer needs it: a call gets a new document, its stream ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from app.demo.caller import Caller
from app.demo.twilio import WireError

ACCOUNT = "AC" + "0" * 32
_NO_SUCH_CALL = 20404


class Exchange:
    def __init__(self) -> None:
        self.url = ""
        self._calls: dict[str, Caller] = {}

    def connect(self, caller: Caller) -> None:
        """From now on the server can hand `caller` over."""
        self._calls[caller.call_id] = caller

    async def update(self, request: web.Request) -> web.Response:
        caller = self._calls.get(request.match_info["call_id"])
        document = (await request.post()).get("Twiml")
        if caller is None or not isinstance(document, str):
            return web.json_response({"code": _NO_SUCH_CALL, "message": "no such call", "status": 404}, status=404)
        try:
            caller.redirect(document)
        except WireError as error:
            return web.json_response({"code": 12100, "message": str(error), "status": 400}, status=400)
        return web.json_response({"sid": caller.call_id, "account_sid": ACCOUNT, "status": "in-progress"})


@asynccontextmanager
async def exchange() -> AsyncIterator[Exchange]:
    """One that answers, on a free port."""
    here = Exchange()
    routes = web.Application()
    routes.add_routes([web.post(f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{{call_id}}.json", here.update)])
    runner = web.AppRunner(routes, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        here.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield here
    finally:
        await runner.cleanup()
