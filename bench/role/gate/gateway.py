#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The gateway beside nginx `proxy_pass` in one run: CPU per request of all processes, latency, first token,
a 400 KB conversation, memory, cold start, shared objects. Gateways on core 0, load and upstream on core 1;
pairs in turn, medians. Writes bench/results/gateway.json and prints the table.

usage: gateway.py [--rounds N] [--seconds S] [--quick]"""
import argparse
import glob
import http.client
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(ROOT, "test"))
import harness  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
ANSWER = json.dumps({"id": "chatcmpl-1", "object": "chat.completion", "created": 1790000000, "model": "m", "choices": [
    {"index": 0, "finish_reason": "stop", "logprobs": None, "message": {
        "role": "assistant", "refusal": None, "content": "Here are the three points you asked for. " * 12}}],
    "usage": {"prompt_tokens": 250, "completion_tokens": 100, "total_tokens": 350}})

UPSTREAM = """worker_processes 1; daemon off; pid {d}/up.pid; error_log {d}/up.err;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000; client_max_body_size 64m; client_body_buffer_size 2m;
 client_body_temp_path {d}/a; proxy_temp_path {d}/b; fastcgi_temp_path {d}/c; uwsgi_temp_path {d}/d; scgi_temp_path {d}/e;
 server {{ listen 127.0.0.1:{port}; location / {{ default_type application/json; return 200 '{answer}'; }} }} }}
"""
PROXY = """worker_processes 1; daemon off; pid {d}/px.pid; error_log {d}/px.err;
events {{ worker_connections 4096; }}
http {{ access_log {d}/access.log; keepalive_requests 1000000; client_max_body_size 64m; client_body_buffer_size 2m;
 client_body_temp_path {d}/f; proxy_temp_path {d}/g; fastcgi_temp_path {d}/h; uwsgi_temp_path {d}/i; scgi_temp_path {d}/j;
 upstream u {{ server 127.0.0.1:{up}; keepalive 128; }}
 server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://u; proxy_http_version 1.1;
  proxy_set_header Connection ""; }} }} }}
"""
STREAM_PROXY = """worker_processes 1; daemon off; pid {d}/st.pid; error_log {d}/st.err;
events {{ worker_connections 4096; }}
http {{ access_log {d}/stream.log; keepalive_requests 1000000;
 client_body_temp_path {d}/k; proxy_temp_path {d}/l; fastcgi_temp_path {d}/m; uwsgi_temp_path {d}/n; scgi_temp_path {d}/o;
 upstream u {{ server 127.0.0.1:{up}; keepalive 128; }}
 server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://u; proxy_http_version 1.1;
  proxy_set_header Connection ""; proxy_buffering off; }} }} }}
"""
CONFIG = """version: 1
listen: 127.0.0.1:{port}
gates: {gates}
providers:
  up: {{kind: openai, base_url: "http://127.0.0.1:{stub}/v1", trust: masked, pool: 128}}
models:
  "*": [up/*]
audit: {{mode: batched, on_failure: refuse}}
{extra}
"""


class Up:
    """Stands where harness.Sanctum expects a stub."""
    def __init__(self, port):
        self.port = port


def pinned(core, *argv, **kw):
    return subprocess.Popen(["taskset", "-c", str(core), *argv], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            **kw)


def children(pid):
    out, todo = set(), [pid]
    while todo:
        p = todo.pop()
        out.add(p)
        for path in glob.glob(f"/proc/{p}/task/*/children"):
            try:
                with open(path, encoding="ascii") as f:
                    todo += [int(c) for c in f.read().split()]
            except OSError:
                pass
    return out


def cpu_ns(pids):
    total = 0
    for p in pids:
        for path in glob.glob(f"/proc/{p}/task/*/schedstat"):
            with open(path, encoding="ascii") as f:
                total += int(f.read().split()[0])
    return total


def pss_kb(pids):
    total = 0
    for p in pids:
        with open(f"/proc/{p}/smaps_rollup", encoding="ascii") as f:
            total += int(re.search(r"^Pss:\s+(\d+)", f.read(), re.M).group(1))
    return total


def wait_port(port):
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"nothing listens on {port}")


def load(port, key, connections, seconds, pids):
    """(CPU µs per request, median latency µs, requests)"""
    before = cpu_ns(pids)
    out = subprocess.run(["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
                          "-s", os.path.join(HERE, "wrk_chat.lua"), f"http://127.0.0.1:{port}"],
                         capture_output=True, text=True, check=True, env={**os.environ, "BENCH_KEY": key}).stdout
    time.sleep(0.3)  # the ledger's last batch belongs to this load
    used = cpu_ns(pids) - before
    n = int(re.search(r"(\d+) requests in", out).group(1))
    if "Non-2xx" in out or "Socket errors" in out:
        raise RuntimeError(out)
    p50 = re.search(r"50%\s+([\d.]+)(us|ms|s)", out)
    return used / 1000 / n, float(p50.group(1)) * {"us": 1, "ms": 1000, "s": 1e6}[p50.group(2)], n


def settle(pids):
    """CPU µs of what was left for a quieter time (the tree over the records), once that is done."""
    start = cpu_ns(pids)
    for _ in range(30):
        before = cpu_ns(pids)
        time.sleep(1.2)
        if cpu_ns(pids) - before < 3_000_000:
            break
    return (cpu_ns(pids) - start) / 1000


def ask(conn, path, body, key):
    conn.request("POST", path, body, {"content-type": "application/json", "authorization": "Bearer " + key})
    r = conn.getresponse()
    data = r.read()
    if r.status != 200:
        raise RuntimeError(f"{r.status} {data[:300]}")


def conversation(turns, size):
    words = "The shipment of the spare parts left the warehouse this morning and will arrive on time as agreed. "
    messages = []
    for i in range(turns):
        text = f"Turn {i}: Nora Petersen{i} (nora{i}@example.com) says: " + words * (size // turns // len(words))
        messages.append({"role": "user" if i % 2 == 0 else "assistant", "content": text})
    return messages


def long_conversation(ports, key, rounds):
    """Median ms of a 400 KB request whose last message is new, each port in turn."""
    base = conversation(100, 400_000)
    conns = {p: http.client.HTTPConnection("127.0.0.1", p) for p in ports}
    times = {p: [] for p in ports}
    for i in range(rounds + 2):
        body = json.dumps({"model": "m", "messages": base + [{"role": "user", "content": f"And number {i}, Mr Brown?"}]})
        for p in ports:
            t = time.perf_counter()
            ask(conns[p], "/v1/chat/completions", body, key)
            if i >= 2:
                times[p].append((time.perf_counter() - t) * 1000)
    return {p: statistics.median(v) for p, v in times.items()}


class StubProcess(Up):
    """The stub model in a process of its own: no lock of an interpreter is shared with the client."""
    def __init__(self):
        self.process = subprocess.Popen([sys.executable, "-u", os.path.join(ROOT, "test", "client", "stub_model.py")],
                                        stdout=subprocess.PIPE, text=True)
        super().__init__(int(self.process.stdout.readline().split()[-1]))


def first_token(ports, key, rounds):
    """Median ms to the first event of a stream, each port in turn, and of its differences to the ports before."""
    body = json.dumps({"model": "say", "stream": True, "messages": [{"role": "user", "content":
                       "Tell Anna Kowalska, anna@example.com, +1 415 555 2671, that all is well."}]})

    def once(conn):
        t = time.perf_counter()
        conn.request("POST", "/v1/chat/completions", body,
                     {"content-type": "application/json", "authorization": "Bearer " + key})
        r = conn.getresponse()
        while not r.readline().startswith(b"data:"):
            pass
        took = (time.perf_counter() - t) * 1000
        r.read()
        return took
    conns = [http.client.HTTPConnection("127.0.0.1", p) for p in ports]
    rows = [[once(c) for c in conns] for _ in range(rounds + 5)][5:]
    return [(statistics.median(r[i] for r in rows), [statistics.median(r[i] - r[k] for r in rows) for k in range(i)])
            for i in range(len(ports))]


def first_tokens(mode):
    """Asked of the model itself, through nginx, through sanctum with records in this mode."""
    stub, port = StubProcess(), harness.free_port()
    with tempfile.TemporaryDirectory() as d:
        with open(f"{d}/st.conf", "w", encoding="utf-8") as f:
            f.write(STREAM_PROXY.format(d=d, port=port, up=stub.port))
        proxy = subprocess.Popen(["nginx", "-p", d, "-c", f"{d}/st.conf"], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        try:
            wait_port(port)
            with harness.Sanctum(extra="audit: {mode: %s, on_failure: refuse}" % mode, stub=stub) as s:
                own, nginx, through = first_token((stub.port, port, s.port), s.key, 400)
        finally:
            for p in (proxy, stub.process):
                p.terminate()
                p.wait()
    return {"direct": round(own[0], 3), "nginx": round(nginx[0], 3), "sanctum": round(through[0], 3),
            "nginx_added": round(nginx[1][0], 3), "added": round(through[1][0], 3),
            "added_to_nginx": round(through[1][1], 3)}


def open_streams(port, key, n):
    body = json.dumps({"model": "slow", "stream": True, "messages": [{"role": "user", "content":
                       "Tell Anna Kowalska, anna@example.com, that all is well. " * 20}]}).encode()
    head = (f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n").encode()
    socks = []
    for _ in range(n):
        s = socket.create_connection(("127.0.0.1", port))
        s.sendall(head + body)
        socks.append(s)
    for s in socks:
        s.recv(1024)
    return socks


def cold_start():
    """ms from exec to the first answer of /health, the state there already."""
    s = harness.Sanctum(gates=2)
    s.__enter__()
    times = []
    for _ in range(7):
        s.process.send_signal(signal.SIGTERM)
        s.process.wait(20)
        t = time.perf_counter()
        s.process = subprocess.Popen([harness.PROGRAM, "serve", "--config", s.config_path, "--state", s.state],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                c = socket.create_connection(("127.0.0.1", s.port), 1)
                c.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                if c.recv(4096).startswith(b"HTTP/1.1 200"):
                    break
            except OSError:
                time.sleep(0.0005)
        times.append((time.perf_counter() - t) * 1000)
    s.__exit__()
    return statistics.median(times)


def shared_objects(exe):
    out = subprocess.run(["ldd", os.path.join(harness.BUILD, "libexec", exe)], capture_output=True, text=True,
                         check=True).stdout
    return len([line for line in out.splitlines() if "=>" in line])


def memory():
    with harness.Sanctum(gates=2) as s:
        time.sleep(0.5)
        idle = pss_kb(children(s.process.pid))
        socks = open_streams(s.port, s.key, 1000)
        time.sleep(0.5)
        busy = pss_kb(children(s.process.pid))
        for c in socks:
            c.close()
    return idle / 1024, busy / 1024


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--rounds", type=int, default=5)
    ap.add_argument("--seconds", type=int, default=2)
    ap.add_argument("--quick", action="store_true", help="CPU at c=16 only")
    a = ap.parse_args()
    result = {"date": time.strftime("%Y-%m-%d"), "rounds": a.rounds, "load_before": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as d:
        up, px = harness.free_port(), harness.free_port()
        for name, text in (("up", UPSTREAM.format(d=d, port=up, answer=ANSWER.replace("'", ""))),
                           ("px", PROXY.format(d=d, port=px, up=up))):
            with open(f"{d}/{name}.conf", "w", encoding="utf-8") as f:
                f.write(text)
        upstream = pinned(1, "nginx", "-p", d, "-c", f"{d}/up.conf")
        proxy = pinned(0, "nginx", "-p", d, "-c", f"{d}/px.conf")
        wait_port(up)
        wait_port(px)
        try:
            with harness.Sanctum(config=CONFIG, stub=Up(up)) as s:
                for p in children(s.process.pid):
                    os.sched_setaffinity(p, {0})
                ours, theirs = children(s.process.pid), children(proxy.pid)
                for c in (16,) if a.quick else (1, 16, 64):
                    rows, later = [], []
                    for _ in range(a.rounds):
                        rows.append((load(px, s.key, c, a.seconds, theirs), load(s.port, s.key, c, a.seconds, ours)))
                        later.append(settle(ours) / rows[-1][1][2])
                    result[f"c{c}"] = {
                        "nginx_cpu_us": round(statistics.median(r[0][0] for r in rows), 2),
                        "sanctum_cpu_us": round(statistics.median(r[1][0] for r in rows), 2),
                        "sanctum_later_us": round(statistics.median(later), 2),
                        "cpu_ratio": round(statistics.median(r[1][0] / r[0][0] for r in rows), 2),
                        "nginx_p50_us": statistics.median(r[0][1] for r in rows),
                        "sanctum_p50_us": statistics.median(r[1][1] for r in rows),
                        "latency_ratio": round(statistics.median(r[1][1] / r[0][1] for r in rows), 2)}
                    print(f"c={c}", result[f"c{c}"], flush=True)
                if not a.quick:
                    t = long_conversation((px, s.port), s.key, 15)
                    result["conversation_400k_ms"] = {"nginx": round(t[px], 2), "sanctum": round(t[s.port], 2),
                                                      "added": round(t[s.port] - t[px], 2)}
                    print(result["conversation_400k_ms"], flush=True)
        finally:
            proxy.terminate()
            upstream.terminate()
    if not a.quick:
        for mode in ("batched", "durable"):  # durable: the record is on disk before a byte goes to the provider
            name = "first_token_ms" if mode == "batched" else "first_token_durable_ms"
            result[name] = first_tokens(mode)
            print(mode, result[name], flush=True)
        idle, busy = memory()
        result["memory_mb"] = {"idle": round(idle, 1), "streams_1000": round(busy, 1)}
        result["cold_start_ms"] = round(cold_start(), 1)
        result["shared_objects"] = {"gate": shared_objects("sanctum-gate")}
        os.makedirs(os.path.join(ROOT, "bench", "results"), exist_ok=True)
        with open(os.path.join(ROOT, "bench", "results", "gateway.json"), "w", encoding="utf-8") as f:
            json.dump(result, f, indent=1)
            f.write("\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
