"""Tell people at GitHub: what cannot be told never fails what was done.

A fork's token may not write, a comment may be refused (403, 422), GitHub may be down (5xx): the
step summary and an annotation say the same then.
"""

from __future__ import annotations

from pipeline.adapters.github import GitHub
from pipeline.errors import Failure
from pipeline.output import Output

#: Reasons for which telling is given up; anything else is a mistake of ours or an interrupt.
_GIVEN_UP = ("github", "no-credentials", "unreachable")


def comment_on(out: Output, github: GitHub, pull: int, marker: str, body: str) -> bool:
    """Keep our one comment of this ``marker`` on a pull request; whether it could be written."""
    try:
        github.sticky_comment(pull, marker, body)
    except Failure as error:
        if error.reason not in _GIVEN_UP:
            raise
        out.say(f"The comment on pull request {pull} could not be written: {error}")
        out.annotate(
            "warning",
            f"The comment on pull request {pull} could not be written: {error} "
            "The step summary of this job says the same.",
        )
        return False
    return True
