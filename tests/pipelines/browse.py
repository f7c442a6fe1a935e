"""Opens a page in headless Chromium, with a script of the test's added, and prints what that script reports.

usage: browse.py URL SCRIPT [DIR]

URL is fetched from here and given to the browser with SCRIPT at its end; everything else that the page asks for comes
from the same place. With DIR, pages are files in that folder, and URL is a path such as /index.html. The script calls
report (VALUE) once; VALUE is printed as JSON.
"""
import http.server
import json
import mimetypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request

reported = threading.Event()
value = None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, kind, body, location=None):
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def fetch(self, body=None, method=None):
        """Status, type, body and location of what the page asks for."""
        path = urllib.parse.urlsplit(self.path).path
        if folder:
            try:
                with open(os.path.join(folder, path.lstrip("/")), "rb") as f:
                    return 200, mimetypes.guess_type(path)[0] or "application/octet-stream", f.read(), None
            except OSError:
                return 404, "text/plain", b"", None
        request = urllib.request.Request(urllib.parse.urljoin(url, path), data=body, method=method)
        if body is not None:
            request.add_header("Content-Type", self.headers["Content-Type"])
        try:
            with urllib.request.urlopen(request) as f:
                return f.status, f.headers["Content-Type"] or "", f.read(), f.headers["Location"]
        except urllib.error.HTTPError as e:
            return e.code, "text/plain", e.read(), None

    def do_GET(self):
        status, kind, body, _ = self.fetch()
        if kind.startswith("text/html"):
            body += b"<script>const report = (v) => fetch('/report', {method: 'POST', body: JSON.stringify(v)});\n"
            body += script + b"</script>"
        self.answer(status, kind, body)

    def do_DELETE(self):
        self.answer(*self.fetch(method="DELETE"))

    def do_POST(self):
        global value
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/report":
            value = json.loads(body)
            self.answer(200, "text/plain", b"")
            reported.set()
        else:
            self.answer(*self.fetch(body))

    def log_message(self, *args):
        pass


url = sys.argv[1]
with open(sys.argv[2], "rb") as f:
    script = f.read()
folder = sys.argv[3] if len(sys.argv) > 3 else ""
mimetypes.add_type("application/vnd.apple.mpegurl", ".m3u8")
mimetypes.add_type("video/mp2t", ".ts")
class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # the browser leaves as it likes


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = urllib.parse.urljoin("http://127.0.0.1:%d/" % server.server_port, urllib.parse.urlsplit(url).path)
with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
    browser = subprocess.Popen(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--autoplay-policy=no-user-gesture-required", "--user-data-dir=" + profile, address],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        good = reported.wait(45)
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        browser.wait()
print(json.dumps(value) if good else "the page reported nothing")
sys.exit(not good)
