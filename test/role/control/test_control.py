#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The control socket: garbage harms nobody."""
import json
import os
import socket
import sys
import unittest

sys.path.insert(0, "test/role")
from daemon import Daemon  # noqa: E402


class Control(Daemon):
    def test_garbage_on_the_control_socket_harms_nobody(self):
        def send(data):
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(120)
                s.connect(os.path.join(self.state, "control.sock"))
                try:
                    s.sendall(data)
                    s.shutdown(socket.SHUT_WR)
                    return s.recv(65536)
                except OSError:
                    return b""

        self.assertEqual(json.loads(send(b'{"op":"reboot"}\n'))["ok"], False)
        for bad in (b"\n", b"{}\n", b"[]\n", b"nonsense\n", b'{"op":1}\n', b'{"op":"status"', b"x" * 100000,
                    b'{"op":"key_add","id":"x"}\n', b'{"op":"key_add","digest":"zz"}\n', b"\xff\xfe\n",
                    b'{"op":"key_revoke","id":"nosuchid"}\n', b'{"op":"key_list","from":4294967295}\n',
                    b'{"op":"ledger_page","from":9007199254740991,"count":1}\n', b'{"op":"status","op":"stop"}\n'):
            answer = send(bad)
            if answer:
                self.assertIn("ok", json.loads(answer.splitlines()[0]), bad)
        self.assertEqual(self.status()["not_answering"], 0)
        self.assertEqual(self.chat(self.key)[0], 200)
        page = json.loads(send(b'{"op":"ledger_page","from":0,"count":2}\n'))
        self.assertEqual([r["seq"] for r in page["records"]], [0, 1])
        self.assertEqual(os.stat(os.path.join(self.state, "control.sock")).st_mode & 0o777, 0o600)


if __name__ == "__main__":
    unittest.main()
