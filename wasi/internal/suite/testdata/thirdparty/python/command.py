"""A command, for componentize-py."""

import hashlib
import json
import os
import sys
import time

from wit_world import exports


class Run(exports.Run):
    def run(self) -> None:
        print("arguments:", json.dumps(sys.argv))
        print("environment:", json.dumps(dict(os.environ)))
        print("this century:", time.time() > 946684800)
        print("sha256:", hashlib.sha256(sys.stdin.buffer.read()).hexdigest())
        for name in sorted(os.listdir("/")):
            print("in /:", name)
        with open("/note.txt") as f:
            print("note.txt:", f.read().strip())
        try:
            open("/../secret.txt")
        except OSError as e:
            print("not /../secret.txt:", e.strerror)
        print("to stderr", file=sys.stderr)
        sys.stdout.flush()
