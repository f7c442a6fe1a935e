"""Tests of the WebSocket server, one function each. usage: protocol.py PORT PID NAME [ARGUMENT...]

The server has the folder that websocket.sh makes. What a test measures it prints.
"""
import http.client
import inspect
import json
import os
import selectors
import signal
import struct
import sys
import time

from wsclient import Client, Closed

PORT, PID = int(sys.argv[1]), int(sys.argv[2])
TONE, LIGHT = "ev023_m60", "ev117_m50_pf"


def status(name):
    with open("/proc/%d/status" % PID) as f:
        return next(int(line.split()[1]) for line in f if line.startswith(name + ":"))


def memory():
    """KiB"""
    return status("VmRSS")


def descriptors():
    return len(os.listdir("/proc/%d/fd" % PID))


def connect(**options):
    client = Client(PORT, **options)
    assert client.status == 101, client.status
    welcome = client.expect("welcome")
    assert welcome["sampleRate"] == 48000 and welcome["message"], welcome
    return client


def wait_for(what, seconds=10):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited %g s: %s" % (seconds, inspect.getsource(what).strip())
        time.sleep(0.02)


def drain(client, seconds):
    """Frames (48000 a second) and messages that come within some time without an answer."""
    frames, messages = 0, []
    client.socket.settimeout(seconds)
    try:
        while True:
            message = client.receive()
            if isinstance(message, bytes):
                frames += len(message) // 4
            else:
                messages.append(message)
    except TimeoutError:
        return frames, messages


def sent(client, seconds, request=1):
    """Seconds of a sound that are sent: at least so many, and what follows soon."""
    frames, end = 0, time.monotonic() + 20
    client.socket.settimeout(20)
    while frames < seconds * 48000:
        assert time.monotonic() < end, frames
        message = client.receive()
        if isinstance(message, dict) and message["type"] == "chunk" and message["requestId"] == request:
            frames += message["samples"]
    frames += sum(m["samples"] for m in drain(client, 0.3)[1] if m["type"] == "chunk" and m["requestId"] == request)
    return frames / 48000


def get(path, method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()


# ---- what it is for


def same_bits(*pairs):
    """GENOME=FILE...: what comes is what is in the file, in all three ways."""
    client = connect()
    for pair in pairs:
        genome, name = pair.split("=", 1)
        with open(name, "rb") as f:
            wanted = f.read()
        for members in {}, {"format": "json"}, {"batch": True}, {"batch": True, "format": "json"}:
            client.render(genome, genomeId=genome, duration=2, **members)
            if "batch" in members:
                result = client.expect("batch-result")
                assert result["samples"] == 96000 and result["duration"] == 2, result["samples"]
                samples = (struct.pack("<96000f", *result["data"]) if "format" in members
                           else client.receive())
                complete = client.expect("complete")
            else:
                samples, chunks, complete = client.play()
                assert complete["totalChunks"] == len(chunks)
            assert samples == wanted, "%s %s differs" % (genome, members)
            assert complete["requestId"] == genome and complete["totalSamples"] == 96000
            assert complete["duration"] == 2 and complete["sampleRate"] == 48000
    print("%d genomes, 4 ways each" % len(pairs))


def fields():
    client = connect()
    client.render("a \"name\" \u2713", genomeId=TONE, duration=3)
    samples, chunks, complete = client.play()
    total = 0
    for i, chunk in enumerate(chunks):
        assert set(chunk) == {"type", "requestId", "index", "timestamp", "sampleRate", "samples"}
        assert chunk["requestId"] == "a \"name\" \u2713" and chunk["index"] == i
        assert abs(chunk["timestamp"] - total / 48000) < 1e-9, chunk
        assert chunk["sampleRate"] == 48000 and chunk["samples"] <= 24000
        total += chunk["samples"]
    assert chunks[0]["samples"] == 1920, chunks[0]
    assert total * 4 == len(samples) and total == complete["totalSamples"] == 144000
    client.render(7.5, genomeId=TONE, duration=0.1, format="json")
    chunk = client.expect("chunk")
    assert chunk["requestId"] == 7.5 and len(chunk["data"]) == chunk["samples"] == 1920


def inline_genome(name):
    with open(name) as f:
        text = f.read()
    client = connect()
    for genome in json.loads(text), text:
        client.render(1, genome=genome, duration=1)
        inline, _, _ = client.play()
        client.render(2, genomeId="tone", duration=1)
        assert client.play()[0] == inline and any(inline)


def ahead(seconds):
    """Stays that far ahead of the position, to within one chunk."""
    seconds = float(seconds)
    client = connect()
    client.render(1, genomeId=TONE, duration=20)
    have, chunk = sent(client, seconds), 0.5
    assert have <= seconds + chunk, have
    print("without a position %.2f s come" % have)
    client.send({"type": "playback-position", "position": 1.25})
    have += sent(client, seconds + 1.25 - have)
    assert have <= seconds + 1.25 + chunk, have
    # Nobody can have played what was not sent.
    client.send({"type": "playback-position", "position": 1e6})
    more = sent(client, seconds)
    assert more <= seconds + chunk, more
    client.send({"type": "playback-position", "position": -5})
    assert drain(client, 0.3) == (0, [])
    # Less, when the client wants less; never more.
    for request, wanted, least in (2, 0.25, 0.25), (3, 1000, seconds):
        client.render(request, genomeId=TONE, duration=20, ahead=wanted)
        have = sent(client, least, request)
        assert have <= least + max(least / 4, 0.04) + 1e-6, (wanted, have)


def replaced():
    client = connect()
    for i in range(12):
        client.render(i, genomeId=TONE if i % 2 else "tone", duration=20 if i < 11 else 1)
    seen = []
    while True:
        message = client.receive()
        if isinstance(message, bytes):
            continue
        seen.append(message["requestId"])
        assert seen == sorted(seen), "chunks of an older sound: %s" % seen
        if message["type"] == "complete":
            break
        assert message["type"] == "chunk", message
    assert message["requestId"] == 11 and message["totalSamples"] == 48000, message


def changed():
    def play(change):
        client.render(1, genomeId=TONE, duration=4, ahead=0.3)
        samples, n = [], 0
        while True:
            message = client.receive()
            if message["type"] == "complete":
                return b"".join(samples)
            samples.append(client.receive())
            n += message["samples"]
            if change and n > 48000:
                client.send(change)
                change = None
            client.send({"type": "playback-position", "position": n / 48000 - 0.1})

    client = connect()
    plain = play(None)
    for change in {"noteDelta": 5}, {"velocity": 0.3}, {"noteDelta": -7, "velocity": 0.5}:
        other = play(dict(change, type="change", requestId=1))
        assert len(other) == len(plain)
        first = next(i for i in range(0, len(plain), 4) if plain[i:i + 4] != other[i:i + 4]) / 4 / 48000
        print("%s asked for at 1.0 s is in the samples from %.2f s on" % (change, first))
        assert 1.0 <= first <= 1.8, first
    # What has just ended, or was never there, cannot be changed, and that is no mistake.
    client.send({"type": "change", "requestId": "other", "noteDelta": 3})
    client.send({"type": "change", "noteDelta": 3})
    assert drain(client, 0.3) == (0, [])


def stopped():
    client = connect()
    threads = status("Threads")
    client.render(1, genomeId=TONE, duration=20)
    client.expect("chunk")
    client.send({"type": "stop", "requestId": "other"})
    client.send({"type": "playback-position", "position": 1})
    sent(client, 1.9)
    client.send({"type": "stop", "requestId": 1})
    time.sleep(0.3)
    drain(client, 0.1)
    client.send({"type": "playback-position", "position": 3})
    assert drain(client, 0.5) == (0, [])
    wait_for(lambda: status("Threads") <= threads + 8)
    client.render(2, genomeId=TONE, duration=0.5)
    assert client.play()[2]["totalSamples"] == 24000


def folder_changes(folder):
    client = connect()
    name = os.path.join(folder, "new one.json")
    client.render(1, genomeId="new one")
    assert "no genome \"new one\"" in client.expect("error")["message"]
    with open(os.path.join(folder, "tone.json")) as f, open(name, "w") as g:
        g.write(f.read())
    client.render(2, genomeId="new one", duration=0.2)
    assert client.play()[2]["totalSamples"] == 9600
    assert "new one" in json.loads(get("/genomes")[2])["genomes"]
    os.remove(name)
    assert "new one" not in json.loads(get("/genomes")[2])["genomes"]


def database(*ids):
    assert json.loads(get("/genomes")[2])["genomes"] == sorted(ids)
    client = connect()
    for genome in ids:
        client.render(1, genomeId=genome, duration=0.5)
        assert client.play()[2]["totalSamples"] == 24000
    client.render(2, genomeId="none")
    error = client.expect("error")["message"]
    assert "none" in error and "/" not in error, error
    print(error)


def listed(*ids):
    """These and perhaps others are there and play."""
    genomes = json.loads(get("/genomes")[2])["genomes"]
    for genome in ids:
        assert genome in genomes, genomes
        client = connect()
        client.render(1, genomeId=genome, duration=0.5)
        assert any(client.play()[0])


# ---- the page's side


def http_server():
    code, headers, body = get("/")
    assert code == 200 and b"<title>kromo" in body and headers["Content-Type"].startswith("text/html")
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    for path in "style.css", "page.js", "stream.js", "scope.js", "ring.js", "icon.svg":
        code, headers, body = get("/" + path)
        assert code == 200 and len(body) > 200, path
        assert b"http://" not in body.replace(b"http://www.w3.org/2000/svg", b""), path
        assert b"https://" not in body, path
    code, headers, body = get("/genomes")
    listed = json.loads(body)
    assert code == 200 and TONE in listed["genomes"] and "tone" in listed["genomes"]
    assert listed["genomes"] == sorted(listed["genomes"]) and ".hidden" not in listed["genomes"]
    assert listed["maxDuration"] > 0 and listed["ahead"] > 0
    assert get("/", "HEAD")[0] == 200 and get("/", "HEAD")[2] == b""
    for path in "/none", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/genomes/tone.json", "//etc/passwd":
        assert get(path)[0] == 404, path
    for method in "POST", "PUT", "DELETE", "OPTIONS":
        assert get("/genomes", method)[0] == 405, method


def origins(other):
    own = "127.0.0.1:%d" % PORT
    for host, origin, wanted in (
            (own, None, 101), (own, "http://" + own, 101), (own, other, 101),
            ("localhost:%d" % PORT, "http://localhost:%d" % PORT, 101),
            ("[::1]:%d" % PORT, "http://[::1]:%d" % PORT, 101),
            (other.split("//")[1], other, 101),
            (own, "http://evil.example", 403), (own, "null", 403),
            (own, "http://127.0.0.1:%d" % (PORT + 1), 403), (own, "http://localhost:%d" % PORT, 403),
            ("evil.example:%d" % PORT, "http://evil.example:%d" % PORT, 403),
            ("evil.example", None, 403), ("127.0.0.1@evil.example", None, 403), ("", None, 403)):
        client = Client(PORT, host=host, origin=origin) if host else None
        code = client.status if client else get("/", Host="")[0]
        assert code == wanted, (host, origin, code)
    assert get("/genomes", Origin="http://evil.example")[0] == 403
    assert get("/genomes", Host="evil.example")[0] == 403
    assert get("/genomes", Origin=other)[1]["Access-Control-Allow-Origin"] == other


# ---- what goes wrong


def mistakes(max_duration):
    client = connect()
    render = {"type": "render", "requestId": 1, "genomeId": TONE}
    deep = b'{"type":"render","x":' + b"[" * 100000 + b"]" * 100000 + b"}"
    table = [
        (b"", "must be a JSON object"), (b"hello", "must be a JSON object"), (b"[]", "JSON object"),
        (b"null", "JSON object"), (b"{", "not valid JSON"), (b'{"a":1', "not valid JSON"),
        (b"{'a':1}", "not valid JSON"), (b'{"a":}', "not valid JSON"), (b'{"a":1}{}', "behind"),
        (b'{"type":"render"\0}', "zero byte"), (deep, "nested too deeply"),
        (b'{"x":"' + b"y" * 5000 + b'"}', "too long"), (b"{}", "type must be"),
        ({"type": "sing"}, "type must be"), ({"type": 5}, "type must be"), ({"type": {}}, "type must be"),
        ({"type": "render"}, "either genomeId or genome"),
        (dict(render, genome={}), "either genomeId or genome"),
        (dict(render, genomeId=5), "genomeId must be a string"),
        (dict(render, genomeId=[]), "genomeId must be a string"),
        (dict(render, genomeId="x" * 300), "longer than"),
        (dict(render, requestId={}), "requestId must be"), (dict(render, requestId=True), "requestId must"),
        (dict(render, requestId="x" * 300), "requestId is longer"),
        (b'{"type":"render","requestId":1e999}', "requestId is a number that would not come back"),
        (b'{"type":"render","requestId":1e22}', "requestId is a number that would not come back"),
        (b'{"type":"render","requestId":18446744073709551616}', "too many digits"),
        (dict(render, duration="4"), "duration must be a number"),
        (dict(render, duration=True), "duration must be a number"),
        (dict(render, duration=-1), "duration is -1"),
        (dict(render, duration=float(max_duration) + 1), "must be between 0 and " + max_duration),
        (b'{"type":"render","genomeId":"tone","duration":1e999}', "duration is inf"),
        (b'{"type":"render","genomeId":"tone","duration":NaN}', "not valid JSON"),
        (dict(render, noteDelta=129), "noteDelta is 129; it must be between -128 and 128 semitones"),
        (dict(render, noteDelta="up"), "noteDelta must be a number"),
        (dict(render, velocity=1.01), "velocity is 1.01"), (dict(render, velocity=[1]), "velocity must"),
        (dict(render, ahead=0), "ahead is 0"), (dict(render, format="wav"), "format must be"),
        (dict(render, format=1), "format must be"), (dict(render, batch=1), "batch must be true or false"),
        ({"type": "playback-position"}, "position must be"),
        ({"type": "playback-position", "position": "1"}, "position must be"),
        (b'{"type":"playback-position","position":1e999}', "position is inf"),
        ({"type": "change", "noteDelta": 1000}, "noteDelta is 1000"),
        ({"type": "change", "velocity": {}}, "velocity must be"),
    ]
    for message, wanted in table:
        client.send(message)
        error = client.expect("error")
        assert wanted in error["message"], (message if len(message) < 500 else "...", error)
    client.send(dict(render, noteDelta=500))
    assert client.expect("error")["requestId"] == 1
    client.send(b'{"type":"render","requestId":"\\ud800"}')
    assert client.expect("error")["message"]
    client.send_frame(2, b"\0\1\2")
    assert "must be JSON text" in client.expect("error")["message"]
    # A mistake does not end what plays, and the connection lives on.
    client.render(2, genomeId=TONE, duration=1)
    client.send(dict(render, duration=-1))
    messages = drain(client, 1)[1]
    assert [m["type"] for m in messages if m["type"] != "chunk"] in (["error", "complete"],
                                                                      ["complete", "error"]), messages
    print("%d mistakes" % (len(table) + 4))


def no_paths():
    client = connect()
    for genome in ("../outside", "..", ".", "", "/etc/passwd", "a/../tone", "./tone", "tone.json", ".hidden",
                   "%2e%2e/outside", "..\\outside", "tone\u0000", "sub/inner", "sub", "outside"):
        client.render(1, genomeId=genome)
        if genome == "tone\u0000":  # JSON's zero ends a string here
            client.play()
            continue
        error = client.expect("error")["message"]
        assert error.startswith("There is no genome \""), error


def own_words(*pairs):
    """GENOME=WORDS...: the element's words, without the folder."""
    client = connect()
    for pair in pairs:
        genome, words = pair.split("=", 1)
        client.render(genome, genomeId=genome)
        error = client.expect("error")
        assert error["requestId"] == genome and error["message"] == words, error
        print(error["message"])
    client.render(1, genomeId="tone", duration=1e-9)
    assert client.expect("error")["message"].startswith("duration is 1 ns, less than one sample")
    for genome, words in ({}, "$: is no genome"), (5, "$: "), ("{", "$: not JSON"), ([[]], "$: "):
        client.render(1, genome=genome)
        error = client.expect("error")["message"]
        assert words in error, error


def hostile_frames(max_genome_bytes):
    limit = int(max_genome_bytes)

    def ends(client, codes):
        try:
            while True:
                client.receive()
        except Closed as closed:
            assert closed.code in codes, closed
        except ConnectionError:
            pass

    before = memory()
    for claim in limit + 100000, 1 << 31, 1 << 62:
        client = connect()
        client.send_frame(1, b"{", claim=claim)
        ends(client, (1009, None))
    client = connect()
    client.send_frame(1, b"\xff\xfe{}")
    ends(client, (1007, None))
    for opcode in 3, 7, 11, 15:
        client = connect()
        client.send_frame(opcode, b"{}")
        ends(client, (1002, None))
    client = connect()
    client.send_frame(9, bytes(126))
    ends(client, (1002, None))
    client = connect()
    client.send_frame(0, b"{}")
    ends(client, (1002, None))
    client = connect()
    client.send_frame(1, b"{}", mask=False)
    ends(client, (1002, None))
    # A message in fragments without an end
    client = connect()
    piece, sent = b"[" * 16384, 0
    client.send_frame(1, b"{", final=False)
    try:
        for sent in range(20000):
            client.send_frame(0, piece, final=False)
        raise AssertionError("%d MB of fragments were taken" % (20000 * 16384 >> 20))
    except OSError:
        pass
    print("fragments were taken up to %d KiB; memory grew by %d KiB" % (sent * 16, memory() - before))
    assert sent * 16384 < 2 * limit + (8 << 20)  # and what the kernels hold
    # Pings without reading what they are answered with
    client = connect(receive_buffer=4096)
    client.socket.settimeout(1)
    pings, sent = (b"\x89\xe4" + bytes(104)) * 5000, 0
    try:
        for sent in range(200):
            client.socket.sendall(pings)
        raise AssertionError("100 MB of pings were taken")
    except OSError:
        pass
    grown = memory() - before
    print("pings were taken up to %d KiB; memory grew by %d KiB in all" % (sent * len(pings) >> 10, grown))
    assert grown < 16 << 10, grown
    # Half a head, and silence
    client = connect()
    client.socket.sendall(b"\x81")
    connect().close()


def oversized(max_genome_bytes):
    limit = int(max_genome_bytes)
    client = connect()
    client.render(1, genome={"x": "y" * (limit - 9)})
    assert "is no genome" in client.expect("error")["message"]
    client.render(1, genome={"x": "y" * (limit - 8)})
    assert "at most %d are taken" % limit in client.expect("error")["message"]
    try:
        client.render(1, genome={"x": "y" * (limit + 10000)})
        client.receive()
    except (Closed, ConnectionError):
        return
    raise AssertionError("a message beyond the limit was answered")


def too_many(places):
    clients = [connect() for _ in range(int(places))]
    for _ in range(3):
        client = Client(PORT)
        client.expect("welcome")
        assert "All %s places are taken" % places in client.expect("error")["message"]
        try:
            client.receive()
            raise AssertionError("it was not closed")
        except Closed as closed:
            assert closed.code == 1008, closed
        client.close()
    clients.pop().close()

    def has_place():
        client = Client(PORT)
        client.expect("welcome")
        client.socket.settimeout(0.1)
        try:
            return not client.receive()
        except TimeoutError:
            return True
        finally:
            client.close()
    wait_for(has_place)


def too_fast(rate):
    """Who sends too fast is read no faster than that; nothing is lost."""
    client, other, rate = connect(), connect(), float(rate)
    n = int(6 * rate)
    start = time.monotonic()
    client.socket.settimeout(20)
    for _ in range(n):
        client.send({"type": "playback-position", "position": 0})
    client.render(1, genomeId=TONE, duration=0.1)
    other.render(1, genomeId=TONE, duration=0.1)
    other.play()
    prompt = time.monotonic() - start
    assert client.play()[2]["totalSamples"] == 4800
    took = time.monotonic() - start
    print("%d messages at a limit of %g/s took %.1f s; another client waited %.2f s" % (n, rate, took, prompt))
    assert 3 < took < 15 and prompt < took - 0.5, (took, prompt)


def stalled(timeout):
    """Who reads nothing, or reports nothing, is let go and costs nothing afterwards."""
    timeout = float(timeout)
    warm = connect()
    warm.render(1, genomeId=LIGHT, duration=5)
    warm.play()
    warm.close()
    time.sleep(0.5)
    before, files = memory(), descriptors()
    # Their sockets take little, and they say that they have played everything. All that they ask for is 100 MB.
    deaf = [connect(receive_buffer=4096) for _ in range(3)]
    for client in deaf:
        client.socket.settimeout(0.2)
        client.render(1, genomeId=LIGHT, duration=60, format="json")
    peak = 0
    for i in range(10):
        for client in deaf:
            try:
                client.send({"type": "playback-position", "position": 1000})
            except OSError:
                pass
        time.sleep(0.1)
        peak = max(peak, memory() - before)
    print("3 clients that do not read hold %d KiB" % peak)
    assert peak < 40 << 10, peak
    batch = connect(receive_buffer=4096)
    batch.render(1, genomeId=LIGHT, duration=20, format="json", batch=True)
    time.sleep(1)
    print("one that does not read a batch holds %d KiB more" % (memory() - before - peak))
    silent = connect()
    silent.render(1, genomeId=LIGHT, duration=5)
    start = time.monotonic()
    while True:
        message = silent.receive()
        if isinstance(message, dict) and message["type"] == "error":
            break
    took = time.monotonic() - start
    assert "has not moved for %g s" % timeout in message["message"], message
    assert timeout <= took <= timeout + 2.5, took
    wait_for(lambda: descriptors() <= files + 1, 3 * timeout + 5)
    silent.render(2, genomeId=TONE, duration=0.5)
    assert silent.play()[2]["totalSamples"] == 24000
    silent.close()
    wait_for(lambda: descriptors() <= files, 5)
    wait_for(lambda: memory() - before < 8 << 10, 5)
    print("afterwards %+d KiB" % (memory() - before))


def silent(timeout):
    """Who does not even answer pings is let go; who does may stay."""
    client, polite = connect(), connect()
    end = time.monotonic() + 2 * float(timeout) + 2.5
    polite.socket.settimeout(0.2)
    while time.monotonic() < end:
        try:
            polite.receive()
        except TimeoutError:
            pass
    assert polite.pings >= 2, polite.pings
    polite.socket.settimeout(10)
    polite.render(1, genomeId=TONE, duration=0.1)
    polite.play()
    client.socket.settimeout(1)
    while client.socket.recv(4096):
        pass


def leaving(n):
    def come_and_go(times):
        for i in range(times):
            client = connect()
            client.render(i, genomeId=TONE, duration=8, batch=i % 3 == 0)
            if i % 2:
                client.receive()
            client.close()

    # Renders that are cut off at any moment. First some, for the allocator to have its pools.
    come_and_go(40)
    time.sleep(1)
    before, threads, files = memory(), status("Threads"), descriptors()
    come_and_go(int(n))
    wait_for(lambda: descriptors() <= files)
    wait_for(lambda: status("Threads") <= threads + 8)
    time.sleep(0.5)
    print("%s clients left in the middle: memory %+d KiB, threads %+d, descriptors %+d" % (
        n, memory() - before, status("Threads") - threads, descriptors() - files))
    assert memory() - before < 12 << 10


def crowd(n, seconds, pair):
    """So many at once, each playing in real time: all the right bits, none too late."""
    n, seconds = int(n), float(seconds)
    genome, name = pair.split("=", 1)
    with open(name, "rb") as f:
        wanted = f.read()
    before = memory()
    clients = [connect() for _ in range(n)]
    selector = selectors.DefaultSelector()
    state = {}
    start = time.monotonic()
    for client in clients:
        client.render(1, genomeId=genome, duration=seconds, ahead=1)
        client.socket.setblocking(False)
        selector.register(client.socket, selectors.EVENT_READ, client)
        state[client] = {"samples": bytearray(), "first": None, "late": 0.0, "done": False, "said": 0}
    peak = 0
    with open("/proc/%d/stat" % PID) as f:
        cpu = sum(map(int, f.read().split()[13:15]))
    while not all(s["done"] for s in state.values()):
        assert time.monotonic() - start < seconds + 60
        for key, _ in selector.select(0.02):
            read(key.data, state[key.data])
        now = time.monotonic()
        for client, s in state.items():
            if s["first"] is None or s["done"]:
                continue
            position, have = now - s["first"], len(s["samples"]) / 192000
            s["late"] = max(s["late"], min(position, seconds) - have)
            if now - s["said"] > 0.05:
                s["said"] = now
                client.send({"type": "playback-position", "position": position})
        peak = max(peak, memory())
    took = time.monotonic() - start
    with open("/proc/%d/stat" % PID) as f:
        cpu = (sum(map(int, f.read().split()[13:15])) - cpu) / os.sysconf("SC_CLK_TCK")
    assert all(s["samples"] == wanted for s in state.values()), "samples differ"
    first = sorted(s["first"] - start for s in state.values())
    print("%d clients for %g s: first samples after %.0f ms (median) to %.0f ms, latest chunk %+.0f ms, "
          "%.1f s of CPU, peak %d KiB more" % (n, seconds, 1000 * first[n // 2], 1000 * first[-1],
                                               1000 * max(s["late"] for s in state.values()), cpu,
                                               peak - before))
    # Nothing here waits for anything but the processor, and that may be busy with other things.
    assert took < seconds + 30


def read(client, s):
    """What has come of one of the crowd, without waiting."""
    try:
        while True:
            data = client.socket.recv(1 << 18)
            if not data:
                raise Closed()
            client.pending += data
    except BlockingIOError:
        pass
    while True:
        data = client.pending
        if len(data) < 2:
            return
        extra = {126: 2, 127: 8}.get(data[1], 0)
        if len(data) < 2 + extra:
            return
        length = int.from_bytes(data[2:2 + extra], "big") if extra else data[1]
        if len(data) < 2 + extra + length:
            return
        opcode, payload = data[0] & 15, data[2 + extra:2 + extra + length]
        client.pending = data[2 + extra + length:]
        if opcode == 2:
            s["first"] = s["first"] or time.monotonic()
            s["samples"] += payload
        elif opcode == 1:
            message = json.loads(payload)
            assert message["type"] in ("chunk", "complete"), message
            s["done"] |= message["type"] == "complete"


def goes_away():
    """The server is told to end while two play."""
    clients = [connect(), connect()]
    for client in clients:
        client.render(1, genomeId=TONE, duration=5)
        client.expect("chunk")
    os.kill(PID, signal.SIGINT)
    for client in clients:
        try:
            while True:
                client.receive()
        except Closed as closed:
            assert closed.code == 1001, closed


def dies(n):
    """The server is killed while so many play: each of them notices, and soon."""
    clients = [connect() for _ in range(int(n))]
    for client in clients:
        client.render(1, genomeId=TONE, duration=60)
        client.expect("chunk")
    os.kill(PID, signal.SIGKILL)
    start = time.monotonic()
    for client in clients:
        try:
            while True:
                client.receive()
        except (Closed, ConnectionError):
            pass
    assert time.monotonic() - start < 10


if __name__ == "__main__":
    globals()[sys.argv[3]](*sys.argv[4:])
