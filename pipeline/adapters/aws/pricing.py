"""Products of the AWS Price List, by their attributes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pipeline.adapters.aws.session import Aws, told
from pipeline.domain.nested import parse_json

#: The interface is there in a few regions only; each of them knows the prices of all.
REGION = "us-east-1"


class PriceList:
    """What AWS asks for everything it sells."""

    def __init__(self) -> None:
        self._aws = Aws(REGION)

    @cached_property
    def _pages(self) -> Any:
        return self._aws.client("pricing", REGION, attempts=3).get_paginator("get_products")

    def products(self, offer: str, attributes: Mapping[str, str]) -> list[dict[str, Any]]:
        """All products that have these attributes; raises no-credentials, unreachable, aws."""
        filters = [
            {"Type": "TERM_MATCH", "Field": field, "Value": value}
            for field, value in attributes.items()
        ]
        with told(f"pricing GetProducts of {offer}"):
            pages = list(self._pages.paginate(ServiceCode=offer, Filters=filters))
        return [parse_json(text) for page in pages for text in page["PriceList"]]
