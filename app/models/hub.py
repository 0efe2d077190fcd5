"""The model hub over HTTP: what a repository holds, and one file of it, resumed where it broke off.

Two requests of Hugging Face's public interface are all it takes. `GET /api/models/<repository>/revision/<revision>`,
with `blobs=true`, gives the commit and each file's size and checksum; `GET /<repository>/resolve/<commit>/<path>` gives
the file, from any byte on. Refusals carry the reason in the header X-Error-Code.

huggingface_hub's own downloads would not do: newer versions remove what has arrived when one fails, which the next
command could have gone on from, the Xet protocol that it prefers begins anew as well, and sizes alone are checked.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import orjson
import requests

from app.models.catalogue import ModelError

_PAUSES_S = (1.0, 4.0, 10.0)
"""How long to wait before each new attempt after the connection broke."""
_PATIENCE_S = (10.0, 60.0)
"""To connect; between two pieces of a file."""
_PIECE = 1 << 16
"""What is lost at most of what had arrived when a connection breaks."""
_MOST_DESCRIPTION = 16 << 20
_MOST_FILES = 10_000
_BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
"""The connection broke, or never was: trying again may help."""

Progress = Callable[[str, int, int], None]
"""Told which file, how many of its bytes are here, and how many there are."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository at one commit."""

    path: str
    size: int
    sha256: str = ""
    """Of large files (LFS)."""
    git_sha1: str = ""
    """Of the others: git's checksum of a blob."""

    def matches(self, file: Path) -> bool:
        if file.stat().st_size != self.size:
            return False
        check = hashlib.sha256() if self.sha256 else hashlib.sha1(b"blob %d\0" % self.size)  # noqa: S324 git's own
        with file.open("rb") as opened:
            while piece := opened.read(_PIECE):
                check.update(piece)
        return check.hexdigest() == (self.sha256 or self.git_sha1)


@dataclass(frozen=True, slots=True)
class Repository:
    name: str
    commit: str
    files: tuple[RemoteFile, ...]


class _Bearer(requests.auth.AuthBase):
    """Set for every request, so that requests does not look for credentials in ~/.netrc instead."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Hub:
    """A hub, with the account's token, which requests drops when the hub redirects to another host."""

    def __init__(self, endpoint: str, token: str = "") -> None:
        self._endpoint = endpoint
        self._token = token
        self._session = requests.Session()
        self._session.auth = _Bearer(token)

    def __enter__(self) -> "Hub":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def repository(self, name: str, revision: str) -> Repository:
        """Raises ModelError."""
        url = f"{self._endpoint}/api/models/{name}/revision/{quote(revision, safe='')}"
        try:
            with self._get(url, name, params={"blobs": "true"}) as response:
                described = orjson.loads(b"".join(_limited(response, _MOST_DESCRIPTION)))
            files = tuple(map(_remote_file, described["siblings"][:_MOST_FILES]))
            return Repository(name, _hex(described["sha"], 40), files)
        except requests.RequestException as error:
            raise self._unreachable(error) from None
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{self._endpoint} does not answer as a model hub does; check models.endpoint") from error

    def download(self, repository: Repository, remote: RemoteFile, target: Path, progress: Progress) -> None:
        """Fetch one file, going on with `<target>.part` if it is there. `target` appears when its checksum is right.

        Raises ModelError, and OSError when the disk cannot take it.
        """
        part = target.with_name(f"{target.name}.part")
        part.parent.mkdir(parents=True, exist_ok=True)
        for pause_s in (*_PAUSES_S, None):
            resumed = part.exists() and part.stat().st_size > 0
            try:
                self._fetch(repository, remote, part, progress)
            except requests.RequestException as error:
                if pause_s is None or not isinstance(error, _BROKEN):
                    raise self._unreachable(error) from None
                time.sleep(pause_s)
                continue
            if remote.matches(part):
                part.rename(target)
                return
            part.unlink()
            if not resumed:  # else it may have been the beginning of another revision's file
                break
        raise ModelError(
            f"{remote.path} of {repository.name} arrived damaged: its checksum is not the hub's; try again, and if it "
            "stays so, a proxy on the way changes it"
        )

    def _fetch(self, repository: Repository, remote: RemoteFile, part: Path, progress: Progress) -> None:
        part.touch()
        done = part.stat().st_size
        progress(remote.path, min(done, remote.size), remote.size)
        if done >= remote.size:
            return
        url = f"{self._endpoint}/{repository.name}/resolve/{repository.commit}/{quote(remote.path)}"
        headers = {"Accept-Encoding": "identity"}
        if done:
            headers["Range"] = f"bytes={done}-"
        with self._get(url, repository.name, headers=headers) as response:
            if response.status_code != requests.codes.partial_content:
                done = 0
            with part.open("ab" if done else "wb") as file:
                for piece in response.iter_content(_PIECE):
                    done += file.write(piece[: remote.size - done])
                    progress(remote.path, done, remote.size)
                    if done == remote.size:  # whatever else comes is not the file
                        return
        raise requests.ConnectionError("the file ended early")

    def _get(self, url: str, repository: str, **options: Any) -> requests.Response:
        """Raises ModelError for a refusal, requests' exceptions when no answer comes."""
        response = self._session.get(url, timeout=_PATIENCE_S, stream=True, **options)
        if response.ok:
            return response
        response.close()
        raise ModelError(_refusal(response, repository, self._endpoint, has_token=bool(self._token)))

    def _unreachable(self, error: Exception) -> ModelError:
        return ModelError(
            f"{self._endpoint} cannot be reached ({type(error).__name__}); check the network, the proxy in HTTPS_PROXY "
            "if there is one, and models.endpoint. What has arrived is kept: the same command goes on from there"
        )


def _limited(response: requests.Response, most: int) -> Iterator[bytes]:
    """Raises ValueError when more than `most` bytes come."""
    for piece in response.iter_content(_PIECE):
        if (most := most - len(piece)) < 0:
            raise ValueError("the answer is too long")
        yield piece


def _remote_file(described: dict[str, Any]) -> RemoteFile:
    """Raises ValueError, KeyError or TypeError for what is not a file's description, or is a path out of the folder."""
    path = described["rfilename"]
    if not isinstance(path, str) or PurePosixPath(path).is_absolute() or ".." in path.split("/") or "\0" in path:
        raise ValueError("no plain path")
    if lfs := described.get("lfs"):
        return RemoteFile(path, int(lfs["size"]), sha256=_hex(lfs["sha256"], 64))
    return RemoteFile(path, int(described["size"]), git_sha1=_hex(described["blobId"], 40))


def _hex(text: str, digits: int) -> str:
    if not re.fullmatch(rf"[0-9a-f]{{{digits}}}", text):
        raise ValueError("no checksum")
    return text


def _refusal(response: requests.Response, repository: str, endpoint: str, *, has_token: bool) -> str:
    """What the user can do about an answer that is no success."""
    code, told = response.headers.get("X-Error-Code", ""), response.headers.get("X-Error-Message", "")
    page = f"{endpoint}/{repository}"
    if "Invalid credentials" in told:
        return "the hub refuses the token; make a new one with read access, and set KVA_MODELS__TOKEN"
    if code == "GatedRepo" and not has_token:
        return (
            f"{repository} is gated: log in and ask for access at {page}, make a token with read access at "
            f"{endpoint}/settings/tokens, and set KVA_MODELS__TOKEN"
        )
    if code == "GatedRepo":
        return f"{repository} is gated and the token's account has no access; ask for it at {page}, then try again"
    if code == "RevisionNotFound":
        return f"{repository} no longer has the catalogue's revision; a newer version of this program may know more"
    if code == "RepoNotFound" or response.status_code in (401, 403, 404):
        return f"{repository} is not on the hub, or the token's account may not see it; look at {page}"
    if response.status_code == requests.codes.too_many_requests:
        return f"{endpoint} asks for patience (HTTP 429); try again in some minutes, with KVA_MODELS__TOKEN set"
    return f"{endpoint} answers HTTP {response.status_code} for {repository}; try again later"
