"""Which metrics exist, and who emits them: what a dashboard or an alarm may look at.

AWS's own are written down from its documentation (each namespace with the page); those of the
estate are read from what publishes them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

from tests.terraform.stacks import MODULES, ROOT

NEO4J = MODULES / "neo4j"

_BALANCER = frozenset({"LoadBalancer"})
_TARGETS = frozenset({"LoadBalancer", "TargetGroup"})
_SERVICE = frozenset({"ClusterName", "ServiceName"})
_INSTANCE = frozenset({"InstanceId"})
_GATEWAY = frozenset({"NatGatewayId"})
_BILL = frozenset({"Currency"})

#: namespace -> metric -> sets of dimensions it comes with
OF_AWS: Mapping[str, Mapping[str, tuple[frozenset[str], ...]]] = {
    # ELB user guide: "CloudWatch metrics for your Application Load Balancer"
    "AWS/ApplicationELB": {
        "ActiveConnectionCount": (_BALANCER,),
        "HealthyHostCount": (_TARGETS,),
        "HTTPCode_ELB_503_Count": (_BALANCER,),
        "HTTPCode_ELB_5XX_Count": (_BALANCER,),
        "HTTPCode_Target_5XX_Count": (_BALANCER, _TARGETS),
        "NewConnectionCount": (_BALANCER,),
        "ProcessedBytes": (_BALANCER,),
        "RequestCount": (_BALANCER, _TARGETS),
        "TargetResponseTime": (_BALANCER, _TARGETS),
        "UnHealthyHostCount": (_TARGETS,),
    },
    # ECS developer guide: "Amazon ECS CloudWatch metrics"
    "AWS/ECS": {"CPUUtilization": (_SERVICE,), "MemoryUtilization": (_SERVICE,)},
    # CloudWatch user guide: "Amazon ECS Container Insights metrics"
    "ECS/ContainerInsights": {"NetworkRxBytes": (_SERVICE,), "NetworkTxBytes": (_SERVICE,)},
    # VPC user guide: "NAT gateway metrics and dimensions"
    "AWS/NATGateway": {
        "BytesInFromDestination": (_GATEWAY,),
        "BytesOutToDestination": (_GATEWAY,),
        "ErrorPortAllocation": (_GATEWAY,),
    },
    # EC2 user guide: "List the available CloudWatch metrics for your instances"
    "AWS/EC2": {
        "CPUCreditBalance": (_INSTANCE,),
        "CPUUtilization": (_INSTANCE,),
        "NetworkIn": (_INSTANCE,),
        "NetworkOut": (_INSTANCE,),
    },
    # EBS user guide: "Amazon CloudWatch metrics for Amazon EBS"
    "AWS/EBS": {"VolumeQueueLength": (frozenset({"VolumeId"}),)},
    # SQS developer guide: "Available CloudWatch metrics for Amazon SQS"
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible": (frozenset({"QueueName"}),)},
    # CloudWatch user guide: "Create a billing alarm to monitor your estimated AWS charges"
    "AWS/Billing": {"EstimatedCharges": (_BILL, _BILL | {"ServiceName"})},
}
#: "The billing metric data is stored in the US East (N. Virginia) Region" (the same page).
BILLING_REGION = "us-east-1"


def table_of_the_application() -> ModuleType:
    """The application's table of its figures, which needs nothing of its environment."""
    path = ROOT / "app" / "knowledgeweaver" / "telemetry" / "metrics.py"
    spec = spec_from_file_location("metrics_of_the_application", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def of_the_application() -> dict[str, tuple[frozenset[str], ...]]:
    """What the application writes into its log lines, by name, with its sets of dimensions."""
    module = table_of_the_application()
    return {
        name: tuple(frozenset({module.ENVIRONMENT, *names}) for names in metric.dimensions)
        for name, metric in module.TABLE.items()
    }


def of_the_graph_store() -> set[str]:
    """What the graph store's script writes and its agent is told to measure."""
    script = (NEO4J / "files" / "metrics.sh").read_text()
    agent = (NEO4J / "agent.tf").read_text()
    measured = re.findall(r"measurement\s+= \[(.+)\]", agent)
    return set(re.findall(r"^\s+(Neo4j\w+): \[", script, re.M)) | {
        name for words in measured for name in re.findall(r'"(\w+)"', words)
    }
