"""What was said in each turn, and how much of it the caller heard."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.call.ledger import CUT
from app.replay.trace import Trace


@dataclass(frozen=True, slots=True)
class Words:
    caller_kannada: str = ""
    caller_english: str = ""
    agent_kannada: str = ""
    """All that the caller heard: the reply, and the prompts that belong to no turn."""
    agent_english: str = ""
    unheard_kannada: str = ""
    unheard_english: str = ""


def words(trace: Trace, prompts: Sequence[int]) -> dict[int, Words]:
    """What was said and heard is what the core remembers after the same inputs.

    Prompts answer no turn; each is shown with the turn it was said in, of which `prompts` has the numbers.
    """
    call = trace.call()
    for now, event in trace.inputs:
        call.handle(event, now)
    found: dict[int, Words] = {}
    own: dict[int, tuple[str, str]] = {}
    for owner, line in call.turns:
        number = owner if owner > 0 else _prompted(prompts, -owner)
        said = found.get(number, Words())
        if line.role == "caller":
            found[number] = replace(said, caller_kannada=line.kannada, caller_english=line.english)
            continue
        found[number] = replace(
            said,
            agent_kannada=f"{said.agent_kannada} {line.kannada}".strip(),
            agent_english=f"{said.agent_english} {line.english}".strip(),
        )
        if owner > 0:
            own[owner] = line.kannada, line.english
    for number, (kannada, english) in _written(trace).items():
        heard = own.get(number, ("", ""))
        said = found.get(number, Words())
        found[number] = replace(
            said, unheard_kannada=_after(kannada, heard[0]), unheard_english=_after(english, heard[1])
        )
    return found


def _prompted(prompts: Sequence[int], count: int) -> int:
    """The turn of the prompt of that count, from 1. A core that decides otherwise today may say more of them."""
    return prompts[min(count, len(prompts)) - 1] if prompts else 0


def _written(trace: Trace) -> dict[int, tuple[str, str]]:
    """All clauses of the newest revision of each reply."""
    clauses: dict[int, dict[int, tuple[str, str]]] = {}
    for row in trace.rows:
        if row.get("out") == "Finish":
            clauses.pop(row["turn"], None)
        elif row.get("in") == "Speech":
            text = row["pii"]["kannada"], row["pii"]["english"]
            clauses.setdefault(row["turn"], {}).setdefault(row["clause"], text)
    return {
        turn: (
            " ".join(text[0] for _, text in sorted(found.items())),
            " ".join(text[1] for _, text in sorted(found.items())),
        )
        for turn, found in clauses.items()
    }


def _after(text: str, heard: str) -> str:
    heard = heard.split(CUT)[0]
    return text.removeprefix(heard).strip() if text.startswith(heard) else ""
