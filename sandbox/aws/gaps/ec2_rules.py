"""EC2: descriptions of security group rules that name another group or a prefix list.

"SecurityGroupRule: description: The security group rule description" (EC2 API reference), whatever
the rule's other side is. moto looks for it at address ranges only.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule

_init = SecurityGroupRule.__init__


def _keep_description(
    self: SecurityGroupRule,
    backend: Any,
    protocol: str,
    group: str,
    from_port: str | None,
    to_port: str | None,
    ip_range: dict[str, str] | None,
    source_group: dict[str, str] | None = None,
    prefix_list: dict[str, str] | None = None,
    **rest: Any,
) -> None:
    other = (source_group, prefix_list)
    _init(self, backend, protocol, group, from_port, to_port, ip_range, *other, **rest)
    words = (source_group or prefix_list or {}).get("Description")
    if words:  # where moto's answers look for it
        self.ip_range = {**self.ip_range, "Description": words}


SecurityGroupRule.__init__ = _keep_description  # type: ignore[method-assign, assignment]
