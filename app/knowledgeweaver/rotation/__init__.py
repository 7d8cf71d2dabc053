"""Rotates the graph store's password: the function that Secrets Manager calls in four steps.

AWS ("Four steps in a rotation function"): createSecret makes a new version labelled AWSPENDING,
setSecret sets it in the database, testSecret logs in with it, finishSecret moves AWSCURRENT to it.
"If any rotation step fails, Secrets Manager retries the entire rotation process multiple times", so
each step may run any number of times, and a step that was done is done.
"""

from __future__ import annotations

from knowledgeweaver.rotation.handler import handle

__all__ = ["handle"]
