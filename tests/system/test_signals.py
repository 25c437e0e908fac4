"""A command is interrupted once. Training stops in order, and at once at a repeated signal."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from minigan.system import signals
from minigan.system.signals import Interrupt


@pytest.fixture(autouse=True)
def usual_handler():
    """Python's default handlers, also where the tests run in the background or under nohup."""
    usual = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
        signal.SIGHUP: signal.SIG_DFL,
    }
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


def test_without_a_ctrl_c_no_stop_is_requested():
    with Interrupt() as interrupt:
        assert not interrupt.requested
    assert not interrupt.requested


def test_the_first_ctrl_c_requests_a_stop_and_raises_nothing():
    with Interrupt() as interrupt:
        ctrl_c()
        assert interrupt.requested


def test_the_second_ctrl_c_raises_at_once():
    with Interrupt() as interrupt:
        ctrl_c()
        with pytest.raises(KeyboardInterrupt):
            ctrl_c()
        assert interrupt.requested


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_sigterm_and_sighup_request_a_stop_like_a_ctrl_c(number):
    before = signal.getsignal(number)
    with Interrupt() as interrupt:
        os.kill(os.getpid(), number)
        assert interrupt.requested
    assert signal.getsignal(number) is before


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets: clock[0] in seconds."""
    now = [100.0]
    monkeypatch.setattr(signals.time, "monotonic", lambda: now[0])
    return now


ALL = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("first", ALL)
@pytest.mark.parametrize("second", ALL)
def test_of_a_burst_only_a_second_ctrl_c_counts(clock, first, second):
    if first == second == signal.SIGINT:
        return  # see above
    with Interrupt() as interrupt:
        for number in (first, second, signal.SIGTERM, signal.SIGHUP, second):
            if number != signal.SIGINT or number not in interrupt._first:
                os.kill(os.getpid(), number)
        assert interrupt.requested


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_repeated_after_a_second_has_its_previous_effect(clock, number):
    seen = []
    signal.signal(number, lambda number, frame: seen.append(number))
    with Interrupt():
        os.kill(os.getpid(), number)
        clock[0] += 0.9
        os.kill(os.getpid(), number)
        assert seen == []
        clock[0] += 0.2
        os.kill(os.getpid(), number)
        assert seen == [number]


def test_another_signal_after_a_second_is_no_repetition(clock):
    with Interrupt() as interrupt:
        for number in ALL:
            os.kill(os.getpid(), number)
            clock[0] += 5
        assert interrupt.requested


@pytest.mark.parametrize("number", ALL)
def test_in_a_command_a_signal_raises_and_its_repetitions_do_not(clock, number, monkeypatch):
    monkeypatch.setattr(signals, "_raise", signals._Raise())
    signals.raise_interrupts()
    assert not signals.interrupted()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
    assert signals.interrupted()
    for other in ALL:
        os.kill(os.getpid(), other)
    clock[0] += 1.1
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
    clock[0] += 1.1
    signals.ignore()
    for other in ALL:
        os.kill(os.getpid(), other)


def test_a_second_ctrl_c_in_the_training_of_a_command_raises(clock, monkeypatch):
    monkeypatch.setattr(signals, "_raise", signals._Raise())
    signals.raise_interrupts()
    with Interrupt():
        ctrl_c()
        with pytest.raises(KeyboardInterrupt):
            ctrl_c()
        ctrl_c()  # a burst


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_an_ignored_signal_stays_ignored(number):
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with Interrupt() as interrupt:
            os.kill(os.getpid(), number)
            assert not interrupt.requested
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("times", [0, 1])
def test_the_previous_handler_is_restored_at_the_end(times):
    def mine(number, frame):
        raise AssertionError

    signal.signal(signal.SIGINT, mine)
    with Interrupt():
        for _ in range(times):
            ctrl_c()
    assert signal.getsignal(signal.SIGINT) is mine


def test_the_previous_handler_is_restored_after_an_error():
    with pytest.raises(ZeroDivisionError), Interrupt():
        _ = 1 / 0
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        ctrl_c()


def test_in_another_thread_no_signal_is_handled_and_nothing_fails():
    seen = []

    def work():
        with Interrupt() as interrupt:
            seen.append((interrupt.requested, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(False, signal.default_int_handler)]
