"""EC2: descriptions of security groups and of their rules.

"SecurityGroupRule: description: The security group rule description" (EC2 API reference), whatever
the rule's other side is. moto looks for it at address ranges only.

"Constraints: Up to 255 characters in length. Allowed characters are a-z, A-Z, 0-9, spaces, and
._-:/()#,@[]+=&;{}!$*" (EC2 API reference, CreateSecurityGroup and IpRange): no apostrophe. moto
takes whatever comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule

from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import AwsError
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, answers

_FINE = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
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


@answers(
    "ec2:CreateSecurityGroup",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:ModifySecurityGroupRules",
    "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
    "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
)
def described(call: Call, _principal: Principal, _context: Context) -> None:
    """Refuse what EC2 does not take; the rest is moto's."""
    for text in _descriptions(call.parameters()):
        if not _FINE.fullmatch(text):
            what = "security group" if call.operation == "CreateSecurityGroup" else "rule"
            words = f"Invalid {what} description. Valid descriptions are strings less than 256 "
            words += "characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
            raise AwsError("InvalidParameterValue", words)


def _descriptions(given: Any) -> Iterator[str]:
    if isinstance(given, list):
        for item in given:
            yield from _descriptions(item)
    elif isinstance(given, dict):
        for name, value in given.items():
            if name == "Description":
                yield str(value)
            else:
                yield from _descriptions(value)
