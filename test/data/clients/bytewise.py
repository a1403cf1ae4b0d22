"""SOCKET REQUEST...: each byte in a packet of its own, half-closed after the last; prints what comes until the end."""

import socket
import sys
import time

path, *requests = sys.argv[1:]
with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
    connection.connect(path)
    for byte in "\n".join(requests).encode("utf-8"):
        connection.sendall(bytes([byte]))
        time.sleep(0.005)
    connection.shutdown(socket.SHUT_WR)
    while received := connection.recv(1):
        sys.stdout.buffer.write(received)
