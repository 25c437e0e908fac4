"""A sample is repeatable, another seed gives another one, and all trials run on demand."""

from __future__ import annotations

import campaigns
import pytest


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for name in ("MINIGAN_CAMPAIGNS", "MINIGAN_SAMPLE"):
        monkeypatch.delenv(name, raising=False)


def test_a_sample_is_the_same_each_time_and_keeps_the_order():
    trials = [f"trial {i}" for i in range(1000)]
    sample = campaigns.sample(trials, 50)
    assert sample == campaigns.sample(trials, 50) == sorted(sample, key=trials.index)
    assert len(set(sample)) == 50
    assert campaigns.sample(trials[:3], 50) == trials[:3]


def test_another_seed_gives_another_sample_and_many_seeds_give_every_trial(monkeypatch):
    trials, seen = [f"trial {i}" for i in range(100)], set()
    for commit in range(100):
        monkeypatch.setenv("MINIGAN_SAMPLE", str(commit))
        seen.update(campaigns.sample(trials, 10))
    assert seen == set(trials)


def test_of_the_cases_of_a_test_about_one_in_four_runs_and_all_on_demand(monkeypatch):
    names = [f"test_cut[{i}]" for i in range(1000)]
    assert 200 < sum(campaigns.chooses(name, 4) for name in names) < 300
    assert all(campaigns.chooses(name, 1) for name in names)
    assert campaigns.size(200, sample=40) == 40
    monkeypatch.setenv("MINIGAN_CAMPAIGNS", "complete")
    assert all(campaigns.chooses(name, 4) for name in names)
    assert campaigns.size(200, sample=40) == 200
