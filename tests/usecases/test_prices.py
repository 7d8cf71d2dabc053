"""The price table: what it holds, and how it is read anew from AWS's Price List.

No AWS account is at hand, and moto has no Price List: a local HTTP server answers as AWS
documents it (API "GetProducts"; one JSON text a product, prices as text, tiers by beginRange),
and boto3 speaks to it as to AWS.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.domain.prices import Price, PriceTable, read_prices, write_prices
from pipeline.usecases.prices import TABLE, price_table

NAT = Price(0.059, "hour", "NAT", "memory", "AmazonEC2", 1, {"usagetype": "APS2-NatGateway-Hours"})
SQS = Price(0.4, "million", "SQS", "memory", "AWSQueueService", 1e6, {"queueType": "Standard"})
SPOT = Price(0.01, "hour", "Fargate", "changes by the day")


def product(sku: str, *tiers: tuple[str, str]) -> str:
    """One product as AWS writes it; tiers are (beginRange, US dollars)."""
    dimensions = {
        f"{sku}.JRTCKXETXF.{number}": {
            "unit": "Hrs",
            "beginRange": begin,
            "endRange": "Inf",
            "description": f"${usd} per hour",
            "appliesTo": [],
            "rateCode": f"{sku}.JRTCKXETXF.{number}",
            "pricePerUnit": {"USD": usd},
        }
        for number, (begin, usd) in enumerate(tiers)
    }
    term = {"sku": sku, "offerTermCode": "JRTCKXETXF", "priceDimensions": dimensions}
    return json.dumps(
        {
            "product": {"productFamily": "NAT Gateway", "attributes": {}, "sku": sku},
            "serviceCode": "AmazonEC2",
            "terms": {"OnDemand": {f"{sku}.JRTCKXETXF": term}},
            "version": "20261120000000",
            "publicationDate": "2026-11-20T17:02:11Z",
        }
    )


@contextmanager
def price_list(answers: dict[str, list[list[str]]]) -> Iterator[tuple[str, list[Any]]]:
    """A Price List that answers each offer with its pages; gives its address and the questions."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["X-Amz-Target"] == "AWSPriceListService.GetProducts"
            asked.append(question)
            pages = answers.get(question["ServiceCode"], [[]])
            page = int(question.get("NextToken", "0"))
            more = {"NextToken": str(page + 1)} if page + 1 < len(pages) else {}
            body = json.dumps({"FormatVersion": "aws_v1", "PriceList": pages[page], **more})
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "prices.toml"
    prices = {"nat_hour": NAT, "sqs_million": SQS, "spot": SPOT}
    file.write_text(write_prices(PriceTable(date(2026, 1, 1), "ap-southeast-2", prices)))
    return file


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")


def refresh(table: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> int:
    monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", url)
    return main.run(["cost", "refresh", "--table", str(table)], {}, table.parent)


def test_what_changed_is_shown_and_written_with_its_source(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {
        "AmazonEC2": [[product("NATSKU", ("0", "0.0620000000"))]],
        # the first million is free, and the third tier is cheaper
        "AWSQueueService": [
            [],
            [product("SQS", ("0", "0"), ("1000000", "0.0000004"), ("1e11", "0.0000003"))],
        ],
    }
    with price_list(answers) as (url, asked):
        assert refresh(table, monkeypatch, url) == 0
    filters = [{"Type": "TERM_MATCH", "Field": "usagetype", "Value": "APS2-NatGateway-Hours"}]
    assert asked[0] == {"ServiceCode": "AmazonEC2", "Filters": filters}
    new = read_prices(table.read_text())
    assert new.prices["nat_hour"].usd == 0.062
    assert new.prices["nat_hour"].source == (
        "AWS Price List, AmazonEC2, SKU NATSKU, published 2026-11-20: $0.0620000000 per hour"
    )
    assert new.prices["sqs_million"].usd == 0.4
    assert new.prices["spot"] == SPOT
    assert new.dated >= date(2026, 11, 25)
    told = capsys.readouterr().out
    assert "nat_hour" in told
    assert "0.059" in told
    assert "+5.1 %" in told
    assert "1 changed, 1 are the same, 0 not found" in told


@pytest.mark.parametrize(
    ("products", "why"),
    [
        ([], "nat_hour keeps 0.059: the Price List has no such price."),
        ([product("A", ("0", "0.05")), product("B", ("0", "0.06"))],
         "nat_hour keeps 0.059: the Price List has several prices: 0.05, 0.06."),
        ([product("A", ("0", "0"))], "nat_hour keeps 0.059: the Price List has no such price."),
    ],
)  # fmt: skip
def test_a_price_that_cannot_be_told_apart_stays_and_is_named(
    table: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    products: list[str],
    why: str,
) -> None:
    answers = {
        "AmazonEC2": [products],
        "AWSQueueService": [[product("SQS", ("0", "0.0000005"))]],
    }
    with price_list(answers) as (url, _):
        assert refresh(table, monkeypatch, url) == 1
    new = read_prices(table.read_text())
    assert new.prices["nat_hour"] == NAT
    assert new.prices["sqs_million"].usd == 0.5
    assert why in capsys.readouterr().out


def test_without_credentials_nothing_is_asked_or_written(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    before = table.read_bytes()
    with price_list({}) as (url, asked):
        assert refresh(table, monkeypatch, url) == 2
    assert asked == []
    assert table.read_bytes() == before
    assert "There are no AWS credentials." in capsys.readouterr().err


def test_where_nobody_answers_the_table_stays_whole(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = table.read_bytes()
    assert refresh(table, monkeypatch, "http://127.0.0.1:9") == 3
    assert table.read_bytes() == before
    assert list(table.parent.glob(".prices*")) == []
    assert "does not answer (pricing GetProducts of AmazonEC2)" in capsys.readouterr().err


def test_the_table_in_the_repository_is_as_refresh_would_write_it() -> None:
    assert write_prices(price_table()) == TABLE.read_text()


def test_every_price_has_what_refresh_needs_or_says_why_it_has_not() -> None:
    table = price_table()
    assert table.region == "ap-southeast-2"
    for key, price in table.prices.items():
        assert price.usd > 0, key
        assert all((price.source, price.unit, price.service)), key
        assert bool(price.offer) == bool(price.match), key
    unlisted = {key for key, price in table.prices.items() if not price.offer}
    assert {key.rpartition("_")[0] for key in unlisted} == {
        "dashboard", "fargate_spot_arm_gb", "fargate_spot_arm_vcpu", "fargate_spot_x86_gb",
        "fargate_spot_x86_vcpu",
    }  # fmt: skip
    assert all(0 < discount.share < 1 for discount in table.discounts.values())
