"""How jobs and engines end, with act running the steps: cancelled, over time, stopped, killed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from sandbox.actions.engine import Engine
from sandbox.actions.model import ActionsError, Conclusion

from .local import LocalHost, engine_for, log, push, results, workflow


def test_cancelling_interrupts_the_step_and_lets_it_finish_its_work(tmp_path: Path) -> None:
    host = workflow("""
  slow:
    runs-on: x
    steps:
      - run: |
          trap 'echo writing state; sleep 0.3; echo state written; exit 130' INT
          echo ready; for i in $(seq 100); do sleep 0.1; done
      - run: echo never
      - if: always()
        run: echo cleanup
  after:
    needs: slow
    runs-on: x
    steps: [{run: echo never}]
  report:
    needs: slow
    if: always()
    runs-on: x
    steps: [{run: 'echo slow was ${{ needs.slow.result }}'}]
""")
    with engine_for(host, tmp_path) as engine:
        run_id = push(engine)
        while True:
            job = engine.run(run_id).jobs[0]
            if job.log and "ready" in job.log.read_text():
                break
            time.sleep(0.02)
        engine.cancel(run_id)
        run = engine.wait(run_id, 240)
        with pytest.raises(ActionsError, match="completed"):
            engine.cancel(run_id)
    assert run.conclusion is Conclusion.CANCELLED
    assert results(run) == {"slow": "cancelled", "after": "skipped", "report": "success"}
    text = log(run, "slow")
    assert "state written" in text
    assert "never" not in text
    assert "cleanup" in text
    assert "slow was cancelled" in log(run, "report")
    assert [str(step.conclusion) for step in run.jobs[0].steps][1:4] == [
        "cancelled",
        "skipped",
        "success",
    ]


CHILD = """\
import signal, sys, time
def told(number, frame):
    print("told", signal.Signals(number).name, flush=True)
    if number == signal.SIGTERM:
        sys.exit(1)
signal.signal(signal.SIGINT, told)
signal.signal(signal.SIGTERM, told)
print("ready", flush=True)
open(sys.argv[1], "w").write("ready")
for _ in range(600):
    time.sleep(0.1)
print("never")
"""


@pytest.mark.parametrize(
    ("prefix", "heard"), [("exec ", ["told SIGINT", "told SIGTERM"]), ("", [])]
)
def test_only_the_entry_process_of_a_step_hears_of_a_cancel(
    tmp_path: Path, prefix: str, heard: list[str]
) -> None:
    (tmp_path / "child.py").write_text(CHILD)
    command = f"{prefix}{sys.executable} {tmp_path}/child.py {tmp_path}/began"
    host = workflow(f"""
  slow:
    runs-on: x
    steps:
      - run: |
          echo begin
          {command}
      - if: always()
        run: echo cleanup; echo alive $(pgrep -fc {tmp_path}/child.py)
""")
    with engine_for(host, tmp_path) as engine:
        run_id = push(engine)
        while not (tmp_path / "began").exists():
            time.sleep(0.02)
        began = time.monotonic()
        engine.cancel(run_id)
        run = engine.wait(run_id, 240)
        assert 7.4 < time.monotonic() - began < 30
    assert run.conclusion is Conclusion.CANCELLED
    text = log(run, "slow")
    assert [line for line in ("told SIGINT", "told SIGTERM") if line in text] == heard
    assert "cleanup" in text
    # what was not told of it outlives its step, and ends with the job
    assert ("alive 0" in text) == bool(prefix)
    left = [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path / "child.py") in
            (p.info["cmdline"] or [])]  # fmt: skip
    assert left == []


def test_a_job_over_its_time_is_cancelled_and_says_so(tmp_path: Path) -> None:
    host = workflow("""
  slow:
    runs-on: x
    timeout-minutes: 0.02
    steps: [{run: sleep 30}]
""")
    with engine_for(host, tmp_path) as engine:
        run = engine.wait(push(engine), 240)
    assert results(run) == {"slow": "cancelled"}
    assert "maximum execution time" in run.jobs[0].annotations[0].message


def test_stopping_the_engine_leaves_no_process_and_a_new_one_still_shows_the_run(
    tmp_path: Path,
) -> None:
    host = workflow("  slow: {runs-on: x, steps: [{run: 'echo $$ > $OUT; exec sleep 60'}]}\n")
    host.extra = {"OUT": str(tmp_path / "pid")}
    engine = Engine(host, tmp_path / "state")
    run_id = push(engine)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.02)
    pid = int((tmp_path / "pid").read_text())
    engine.stop()
    assert not Path(f"/proc/{pid}").exists()
    with engine_for(host, tmp_path) as again:
        assert again.run(run_id).conclusion is Conclusion.CANCELLED
        assert push(again) == run_id + 1


def test_what_a_cancelled_job_leaves_running_ends_with_it(tmp_path: Path) -> None:
    # in a session of its own and deaf for a while, as Terraform is under the pipeline
    (tmp_path / "left.sh").write_text("trap '' INT TERM\necho $$ > $OUT\nsleep 60\n")
    step = json.dumps(f"setsid sh {tmp_path}/left.sh </dev/null >/dev/null 2>&1 & sleep 60")
    host = LocalHost({"w.yml": f"on: push\njobs: {{a: {{runs-on: x, steps: [{{run: {step}}}]}}}}"})
    host.extra = {"OUT": str(tmp_path / "pid")}
    with engine_for(host, tmp_path) as engine:
        run_id = push(engine)
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.02)
        left = psutil.Process(int((tmp_path / "pid").read_text()))
        engine.cancel(run_id)
        assert engine.wait(run_id, 240).conclusion is Conclusion.CANCELLED
        _, alive = psutil.wait_procs([left], timeout=60)
        assert not alive


def test_a_killed_engine_takes_its_jobs_with_it(tmp_path: Path) -> None:
    file = "on: push\njobs: {a: {runs-on: x, steps: [{run: 'echo $$ > $OUT; sleep 60'}]}}"
    script = f"""
import sys, time; sys.path.insert(0, {str(Path(__file__).parents[3])!r})
from pathlib import Path
from sandbox.actions.engine import Engine
from tests.sandbox.actions.local import LocalHost, push
host = LocalHost({{"w.yml": {file!r}}})
host.extra = {{"OUT": {str(tmp_path / "pid")!r}}}
push(Engine(host, Path({str(tmp_path / "state")!r})))
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", script])
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.02)
    step = psutil.Process(int((tmp_path / "pid").read_text()))
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs([step], timeout=60)
    assert not alive
