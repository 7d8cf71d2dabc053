"""``python -m knowledgeweaver``: serve until SIGTERM, then finish what is under way."""

from __future__ import annotations

import os
import sys

import uvicorn

from knowledgeweaver.api import Background, create_app
from knowledgeweaver.graph.login import secret_versions
from knowledgeweaver.graph.neo4j import Neo4jStore
from knowledgeweaver.graph.port import GraphStore
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.settings import Settings, SettingsError

# ECS sends SIGTERM and kills after the task's stopTimeout (30 s unless set); be done before.
GRACE_SECONDS = 20


def open_store(settings: Settings) -> GraphStore:
    """Neo4j where one is set, else the embedded store."""
    if settings.neo4j_uri is not None:
        secret = settings.neo4j_secret_id
        return Neo4jStore(
            settings.neo4j_uri,
            settings.neo4j_username,
            settings.neo4j_password,
            secret_versions(secret, settings.region) if secret else None,
        )
    return SqliteStore(settings.database_path)


def uploads(settings: Settings, store: GraphStore) -> list[Background]:
    """The consumer of uploaded documents, where there is a queue of them."""
    if not settings.documents_queue_url:
        return []
    # half a second to load, which only those should wait for who need it
    from knowledgeweaver.uploads.consumer import UploadsConsumer

    return [
        UploadsConsumer(
            store,
            bucket=settings.documents_bucket,
            queue_url=settings.documents_queue_url,
            region=settings.region,
            max_bytes=settings.max_document_bytes,
        )
    ]


def main() -> int:
    """Start the server; 2 when the environment is wrong."""
    try:
        settings = Settings.read(os.environ)
    except SettingsError as error:
        print(f"knowledgeweaver: {error}", file=sys.stderr)
        return 2
    store = open_store(settings)
    uvicorn.run(
        create_app(settings, store, *uploads(settings, store)),
        host=settings.host,
        port=settings.port,
        timeout_graceful_shutdown=GRACE_SECONDS,
        access_log=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
