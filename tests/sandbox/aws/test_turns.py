"""Calls of moto take turns, and who waits for another call lets it have its own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from sandbox.aws.turns import aside, turn

SECONDS = 30


def started(work: Callable[[], None]) -> Thread:
    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_call_waits_until_the_one_before_it_has_ended() -> None:
    entered = Event()

    def next_call() -> None:
        with turn():
            entered.set()

    with turn():
        thread = started(next_call)
        assert not entered.wait(0.1)
    thread.join(SECONDS)
    assert entered.is_set()


def test_who_waits_for_another_call_lets_it_have_its_turn_and_has_its_own_again() -> None:
    called, again = Event(), Event()

    def called_back() -> None:
        with turn():
            called.set()

    def later() -> None:
        with turn():
            again.set()

    with turn():
        with aside():
            started(called_back).join(SECONDS)
            assert called.is_set()
        thread = started(later)
        assert not again.wait(0.1)
    thread.join(SECONDS)
    assert again.is_set()


def test_whoever_has_no_turn_gives_none_away() -> None:
    with aside(), turn():
        pass
