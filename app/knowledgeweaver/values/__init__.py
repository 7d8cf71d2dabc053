"""Makes the values of the estate's secrets: the function that Terraform invokes.

So Terraform never has a value: it says which secret is to hold what (an invocation's input is in
the plan and in the state), this function draws it and puts it into Secrets Manager. Each
invocation may be repeated: what is done is not done again.
"""

from __future__ import annotations

from knowledgeweaver.values.handler import handle

__all__ = ["handle"]
