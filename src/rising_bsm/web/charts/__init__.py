"""Charts as SVG, drawn here: no script, no style attribute, and every number in a table beside the picture."""

from rising_bsm.web.charts.chart import KINDS, Kind, Series, chart

__all__ = ["KINDS", "Kind", "Series", "chart"]
