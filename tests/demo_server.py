# SPDX-License-Identifier: Apache-2.0
"""Says that it is alive, and who and where it is.

usage: demo_server.py PORT WORKDIR
"""
import http.server
import json
import os
import platform
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answers = {
            "/alive": {"status": "ok"},
            "/server_info": {"uid": os.getuid(), "gid": os.getgid(), "cwd": os.getcwd(),
                             "python": platform.python_version()},
        }
        body = json.dumps(answers.get(self.path, {"error": "not found"})).encode()
        self.send_response(200 if self.path in answers else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


os.chdir(sys.argv[2])
http.server.ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1])), Handler).serve_forever()
