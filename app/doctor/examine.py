"""All checks in order, and the table that shows them."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Group
from rich.table import Table
from rich.text import Text

from app.config import ConfigError, ServerSettings, load_settings
from app.desk import open_desk
from app.doctor.engines import engine_findings, model_bytes
from app.doctor.finding import Finding, Level, failed
from app.doctor.machine import machine_findings
from app.doctor.models import model_findings
from app.doctor.online import online_findings
from app.doctor.wire import wire_findings

_STYLES: dict[Level, str] = {"pass": "green", "warn": "yellow", "fail": "bold red"}


def examine(config: Path | None, profile: str | None = None, *, online: bool, run: bool = False) -> list[Finding]:
    """Loads models, so it may take a while; `run` runs them too.

    Unreadable settings, or a desk's file that is wrong, are a finding; the machine is checked all the same.
    """
    try:
        settings = open_desk(load_settings(config, profile)).settings
    except ConfigError as error:
        wrong = [failed("Settings", line, "correct it, then ask again") for line in str(error).splitlines()]
        return [*machine_findings(ServerSettings().max_calls, 0), *wrong]
    return [
        *machine_findings(settings.server.max_calls, model_bytes(settings)),
        *model_findings(settings, run=run),
        *engine_findings(settings, run=run),
        *wire_findings(settings),
        *(online_findings(settings) if online else []),
    ]


def table(findings: Sequence[Finding]) -> Group:
    """A row a finding, and how many of each there are."""
    count = Counter(finding.level for finding in findings)
    rows = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        told = Text(finding.detail)
        if finding.fix:
            told.append(f"\n→ {finding.fix}", style="dim")
        rows.add_row(Text(finding.level, style=_STYLES[finding.level]), finding.check, told)
    return Group(rows, Text(f"\n{count['pass']} pass, {count['warn']} warn, {count['fail']} fail", style="bold"))
