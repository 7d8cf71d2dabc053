"""GitHub's expression language, ``${{ … }}``: values, syntax, evaluation and partial evaluation.

Source of every rule: docs.github.com, "Evaluate expressions in workflows and actions".
"""

from sandbox.actions.expr.evaluate import Scope, evaluate, truth
from sandbox.actions.expr.partial import fold_text
from sandbox.actions.expr.syntax import ExpressionError, parse
from sandbox.actions.expr.template import condition, render, resolve, resolve_tree
from sandbox.actions.expr.values import Value, to_string

__all__ = [
    "ExpressionError",
    "Scope",
    "Value",
    "condition",
    "evaluate",
    "fold_text",
    "parse",
    "render",
    "resolve",
    "resolve_tree",
    "to_string",
    "truth",
]
