"""Checks that use the network, asked for with `kva doctor --online`."""

from typing import Any

import requests

from app.config import Settings, TwilioSettings
from app.doctor.finding import Finding, failed, passed, warned
from telephony.twilio.rest import API_URL

_PATIENCE_S = 5.0


class _NoAnswer(Exception):
    """Nothing usable came back; the message is fit for the table."""


def _get(url: str, **options: Any) -> dict[str, Any]:
    """A JSON object. The URL is kept out of messages: a Twilio one holds the account."""
    try:
        response = requests.get(url, timeout=_PATIENCE_S, allow_redirects=False, **options)
        value = response.json() if response.status_code == requests.codes.ok else None
    except requests.RequestException as error:
        raise _NoAnswer(type(error).__name__) from None
    if not isinstance(value, dict):
        raise _NoAnswer(f"HTTP {response.status_code}")
    return value


def account(settings: TwilioSettings, api_url: str = API_URL) -> Finding:
    """Whether Twilio knows the account by this token."""
    login = (settings.account_sid, settings.auth_token.get_secret_value())
    try:
        status = _get(f"{api_url}/2010-04-01/Accounts/{settings.account_sid}.json", auth=login).get("status")
    except _NoAnswer as error:
        return failed("Twilio account", f"no answer: {error}", "check account_sid and auth_token (HTTP 401)")
    if status != "active":
        return failed("Twilio account", f"it is {status}", "see console.twilio.com")
    return passed("Twilio account", "active")


def webhook(settings: TwilioSettings, public_url: str, api_url: str = API_URL) -> Finding:
    """Whether calls to the configured number are sent to this server."""
    login = (settings.account_sid, settings.auth_token.get_secret_value())
    wanted = f"{public_url.rstrip('/')}/twilio/voice"
    fix = f"in console.twilio.com, phone number, Voice: 'A call comes in' = Webhook, {wanted}, HTTP POST"
    url = f"{api_url}/2010-04-01/Accounts/{settings.account_sid}/IncomingPhoneNumbers.json"
    try:
        numbers = _get(url, auth=login, params={"PhoneNumber": settings.phone_number})["incoming_phone_numbers"]
    except (_NoAnswer, KeyError) as error:
        return warned("Twilio number", f"no answer: {error}", fix)
    if not numbers:
        return failed("Twilio number", "twilio.phone_number is not a number of this account", "see console.twilio.com")
    if numbers[0].get("voice_url") != wanted:
        return failed("Twilio number", "calls to it go elsewhere", fix)
    return passed("Twilio number", f"calls to it come to {wanted}")


def reachable(public_url: str) -> Finding:
    """Whether this server answers under its public name."""
    url = f"{public_url.rstrip('/')}/healthz"
    try:
        alive = _get(url).get("alive")
    except _NoAnswer as error:
        return failed("Reachable", f"{url}: {error}", "start kva serve; check DNS, the certificate and the TLS edge")
    if alive is not True:
        return failed("Reachable", f"{url} is somebody else's", "point the TLS edge at this server")
    return passed("Reachable", f"{url} answers")


def online_findings(settings: Settings) -> list[Finding]:
    """Nothing for what is not configured: the checks without network say so."""
    public_url = str(settings.server.public_url or "")
    findings = []
    if settings.twilio.configured:
        findings.append(account(settings.twilio))
    if settings.twilio.configured and settings.twilio.phone_number and public_url:
        findings.append(webhook(settings.twilio, public_url))
    if public_url:
        findings.append(reachable(public_url))
    return findings
