"""SOCKET REQUEST...: as SPDK's rpc.py does it: pretty-printed, no newline, each piece received is decoded by itself."""

import json
import socket
import sys


def read_reply(connection):
    buffer = ""
    decoder = json.JSONDecoder()
    while True:
        received = connection.recv(4096)
        if not received:
            sys.exit(f"connection closed with partial response: {buffer!r}")
        buffer += received.decode("utf-8")
        try:
            reply, _ = decoder.raw_decode(buffer.lstrip())
            return reply
        except ValueError:
            continue


path, *requests = sys.argv[1:]
connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
connection.connect(path)
for request in requests:
    connection.sendall(json.dumps(json.loads(request), indent=2).encode("utf-8"))
    print(json.dumps(read_reply(connection)))
connection.shutdown(socket.SHUT_RDWR)
connection.close()
