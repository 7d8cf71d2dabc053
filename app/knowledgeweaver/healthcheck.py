"""``python -m knowledgeweaver.healthcheck``: 0 when this container's process is alive."""

from __future__ import annotations

import http.client
import os
import sys


def main() -> int:
    """Ask the process next door; standard library only, so that it starts fast."""
    host = os.environ.get("HOST", "127.0.0.1")
    host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    try:
        connection = http.client.HTTPConnection(
            host, int(os.environ.get("PORT", "8000")), timeout=3
        )
        connection.request("GET", "/health/live")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(f"not alive: {error}", file=sys.stderr)
        return 1
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
