"""Reads the text that LGPO.exe applies: blocks of four lines, blank lines between them, comments.

    lgpo.py FILE

Prints `key <tab> name <tab> action` for each block, the key with its hive. Blanks at the ends of a
line count for nothing, as a cautious reader would have it.
"""

import sys

from registry import escaped

HIVES = {"Computer": "HKLM", "User": "HKCU"}


def main():
    with open(sys.argv[1], "rb") as file:
        raw = file.read()
    text = raw[2:].decode("utf-16-le") if raw.startswith(b"\xff\xfe") else raw.decode("ascii")
    lines = [line.strip() for line in text.split("\r\n")]
    lines = [line for line in lines if line and not line.startswith(";")]
    if len(lines) % 4:
        sys.exit(f"{len(lines)} lines are no blocks of four")
    for hive, key, name, action in zip(*[iter(lines)] * 4):
        if hive not in HIVES or not action.startswith(("DWORD:", "SZ:", "DELETE")):
            sys.exit(f"no block: {hive}, {key}, {name}, {action}")
        print(f"{HIVES[hive]}\\\\{escaped(key)}\t{escaped(name)}\t{escaped(action)}")


sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")
main()
