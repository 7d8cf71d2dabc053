"""The formats that AWS describes in words only, as far as the graph store uses them."""

from __future__ import annotations

from typing import Any

#: What its documentation says of the parts that are used ("Manually create or edit the CloudWatch
#: agent configuration file"); anything else is refused, since the agent ignores what it misreads.
_AGENT: dict[str, Any] = {
    "agent": {"metrics_collection_interval": {"type": "integer"}, "omit_hostname": {"const": True}},
    "metrics": {
        "namespace": {"type": "string"},
        "metrics_collected": {
            "mem": {
                "measurement": {"const": ["mem_used_percent"]},
                "append_dimensions": {"type": "object"},
            },
            "disk": {
                "measurement": {"const": ["disk_used_percent"]},
                "resources": {"type": "array"},
                "drop_device": {"const": True},
                "append_dimensions": {"type": "object"},
            },
        },
    },
    "logs": {"logs_collected": {"files": {"collect_list": {"type": "array"}}}},
}


def closed(parts: dict[str, Any]) -> dict[str, Any]:
    """A JSON schema in which everything named is there and nothing else."""
    if "type" in parts or "const" in parts:
        return parts
    inner = {name: closed(part) for name, part in parts.items()}
    return {
        "type": "object",
        "properties": inner,
        "required": list(inner),
        "additionalProperties": False,
    }


AGENT = closed(_AGENT)

#: "Embedded metric format specification" (CloudWatch User Guide): the parts that are used.
EMF = {
    "type": "object",
    "required": ["_aws", "Environment"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "additionalProperties": False,
            "properties": {
                "Timestamp": {"type": "integer", "minimum": 1_600_000_000_000},
                "CloudWatchMetrics": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["Namespace", "Dimensions", "Metrics"],
                        "additionalProperties": False,
                        "properties": {
                            "Namespace": {"type": "string", "minLength": 1},
                            "Dimensions": {"const": [["Environment"]]},
                            "Metrics": {
                                "type": "array",
                                "maxItems": 100,
                                "items": {
                                    "type": "object",
                                    "required": ["Name", "Unit"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "Name": {"type": "string"},
                                        "Unit": {
                                            "enum": [
                                                "Bytes",
                                                "Count",
                                                "Milliseconds",
                                                "None",
                                                "Percent",
                                            ]
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
    "additionalProperties": {
        "anyOf": [
            {"type": ["number", "string"]},
            {"type": "array", "items": {"type": "number"}, "minItems": 1, "maxItems": 100},
        ]
    },
}
