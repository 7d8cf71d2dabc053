"""Which values of a resource a reviewer has to see first."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.results import LeafReport

#: Who may reach or do what, what runs, and what keeps data: shown before everything else.
_FIRST = re.compile(
    r"""(?xi)
    cidr | ingress | egress | port\b|_port|port_ | protocol | security_group | prefix_list
    | polic | principal | action | effect | condition | statement | permission | boundary
    | assume | trust | role_arn | federat | (?:^|[/_])arns?$ | not_?resource | (?:^|/)resource
    | public | acl | internet | internal$ | exposed | cors | origin | allow | deny | block_ | owner
    | encrypt | kms | tls | ssl | certificate | password | secret | auth | token | mfa
    | protection | skip_final | force_destroy | prevent | retention | versioning | backup
    | user_data | command | entry_?point | image | environment | script | runtime | handler
    | source | endpoint | url | uri | host | domain | listener | priority
    """
)
#: How large, how many, which version.
_SECOND = re.compile(
    r"(?i)size|type|class|cpu|memory|count|capacity|desired|minimum|maximum|min_|max_|storage|"
    r"engine|version|iops|throughput|schedule|timeout|interval|threshold|enabled?|status"
)
#: Names and labels: as a rule what the address says already.
_LAST = re.compile(r"(?i)(?:^|/)tags(?:_all)?(?:/|$)|(?:^|/)description$|(?:^|/)name(?:_prefix)?$")


#: Everybody, everything, from anywhere.
_OPEN = re.compile(r"\*|[\w-]+:\*|0\.0\.0\.0/0|::/0|public.*|authenticated.*", re.IGNORECASE)


def rank(leaf: LeafReport) -> int:
    """-1 is read first. What is known only after apply comes last: there is nothing to read."""
    if leaf.unknown:
        return 4
    if isinstance(leaf.after, str) and _OPEN.fullmatch(leaf.after):
        return -1
    if _LAST.search(leaf.path):
        return 3
    if _FIRST.search(leaf.path):
        return 0
    return 1 if _SECOND.search(leaf.path) else 2


def ordered(leaves: Iterable[LeafReport]) -> list[LeafReport]:
    """The leaves by importance; those of one importance stay in their order."""
    return sorted(leaves, key=rank)
