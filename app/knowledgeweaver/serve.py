"""The server: everything that the environment names, opened, until SIGTERM."""

from __future__ import annotations

import logging

import uvicorn
from fastapi import FastAPI

from knowledgeweaver import web
from knowledgeweaver.api import Background, create_app
from knowledgeweaver.graph.login import secret_versions
from knowledgeweaver.graph.neo4j import Neo4jStore
from knowledgeweaver.graph.port import GraphStore
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.ingest import Ingest
from knowledgeweaver.models import Models, open_models
from knowledgeweaver.settings import Settings
from knowledgeweaver.telemetry.metrics import Gauges
from knowledgeweaver.telemetry.start import start
from knowledgeweaver.telemetry.traces import Tracing

#: ECS sends SIGTERM and kills after the task's stopTimeout (30 s unless set); be done before,
#: together with api.FINISH_SECONDS.
GRACE_SECONDS = 18

log = logging.getLogger("uvicorn.error")


class Sending:
    """The sender of traces as a Background: the last one, so that nothing is lost at the end."""

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing

    def start(self) -> None:
        """It runs already."""

    def stop(self, seconds: float) -> None:
        """Send what is left."""
        if not self._tracing.stop(seconds):
            log.warning("the last traces were not sent in time")


def open_store(settings: Settings) -> GraphStore:
    """Neo4j where one is set, else the embedded store; raises StoreUnavailable."""
    if settings.neo4j_uri:
        secret = settings.neo4j_secret_id
        return Neo4jStore(
            settings.neo4j_uri,
            settings.neo4j_username,
            settings.neo4j_password.get_secret_value(),
            secret_versions(secret, settings.aws_region) if secret else None,
        )
    return SqliteStore(settings.kw_database)


def application(settings: Settings, tracing: Tracing) -> FastAPI:
    """The application with all that works beside its requests; raises StoreUnavailable."""
    store = open_store(settings)
    models = open_models(settings, store)
    beside: list[Background] = [*_uploads(settings, store, models)]
    if isinstance(store, Neo4jStore):
        beside.append(Gauges(store.link.gauges))
    return create_app(settings, store, *beside, Sending(tracing), models=models, pages=web.routes())


def run(settings: Settings) -> None:
    """Serve until SIGTERM, then finish what is under way."""
    tracing = start(settings)
    app = application(settings, tracing)
    if settings.kw_database == ":memory:" and not settings.neo4j_uri:
        log.info("the graph is in memory and ends with the process; KW_DATABASE names a file")
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=75,  # longer than the load balancer, which must be the first to close
        access_log=False,
        log_config=None,
    )


def _uploads(settings: Settings, store: GraphStore, models: Models) -> list[Background]:
    """The consumer of uploaded documents, where there is a queue of them."""
    if not settings.documents_queue_url:
        return []
    # half a second to load, which only those should wait for who need it
    from knowledgeweaver.uploads.consumer import UploadsConsumer

    most = settings.kw_max_document_bytes
    return [
        UploadsConsumer(
            Ingest(store, models.extractor, models.workers, most),
            bucket=settings.documents_bucket,
            queue_url=settings.documents_queue_url,
            region=settings.aws_region,
            max_bytes=most,
        )
    ]
