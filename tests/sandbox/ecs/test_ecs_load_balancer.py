"""The load balancer in front of real targets."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from botocore.exceptions import ClientError
from ecs_estate import Estate, wait


def test_without_a_target_the_answer_is_503(estate: Estate) -> None:
    url, _, _ = estate.balancer()
    wait(lambda: _status(url) == 503, 5)
    answer = httpx.get(url)
    assert "503 Service Temporarily Unavailable" in answer.text
    assert answer.headers["server"] == "awselb/2.0"


def test_bodies_pass_in_both_directions_and_many_clients_are_served(estate: Estate) -> None:
    url, target, _ = estate.balancer()
    one = estate.definition("one")
    name = estate.service(one, target, desiredCount=2)
    estate.completed(name, one)
    body = os.urandom(3_000_000)
    assert httpx.post(f"{url}/echo", content=body).content == body
    chunked = httpx.post(f"{url}/env/VERSION", content=b"x" * 10)
    assert chunked.content == b"x" * 10

    with httpx.Client(timeout=10) as client, ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(lambda _: client.get(url).status_code, range(500)))
    assert set(statuses) == {200}
    estate.remove(name)


def test_a_request_in_flight_is_answered_while_its_target_drains(estate: Estate) -> None:
    url, target, _ = estate.balancer()
    one = estate.definition("one")
    name = estate.service(one, target)
    estate.completed(name, one)
    estate.elb.modify_target_group_attributes(
        TargetGroupArn=target,
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "3500"}],
    )
    with httpx.stream("GET", f"{url}/late-body/5", timeout=60) as answer:
        estate.ecs.stop_task(cluster="c", task=estate.tasks(name)[0]["taskArn"])
        health = estate.elb.describe_target_health(TargetGroupArn=target)
        states = {each["TargetHealth"]["State"] for each in health["TargetHealthDescriptions"]}
        assert answer.read() == b"one"
    assert "draining" in states
    estate.remove(name)


def test_a_target_that_breaks_off_is_a_502(estate: Estate) -> None:
    url, target, _ = estate.balancer()
    one = estate.definition("one")
    name = estate.service(one, target)
    estate.completed(name, one)
    assert httpx.get(f"{url}/die").status_code == 502
    estate.remove(name)


def test_a_target_that_says_nothing_in_the_idle_timeout_is_a_504(estate: Estate) -> None:
    url, target, arn = estate.balancer()
    estate.elb.modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "3"}]
    )
    one = estate.definition("one")
    name = estate.service(one, target)
    estate.completed(name, one)
    assert httpx.get(f"{url}/slow/0.5", timeout=60).status_code == 200
    assert httpx.get(f"{url}/slow/6", timeout=60).status_code == 504
    estate.remove(name)


def test_rules_answer_redirect_and_forward(estate: Estate) -> None:
    url, _, arn = estate.balancer()
    listener = estate.elb.describe_listeners(LoadBalancerArn=arn)["Listeners"][0]["ListenerArn"]
    for priority, pattern, action in (
        (
            1,
            "/fixed",
            {
                "Type": "fixed-response",
                "FixedResponseConfig": {
                    "StatusCode": "418",
                    "ContentType": "text/plain",
                    "MessageBody": "short",
                },
            },
        ),
        (
            2,
            "/old/*",
            {
                "Type": "redirect",
                "RedirectConfig": {"Path": "/new", "StatusCode": "HTTP_301"},
            },
        ),
    ):
        estate.elb.create_rule(
            ListenerArn=listener,
            Priority=priority,
            Conditions=[{"Field": "path-pattern", "Values": [pattern]}],
            Actions=[action],
        )
    wait(lambda: _status(url) == 503, 5)
    fixed = httpx.get(f"{url}/fixed")
    assert (fixed.status_code, fixed.text) == (418, "short")
    moved = httpx.get(f"{url}/old/x?y=1")
    assert moved.status_code == 301
    assert moved.headers["location"] == f"{url}/new?y=1"


def test_a_target_group_without_a_load_balancer_is_refused(estate: Estate) -> None:
    lone = estate.elb.create_target_group(
        Name="lone", Protocol="HTTP", Port=8000, VpcId=estate.vpc, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    with pytest.raises(
        estate.ecs.exceptions.InvalidParameterException,
        match="does not have an associated load balancer",
    ):
        estate.service(estate.definition("one"), lone)


def _status(url: str) -> int:
    try:
        return httpx.get(url).status_code
    except httpx.HTTPError:
        return 0


def test_a_load_balancer_on_the_internet_wants_a_gateway_to_it(estate: Estate) -> None:
    vpc = estate.ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        estate.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.8.{n}.0/24")["Subnet"]["SubnetId"]
        for n in range(2)
    ]
    with pytest.raises(ClientError, match=f"InvalidSubnet.*VPC {vpc} has no internet gateway"):
        estate.elb.create_load_balancer(Name=estate.name("none"), Subnets=subnets)
    inside = estate.elb.create_load_balancer(
        Name=estate.name("inside"), Subnets=subnets, Scheme="internal"
    )
    arn = inside["LoadBalancers"][0]["LoadBalancerArn"]
    estate.elb.delete_load_balancer(LoadBalancerArn=arn)
