"""A model hub on loopback that speaks Hugging Face's interface, with everything that goes wrong there."""

import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" * 6 + "1234"
TOKEN = "hf_" + "t" * 20
LARGE = 1000
"""Files from this size on are LFS files: described by SHA-256, and sent from another address."""


@dataclass
class Hub:
    """What the hub holds, how it misbehaves, and what it was asked."""

    repositories: dict[str, dict[str, bytes]]
    gated: set[str] = field(default_factory=set)
    granted: set[str] = field(default_factory=set)
    """Tokens with access to the gated repositories."""
    cut_at: list[int] = field(default_factory=list)
    """Answers with a file break off after so many bytes, one after the other."""
    damaged: set[str] = field(default_factory=set)
    """Files whose bytes are not those of the description."""
    endless: set[str] = field(default_factory=set)
    """Files that do not end where they should."""
    refuses: int = 0
    """The status that every request for a file is answered with."""
    ignores_ranges: bool = False
    describes: bytes | None = None
    """Sent instead of every repository's description."""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Path, range and authorisation of each request."""
    endpoint: str = ""

    def files_asked(self) -> list[tuple[str, str]]:
        """Name and range of every file that was asked for, at the address that sends it."""
        return [(path.split("/", 4)[4], span) for path, span, _ in self.asked if path.startswith("/cdn/")]


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_GET(self) -> None:
        path, token = unquote(urlsplit(self.path).path), self.headers.get("Authorization", "")
        self.hub.asked.append((path, self.headers.get("Range", ""), token))
        if token and token.removeprefix("Bearer ") not in self.hub.granted | {TOKEN}:
            self._answer(401, b"", {"X-Error-Message": "Invalid credentials in Authorization header"})
        elif found := re.fullmatch(r"/api/models/(\w[^/]*/[^/]+)/revision/([^/]+)", path):
            self._describe(found[1], found[2])
        elif found := re.fullmatch(rf"/([^/]+/[^/]+)/resolve/{COMMIT}/(.+)", path):
            self._resolve(found[1], found[2], token.removeprefix("Bearer "))
        elif found := re.fullmatch(r"/cdn/([^/]+/[^/]+)/(.+)", path):
            self._send_file(found[1], found[2])
        else:
            self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def _describe(self, repository: str, revision: str) -> None:
        if self.hub.describes is not None:
            self._answer(200, self.hub.describes)
        elif repository not in self.hub.repositories:
            self._answer(401, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif revision == "0" * 40:
            self._answer(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        else:
            siblings = [_described(name, data) for name, data in self.hub.repositories[repository].items()]
            self._answer(200, json.dumps({"id": repository, "sha": COMMIT, "siblings": siblings}).encode())

    def _resolve(self, repository: str, name: str, token: str) -> None:
        if self.hub.refuses:
            self._answer(self.hub.refuses, b"")
        elif repository in self.hub.gated and token not in self.hub.granted:
            self._answer(403 if token else 401, b"", {"X-Error-Code": "GatedRepo"})
        else:
            elsewhere = self.hub.endpoint.replace("127.0.0.1", "localhost")
            self._answer(302, b"", {"Location": f"{elsewhere}/cdn/{repository}/{name}"})

    def _send_file(self, repository: str, name: str) -> None:
        data = self.hub.repositories[repository][name]
        if name in self.hub.damaged:
            data = bytes(byte ^ 255 for byte in data)
        if name in self.hub.endless:
            data += bytes(5 << 20)
        start = 0
        if (span := self.headers.get("Range")) and not self.hub.ignores_ranges:
            start = int(span.removeprefix("bytes=").rstrip("-"))
        body = data[start:]
        headers = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if start else {}
        if self.hub.cut_at and len(data) >= LARGE:
            self._answer(206 if start else 200, body, headers, only=self.hub.cut_at.pop(0))
            self.close_connection = True
        else:
            self._answer(206 if start else 200, body, headers)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None, only: int | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # whoever asks has had enough
            self.wfile.write(body[:only])

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _described(name: str, data: bytes) -> dict[str, object]:
    if len(data) >= LARGE:
        return {"rfilename": name, "lfs": {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}}
    blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()  # noqa: S324 git's own
    return {"rfilename": name, "size": len(data), "blobId": blob}


@contextmanager
def serving(repositories: dict[str, dict[str, bytes]]) -> Iterator[Hub]:
    hub = Hub(repositories)
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub})) as http:
        hub.endpoint = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield hub
        finally:
            http.shutdown()
            thread.join()
