"""Whether a dashboard's body is one, after "Dashboard Body Structure and Syntax" of CloudWatch.

moto stores any text. Here a body is refused that CloudWatch would refuse, so a dashboard that was
applied in the sandbox can be shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

_STATISTIC = re.compile(
    r"Average|Minimum|Maximum|Sum|SampleCount|IQM|p\d{1,2}(\.\d{1,10})?|(tm|tc|ts|wm|pr)\d+.*"
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Line(_Strict):
    """A horizontal annotation; ``value`` on an axis."""

    value: float
    label: str | None = None
    color: str | None = None
    fill: Literal["above", "below", "none"] | None = None
    visible: bool | None = None
    yAxis: Literal["left", "right"] | None = None


class Annotations(_Strict):
    alarms: list[str] = []
    horizontal: list[Line] = []
    vertical: list[Any] = []


class Axis(_Strict):
    min: float | None = None
    max: float | None = None
    label: str | None = None
    showUnits: bool | None = None


class Axes(_Strict):
    left: Axis | None = None
    right: Axis | None = None


class MetricProperties(_Strict):
    region: str
    metrics: list[list[Any]] = []
    annotations: Annotations = Annotations()
    title: str | None = None
    view: Literal["timeSeries", "singleValue", "gauge", "bar", "pie", "table"] = "timeSeries"
    stat: str = "Average"
    period: int = 300
    stacked: bool | None = None
    yAxis: Axes | None = None
    legend: dict[str, str] | None = None
    liveData: bool | None = None
    setPeriodToTimeRange: bool | None = None
    start: str | None = None
    end: str | None = None


class TextProperties(_Strict):
    markdown: str
    background: Literal["solid", "transparent"] | None = None


class AlarmProperties(_Strict):
    alarms: list[str] = Field(min_length=1, max_length=100)
    title: str | None = None
    sortBy: Literal["default", "stateUpdatedTimestamp", "timestamp"] | None = None
    states: list[Literal["ALARM", "OK", "INSUFFICIENT_DATA"]] | None = None


class LogProperties(_Strict):
    query: str
    region: str
    title: str | None = None
    view: str | None = None
    stacked: bool | None = None


class _Placed(_Strict):
    x: int = Field(ge=0, le=23)
    y: int = Field(ge=0)
    width: int = Field(default=6, ge=1, le=24)
    height: int = Field(default=6, ge=1, le=1000)


class MetricWidget(_Placed):
    type: Literal["metric"]
    properties: MetricProperties


class TextWidget(_Placed):
    type: Literal["text"]
    properties: TextProperties


class AlarmWidget(_Placed):
    type: Literal["alarm"]
    properties: AlarmProperties


class LogWidget(_Placed):
    type: Literal["log"]
    properties: LogProperties


Widget = Annotated[MetricWidget | TextWidget | AlarmWidget | LogWidget, Field(discriminator="type")]


class Body(_Strict):
    """A dashboard; read it with :func:`read`."""

    widgets: list[Widget] = Field(max_length=500)
    start: str | None = None
    end: str | None = None
    periodOverride: Literal["auto", "inherit"] | None = None


class Drawn(_Strict):
    """How one metric of a widget is drawn."""

    id: str | None = Field(default=None, pattern=r"^[a-z][a-zA-Z0-9_]*$")
    label: str | None = None
    expression: str | None = None
    stat: str | None = None
    period: int | None = None
    visible: bool | None = None
    yAxis: Literal["left", "right"] | None = None
    color: str | None = None
    region: str | None = None


def read(text: str) -> Body:
    """A body, or ValueError with everything that is wrong with it."""
    try:
        body = TypeAdapter(Body).validate_python(json.loads(text))
    except (ValidationError, json.JSONDecodeError) as problem:
        raise ValueError(str(problem)) from problem
    found = [*_layout(body), *_metrics(body)]
    if found:
        raise ValueError("; ".join(found))
    return body


def _layout(body: Body) -> Iterator[str]:
    for number, widget in enumerate(body.widgets):
        if widget.x + widget.width > 24:
            yield f"widgets/{number} is wider than the grid of 24 columns"
    for (a, one), (b, two) in combinations(enumerate(body.widgets), 2):
        apart = (
            one.x + one.width <= two.x
            or two.x + two.width <= one.x
            or one.y + one.height <= two.y
            or two.y + two.height <= one.y
        )
        if not apart:
            yield f"widgets/{a} and widgets/{b} cover each other"


def _metrics(body: Body) -> Iterator[str]:
    for number, widget in enumerate(body.widgets):
        if not isinstance(widget, MetricWidget):
            continue
        where, properties = f"widgets/{number}", widget.properties
        if bool(properties.metrics) == bool(properties.annotations.alarms):
            yield f"{where} shows either metrics or an alarm"
        for period in (properties.period, *_given(properties, "period")):
            if period not in (1, 5, 10, 30) and (period < 60 or period % 60):
                yield f"{where}: a period of {period} s"
        for stat in (properties.stat, *_given(properties, "stat")):
            if not _STATISTIC.fullmatch(stat):
                yield f"{where}: no statistic is called {stat}"
        for metric in properties.metrics:
            yield from (f"{where}: {word}" for word in _metric(metric))


def _given(properties: MetricProperties, key: str) -> list[Any]:
    drawn = [metric[-1] for metric in properties.metrics if isinstance(metric[-1], dict)]
    return [how[key] for how in drawn if key in how]


def _metric(metric: list[Any]) -> Iterator[str]:
    """One metric: namespace, name, dimensions in pairs, how to draw it."""
    how = metric[-1] if metric and isinstance(metric[-1], dict) else {}
    named = metric[:-1] if how else metric
    try:
        drawn = Drawn.model_validate(how)
    except ValidationError as problem:
        yield str(problem)
        return
    if drawn.expression is not None:
        if named:
            yield "an expression has no namespace"
    elif len(named) < 2 or len(named) % 2 or not all(isinstance(item, str) for item in named):
        yield f"{named} is not a namespace, a name, and dimensions in pairs"
