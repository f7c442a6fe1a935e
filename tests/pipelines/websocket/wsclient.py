"""A WebSocket client that can also misbehave. Blocking; only what the tests need."""
import base64
import json
import os
import socket
import struct


class Closed(Exception):
    """The server closed the connection; code is that of its close frame, or None."""

    def __init__(self, code=None):
        super().__init__("closed with code %s" % code)
        self.code = code


class Client:
    def __init__(self, port, host=None, origin=None, timeout=20, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.pending = b""
        self.pings = 0
        self.status = self._shake_hands(host or "127.0.0.1:%d" % port, origin)

    def _shake_hands(self, host, origin):
        lines = [
            "GET / HTTP/1.1", "Host: " + host, "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(),
        ]
        if origin:
            lines.append("Origin: " + origin)
        self.socket.sendall("\r\n".join(lines + ["", ""]).encode())
        while b"\r\n\r\n" not in self.pending:
            data = self.socket.recv(4096)
            if not data:
                raise Closed()
            self.pending += data
        head, self.pending = self.pending.split(b"\r\n\r\n", 1)
        return int(head.split()[1])

    def close(self):
        self.socket.close()

    # ---- frames

    def send_frame(self, opcode, payload, final=True, claim=None, mask=True):
        """claim: the length that the head says, when it is not the payload's."""
        length = len(payload) if claim is None else claim
        head = bytes([opcode | (0x80 if final else 0)])
        bit = 0x80 if mask else 0
        if length < 126:
            head += bytes([bit | length])
        elif length < 65536:
            head += bytes([bit | 126]) + struct.pack(">H", length)
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", length)
        # A mask of zeros is a mask.
        self.socket.sendall(head + (bytes(4) if mask else b"") + payload)

    def _read(self, n):
        while len(self.pending) < n:
            data = self.socket.recv(max(65536, n - len(self.pending)))
            if not data:
                raise Closed()
            self.pending += data
        data, self.pending = self.pending[:n], self.pending[n:]
        return data

    def receive_frame(self):
        first, length = self._read(2)
        if length == 126:
            length, = struct.unpack(">H", self._read(2))
        elif length == 127:
            length, = struct.unpack(">Q", self._read(8))
        return first & 15, self._read(length)

    def receive(self):
        """The next message: a dict, or bytes."""
        while True:
            opcode, payload = self.receive_frame()
            if opcode == 1:
                return json.loads(payload)
            if opcode == 2:
                return payload
            if opcode == 8:
                raise Closed(struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else None)
            if opcode == 9:
                self.pings += 1
                self.send_frame(10, payload)

    # ---- the protocol

    def send(self, message):
        self.send_frame(1, message if isinstance(message, bytes) else json.dumps(message).encode())

    def render(self, request_id=1, **members):
        self.send(dict(members, type="render", requestId=request_id))

    def expect(self, kind):
        message = self.receive()
        if not isinstance(message, dict) or message.get("type") != kind:
            shown = message if isinstance(message, dict) else "%d bytes" % len(message)
            raise AssertionError("expected %s, got %s" % (kind, shown))
        return message

    def play(self, report=True):
        """Receives a sound to its end: (bytes of all samples, chunks, complete)."""
        samples, chunks = [], []
        while True:
            message = self.receive()
            if message["type"] == "complete":
                return b"".join(samples), chunks, message
            if message["type"] != "chunk":
                raise AssertionError("expected chunk, got %s" % message)
            chunks.append(message)
            if "data" in message:
                samples.append(struct.pack("<%df" % len(message["data"]), *message["data"]))
            else:
                samples.append(self.receive())
            if report:
                end = message["timestamp"] + message["samples"] / message["sampleRate"]
                self.send({"type": "playback-position", "position": end})
