"""The picture of the estate: what it shows of a plan, and that no part covers another."""

from __future__ import annotations

import json
from itertools import combinations, pairwise

import pytest

from terraform.diagram import draw
from terraform.diagram.layout import Layout, Rect, layout
from terraform.diagram.letters import width, wrap
from terraform.diagram.model import Kind
from terraform.diagram.resources import Resources
from terraform.diagram.routes import Route, routes
from terraform.diagram.themes import THEMES
from tests.terraform.diagram_plans import (
    QUEUE,
    ROLE,
    ZONES,
    grown,
    item,
    network,
    plan,
    rule,
    said,
    shown,
)


def test_lines_are_what_security_groups_let_through_at_both_ends() -> None:
    chain = {
        ("internet", "aws_lb.lb", "443"),
        ("aws_lb.lb", "aws_ecs_service.api", "8000"),
        ("aws_ecs_service.api", "aws_instance.db", "7687"),
    }
    assert said(shown()) == chain
    for way, group in (("egress", "sg-api"), ("ingress", "sg-db")):
        shut = f"aws_vpc_security_group_{way}_rule.{way}-{group}-7687"
        assert said(shown(without=shut)) == {link for link in chain if link[2] != "7687"}
    open_out = shown(rule("egress", "sg-db", 443, world=True))
    assert said(open_out) == chain  # a way out to the world leads to no box that lets nothing in


def test_a_path_of_the_load_balancer_stands_beside_the_port() -> None:
    listening = item(
        "aws_lb_listener_rule.r",
        listener_arn="arn:l",
        action=[{"target_group_arn": "arn:tg"}],
        condition=[{"path_pattern": [{"values": ["/phoenix/*", "/phoenix"]}]}],
    )
    assert ("aws_lb.lb", "aws_ecs_service.api", "/phoenix 8000") in said(shown(listening))


@pytest.mark.parametrize("way", ["role", "queue", "nobody"])
def test_calls_are_what_policies_allow(way: str) -> None:
    allows = {"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": QUEUE}
    admits = json.dumps({"Statement": [{**allows, "Principal": {"AWS": ROLE}}]})
    given = json.dumps({"Statement": [allows]})
    more = [item("aws_sqs_queue.q", arn=QUEUE, name="knowledgeweaver-test-ingest")]
    if way == "role":
        more.append(item("aws_iam_role_policy.p", role="knowledgeweaver-test-api", policy=given))
    if way == "queue":
        more.append(item("aws_sqs_queue_policy.p", queue_url="q", policy=admits))
    call = ("aws_ecs_service.api", "knowledgeweaver: SQS", "")
    assert (call in said(shown(*more))) is (way != "nobody")


def test_who_is_told_is_whom_a_notification_an_alarm_a_rotation_or_a_trail_names() -> None:
    made = shown(
        item("aws_sqs_queue.q", arn=QUEUE, name="ingest"),
        item("aws_s3_bucket.docs", bucket="docs"),
        item("aws_s3_bucket_notification.n", bucket="docs", queue=[{"queue_arn": QUEUE}]),
        item("aws_sns_topic.alerts", name="alerts"),
        item("aws_cloudwatch_metric_alarm.a", alarm_actions=["arn:alerts"]),
        item("aws_cloudwatch_metric_alarm.silent", alarm_actions=[]),
        item("aws_cloudtrail.t", s3_bucket_name="docs"),
        item("aws_secretsmanager_secret.s", name="neo4j"),
        item("aws_secretsmanager_secret_rotation.r", secret_id="s", rotation_lambda_arn="arn:turn"),
        item(
            "aws_lambda_function.turn",
            function_name="turn",
            vpc_config=[{"subnet_ids": ["private-0", "private-1"], "security_group_ids": []}],
        ),
    )
    told = {link[:2] for link in said(made)} - {link[:2] for link in said(shown())}
    assert {tuple(end.removeprefix("knowledgeweaver: ") for end in link) for link in told} == {
        ("S3", "SQS"),
        ("CloudWatch", "SNS"),
        ("CloudTrail", "S3"),
        ("Secrets Manager", "aws_lambda_function.turn"),
    }


def test_boxes_say_which_queue_takes_dead_letters_and_what_is_backed_up() -> None:
    tag = {"key": "Backup", "value": "prod"}
    redrive = json.dumps({"deadLetterTargetArn": f"{QUEUE}-dead"})
    made = shown(
        item("aws_sqs_queue.a", arn=QUEUE, name="ingest", redrive_policy=redrive),
        item("aws_sqs_queue.b", arn=f"{QUEUE}-dead", name="ingest-dead"),
        item("aws_backup_plan.p", rule=[{"rule_name": "weekly"}, {"rule_name": "daily"}]),
        item("aws_backup_selection.s", selection_tag=[tag]),
        item("aws_ebs_volume.kept", tags_all={"Backup": "prod"}),
        item("aws_ebs_volume.other", tags_all={"Backup": "dev"}),
    )
    assert made.box("knowledgeweaver: SQS").lines == ("ingest", "ingest-dead, for dead letters")
    assert made.box("knowledgeweaver: Backup").lines == ("plan: daily, weekly", "of: volumes")


def test_private_subnets_lead_out_through_the_way_that_their_routes_name() -> None:
    route = {"route_table_id": "private", "destination_cidr_block": "0.0.0.0/0"}
    made = shown(
        item("aws_nat_gateway.nat", subnet_id="public-1"),
        item("aws_route.private", nat_gateway_id="nat", **route),
    )
    ways = {link for link in said(made) if "aws_nat_gateway.nat" in link}
    assert ways == {
        ("aws_subnet.private-0", "aws_nat_gateway.nat", ""),
        ("aws_subnet.private-1", "aws_nat_gateway.nat", ""),
        ("aws_nat_gateway.nat", "internet", ""),
    }
    assert made.box("aws_nat_gateway.nat").zones == (ZONES[1],)


def test_the_ids_that_aws_gives_leave_no_trace() -> None:
    route = {"route_table_id": "private", "destination_cidr_block": "0.0.0.0/0"}
    nat = item("aws_nat_gateway.nat", subnet_id="public-1")
    one = plan([*network(), nat, item("aws_route.private", nat_gateway_id="nat", **route)])
    text = json.dumps(one)
    for old, new in {"private-0": "z", "private-1": "a", "sg-api": "b", "nat": "c"}.items():
        text = text.replace(f'"{old}"', f'"{new}"')
    other = json.loads(text)
    assert other != one
    drawn = [draw({"knowledgeweaver": made}, "Test") for made in (one, other)]
    assert drawn[0] == drawn[1]


def test_a_type_that_nobody_decided_about_is_named_at_the_foot() -> None:
    items = [*network(), item("aws_macie2_account.a"), item("aws_macie2_account.b")]
    for text in draw({"knowledgeweaver": plan(items)}, "Test").values():
        assert "Also in the plan: aws_macie2_account (2)." in text
    assert shown().also == {}


def test_a_plan_that_knows_no_ids_is_refused() -> None:
    items = [*network(), {**item("aws_vpc.new"), "values": {}}]
    with pytest.raises(ValueError, match=r"aws_vpc\.new: take a plan of a workspace that is appl"):
        Resources({"knowledgeweaver": plan(items)})


def thin(one: tuple[int, int], other: tuple[int, int]) -> Rect:
    left, top = min(one[0], other[0]), min(one[1], other[1])
    return Rect(left, top, abs(one[0] - other[0]) or 1, abs(one[1] - other[1]) or 1)


def inner(rect: Rect) -> Rect:
    return Rect(rect.x + 1, rect.y + 1, rect.w - 2, rect.h - 2)


def shared(one: Route, other: Route) -> list[tuple[Rect, Rect]]:
    """Parts that lie on each other for more than a point."""
    found = []
    for a in (thin(*part) for part in pairwise(one.corners)):
        for b in (thin(*part) for part in pairwise(other.corners)):
            same_way = (a.w == 1) == (b.w == 1)
            if same_way and a.meets(b):
                found.append((a, b))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_nothing_covers_anything_however_the_estate_grows(seed: int) -> None:
    made = grown(seed)
    places: Layout = layout(made)
    drawn = routes(made, places)
    words = [route.words for route in drawn if route.words]
    assert len(words) == sum(bool(link.label) for link in made.links)
    boxes = [box.rect for box in places.boxes.values()]
    assert set(places.boxes) == {box.key for box in made.boxes}
    assert {route.link for route in drawn} == set(made.links)
    for one, other in combinations([*boxes, *words], 2):
        assert not one.meets(other)
    for route in drawn:
        for part in pairwise(route.corners):
            assert not any(thin(*part).meets(inner(box)) for box in boxes)
            assert not any(thin(*part).meets(inner(text)) for text in places.words())
    for line, beside in combinations(drawn, 2):
        if line.link.kind is Kind.NETWORK or line.link.source != beside.link.source:
            assert not shared(line, beside)
    assert routes(made, layout(made)) == drawn


def test_long_names_are_cut_where_they_can_be_read() -> None:
    assert wrap("knowledgeweaver-documents-archive", 120) == (
        "knowledgeweaver-",
        "documents-",
        "archive",
    )
    assert wrap("20 GiB gp3 for its data", 120) == ("20 GiB gp3 for its", "data")
    assert all(width(line) <= 120 for line in wrap("roles: apply-dev, apply-prod, image", 120))


def brightness(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", THEMES)
def test_words_and_lines_stand_out_from_all_that_they_cross(name: str) -> None:
    theme = THEMES[name]
    for ground in (theme.page, theme.box, *theme.frames.values()):
        for ink in (theme.text, theme.soft, theme.network, *theme.callers):
            dark, light = sorted((brightness(ink), brightness(ground)))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)
