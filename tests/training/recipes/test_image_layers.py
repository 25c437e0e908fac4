"""The limits of the settings of layers for images; an invalid value is refused by name."""

from __future__ import annotations

import pytest

from minigan.errors import UserError
from minigan.training.recipes.image_layers import ConvolutionSettings, DeconvolutionSettings

CONVOLUTION = {"channels": 2, "pieces": 2, "kernel": 5, "pad": 2, "pool": 4, "pool_stride": 2}
DECONVOLUTION = {"channels": 2, "kernel": 5, "stride": 2, "pad_out": 1}
# The smallest and the largest valid value, and one beyond each.
OF_CONVOLUTION = {
    "channels": (1, 100_000, 0, 100_001),
    "pieces": (1, 1000, 0, 1001),
    "kernel": (3, 1000, 2, 1001),  # at least 3 with pad = 2
    "pad": (0, 4, -1, 5),
    "pool": (2, 1000, 1, 1001),  # at least 2 with pool_stride = 2
    "pool_stride": (1, 4, 0, 5),
}
OF_DECONVOLUTION = {
    "channels": (1, 100_000, 0, 100_001),
    "kernel": (2, 1000, 1, 1001),  # at least 2 with stride = 2
    "stride": (1, 5, 0, 6),
    "pad_out": (0, 4, -1, 5),
}
CASES = [
    *((ConvolutionSettings, CONVOLUTION, key, ends) for key, ends in OF_CONVOLUTION.items()),
    *((DeconvolutionSettings, DECONVOLUTION, key, ends) for key, ends in OF_DECONVOLUTION.items()),
]


@pytest.mark.parametrize(("cls", "settings", "key", "ends"), CASES)
def test_the_ends_of_every_range_are_accepted_and_numbers_beyond_refused(cls, settings, key, ends):
    for value in ends[:2]:
        assert getattr(cls(**settings | {key: value}), key) == value
    for value in ends[2:]:
        with pytest.raises(UserError, match=r"(de)?convolutions: \w+ = -?\d+ must be between"):
            cls(**settings | {key: value})


def test_padding_and_pooling_may_be_left_out():
    assert ConvolutionSettings(2, 1, 3) == ConvolutionSettings(2, 1, 3, 0, 1, 1)
    assert DeconvolutionSettings(2, 3, 1) == DeconvolutionSettings(2, 3, 1, 0, False)


def test_the_table_and_the_setting_are_named():
    with pytest.raises(
        UserError,
        match=r"^discriminator\.convolutions: pad = 5 must be between 0 and 4 with kernel = 5$",
    ):
        ConvolutionSettings(2, 1, 5, pad=5)
    with pytest.raises(
        UserError, match=r"^generator\.deconvolutions: stride = 6 .* with kernel = 5$"
    ):
        DeconvolutionSettings(2, 5, 6)
    with pytest.raises(UserError, match=r"pool_stride = 3 must be between 1 and 2 with pool = 2$"):
        ConvolutionSettings(2, 1, 5, pool=2, pool_stride=3)
    with pytest.raises(UserError, match=r"pad_out = 5 must be between 0 and 4 with kernel = 5$"):
        DeconvolutionSettings(2, 5, 1, pad_out=5)
