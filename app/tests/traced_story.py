"""A document and a question, traced as the environment says; prints the id of their trace.

tests/sandbox/test_traces_in_phoenix.py runs this and reads the tree back from a real Phoenix.
"""

from __future__ import annotations

import json
import os
import sys

from model_server import converse, converse_stream, serving, tool

from knowledgeweaver.answer.model import ModelAnswerer
from knowledgeweaver.extract.bedrock import BedrockModel
from knowledgeweaver.extract.budget import Budget
from knowledgeweaver.extract.cache import SqliteMemory
from knowledgeweaver.extract.caller import Caller
from knowledgeweaver.extract.modelled import ModelExtractor
from knowledgeweaver.extract.prices import Price
from knowledgeweaver.telemetry import traces
from knowledgeweaver.telemetry.settings import TelemetrySettings
from knowledgeweaver.telemetry.spans import Found

TEXT = "The Analytical Engine was designed by Charles Babbage."


def main() -> int:
    """Tell the story; 1 where not every span was sent."""
    tracing = traces.start(TelemetrySettings())
    memory = SqliteMemory()
    budget = Budget(memory, document=1, day=1)
    with serving() as server:
        os.environ |= {
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": server.url,
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
        }
        caller = Caller(BedrockModel("model", "ap-southeast-2"), Price(1.0, 5.0))
        filled = {"names": [{"name": "Charles Babbage", "kind": "person"}], "facts": []}
        server.will(converse(tool(filled)), converse_stream(["Charles Babbage did. [1]"]))
        with traces.span_request("POST /documents", parent=None) as request:
            trace_id = traces.trace_ids()[0]
            message = {"MessageAttributes": traces.to_sqs()}
            request.output({"status": "queued"})
        with traces.span_ingest("engine.md", parent=traces.from_sqs(message)):
            ModelExtractor(caller, memory, budget).extract(TEXT, title="Engine", language="en")
            with traces.span_query("write", store="sqlite") as query:
                query.note(chunks=1)
        with traces.span_request("POST /ask", "Who designed it?", parent=traces.from_sqs(message)):
            with traces.span_retrieval("Who designed it?") as retrieval:
                with traces.span_query("search", store="sqlite"):
                    pass
                retrieval.documents([Found("engine.md#0", TEXT, 0.75, {"start": 0, "end": 54})])
            said = list(ModelAnswerer(caller, budget).answer("Who designed it?", [TEXT]))
            traces.current().output([one.text for one in said])
    print(json.dumps({"trace_id": trace_id, "usd": budget.spent_today()}))
    return 0 if tracing.stop(20) else 1


if __name__ == "__main__":
    sys.exit(main())
