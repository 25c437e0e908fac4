"""A snapshot is drawn with the line styles of the paper's Figure 1, at the right coordinates."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch
from matplotlib.quiver import Quiver

from minigan.reports.figures import line_game, line_picture, plots


def shot():
    game = line_game.initial_game(0)
    return line_game.snapshot(0, game.player_g.theta, game.player_d.theta)


def test_p_data_is_dotted_black_p_g_solid_green_and_D_dashed_blue():
    axes, at = Figure().add_subplot(), shot()
    line_picture.draw_curves(axes, at)
    lines = {line.get_label(): line for line in axes.lines}
    (p_g,) = (patch for patch in axes.patches if isinstance(patch, StepPatch))
    p_data, D = lines[r"$p_\mathrm{data}$"], lines["$D(x)$"]
    assert (to_hex(p_data.get_color()), to_hex(D.get_color())) == ("#000000", plots.BLUE)
    assert to_hex(p_g.get_edgecolor()) == plots.GREEN
    assert (p_g.get_label(), p_g.get_linestyle()) == ("$p_g$", "solid")
    for line, on in ((p_data, 1), (D, 4)):
        assert line.get_linestyle() == "--"  # Matplotlib returns this for every dash pattern
        assert line._unscaled_dash_pattern[1][0] == on


def test_the_curves_are_densities_of_x_and_the_probability_D():
    axes, at = Figure().add_subplot(), shot()
    line_picture.draw_curves(axes, at)
    lines = {line.get_label(): line for line in axes.lines}
    x, p_data = lines[r"$p_\mathrm{data}$"].get_data()
    # The formula of the density is an independent check of the masses.
    np.testing.assert_allclose(p_data, line_game.P_DATA.density(x[:, None]), atol=5e-4)
    values, edges, _ = axes.patches[0].get_data()
    assert np.isclose((values * np.diff(edges)).sum(), 1)
    np.testing.assert_array_equal(lines["$D(x)$"].get_ydata(), at.D)


def test_the_arrows_go_from_evenly_spaced_z_to_G_of_z():
    axes, at = Figure().add_subplot(), shot()
    line_picture.draw_arrows(axes, at)
    (arrows,) = (child for child in axes.collections if isinstance(child, Quiver))
    feet, heads = arrows.XY[:, 0], arrows.XY[:, 0] + arrows.U
    assert np.ptp(np.diff(feet)) < 1e-6
    theta_g = line_game.initial_game(0).player_g.theta
    z = np.linspace(-np.sqrt(3), np.sqrt(3), len(feet), dtype=np.float32)[:, None]
    np.testing.assert_allclose(heads, line_game.G.forward(theta_g, z).y[:, 0], atol=1e-5)
    np.testing.assert_array_equal(arrows.XY[:, 1], 0)
    np.testing.assert_array_equal(arrows.V, 1)
