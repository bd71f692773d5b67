"""Serves moto with the ECR extension on a free loopback port, or on the HOST and PORT given, says so in one JSON line, and ends
with its standard input."""

import json
import os
import sys
import threading

import ecr_extension  # noqa: F401 (completes moto when it is imported)
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server


def end_with_input():
    # A parent that is killed cannot stop its children, but its end of the pipe closes.
    sys.stdin.read()
    os._exit(0)


host, port = sys.argv[1:] or ("127.0.0.1", 0)
server = make_server(
    host,
    int(port),
    DomainDispatcherApplication(create_backend_app),
    threaded=True,
    request_handler=MotoRequestHandler,
)
threading.Thread(target=end_with_input, daemon=True).start()
print(json.dumps({"url": f"http://{host}:{server.server_port}"}), flush=True)
server.serve_forever()
