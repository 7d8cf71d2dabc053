"""Run checkov over many plans in one process; the environment is the one of this folder.

Reads a request from standard input and writes one JSON document to standard output::

    {"plans": [{"name": "stack/workspace", "file": "plan.json"}], "hcl": ["folder"],
     "checks": "policies/checks"}
    -> {"version": "3.3.30", "scans": [{"name": "…", "resources": 7, "results": [
        {"rule": "CKV_AWS_1", "result": "FAILED", "address": "…", "message": "…",
         "remedy": "…", "points": ["ingress"], "file": "…", "line": 3}]}]}

``points`` are attributes or blocks of the resource to show, the first that is there.

Each plan is a scan of its own, so a graph check never joins resources of two units; what is
shared is the start of the process and the loaded checks. checkov has no reason to speak to
anybody here, so opening a connection is made an error.
"""

from __future__ import annotations

import gc
import importlib
import json
import logging
import os
import socket
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import configuration

# Unknown values become "true_after_unknown" instead of being left out (checkov's plan_parser).
os.environ["EVAL_TF_PLAN_AFTER_UNKNOWN"] = "1"
os.environ["LOG_LEVEL"] = "ERROR"
os.environ.pop("BC_API_KEY", None)
os.environ["CHECKOV_RUN_SCA_PACKAGE_SCAN_V2"] = "false"


def _refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
    raise OSError("the policy run opens no connection")


def main() -> int:
    """One request, one answer."""
    gc.set_threshold(200_000)  # it grows and ends; collecting as usual takes an eighth of its time
    socket.socket.connect = _refuse  # type: ignore[method-assign]
    socket.getaddrinfo = _refuse
    request = json.load(sys.stdin)
    answer, sys.stdout = sys.stdout, sys.stderr  # checkov prints; the answer stays clean
    logging.disable(logging.WARNING)

    # checkov ends at import where its own command line is not meant, so it comes late
    from checkov.runner_filter import RunnerFilter
    from checkov.terraform import plan_parser
    from checkov.terraform.plan_runner import Runner as PlanRunner
    from checkov.terraform.runner import Runner as HclRunner

    plan_parser.parse = _read_plan
    ours = _load_checks(Path(request["checks"]).resolve()) if request.get("checks") else {}
    scans = []
    for plan in request.get("plans", []):
        chosen = RunnerFilter(framework=["terraform_plan"], show_progress_bar=False)
        configuration.use(json.loads(Path(plan["file"]).read_bytes()))
        report = PlanRunner().run(files=[plan["file"]], runner_filter=chosen)
        _complete(plan, report)
        scans.append(_scan(plan["name"], report, ours))
    for folder in request.get("hcl", []):
        chosen = RunnerFilter(framework=["terraform"], show_progress_bar=False)
        configuration.use(None)
        report = HclRunner().run(root_folder=folder, runner_filter=chosen)
        scans.append(_scan(folder, report, ours))
    json.dump({"version": version("checkov"), "scans": scans}, answer)
    answer.write("\n")
    return 0


class _Mark:
    """A position. Lines of a plan's JSON help nobody; the pipeline finds those of the HCL."""

    line = 0


def _read_plan(file: str, errors: dict[str, str]) -> tuple[Any, Any]:
    """checkov's plan reader without its line numbers: JSON instead of YAML, ten times as fast.

    It takes half of a scan otherwise. That the findings stay the same is what
    benchmarks/policy.py checks against checkov's own command.
    """
    from checkov.common.parsers.node import DictNode

    mark = _Mark()
    template = json.loads(
        Path(file).read_bytes(), object_hook=lambda found: DictNode(found, mark, mark)
    )
    if "terraform_version" not in template or "planned_values" not in template:
        errors[file] = "this is no plan"
        return None, None
    return template, [(1, "")]


def _load_checks(folder: Path) -> dict[str, Any]:
    """Import our checks, by rule. checkov's loader goes on without one that does not import."""
    sys.path[:0] = [str(folder), str(folder.parent)]
    names = [file.stem for file in sorted(folder.glob("[!_]*.py"))]
    checks = [importlib.import_module(name).check for name in names]
    return {check.id: check for check in checks}


def _complete(plan: dict[str, str], report: Any) -> None:
    """End with an error when checkov passed over a resource, as it does over a broken file."""
    document = json.loads(Path(plan["file"]).read_bytes())
    forgotten = {
        change["address"]
        for change in document.get("resource_changes") or []
        if change["change"]["actions"] == ["forget"]
    }
    seen = {resource.removeprefix(f"{plan['file']}:") for resource in report.resources}
    missing = set(_managed(document["planned_values"].get("root_module") or {})) - seen - forgotten
    if missing:
        raise SystemExit(f"checkov passed over {len(missing)} resources, {min(missing)} first")


def _managed(module: dict[str, Any]) -> Iterator[str]:
    for resource in module.get("resources") or []:
        if resource["mode"] == "managed":
            yield resource["address"]
    for child in module.get("child_modules") or []:
        yield from _managed(child)


def _scan(name: str, report: Any, ours: dict[str, Any]) -> dict[str, Any]:
    if report.parsing_errors:
        raise SystemExit(f"checkov cannot parse {', '.join(report.parsing_errors)}")
    groups = (
        ("FAILED", report.failed_checks),
        ("PASSED", report.passed_checks),
        ("SKIPPED", report.skipped_checks),
    )
    results = [
        {
            "rule": record.check_id,
            # a comment in the judged files cannot lift a rule of ours
            "result": "FAILED" if result == "SKIPPED" and _ours(record) else result,
            "address": record.resource_address or record.resource,
            **_words(record, ours.get(record.check_id)),
            "file": record.repo_file_path or record.file_path,
            "line": record.file_line_range[0],
        }
        for result, records in groups
        for record in records
        # what passed is told for our own checks only: the tests want it, the report does not
        if result != "PASSED" or _ours(record)
    ]
    return {"name": name, "resources": len(report.resources), "results": results}


def _words(record: Any, check: Any) -> dict[str, Any]:
    """What a finding tells: of a rule of ours its own words, else checkov's name and guide."""
    if check is not None:
        return {"message": check.finding, "remedy": check.remedy, "points": check.points}
    guide = f"See {record.guideline}" if record.guideline else ""
    return {"message": record.check_name, "remedy": guide, "points": ()}


def _ours(record: Any) -> bool:
    return str(record.check_id).startswith("CKV_KWD_")


if __name__ == "__main__":
    sys.exit(main())
