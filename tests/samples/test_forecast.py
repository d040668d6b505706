"""Forecasts held against examinations that then took place, in districts whose truth is known.

The full calibration is `bench/forecast.py`; this one is small, so its bounds are those of 40 districts.
"""

import numpy as np
import pytest

from tests.exam_scores import crps, reliability, scored
from tests.exams import examined


@pytest.mark.slow
def test_bands_hold_what_comes_and_beat_the_plain_score_rate() -> None:
    cases = [
        scored(
            examined(700 + seed, types=3, criteria=8, streets=4, sites=16, drawn=8, visits=70, official=8), runs=1500
        )
        for seed in range(40)
    ]
    assert 0.81 <= np.mean([one.held for one in cases]) <= 0.98
    assert np.mean([one.crps for one in cases]) < 0.9 * np.mean([one.plain_crps for one in cases])
    assert abs(np.mean([one.below for one in cases]) - 0.5) < 0.12
    for chance, passed, number in reliability(cases, (0, 0.2, 0.8, 1.0)):
        assert abs(chance - passed) < 0.2 + 1 / number


def test_the_score_of_a_forecast_that_is_right_is_that_of_its_spread() -> None:
    """CRPS of a standard normal at its middle is (sqrt 2 - 1) / sqrt pi."""
    normal = np.random.default_rng(1).standard_normal(40_000)
    assert abs(crps(normal, 0.0) - (2**0.5 - 1) / np.pi**0.5) < 0.005
    assert crps(normal, 3.0) > crps(normal, 0.5)
