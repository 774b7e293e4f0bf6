"""Merges registry files into a fresh hive with hivexregedit and prints what is there then.

    hive.py FILE...

hivexregedit wants UTF-8 and keys whose parents exist: both are seen to. After each file the hive
is printed, `key <tab> name <tab> type <tab> data in hex` for each value, then `end`.
"""

import os
import struct
import subprocess
import sys
import tempfile

import hivex

from registry import Registry, escaped


def fresh():
    """A hive of one empty root key."""
    name = b"root"
    key = struct.pack(
        "<2sHQIIIIIIIIIIIIIIIHH", b"nk", 0x2C, 0, 0, 0xFFFFFFFF, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, 0,
        0xFFFFFFFF, 0x20 + 0x60, 0xFFFFFFFF, 0, 0, 0, 0, 0, len(name), 0,
    ) + name
    security = struct.pack("<BBHIIII", 1, 0, 0x8000, 0, 0, 0, 0)
    own = 0x20 + 0x60
    guard = struct.pack("<2sHIIII", b"sk", 0, own, own, 1, len(security)) + security
    cells = b""
    for cell, size in ((key, 0x60), (guard, 0x30)):
        cells += (struct.pack("<i", -size) + cell).ljust(size, b"\0")
    page = struct.pack("<4sIIQQI", b"hbin", 0, 0x1000, 0, 0, 0) + cells
    page += struct.pack("<i", 0x1000 - len(page))
    page = page.ljust(0x1000, b"\0")
    head = struct.pack("<4sIIQIIIIIII", b"regf", 1, 1, 0, 1, 3, 0, 1, 0x20, 0x1000, 1)
    head = head.ljust(0x1FC, b"\0")
    checksum = 0
    for (word,) in struct.iter_unpack("<I", head):
        checksum ^= word
    return (head + struct.pack("<I", checksum)).ljust(0x1000, b"\0") + page


def text_of(raw):
    text = raw[2:].decode("utf-16-le") if raw.startswith(b"\xff\xfe") else raw.decode("cp1252")
    return text.replace("\r\n", "\n")


def parents(text):
    """A registry file that makes every key of another one, the upper ones first."""
    known, lines = set(), ["REGEDIT4", ""]
    for line in text.split("\n"):
        if not line.startswith("[") or line.startswith("[-"):
            continue
        parts = line.strip()[1:-1].split("\\")
        for count in range(1, len(parts) + 1):
            path = "\\".join(parts[:count])
            if path.lower() not in known:
                known.add(path.lower())
                lines += [f"[{path}]", ""]
    return "\n".join(lines) + "\n"


def merge(hive, text, folder):
    path = os.path.join(folder, "x.reg")
    for part in (parents(text), text):
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(part)
        done = subprocess.run(
            ["hivexregedit", "--merge", hive, path], capture_output=True, text=True,
            env={**os.environ, "PERL_UNICODE": "SD"}, check=False,
        )
        if done.returncode:
            sys.exit(f"hivexregedit: {done.stderr}")


def print_hive(path):
    hive = hivex.Hivex(path)

    def walk(node, key):
        for value in sorted(hive.node_values(node), key=lambda it: hive.value_key(it).lower()):
            kind, data = hive.value_value(value)
            name = escaped(hive.value_key(value))
            print(f"{escaped(Registry.path(key))}\t{name}\t{kind}\t{data.hex()}")
        for child in hive.node_children(node):
            name = hive.node_name(child)
            walk(child, f"{key}\\{name}" if key else name)

    walk(hive.root(), "")
    print("end")


def main():
    with tempfile.TemporaryDirectory() as folder:
        hive = os.path.join(folder, "hive")
        with open(hive, "wb") as file:
            file.write(fresh())
        for path in sys.argv[1:]:
            with open(path, "rb") as file:
                merge(hive, text_of(file.read()), folder)
            print_hive(hive)


sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")
main()
