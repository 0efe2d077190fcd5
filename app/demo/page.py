"""report.html: one file with everything in it, made from page.html and a CallReport. Every text is escaped here."""

from base64 import b64encode
from html import escape
from importlib.resources import files
from string import Template

from app.demo.audio import stereo_mulaw
from app.demo.drawing import waveform
from app.demo.report import STEPS, CallReport, at_the_ear, shown_steps, steps, wasted, went_on
from app.replay.summary import Summary, after_speech_ms, asked, between_ms, is_answered, summarise
from app.replay.waterfall import TurnRow

LONGEST_EMBEDDED_S = 300
"""A longer call's audio is not put into the page; it lies beside it."""

_WORK = {"saved_s": "saved", "wasted_s": "work thrown away"}
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
        transcript="\n".join(_turn(row) for row in report.turns if not row.ignored),
        key="".join(
            f'<li><i style="background:{_COLOURS[name]}"></i>{escape(title)}</li>'
            for name, title in shown_steps(report.turns).items()
        ),
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
        *_conduct(summary),
    ]
    return "".join(f'<div class="card tile"><b>{value}</b><span>{escape(text)}</span></div>' for value, text in tiles)


def _conduct(summary: Summary) -> list[tuple[str, str]]:
    """What speculation did, and how the agent gave way. Numbers that are nothing are left out."""
    lost = f"; {summary.wasted_s:.1f} s of work were thrown away" if summary.wasted_s else ""
    tiles = [(f"{summary.saved_s:.1f}<i> s</i>", f"saved in all by work begun before the caller had finished{lost}")]
    if summary.fillers:
        tiles.append((f"{summary.fillers}<i> ×</i>", '"one moment" was said, as the answer was late'))
    if summary.interruptions or summary.false_interruptions:
        false = f"; {summary.false_interruptions} × it fell silent for nothing and went on"
        text = "the caller interrupted the agent" + (false if summary.false_interruptions else "")
        tiles.append((f"{summary.interruptions}<i> ×</i>", text))
    return tiles


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
    facts = [f"<b>Turn {row.number}</b>" if row.number else "<b>Greeting</b>", *_waits(row)]
    if row.saved_s:
        facts.append(f"{row.saved_s * 1000:.0f} ms saved")
    facts += filter(None, [wasted(row)])
    if (clear := between_ms(row.barge_in_speech_s, row.clear_s)) is not None:
        facts.append(f'<span class="alarm">interrupted, silent after {clear:.0f} ms</span>')
    facts += [escape(went_on(false)) for false in row.false_interruptions]
    lines = [_line("caller", row.caller_kannada, "", row.caller_english, "")] if row.number else []
    lines.append(_line("agent", row.agent_kannada, row.unheard_kannada, row.agent_english, row.unheard_english))
    header = "".join(map(_span, facts))
    return f'<section class="card turnbox"><header>{header}</header>{"".join(lines)}</section>'


def _waits(row: TurnRow) -> list[str]:
    """What the caller heard first after speaking: a filler, the answer, or only a prompt."""
    facts = []
    if (filler := after_speech_ms(row, "filler_on_wire_s")) is not None:
        facts.append(f'"one moment" after {filler:.0f} ms')
    if (wait := after_speech_ms(row, "first_on_wire_s")) is not None:
        facts.append(f"answered after {wait:.0f} ms")
    elif row.number and is_answered(row):
        facts.append("answered")  # keys: there was no last word to count from
    elif row.number:
        prompt = after_speech_ms(row, "prompt_on_wire_s")
        instead = "" if prompt is None else f", a prompt after {prompt:.0f} ms"
        facts.append(f'<span class="alarm">not answered{instead}</span>')
    return facts


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
            f'<span{" class=thin" if width < 12 else ""} style="width:{width:.2f}%;background:{_COLOURS[name]}" '
            f'title="{escape(STEPS[name])}: {at:.0f} ms after speech">{label}</span>'
        )
        before = at
    total = after_speech_ms(row, "first_on_wire_s") or 0.0
    return (
        f'<span class="number">{row.number}</span><div class="bar">{"".join(parts)}</div>'
        f'<span class="total">{total:.0f} ms</span>'
    )


def _table(report: CallReport) -> str:
    rows = asked(report.turns)
    names = {**shown_steps(rows), "first_mark_heard_s": "first clause heard", "end_of_reply_s": "reply heard"}
    work = {name: title for name, title in _WORK.items() if any(getattr(row, name) for row in rows)}
    titles = [*names.values(), *work.values()]
    head = "<tr><th>turn</th>" + "".join(f"<th>{escape(title)}</th>" for title in titles) + "</tr>"
    body = []
    for row in rows:
        values = [after_speech_ms(row, name) for name in names]
        values += [between_ms(0.0, getattr(row, name) or None) for name in work]
        cells = "".join(f"<td>{'–' if value is None else f'{value:.0f}'}</td>" for value in values)
        body.append(f"<tr><td>{row.number}</td>{cells}</tr>")
    return head + "".join(body)
