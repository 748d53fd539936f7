"""An engine that lies: HTTP over a Unix socket, with answers that a test sets."""
import http.server
import json
import pathlib
import re
import socketserver
import threading
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def address_string(self):
        return "unix"

    def do_GET(self):
        path = re.sub(r"^/v1\.\d+", "", self.path.split("?")[0])
        self.server.asked.append(f"{self.command} {path}")
        answer = self.server.answers.get(path, {"status": 404, "json": {"message": "no such thing"}})
        self.give(**answer)

    do_POST = do_DELETE = do_PUT = do_HEAD = do_GET

    def give(self, status=200, json=None, body=b"", length=None, chunked=False, endless=None, wait=0, trickle=None):
        """`length`: what Content-Length says; `endless`: bytes sent again and again; `wait`: seconds before
        anything comes; `trickle`: seconds between two bytes."""
        if json is not None:
            body = encode(json)
        time.sleep(wait)
        self.send_response(status)
        if endless is not None or chunked:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        try:
            self.end_headers()
            if trickle:
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(trickle)
            else:
                self.wfile.write(body)
            while endless is not None:
                self.wfile.write(endless)
        except OSError:
            pass
        self.close_connection = True


def encode(value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 32


class Fake:
    """Answers by path; those of an image are filled in by image()."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self.socket = pathlib.Path(folder) / "engine.sock"
        self.server = Server(str(self.socket), Handler)
        self.server.asked = []
        self.server.answers = {"/version": {"json": {"ApiVersion": "1.41"}}}
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def variables(self):
        return {"DOCKER_HOST": f"unix://{self.socket}", "CONTAINER_HOST": f"unix://{self.socket}.not"}

    @property
    def asked(self):
        return self.server.asked

    def answer(self, path, **how):
        self.server.answers[path] = how

    def image(self, name, inspected, archive):
        """As the real engine told of it, and sent it."""
        self.answer(f"/images/{name}/json", json=inspected)
        self.answer(f"/images/{inspected['Id']}/json", json=inspected)
        self.answer(f"/images/{inspected['Id']}/get", body=archive)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
