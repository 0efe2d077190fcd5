"""report.html: one file with everything in it, made from page.html and a CallReport. Every text is escaped here."""

from base64 import b64encode
from html import escape
from importlib.resources import files
from string import Template

from app.demo.audio import stereo_mulaw
from app.demo.drawing import waveform
from app.demo.report import (
    STEPS,
    CallReport,
    after_speech_ms,
    asked,
    at_the_ear,
    between_ms,
    is_answered,
    steps,
    summarise,
)
from app.replay.waterfall import TurnRow

LONGEST_EMBEDDED_S = 300
"""A longer call's audio is not put into the page; it lies beside it."""

_COLOURS = {name: f"var(--s{number})" for number, name in enumerate(STEPS)}


def page(report: CallReport) -> str:
    """The whole document."""
    template = Template(files("app.demo").joinpath("page.html").read_text(encoding="utf-8"))
    seconds = len(report.caller) / 8000
    return template.substitute(
        title=escape(report.title),
        when=escape(f"{report.started_at} · {seconds:.1f} s · {report.ended}"),
        note=escape(report.note),
        tiles=_tiles(report),
        wave=waveform(report),
        audio=_audio(report, seconds),
        transcript="\n".join(_turn(row) for row in report.turns),
        key="".join(f'<li><i style="background:{_COLOURS[name]}"></i>{escape(STEPS[name])}</li>' for name in STEPS),
        waterfall=_waterfall(report),
        table=_table(report),
        footer=escape(_footer(report)),
    )


def _footer(report: CallReport) -> str:
    channels = "In the recording the caller is left, the agent right, as the caller heard it."
    return f"{at_the_ear(report)} {channels} Every number on this page is in report.json too.".strip()


def _tiles(report: CallReport) -> str:
    summary = summarise(report.turns)
    tiles = [
        (f"{summary.answered}<i> of {summary.turns}</i>", "turns answered"),
        (_ms(summary.first_audio_p50_ms), "from the caller's last word to the first sound, half of the turns"),
        (_ms(summary.first_audio_p95_ms), "the same, 95 of 100 turns"),
        (_seconds(summary.end_of_reply_p50_ms), "to the end of the reply, half of the turns"),
        (_ms(summary.barge_in_p50_ms), "from speech over the agent until its audio is withdrawn"),
        (f"{report.gaps}", f"gaps heard in the agent's speech, {report.starved_s * 1000:.0f} ms in all"),
    ]
    return "".join(f'<div class="card tile"><b>{value}</b><span>{escape(text)}</span></div>' for value, text in tiles)


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}<i> ms</i>"


def _seconds(value_ms: float | None) -> str:
    return "–" if value_ms is None else f"{value_ms / 1000:.1f}<i> s</i>"


def _audio(report: CallReport, seconds: float) -> str:
    if seconds > LONGEST_EMBEDDED_S:
        return '<audio controls preload="none" src="call.wav"></audio>'
    wav = b64encode(stereo_mulaw(report.caller, report.agent)).decode()
    return f'<audio controls src="data:audio/wav;base64,{wav}"></audio>'


def _turn(row: TurnRow) -> str:
    facts = [f"<b>Turn {row.number}</b>" if row.number else "<b>Greeting</b>"]
    if (wait := after_speech_ms(row, "first_on_wire_s")) is not None:
        facts.append(f"answered after {wait:.0f} ms")
    elif row.number:
        facts.append('<span class="alarm">not answered</span>')
    if (clear := between_ms(row.barge_in_speech_s, row.clear_s)) is not None:
        facts.append(f'<span class="alarm">interrupted, silent after {clear:.0f} ms</span>')
    lines = [_line("caller", row.caller_kannada, "", row.caller_english, "")] if row.number else []
    lines.append(_line("agent", row.agent_kannada, row.unheard_kannada, row.agent_english, row.unheard_english))
    header = "".join(map(_span, facts))
    return f'<section class="card turnbox"><header>{header}</header>{"".join(lines)}</section>'


def _span(html: str) -> str:
    return html if html.startswith("<") else f"<span>{html}</span>"


def _line(role: str, kannada: str, unheard_kannada: str, english: str, unheard_english: str) -> str:
    return (
        f'<div class="line {role}"><span class="who">{role.capitalize()}</span>'
        f'<p lang="kn">{_heard(kannada, unheard_kannada)}</p><p lang="en">{_heard(english, unheard_english)}</p></div>'
    )


def _heard(heard: str, unheard: str) -> str:
    return " ".join(filter(None, [escape(heard), f"<del>{escape(unheard)}</del>" if unheard else ""])) or "…"


def _waterfall(report: CallReport) -> str:
    rows = [row for row in asked(report.turns) if is_answered(row) and steps(row)]
    longest_ms = max((steps(row)[-1][1] for row in rows), default=1.0) or 1.0
    return "".join(_bar(row, longest_ms) for row in rows) or "<p></p><p>No turn was answered.</p>"


def _bar(row: TurnRow, longest_ms: float) -> str:
    parts, before = [], 0.0
    for name, at in steps(row):
        width = (at - before) / longest_ms * 100
        label = f"{at - before:.0f}" if width > 4 else ""
        parts.append(
            f'<span style="width:{width:.2f}%;background:{_COLOURS[name]}" '
            f'title="{escape(STEPS[name])}: {at:.0f} ms after speech">{label}</span>'
        )
        before = at
    total = after_speech_ms(row, "first_on_wire_s") or 0.0
    return (
        f'<span class="number">{row.number}</span><div class="bar">{"".join(parts)}</div>'
        f'<span class="total">{total:.0f} ms</span>'
    )


def _table(report: CallReport) -> str:
    names = {**STEPS, "first_mark_heard_s": "first clause heard", "end_of_reply_s": "reply heard"}
    head = "<tr><th>turn</th>" + "".join(f"<th>{escape(title)}</th>" for title in names.values()) + "</tr>"
    body = []
    for row in asked(report.turns):
        values = (after_speech_ms(row, name) for name in names)
        cells = "".join(f"<td>{'–' if value is None else f'{value:.0f}'}</td>" for value in values)
        body.append(f"<tr><td>{row.number}</td>{cells}</tr>")
    return head + "".join(body)
