#!/usr/bin/env python3
"""An S3 server in memory for the tests of vestibule-objects; prints its URL on a free loopback port, and serves."""

import logging
import threading

from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
print(f"http://{host}:{port}", flush=True)
threading.Event().wait()
