"""SOCKET REQUEST...: what most people write first: one request a line, one line read for each."""

import json
import socket
import sys

path, *requests = sys.argv[1:]
with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
    connection.connect(path)
    with connection.makefile("rw", encoding="utf-8") as stream:
        for request in requests:
            stream.write(request + "\n")
            stream.flush()
            print(json.dumps(json.loads(stream.readline())))
