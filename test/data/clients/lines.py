"""SOCKET REQUEST...: sends all requests at once, then takes line after line until each is answered."""

import json
import socket
import sys

path, *requests = sys.argv[1:]
with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
    connection.connect(path)
    connection.sendall("".join(request + "\n" for request in requests).encode())
    waiting = {json.loads(request)["id"] for request in requests}
    with connection.makefile("r", encoding="utf-8") as stream:
        for line in stream:
            message = json.loads(line)
            print(json.dumps(message))
            waiting.discard(message.get("id"))
            if not waiting:
                break
if waiting:
    sys.exit(f"the connection ended before {sorted(waiting)} came")
