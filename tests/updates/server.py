"""A server of files that knows ETags, conditions and ranges, and misbehaves as it is told.

`Server.rule(request)`, which a test sets, is asked first: what it returns, an Act, changes the
answer; None leaves it as it is. What was asked, and with which headers, stands in `Server.seen`.
"""
import hashlib
import http.server
import re
import threading
import time


class Act:
    def __init__(self, status=None, headers=None, body=b"", cut=None, slow=None, drop=(), endless=False):
        self.status = status          # instead of the file
        self.headers = headers or {}  # besides those of the answer, or in their place
        self.body = body
        self.cut = cut                # close the connection after so many bytes of the body
        self.slow = slow              # seconds between pieces of 16 KiB
        self.drop = drop              # headers of the request that the server does not know
        self.endless = endless        # noise without an end, and without a length


def etag_of(body):
    return '"' + hashlib.sha256(body).hexdigest()[:16] + '"'


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        server = self.server.owner
        with server.lock:
            server.seen.append((self.path, dict(self.headers)))
            act = (server.rule and server.rule(self)) or Act()
        if act.endless:
            return self.noise()
        if act.status:
            return self.give(act.status, act.headers, act.body, act)
        if self.path not in server.files:
            return self.give(404, {}, b"no such file", act)
        self.file(server.files[self.path], act)

    def asked(self, name, act):
        return None if name in act.drop else self.headers.get(name)

    def file(self, body, act):
        etag = act.headers.get("ETag", etag_of(body))
        headers = {"ETag": etag, "Accept-Ranges": "bytes", **act.headers}
        if etag and self.asked("If-None-Match", act) == etag:
            return self.give(304, headers, b"", act)
        asked = re.fullmatch(r"bytes=(\d+)-", self.asked("Range", act) or "")
        condition = self.asked("If-Range", act)
        if not asked or (condition and condition != etag):
            return self.give(200, headers, body, act)
        first = int(asked[1])
        if first >= len(body):
            return self.give(416, {**headers, "Content-Range": f"bytes */{len(body)}"}, b"", act)
        self.give(206, {**headers, "Content-Range": f"bytes {first}-{len(body) - 1}/{len(body)}"}, body[first:], act)

    def give(self, status, headers, body, act):
        self.send_response(status)
        if status != 304:
            headers = {"Content-Length": str(len(body)), **headers}
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        end = len(body) if act.cut is None else min(act.cut, len(body))
        for at in range(0, end, 16384):
            self.wfile.write(body[at:min(at + 16384, end)])
            if act.slow:
                self.wfile.flush()
                time.sleep(act.slow)
        self.wfile.flush()
        self.close_connection = self.close_connection or end < len(body)

    def noise(self):
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        block = b"x" * 1048576
        while True:
            self.wfile.write(block)

    def handle(self):
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            pass


class Threads(http.server.ThreadingHTTPServer):
    daemon_threads = True


class Server:
    def __init__(self, files):
        self.files, self.rule, self.seen = files, None, []
        self.lock = threading.RLock()
        self.server = Threads(("127.0.0.1", 0), Handler)
        self.server.owner = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def set(self, rule=None):
        with self.lock:
            self.rule, self.seen = rule, []

    def asked(self, path, header=None):
        """How often a path was asked for; the values of a header of those that had it."""
        with self.lock:
            of_path = [headers for p, headers in self.seen if p == path]
        return len(of_path) if header is None else [h[header] for h in of_path if header in h]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def in_turn(*acts):
    """One act an answer, then none."""
    left = list(acts)
    return lambda request: left.pop(0) if left else None
