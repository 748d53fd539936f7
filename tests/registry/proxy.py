"""A proxy in front of a registry that misbehaves as it is told: it cuts, slows, corrupts,
refuses, sends elsewhere and lies.

Each request goes through `Proxy.rule(request)`, which a test sets; it returns None to pass the
request on, or an Act. What was asked, and with which headers, stands in `Proxy.seen`.
"""
import http.client
import http.server
import threading
import time


class Act:
    """What becomes of one answer. Fields that are None leave it as it is."""

    def __init__(self, status=None, headers=None, body=None, cut=None, corrupt=None, slow=None,
                 length=None, replace=None, hang=None):
        self.status = status      # instead of asking the registry
        self.headers = headers or {}
        self.body = body or b""
        self.cut = cut            # close the connection after so many bytes of the body
        self.corrupt = corrupt    # flip a bit of that byte
        self.slow = slow          # seconds between pieces of 16 KiB
        self.length = length      # what Content-Length says
        self.replace = replace or {}  # headers of the registry's answer; None: left out; or made of what it says
        self.hang = hang          # seconds of silence before the answer


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self):
        proxy = self.server.proxy
        size = int(self.headers.get("Content-Length") or 0)
        self.sent = self.rfile.read(size)
        with proxy.lock:
            proxy.seen.append((self.command, self.path, dict(self.headers)))
            act = (proxy.rule and proxy.rule(self)) or Act()
        if act.hang:
            time.sleep(act.hang)
        if act.status:
            return self.give(act.status, act.headers, act.body, act)
        upstream = http.client.HTTPConnection("127.0.0.1", proxy.upstream, timeout=20)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        headers["Host"] = self.headers["Host"]
        upstream.request(self.command, self.path, body=self.sent or None, headers=headers)
        got = upstream.getresponse()
        body = got.read()
        kept = {k: v for k, v in got.getheaders() if k.lower() not in ("connection", "transfer-encoding")}
        upstream.close()
        self.give(got.status, kept, body, act)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = answer

    def give(self, status, headers, body, act):
        names = {k.lower() for k in act.replace}
        kept = {k.lower(): v for k, v in headers.items()}
        headers = {k: v for k, v in headers.items() if k.lower() not in names}
        headers |= {k: v(kept.get(k.lower(), "")) if callable(v) else v for k, v in act.replace.items() if v is not None}
        if act.corrupt is not None and len(body) > act.corrupt:
            body = bytearray(body)
            body[act.corrupt] ^= 0x40
            body = bytes(body)
        if self.command != "HEAD" or "Content-Length" not in headers:
            headers["Content-Length"] = str(len(body))
        if act.length is not None:
            headers["Content-Length"] = str(act.length)
        self.send_response(status)
        for name, value in headers.items():
            for one in value if isinstance(value, list) else [value]:
                self.send_header(name, one)
        self.end_headers()
        if self.command == "HEAD":
            return
        end = len(body) if act.cut is None else min(act.cut, len(body))
        for at in range(0, end, 16384):
            self.wfile.write(body[at:min(at + 16384, end)])
            if act.slow:
                self.wfile.flush()
                time.sleep(act.slow)
        if end < len(body) or (act.length is not None and act.length != len(body)):
            self.wfile.flush()
            self.close_connection = True

    def handle(self):
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # several connections at once: none is to wait for a lost SYN


class Proxy:
    def __init__(self, upstream):
        self.upstream, self.rule, self.seen = upstream, None, []
        self.lock = threading.RLock()
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.proxy = self
        self.port = self.server.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def set(self, rule):
        with self.lock:
            self.rule, self.seen = rule, []

    def asked(self, part, method=None):
        with self.lock:
            return [s for s in self.seen if part in s[1] and method in (None, s[0])]
