"""The cost of plans: priced, free and unpriced, before and after."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.domain.cost import check_usage, estimate, is_free
from pipeline.domain.rates import RATES
from pipeline.errors import Failure
from pipeline.usecases.cost import price_table

TABLE = price_table()


def change(address: str, before: Any = None, after: Any = None, actions: str = "") -> Any:
    kind = address.rsplit(".", 2)[-2]
    return {
        "address": address,
        "type": kind,
        "mode": "managed",
        "change": {"before": before, "after": after, "actions": [actions]},
    }


def cost(*changes: Any, **usage: float) -> Any:
    return estimate({"resource_changes": list(changes)}, usage, TABLE)


TASK = change("module.ecs.aws_ecs_task_definition.api", after={"cpu": "512", "memory": "1024"})


def test_a_fargate_task_of_half_a_cpu_costs_what_others_report() -> None:
    service = change("module.ecs.aws_ecs_service.api", after={"desired_count": 1})
    assert cost(TASK, service).after == pytest.approx(21.61, abs=0.01)


def test_autoscaling_raises_the_count_to_its_minimum_and_arm_is_cheaper() -> None:
    service = change("module.ecs.aws_ecs_service.api", after={"desired_count": 1})
    target = change("module.ecs.aws_appautoscaling_target.api", after={"min_capacity": 2})
    assert cost(TASK, service, target).after == pytest.approx(43.21, abs=0.01)
    values = {"cpu": "512", "memory": "1024", "runtime_platform": [{"cpu_architecture": "ARM64"}]}
    arm = change("module.ecs.aws_ecs_task_definition.api", after=values)
    assert 17 < cost(arm, service).after < 17.5


def test_a_nat_gateway_costs_what_the_bill_says_and_traffic_counts_once() -> None:
    one = change("aws_nat_gateway.a", after={})
    two = change("aws_nat_gateway.b", after={})
    assert cost(one).after == pytest.approx(43.07)
    assert cost(one, two, nat_gb=100).after == pytest.approx(2 * 43.07 + 5.9)


def test_a_destroyed_resource_costs_nothing_afterwards() -> None:
    gone = change("aws_instance.a", before={"instance_type": "t3.medium"})
    found = cost(gone)
    assert found.before == pytest.approx(38.54, abs=0.01)
    assert found.after == 0
    assert found.unpriced == ()


def test_a_resource_that_is_only_forgotten_is_no_saving_of_this_plan_but_leaves_the_unit() -> None:
    values = {"instance_type": "t3.medium"}
    forgotten = change("aws_instance.a", before=values, after=values, actions="forget")
    assert cost(forgotten).after == 0


@pytest.mark.parametrize(
    ("address", "after"),
    [
        ("aws_opensearch_domain.a", {}),  # a type without a rate
        ("aws_instance.a", {"instance_type": "x9.huge"}),  # a size without a price
        ("aws_instance.a", {}),  # a size that is not known yet
        ("aws_ebs_volume.a", {"type": "gp3"}),  # no size
        ("aws_ebs_volume.a", {"type": "io2", "size": 1}),  # a kind without a price
        ("aws_ecs_service.a", {"desired_count": 1}),  # no task definition beside it
        ("aws_db_instance.a", {"instance_class": "db.t4g.micro", "multi_az": True}),
        ("aws_lb.a", {"load_balancer_type": "network"}),
    ],
)
def test_what_has_no_price_is_named_and_never_zero(address: str, after: Any) -> None:
    found = cost(change(address, after=after))
    assert found.unpriced == (address,)
    assert any(line.after is None for line in found.lines)


def test_free_types_are_counted_as_free() -> None:
    found = cost(change("aws_vpc.a", after={}), change("aws_iam_role.b", after={}))
    assert found.free == {"aws_vpc": 1, "aws_iam_role": 1}
    assert found.lines == ()


def test_no_type_is_both_free_and_priced() -> None:
    assert not [kind for kind in RATES if is_free(kind)]


def test_every_price_has_a_source_and_a_unit() -> None:
    assert TABLE.region == "ap-southeast-2"
    assert all(price.source and price.unit and price.usd > 0 for price in TABLE.prices.values())


def test_a_misspelt_usage_key_is_refused() -> None:
    with pytest.raises(Failure, match="nat_gbs, which no price reads") as caught:
        check_usage({"nat_gbs": 1}, "terraform/envs/web/stack.toml")
    assert caught.value.reason == "bad-config"


def test_a_volume_that_is_attached_to_an_instance_is_priced_once() -> None:
    attached = {"volume_id": "vol-1", "volume_size": 20, "delete_on_termination": False}
    own = {"volume_id": "vol-2", "volume_size": 30, "delete_on_termination": True}
    values = {"instance_type": "t3.medium", "ebs_block_device": [attached, own]}
    volume = change("aws_ebs_volume.a", after={"type": "gp3", "size": 20})
    instance = change("aws_instance.a", after=values)
    assert cost(instance, volume).after == pytest.approx(38.54 + 50 * 0.096, abs=0.01)
