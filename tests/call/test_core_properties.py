"""Callers and engines of every kind, on the virtual clock: what must hold for all of them.

The audio of a clause is made of its tag, so what the caller really heard can be read from the simulated playout, and
compared with what the call remembers.
"""

from hypothesis import assume, given, settings, strategies as st

from app.call.events import Command, Confirm, Finish, Finished, Ignore, Listen, Reply, StopReply, Tick
from app.call.ledger import CUT
from app.call.policy import Choice, Patience, Person, Policy
from app.kannada.asked import Asked
from telephony.events import Clear, Digit, Hangup, HungUp, Play, Transfer, TransferFailed
from tests.call.virtual import SMALL_WORDS, VirtualCall

RATE_HZ = 8000
WORDS = ("ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", "ಬಿಲ್", "", *SMALL_WORDS)
SPEAKS = st.tuples(
    st.just("speaks"),
    st.sampled_from(WORDS),
    st.sampled_from([0.1, 0.24, 0.3, 0.5, 0.9, 1.5]),
    st.sampled_from([0.1, 0.3, 0.5, 0.7, 1.2, 3.0]),
)
PRESSES = st.tuples(st.just("presses"), st.sampled_from("1470#"), st.just(0.0), st.sampled_from([0.1, 0.5, 3.0]))
SCRIPTS = st.lists(st.one_of(SPEAKS, SPEAKS, SPEAKS, PRESSES), min_size=1, max_size=9)
CLAUSES = st.lists(st.sampled_from([0.4, 1.0, 2.5]), max_size=4)
ENDS = st.sampled_from([Finished()] * 6 + [Finished("hang_up"), Finished("transfer", "office")])
CALLS = st.fixed_dictionaries(
    {
        "stt_s": st.sampled_from([0.02, 0.1, 0.4, 1.5]),
        "first_audio_s": st.sampled_from([0.05, 0.3, 1.0, 3.0]),
        "marks": st.booleans(),
        "words": st.booleans(),
        "asks": st.sampled_from([Asked(), Asked("yes_no"), Asked("digits", 4), Asked("value")]),
        "policy": st.sampled_from(
            [
                Policy(),
                Policy(people=(Person("office", "+918022225555"),), menu=(Choice("1", "bill"), Choice("0"))),
                Policy(patience=Patience(longest_call_s=30.0, filler_s=0.0)),
            ]
        ),
    }
)


class Watched(VirtualCall):
    """Looks at every step that the core takes, and knows which part of a clause is played when."""

    def __post_init__(self) -> None:
        self.lengths: dict[int, int] = {}
        """Samples of each clause that were sent, by its tag."""
        self.began: dict[int, int] = {}
        """At which sample of its clause a piece begins, by the sample of the call that it is played at."""
        super().__post_init__()

    def _perform(self, command: Command) -> None:
        super()._perform(command)
        if isinstance(command, Play) and command.audio and (tag := command.audio[0]):
            start = round(self.playout.ends_s * RATE_HZ) - len(command.audio)
            sent = self.lengths.get(tag, 0)
            if sent < self.whole[tag]:
                self.began[start], self.lengths[tag] = sent, sent + len(command.audio)
            else:  # once more, to the end
                self.began[start] = sent - len(command.audio)

    def give(self, event: object) -> None:
        taken = len(self.log)
        super().give(event)  # type: ignore[arg-type]
        self.check_step([command for _, command in self.log[taken:]])

    def check_step(self, commands: list[Command]) -> None:
        if self.call.over:
            assert self.call.deadline is None
            return
        deadline = self.call.deadline
        assert deadline is not None, "an open call always has something to wait for"
        ends = [index for index, command in enumerate(commands) if isinstance(command, Hangup)]
        assert not ends, "the call is over once it hangs up"


def played(options: dict[str, object], script: list[tuple[str, str, float, float]], answers: list[object]) -> Watched:
    """A call after `script`, and then hung up by the caller in whatever it was doing."""
    call = Watched(**options)  # type: ignore[arg-type]
    replies = iter(answers * 40)
    call.answer = lambda _: next(replies)  # type: ignore[assignment,return-value]
    call.run(1.3)
    for kind, what, seconds, pause_s in script:
        if kind == "speaks":
            call.hear = lambda _, what=what: what  # type: ignore[misc]
            call.say(seconds, pause_s)
        else:
            call.give(Digit(what))
            call.run(pause_s)
        if call.call.over:
            break
        if any(isinstance(command, Transfer) for _, command in call.log[-3:]):
            call.give(TransferFailed("busy"))
    call.give(HungUp("caller"))
    return call


@settings(max_examples=200, deadline=None)
@given(CALLS, SCRIPTS, st.lists(st.tuples(CLAUSES, ENDS), min_size=1, max_size=4))
def test_replies_are_asked_for_one_at_a_time_and_nothing_sounds_after_its_end(
    options: dict[str, object], script: list[tuple[str, str, float, float]], answers: list[object]
) -> None:
    call = played(options, script, answers)
    live: Reply | None = None
    asked: set[tuple[int, int]] = set()
    stopped: set[tuple[int, int]] = set()
    repeats = "ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ" in [what for _, what, *_ in script]
    for _, command in call.log:
        match command:
            case Reply():
                assert (command.turn, command.revision) not in asked, "one reply a revision"
                assert live is None or live.turn != command.turn, "the one before was stopped"
                asked.add((command.turn, command.revision))
                live = command
            case StopReply():
                assert (command.turn, command.revision) in asked
                stopped.add((command.turn, command.revision))
                live = None
            case Play() if command.audio and command.audio[0]:
                turn, revision, _ = call.tags[command.audio[0]]
                assert repeats or (turn, revision) not in stopped, "what was stopped is not heard any more"
            case _:
                pass


@settings(max_examples=200, deadline=None)
@given(CALLS, SCRIPTS, st.lists(st.tuples(CLAUSES, ENDS), min_size=1, max_size=4))
def test_commands_are_about_the_newest_reply_and_the_turn_that_is_listened_to(
    options: dict[str, object], script: list[tuple[str, str, float, float]], answers: list[object]
) -> None:
    """A session keeps one of each, and does not look at the numbers."""
    call = played(options, script, answers)
    newest = listened_to = None
    for _, command in call.log:
        match command:
            case Listen():
                assert listened_to is None
                listened_to = command.turn
            case Finish():
                assert command.turn == listened_to
            case Ignore():
                assert listened_to in {None, command.turn}
                listened_to = None
            case Reply():
                newest = command.turn, command.revision
            case Confirm() | StopReply():
                assert (command.turn, command.revision) == newest
            case _:
                pass


@settings(max_examples=200, deadline=None)
@given(CALLS, SCRIPTS, st.lists(st.tuples(CLAUSES, ENDS), min_size=1, max_size=4))
def test_what_is_remembered_is_what_was_heard(
    options: dict[str, object], script: list[tuple[str, str, float, float]], answers: list[object]
) -> None:
    assume("ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ" not in [what for _, what, *_ in script])  # it would be heard twice and remembered twice
    call = played(options, script, answers)
    heard = heard_samples(call)
    for turn, line in call.call.turns:
        if line.role == "caller" or turn <= 0:
            continue
        clauses = sorted(
            (number, tag) for tag, (owner, _, number) in call.tags.items() if owner == turn and tag in heard
        )
        expected = [words_of(call, tag, heard[tag]) for _, tag in clauses]
        check_line(line.english, expected, exact=call.marks)


def heard_samples(call: Watched) -> dict[int, int]:
    """How far into each clause the caller had come."""
    heard: dict[int, int] = {}
    for piece in call.playout.segments:
        tag, began = piece.audio[0], call.began.get(piece.start, 0)
        until = min(piece.end, round(call.now * RATE_HZ)) - piece.start
        if tag in call.tags and until > 0:
            heard[tag] = max(heard.get(tag, 0), began + until)
    return heard


def words_of(call: Watched, tag: int, samples: int) -> tuple[list[str], float]:
    """The words of a clause, and how many of them were heard in proportion."""
    words = f"word one two three {call.tags[tag][2]}".split()
    return words, len(words) * samples / call.lengths[tag]


def check_line(english: str, expected: list[tuple[list[str], float]], *, exact: bool) -> None:
    """Clauses one after another, whole but for cut ones, and within a word of what was heard."""
    rest = english.split()
    for words, heard in expected:
        remembered = 0
        while remembered < len(words) and rest and rest[0] == words[remembered]:
            rest.pop(0)
            remembered += 1
        if rest and rest[0] == CUT.strip():
            rest.pop(0)
        assert abs(remembered - heard) <= 1.5 if exact else remembered - heard <= 2.0
    assert not rest, "nothing is remembered that was never sent"


@settings(max_examples=150, deadline=None)
@given(CALLS, SCRIPTS, st.lists(st.tuples(CLAUSES, ENDS), min_size=1, max_size=4))
def test_every_deadline_that_is_due_is_dealt_with(
    options: dict[str, object], script: list[tuple[str, str, float, float]], answers: list[object]
) -> None:
    """A Tick at the deadline moves it, in a few steps, into the future."""
    call = played(options, script[:4], answers)
    again = VirtualCall(policy=call.policy, marks=call.marks).call
    for now, event in call.inputs[1:]:
        again.handle(event, now)
        ticks = 0
        while (deadline := again.deadline) is not None and deadline <= now:
            again.handle(Tick(), now)
            ticks += 1
            assert ticks < 6


@settings(max_examples=150, deadline=None)
@given(CALLS, SCRIPTS, st.lists(st.tuples(CLAUSES, ENDS), min_size=1, max_size=4))
def test_what_was_cleared_is_not_heard_on(
    options: dict[str, object], script: list[tuple[str, str, float, float]], answers: list[object]
) -> None:
    call = played(options, script, answers)
    clears = [now for now, command in call.log if isinstance(command, Clear)]
    bursts = call.playout.bursts
    for now in clears:
        at = round(now * RATE_HZ)
        assert not any(burst.start < at < burst.end for burst in bursts)
