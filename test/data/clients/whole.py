"""SOCKET: sends its standard input in one call, which fails when the other side is gone; prints what comes until the end."""

import socket
import sys

with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
    connection.connect(sys.argv[1])
    connection.sendall(sys.stdin.buffer.read())
    connection.shutdown(socket.SHUT_WR)
    while received := connection.recv(65536):
        sys.stdout.buffer.write(received)
