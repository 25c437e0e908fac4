"""The first Ctrl-C asks, the second stops, and afterwards all is as before."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from minigan.training.interrupt import Interrupt


@pytest.fixture(autouse=True)
def usual_handler():
    """Python's own handlers, also where the tests run in the background, or by nohup."""
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


def test_without_a_ctrl_c_nothing_is_asked():
    with Interrupt() as interrupt:
        assert not interrupt.asked
    assert not interrupt.asked


def test_the_first_ctrl_c_sets_asked_and_raises_nothing():
    with Interrupt() as interrupt:
        ctrl_c()
        assert interrupt.asked


def test_the_second_ctrl_c_raises_at_once():
    with Interrupt() as interrupt:
        ctrl_c()
        with pytest.raises(KeyboardInterrupt):
            ctrl_c()
        assert interrupt.asked


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_terminate_and_a_lost_terminal_ask_like_a_ctrl_c(number):
    before = signal.getsignal(number)
    with Interrupt() as interrupt:
        os.kill(os.getpid(), number)
        assert interrupt.asked
        assert signal.getsignal(number) is before
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_what_is_ignored_stays_ignored(number):
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with Interrupt() as interrupt:
            os.kill(os.getpid(), number)
            assert not interrupt.asked
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("times", [0, 1])
def test_the_handler_of_before_is_back_afterwards(times):
    def mine(number, frame):
        raise AssertionError

    signal.signal(signal.SIGINT, mine)
    with Interrupt():
        for _ in range(times):
            ctrl_c()
    assert signal.getsignal(signal.SIGINT) is mine


def test_the_handler_is_back_after_an_error_too():
    with pytest.raises(ZeroDivisionError), Interrupt():
        _ = 1 / 0
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        ctrl_c()


def test_in_another_thread_nothing_is_caught_and_nothing_fails():
    seen = []

    def work():
        with Interrupt() as interrupt:
            seen.append((interrupt.asked, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(False, signal.default_int_handler)]
