"""The call as a picture: both waveforms on one clock, with turns, barge-ins and clears marked. SVG without colours."""

from app.demo.audio import peaks
from app.demo.report import CallReport
from telephony.events import RATE_HZ

WIDTH = 1200
TRACK = 74
"""Height of one side's waveform; the loudest sample fills it."""
TOP = 20
HEIGHT = TOP + 2 * TRACK + 34
COLUMNS = 600
TICKS = (1, 2, 5, 10, 20, 30, 60, 120, 300)


def waveform(report: CallReport) -> str:
    """An `<svg>`; its classes are coloured by page.html."""
    seconds = max(len(report.caller) / RATE_HZ, 0.001)
    parts = [f'<svg class="wave" viewBox="0 0 {WIDTH} {HEIGHT}" data-seconds="{seconds:.3f}" role="img" ']
    parts.append('aria-label="Waveform of the caller above and the agent below">')
    parts += _grid(seconds)
    parts += _turns(report, seconds)
    parts.append(_track("caller", report.caller, TOP + TRACK / 2))
    parts.append(_track("agent", report.agent, TOP + TRACK * 1.5 + 12))
    parts += _interruptions(report, seconds)
    parts.append(f'<line class="head" x1="-9" x2="-9" y1="{TOP}" y2="{HEIGHT - 22}"/></svg>')
    return "".join(parts)


def _track(name: str, mulaw: bytes, middle: float) -> str:
    loudness = peaks(mulaw, COLUMNS)
    scale = TRACK / 2 / max(0.05, *loudness)
    step = WIDTH / COLUMNS
    path = "".join(
        f"M{(n + 0.5) * step:.0f} {middle - max(0.5, peak * scale):.1f}v{max(1.0, 2 * peak * scale):.1f}"
        for n, peak in enumerate(loudness)
    )
    return f'<path class="{name}" stroke-width="1.4" fill="none" d="{path}"/>'


def _grid(seconds: float) -> list[str]:
    tick = next((tick for tick in TICKS if seconds / tick <= 14), TICKS[-1])
    parts = []
    for n in range(int(seconds // tick) + 1):
        x = n * tick / seconds * WIDTH
        label = f"{n * tick} s" if n * tick < 60 else f"{n * tick // 60}:{n * tick % 60:02}"
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - 22}"/>')
        parts.append(f'<text x="{x + 3:.1f}" y="{HEIGHT - 8}">{label}</text>')
    return parts


def _turns(report: CallReport, seconds: float) -> list[str]:
    parts = []
    for row in report.turns:
        if row.start_of_speech_s is None or row.end_of_speech_s is None:
            continue
        x, end = (at / seconds * WIDTH for at in (row.start_of_speech_s, row.end_of_speech_s))
        kind, label = ("ignored", "") if row.ignored else ("turn", str(row.number))
        parts.append(f'<rect class="{kind}" x="{x:.1f}" width="{end - x:.1f}" y="{TOP}" height="{2 * TRACK + 12}"/>')
        parts.append(f'<text class="label" x="{x:.1f}" y="14">{label}</text>')
    return parts


def _interruptions(report: CallReport, seconds: float) -> list[str]:
    parts = []
    for row in report.turns:
        for kind, at in (("barge", row.barge_in_speech_s), ("clear", row.clear_s)):
            if at is not None:
                x = at / seconds * WIDTH
                parts.append(f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - 22}"/>')
        if row.clear_s is not None:
            x = row.clear_s / seconds * WIDTH
            parts.append(f'<text class="alarm" x="{x + 4:.1f}" y="{HEIGHT - 24}">cleared</text>')
        for false in row.false_interruptions:
            x, width = (at / seconds * WIDTH for at in (false.clear_s, false.gap_s))
            parts.append(
                f'<rect class="silenced" x="{x:.1f}" width="{width:.1f}" y="{TOP + TRACK + 12}" height="{TRACK}"/>'
            )
            parts.append(f'<text x="{x + 4:.1f}" y="{HEIGHT - 24}">went on</text>')
    return parts
