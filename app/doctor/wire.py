"""Checks of what stands between the carrier and this server: credentials, public URL, port, trace folder.

None of them uses the network.
"""

import errno
import os
import re
import shutil
import socket
from ipaddress import ip_address
from pathlib import Path

from pydantic import HttpUrl

from app.config import Settings, TwilioSettings
from app.config.types import is_loopback
from app.doctor.finding import Finding, failed, passed, warned

_LEAST_DISK = 1 << 30


def twilio(settings: TwilioSettings) -> Finding:
    if not settings.configured:
        return warned(
            "Twilio",
            "no credentials: kva serve listens on loopback only",
            "set KVA_TWILIO__ACCOUNT_SID and KVA_TWILIO__AUTH_TOKEN, from console.twilio.com",
        )
    if not re.fullmatch(r"[0-9a-f]{32}", settings.auth_token.get_secret_value()):
        return warned(
            "Twilio",
            "twilio.auth_token does not look like one: 32 hexadecimal digits",
            "copy the account's Auth Token, not an API key's secret: Twilio signs its requests with it",
        )
    if not settings.phone_number:
        return passed("Twilio", "credentials set; kva dial also needs twilio.phone_number")
    return passed("Twilio", "credentials and phone number set")


def public_url(url: HttpUrl | None, *, needed: bool) -> Finding:
    """The form only. Twilio opens Media Streams by wss on port 443 alone (its error 31910)."""
    check, wrong = "Public URL", failed if needed else warned
    if url is None:
        return wrong(check, "not set", "set server.public_url, e.g. https://voice.example.in")
    host = url.host or ""
    if is_loopback(host) or _is_private(host):
        return wrong(check, f"Twilio cannot reach {host}", "use a public name; while trying, a tunnel's")
    if url.port != 443:
        return wrong(check, f"port {url.port}: Twilio streams to port 443 only", "put the TLS edge on port 443")
    if url.path not in (None, "", "/"):
        return warned(check, f"{url} has a path", f"let the edge remove {url.path}: this server has /twilio/voice")
    return passed(check, str(url))


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host.strip("[]")).is_global
    except ValueError:
        return host.endswith((".local", ".internal", ".localhost")) or "." not in host


def port(host: str, number: int) -> Finding:
    """Whether the server could listen there now."""
    place = f"{host}:{number}"
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
            probe.listen(1)
        except OSError as error:
            return failed("Port", f"{place}: {error.strerror or error}", _fix_of(error))
    return passed("Port", f"{place} is free")


def _fix_of(error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return "stop what listens there (a running kva serve?), or set server.port"
        case errno.EACCES:
            return "ports below 1024 need privileges: set server.port = 8080 behind a TLS edge"
        case _:
            return "set server.host to an address of this machine"


def trace_folder(folder: Path | None) -> Finding:
    if folder is None:
        return passed("Traces", "calls are not recorded (trace.directory is not set)")
    existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return failed("Traces", f"{folder}: this user cannot write there", f"chown {existing}, or set trace.directory")
    free = shutil.disk_usage(existing).free
    if free < _LEAST_DISK:
        return warned("Traces", f"{folder}: {free >> 20} MiB left", "make room, or set trace.directory elsewhere")
    return passed("Traces", f"{folder} is writable")


def wire_findings(settings: Settings) -> list[Finding]:
    return [
        twilio(settings.twilio),
        public_url(settings.server.public_url, needed=settings.twilio.configured),
        port(settings.server.host, settings.server.port),
        trace_folder(settings.trace.directory),
    ]
