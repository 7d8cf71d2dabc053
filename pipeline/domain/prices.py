"""The price table of one region: read, written, and compared with AWS's own price list. No I/O.

Each price says what it is called in the AWS Price List: the offer, the attributes that single it
out, and how many of AWS's units make one of ours. A price without an offer is not in the list
(Fargate Spot changes by the day; what one commits to has an interface of its own).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pipeline.domain.nested import parse_toml

HEAD = """\
# Prices in US dollars, on demand, without taxes, free allowances and discounts. Each line has its
# source. `pipeline cost refresh` writes this file anew from the AWS Price List; "from memory" in a
# source means that nobody has compared the figure with it yet. A month has 730 hours.
"""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for one unit. ``per``: how many of the Price List's units one of ours has."""

    usd: float
    unit: str
    service: str
    source: str
    offer: str = ""
    per: float = 1
    match: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Discount:
    """The share of a price that one saves, from 0 to 1, by promising to pay for a year."""

    share: float
    what: str
    source: str


@dataclass(frozen=True, slots=True)
class PriceTable:
    """All prices of one region and the day they were written down."""

    dated: date
    region: str
    prices: Mapping[str, Price]
    discounts: Mapping[str, Discount] = field(default_factory=dict)


def read_prices(text: str) -> PriceTable:
    """Parse ``prices.toml``."""
    raw = parse_toml(text)
    prices = {key: Price(**entry) for key, entry in raw["price"].items()}
    discounts = {key: Discount(**entry) for key, entry in raw.get("discount", {}).items()}
    return PriceTable(raw["dated"], raw["region"], prices, discounts)


def write_prices(table: PriceTable) -> str:
    """The text of ``prices.toml``, which :func:`read_prices` reads back to the same table."""
    blocks = [f"{HEAD}dated = {table.dated.isoformat()}\nregion = {_text(table.region)}\n"]
    for key, price in table.prices.items():
        lines = [
            f'[price."{key}"]',
            f"usd = {_number(price.usd)}",
            *(f"{name} = {_text(getattr(price, name))}" for name in ("unit", "service", "source")),
        ]
        if price.offer:
            lines.append(f"offer = {_text(price.offer)}")
            if price.per != 1:
                lines.append(f"per = {_number(price.per)}")
            pairs = ", ".join(f"{name} = {_text(value)}" for name, value in price.match.items())
            lines.append(f"match = {{ {pairs} }}")
        blocks.append("\n".join(lines) + "\n")
    for key, discount in table.discounts.items():
        blocks.append(
            f'[discount."{key}"]\nshare = {_number(discount.share)}\n'
            f"what = {_text(discount.what)}\nsource = {_text(discount.source)}\n"
        )
    return "\n".join(blocks)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a look at the Price List did to one price; ``problem`` says why it was left alone."""

    key: str
    before: Price
    after: Price
    problem: str = ""


def compare(key: str, price: Price, products: Sequence[Mapping[str, Any]]) -> Refreshed:
    """One price against the products that AWS returned for its ``match``.

    A price list has tiers, and often a first tier that is free: the first that costs something
    counts. Two products with different prices mean that ``match`` does not single one out.
    """
    found: dict[float, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
    for product in products:
        for dimension in _first_paid(product):
            usd = round(float(dimension["pricePerUnit"]["USD"]) * price.per, 10)
            found.setdefault(usd, (product, dimension))
    if not found:
        return Refreshed(key, price, price, "the Price List has no such price")
    if len(found) > 1:
        several = ", ".join(f"{usd:g}" for usd in sorted(found))
        return Refreshed(key, price, price, f"the Price List has several prices: {several}")
    usd, (product, dimension) = next(iter(found.items()))
    published = str(product.get("publicationDate", ""))[:10]
    source = (
        f"AWS Price List, {price.offer}, SKU {product['product']['sku']}, "
        f"published {published}: {dimension.get('description', '')}"
    )
    return Refreshed(key, price, replace(price, usd=usd, source=source.rstrip(": ")))


def renew(table: PriceTable, results: Iterable[Refreshed], today: date) -> PriceTable:
    """The table with what was found; dated today."""
    return replace(table, dated=today, prices={**table.prices, **{r.key: r.after for r in results}})


def _first_paid(product: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The cheapest-to-reach dimension of each on-demand term that is not free."""
    terms = product.get("terms", {}).get("OnDemand", {})
    firsts = []
    for term in terms.values():
        paid = [
            dimension
            for dimension in term.get("priceDimensions", {}).values()
            if float(dimension.get("pricePerUnit", {}).get("USD", 0)) > 0
        ]
        if paid:
            firsts.append(min(paid, key=lambda d: float(d.get("beginRange") or 0)))
    return firsts


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)  # a JSON string is a TOML basic string


def _number(value: float) -> str:
    return f"{value:.10f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
