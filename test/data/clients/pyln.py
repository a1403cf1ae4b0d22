"""SOCKET REQUEST...: as pyln-client does it: a connection for each call, no newline, a reply ends in an empty line."""

import json
import socket
import sys


def read_reply(connection):
    buffer = b""
    while b"\n\n" not in buffer:
        received = connection.recv(max(1024, len(buffer)))
        if not received:
            sys.exit(f"connection to RPC server lost after {buffer!r}")
        buffer += received
    reply, end = json.JSONDecoder().raw_decode(buffer.decode("utf-8"))
    rest = buffer.decode("utf-8")[end:]
    if rest != "\n\n":
        sys.exit(f"more than one reply: {rest!r}")
    return reply


path, *requests = sys.argv[1:]
for request in requests:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(path)
        connection.sendall(json.dumps(json.loads(request), ensure_ascii=False).encode("utf-8"))
        print(json.dumps(read_reply(connection)))
