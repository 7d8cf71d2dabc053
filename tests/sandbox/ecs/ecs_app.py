"""The tiny application that the data plane's tests run: its program, its image."""

from __future__ import annotations

from pathlib import Path

from sandbox.layout import ACCOUNT, REGION

REPOSITORY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/tiny"
APP = """
import http.server, os, signal, sys, threading, time
if os.environ.get("MODE") == "crash":
    print("boom: it cannot start", flush=True)
    sys.exit(3)
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        status, body = 200, os.environ.get("VERSION", "none")
        if self.path == "/health" and os.environ.get("MODE") == "never-healthy":
            status = 503
        if self.path.startswith("/slow/"):
            time.sleep(float(self.path[6:]))
        if self.path.startswith("/env/"):
            body = os.environ.get(self.path[5:], "(unset)")
        if self.path == "/die":
            os._exit(7)
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.path.startswith("/late-body/"):
            time.sleep(float(self.path[11:]))
        self.wfile.write(data)
    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def log_message(self, *args): pass
class Server(http.server.ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128
server = Server((os.environ["HOST"], int(os.environ["PORT"])), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print("listening, version", os.environ.get("VERSION"), flush=True)
server.serve_forever(0.05)
print("goodbye", flush=True)
"""
DOCKERFILE = """
FROM python:3.11-slim AS build
RUN echo nothing
FROM python:3.11-slim
ARG VERSION=none
WORKDIR /srv
ENV VERSION=${VERSION} HOST=0.0.0.0 PORT=8000 FILES=/srv/files
COPY . .
USER 10001
EXPOSE 8000
CMD ["python", "-m", "tiny"]
"""


def tiny_app(folder: Path) -> Path:
    """Write the app's build context."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiny.py").write_text(APP)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    return folder


def image(version: str) -> str:
    return f"{REPOSITORY}:{version}"
