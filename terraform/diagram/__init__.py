"""A picture of the estate, drawn from plans: who stands where, and who may talk to whom."""

from __future__ import annotations

from collections.abc import Mapping

from terraform.diagram.estate import picture
from terraform.diagram.layout import layout
from terraform.diagram.resources import Plan, Resources
from terraform.diagram.routes import routes
from terraform.diagram.svg import svg
from terraform.diagram.themes import THEMES


def draw(plans: Mapping[str, Plan], name: str, shared: str = "account") -> dict[str, str]:
    """The picture as SVG by theme. ``plans`` by the name of their stack, of an applied estate."""
    shown = picture(Resources(plans), name, shared)
    places = layout(shown)
    drawn = routes(shown, places)
    return {theme: svg(shown, places, drawn, theme) for theme in THEMES}
