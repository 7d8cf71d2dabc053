"""The cost of plans: priced, free and unpriced, before and after."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.domain.cost import FREE, estimate, is_free
from pipeline.domain.quantities import USAGE, Assumed
from pipeline.domain.rates import RATES
from pipeline.usecases.prices import price_table

TABLE = price_table()
NOTHING = {key: 0.0 for key in USAGE if key != "running_share"}


def change(address: str, before: Any = None, after: Any = None, actions: str = "") -> Any:
    kind = address.rsplit(".", 2)[-2]
    return {
        "address": address,
        "type": kind,
        "mode": "managed",
        "change": {"before": before, "after": after, "actions": [actions]},
    }


def cost(*changes: Any, **usage: float | tuple[float, float]) -> Any:
    """The cost where nothing is used but what a test says: typical, or (low, typical)."""
    assumed = {
        key: Assumed(*many) if isinstance(many, tuple) else Assumed(many, many)
        for key, many in {**NOTHING, **usage}.items()
    }
    return estimate({"resource_changes": list(changes)}, assumed, TABLE)


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
        ("aws_db_instance.a", {"instance_class": "db.x9.huge", "allocated_storage": 20}),
        ("aws_lb.a", {"load_balancer_type": "network"}),
        ("aws_efs_file_system.a", {"throughput_mode": "elastic"}),
        ("aws_ecs_cluster.a", {"setting": [{"name": "containerInsights", "value": "enhanced"}]}),
    ],
)
def test_what_has_no_price_is_named_and_never_zero(address: str, after: Any) -> None:
    found = cost(change(address, after=after))
    assert found.unpriced == (address,)
    assert any(line.after is None for line in found.lines)


def test_free_types_are_counted_as_free() -> None:
    found = cost(change("aws_subnet.a", after={}), change("aws_iam_role.b", after={}))
    assert found.free == {"aws_subnet": 1, "aws_iam_role": 1}
    assert found.lines == ()


def test_an_object_of_a_billed_type_that_costs_nothing_is_counted_as_free() -> None:
    gateway = change("aws_vpc_endpoint.s3", after={"vpc_endpoint_type": "Gateway"})
    assert cost(gateway).free == {"aws_vpc_endpoint": 1}


def test_no_type_is_both_free_and_priced() -> None:
    assert not [kind for kind in RATES if is_free(kind)]


def test_every_price_has_a_source_and_a_unit() -> None:
    assert TABLE.region == "ap-southeast-2"
    assert all(price.source and price.unit and price.usd > 0 for price in TABLE.prices.values())


def test_a_volume_that_is_attached_to_an_instance_is_priced_once() -> None:
    attached = {"volume_id": "vol-1", "volume_size": 20, "delete_on_termination": False}
    own = {"volume_id": "vol-2", "volume_size": 30, "delete_on_termination": True}
    values = {"instance_type": "t3.medium", "ebs_block_device": [attached, own]}
    volume = change("aws_ebs_volume.a", after={"type": "gp3", "size": 20})
    instance = change("aws_instance.a", after=values)
    assert cost(instance, volume).after == pytest.approx(38.54 + 50 * 0.096, abs=0.01)


def test_usage_that_nobody_assumed_is_named_and_never_zero() -> None:
    found = estimate({"resource_changes": [change("aws_s3_bucket.a", after={})]}, {}, TABLE)
    assert found.unpriced == ("aws_s3_bucket.a",)
    assert found.lines[0].assumption == "usage.toml does not say how many GB in buckets"
    assert found.lines[0].after is None


def test_low_and_typical_usage_make_two_sums() -> None:
    gateway = change("aws_nat_gateway.a", after={})
    found = cost(gateway, nat_gb=(10, 100))
    assert (found.low, found.after) == pytest.approx((43.07 + 0.59, 43.07 + 5.9))


def service(*strategy: tuple[str, int, int], count: int = 4) -> Any:
    names = ("capacity_provider", "base", "weight")
    chosen = [dict(zip(names, one, strict=True)) for one in strategy]
    values = {"desired_count": count, "launch_type": None, "capacity_provider_strategy": chosen}
    return change("module.ecs.aws_ecs_service.api", after=values)


def test_tasks_on_spot_cost_less_and_the_base_stays_on_demand() -> None:
    on_demand = cost(TASK, service(("FARGATE", 0, 1))).after
    all_spot = cost(TASK, service(("FARGATE_SPOT", 0, 1))).after
    assert all_spot == pytest.approx(on_demand * 0.3, rel=0.001)
    mixed = cost(TASK, service(("FARGATE", 1, 1), ("FARGATE_SPOT", 0, 2))).after
    assert mixed == pytest.approx(on_demand / 2 + all_spot / 2)  # 1 + a third of 3, and 2


def test_a_service_on_instances_is_paid_by_its_instances() -> None:
    values = {"desired_count": 2, "launch_type": "EC2"}
    assert cost(TASK, change("module.ecs.aws_ecs_service.api", after=values)).after == 0


def test_scaling_adds_task_hours_to_the_minimum() -> None:
    target = change("module.ecs.aws_appautoscaling_target.api", after={"min_capacity": 4})
    more = cost(TASK, service(), target, extra_task_hours=(0, 730))
    assert more.after == pytest.approx(more.low * 5 / 4)


def test_two_services_in_two_modules_have_their_own_tasks() -> None:
    task = change("module.px.aws_ecs_task_definition.a", after={"cpu": "1024", "memory": "2048"})
    other = change("module.px.aws_ecs_service.a", after={"desired_count": 1})
    own = change("module.ecs.aws_ecs_service.api", after={"desired_count": 1})
    assert cost(TASK, own, task, other).after == pytest.approx(21.61 * 3, abs=0.02)


def test_a_database_in_two_zones_costs_twice_as_much_in_all() -> None:
    values = {"instance_class": "db.t4g.micro", "allocated_storage": 20, "storage_type": "gp3"}
    one = cost(change("aws_db_instance.a", after=values)).after
    two = cost(change("aws_db_instance.a", after={**values, "multi_az": True})).after
    assert one == pytest.approx(0.025 * 730 + 20 * 0.138)
    assert 1.9 < two / one < 2.1


def test_an_alarm_on_an_expression_is_billed_by_its_metrics() -> None:
    queries = [{"id": "e", "expression": "a/b"}, *({"metric": [{"period": 60}]} for _ in "ab")]
    math = change("aws_cloudwatch_metric_alarm.a", after={"metric_query": queries})
    assert cost(math).after == pytest.approx(0.2)
    quick = change("aws_cloudwatch_metric_alarm.a", after={"period": 10})
    assert cost(quick).after == pytest.approx(0.3)


def test_a_trail_of_management_events_is_free_and_one_of_data_events_is_not() -> None:
    plain = change("aws_cloudtrail.a", after={"event_selector": [{"data_resource": []}]})
    assert cost(plain, trail_100k_data_events=5).free == {"aws_cloudtrail": 1}
    selector = {"field_selector": [{"field": "eventCategory", "equals": ["Data"]}]}
    data = change("aws_cloudtrail.a", after={"advanced_event_selector": [selector]})
    assert cost(data, trail_100k_data_events=5).after == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("address", "after", "usage", "dollars"),
    [
        ("aws_vpc.a", {}, {"zone_gb": 30}, 0.6),
        ("aws_instance.a", {"instance_type": "t4g.nano", "monitoring": True}, {}, 3.869 + 2.1),
        ("aws_kms_key.a", {}, {"kms_10k_requests": 5}, 1.15),
        ("aws_secretsmanager_secret.a", {}, {"secret_10k_requests": 2}, 0.5),
        ("aws_efs_file_system.a", {"throughput_mode": "bursting"}, {"efs_gb": 10}, 3.6),
        ("aws_efs_file_system.a", {"availability_zone_name": "x"}, {"efs_gb": 10}, 1.92),
        ("aws_backup_vault.a", {}, {"backup_ebs_gb": 40, "backup_rds_gb": 20}, 4.1),
        ("aws_lambda_function.a", {"memory_size": 1024, "architectures": ["arm64"]},
         {"lambda_seconds": 1e6}, 13.3334),
        ("aws_flow_log.a", {"log_destination_type": "s3"}, {"flow_log_gb": 2}, 0.67),
        ("aws_flow_log.a", {}, {"flow_log_gb": 2}, 1.34),
        ("aws_service_discovery_private_dns_namespace.a", {}, {"dns_millions": 1}, 0.9),
        ("aws_cloudwatch_log_group.a", {}, {"log_gb": 5, "custom_metrics": 20}, 9.35),
        ("aws_ecs_cluster.a", {"setting": [{"name": "containerInsights", "value": "enabled"}]},
         {"insights_metrics": 40}, 12),
        ("aws_ecs_cluster.a", {"setting": [{"name": "containerInsights", "value": "disabled"}]},
         {"insights_metrics": 40}, 0),
        ("aws_lb.a", {"internal": True}, {"alb_lcu_hours": 100}, 0.0252 * 730 + 0.8),
        ("aws_lb.a", {}, {"internet_gb": 10}, 0.0252 * 730 + 2 * 3.65 + 1.14),
        ("aws_ebs_volume.a", {"type": "gp3", "size": 20, "iops": 4000}, {}, 7.92),
    ],
)  # fmt: skip
def test_each_type_costs_what_its_price_says(
    address: str, after: Any, usage: Any, dollars: float
) -> None:
    found = cost(change(address, after=after), **usage)
    assert found.unpriced == ()
    assert found.after == pytest.approx(dollars)


def test_the_list_of_free_types_is_sorted_and_names_nothing_that_has_a_rate() -> None:
    assert not set(FREE) & set(RATES)
    assert list(FREE) == sorted(FREE)
