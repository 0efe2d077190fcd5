"""When a child counts as hung."""

from app.engines.process.stall import Stall


def test_patience_runs_only_while_somebody_waits() -> None:
    stall = Stall(5.0)
    assert stall.left_s(100.0) == 5.0
    stall.wait(100.0)
    assert stall.left_s(103.0) == 2.0
    stall.rest(103.0)
    assert stall.left_s(900.0) == 2.0


def test_those_who_gave_up_count() -> None:
    stall = Stall(5.0)
    for now in (0.0, 10.0):
        stall.wait(now)
        stall.rest(now + 2.5)
    assert stall.left_s(20.0) == 0.0


def test_work_clears_it() -> None:
    stall = Stall(5.0)
    stall.wait(0.0)
    stall.wait(4.0)
    assert stall.left_s(4.5) == 0.5, "the second one waits no longer than the first"
    stall.worked(4.5)
    assert stall.left_s(4.5) == 5.0
    assert stall.left_s(9.0) == 0.5
    stall.rest(9.0)
    stall.worked(9.5)
    assert stall.left_s(99.0) == 5.0
