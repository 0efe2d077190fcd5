"""The model hub, by huggingface_hub: what a repository holds, and one file of it, resumed where it broke off.

Of the library's downloads it is `http_get` that is used, over plain HTTP. `hf_hub_download` removes what has arrived
when it fails, in its newer versions, and the Xet protocol that it prefers begins anew as well.
"""

import functools
import hashlib
import io
import logging
import os
import re
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from app.engines.need import need_module
from app.models.catalogue import ModelError

_PAUSES_S = (1.0, 4.0, 10.0)
"""How long to wait before each new attempt after the connection broke. The library has pauses of its own besides."""
_PATIENCE_S = 60.0
"""For a repository's description."""
_PIECE = 1 << 20
"""What is lost at most of what had arrived when a connection breaks, and how often progress is told."""
_MOST_FILES = 10_000

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
        begin = hashlib.sha256 if self.sha256 else functools.partial(hashlib.sha1, b"blob %d\0" % self.size)
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, begin).hexdigest() == (self.sha256 or self.git_sha1)


@dataclass(frozen=True, slots=True)
class Repository:
    name: str
    commit: str
    files: tuple[RemoteFile, ...]


class Hub:
    """A hub, with the account's token, which the library drops when the hub redirects to another host."""

    def __init__(self, endpoint: str, token: str = "") -> None:
        """Raises EngineUnavailable when the library is not installed."""
        self._library = _library()
        self._endpoint = endpoint
        self._token = token or False  # None would be the one that another program has left on this machine
        self._errors = (OSError, *self._library.errors.HfHubHTTPError.__bases__)
        """Of requests, httpx or httpx2, by the library's version."""

    def repository(self, name: str, revision: str) -> Repository:
        """Raises ModelError."""
        api = self._library.HfApi(endpoint=self._endpoint, token=self._token)
        try:
            described = api.model_info(name, revision=revision, files_metadata=True, timeout=_PATIENCE_S)
            files = tuple(map(_remote_file, described.siblings[:_MOST_FILES]))
            return Repository(name, _hex(described.sha, 40), files)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{self._endpoint} does not answer as a model hub does; check models.endpoint") from error
        except self._errors as error:
            raise self._told(error, name) from None

    def download(self, repository: Repository, remote: RemoteFile, target: Path, progress: Progress) -> None:
        """Fetch one file, going on with `<target>.part` if it is there. `target` appears when its checksum is right.

        Raises ModelError, and OSError when the disk cannot take it.
        """
        path = target.with_name(f"{target.name}.part")
        path.parent.mkdir(parents=True, exist_ok=True)
        for pause_s in (*_PAUSES_S, None):
            with _Part(path, remote, progress) as part:
                resumed = part.tell() > 0
                try:
                    self._fetch(repository, remote, part)
                except self._errors as error:
                    if getattr(error, "errno", None):  # the disk's: errors of the network have no number
                        raise
                    if pause_s is None or getattr(error, "response", None) is not None:
                        raise self._told(error, repository.name) from None
                    time.sleep(pause_s)
                    continue
            if remote.matches(path):
                path.rename(target)
                return
            path.unlink()
            if not resumed:  # else it may have been the beginning of another revision's file
                break
        raise ModelError(
            f"{remote.path} of {repository.name} arrived damaged: its checksum is not the hub's; try again, and if it "
            "stays so, a proxy on the way changes it"
        )

    def _fetch(self, repository: Repository, remote: RemoteFile, part: "_Part") -> None:
        done = part.tell()
        if done >= remote.size:
            return
        where = {"revision": repository.commit, "endpoint": self._endpoint}
        url = self._library.hf_hub_url(repository.name, remote.path, **where)
        headers = {**self._library.utils.build_hf_headers(token=self._token), "Accept-Encoding": "identity"}
        get = self._library.file_download.http_get
        get(url, part, resume_size=done, headers=headers, expected_size=remote.size)

    def _told(self, error: BaseException, repository: str) -> ModelError:
        if getattr(error, "response", None) is not None:
            return ModelError(_refusal(error, repository, self._endpoint, has_token=bool(self._token)))
        return ModelError(
            f"{self._endpoint} cannot be reached ({type(error).__name__}); check the network, the proxy in HTTPS_PROXY "
            "if there is one, and models.endpoint. What has arrived is kept: the same command goes on from there"
        )


class _Part(io.BufferedWriter):
    """What has arrived of a file. It takes no more than the file has."""

    def __init__(self, path: Path, remote: RemoteFile, progress: Progress) -> None:
        super().__init__(io.FileIO(path, "a"))
        self._remote = remote
        self._progress = progress
        progress(remote.path, min(self.tell(), remote.size), remote.size)

    def write(self, piece: Any) -> int:
        room = self._remote.size - self.tell()
        super().write(piece[:room])
        self._progress(self._remote.path, self.tell(), self._remote.size)
        if len(piece) > room:
            raise OSError("more comes than the file has")
        return len(piece)


def _library() -> Any:
    """huggingface_hub, made quiet: what it has to say is said by ModelError and Progress.

    Raises EngineUnavailable when it is not installed.
    """
    library = need_module("huggingface_hub", extra="hub")
    need_module("huggingface_hub.file_download", extra="hub")  # and with it the other modules that are used
    library.constants.DOWNLOAD_CHUNK_SIZE = _PIECE  # 10 MB take a slow line half a minute
    library.constants.HF_HUB_ENABLE_HF_TRANSFER = False  # where a variable asks for it: it cannot resume
    os.environ["NETRC"] = os.devnull  # where requests, before 1.0, finds a password and sends it instead of the token
    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)
    with warnings.catch_warnings(action="ignore"):
        library.utils.disable_progress_bars()
    return library


def _remote_file(described: Any) -> RemoteFile:
    """Raises ValueError or TypeError for what is not a file's description, or is a path out of the folder."""
    path = described.rfilename
    if not isinstance(path, str) or PurePosixPath(path).is_absolute() or ".." in path.split("/") or "\0" in path:
        raise ValueError("no plain path")
    if described.lfs:
        return RemoteFile(path, int(described.lfs.size), sha256=_hex(described.lfs.sha256, 64))
    return RemoteFile(path, int(described.size), git_sha1=_hex(described.blob_id, 40))


def _hex(text: str, digits: int) -> str:
    if not re.fullmatch(rf"[0-9a-f]{{{digits}}}", text):
        raise ValueError("no checksum")
    return text


def _refusal(error: Any, repository: str, endpoint: str, *, has_token: bool) -> str:
    """What the user can do about an answer that is no success. The headers say more than the library's classes do."""
    code, told = (error.response.headers.get(f"X-Error-{name}", "") for name in ("Code", "Message"))
    status, page = error.response.status_code, f"{endpoint}/{repository}"
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
    if code == "RepoNotFound" or status in (401, 403, 404):
        return f"{repository} is not on the hub, or the token's account may not see it; look at {page}"
    if status == 429:
        return f"{endpoint} asks for patience (HTTP 429); try again in some minutes, with KVA_MODELS__TOKEN set"
    return f"{endpoint} answers HTTP {status} for {repository}; try again later"
