"""Carries out the calls of our scripts for the Windows Script Host, on a registry in memory.

    vbs.py FILE...

The files run one after the other, and after each one the registry is printed, one value a line.
Read are the calls outside of procedures, by the rules of VBScript for comments, texts and
numbers; what is no such call ends the reader with a sentence and status 1.
"""

import re
import sys

from registry import Registry

FRAME = re.compile(
    r"(Option Explicit|Dim [\w, ]+|Set shell = CreateObject\(\"WScript\.Shell\"\)|\w+ = (0|\"\")"
    r"|If failures > 0 Then|WScript\.\w+ .*|End If)\Z"
)
KINDS = {"REG_SZ": 1, "REG_EXPAND_SZ": 2, "REG_DWORD": 4}


class Wrong(Exception):
    """What is wrong with the script."""


def text_of(raw):
    if raw.startswith(b"\xff\xfe"):
        return raw[2:].decode("utf-16-le")
    return raw.decode("ascii")


def tokens(line):
    """Words, texts, numbers and commas; a comment ends the line."""
    at = 0
    while at < len(line):
        sign = line[at]
        if sign in " \t":
            at += 1
        elif sign == "'":
            return
        elif sign == '"':
            text, at = "", at + 1
            while True:
                end = line.find('"', at)
                if end < 0:
                    raise Wrong(f"a text is open: {line}")
                text += line[at:end]
                at = end + 1
                if line[at : at + 1] != '"':
                    break
                text += '"'
                at += 1
            yield "text", text
        elif sign == ",":
            yield "comma", sign
            at += 1
        else:
            found = re.compile(r"&H[0-9A-F]+|-?[0-9]+|\w+").match(line, at)
            if not found:
                raise Wrong(f"{sign} in: {line}")
            at = found.end()
            if found[0].startswith("&H"):
                number = int(found[0][2:], 16)
                # Four digits are a whole number of 16 bits, eight one of 32, both with a sign.
                bits = 16 if len(found[0]) <= 6 else 32
                yield "number", number - (1 << bits) if number >> (bits - 1) else number
            elif found[0].lstrip("-").isdigit():
                yield "number", int(found[0])
            else:
                yield "word", found[0]


def run(text, registry):
    if text.replace("\r\n", "").count("\n"):
        raise Wrong("a line ends without CR LF")
    inside = False
    for line in text.split("\r\n"):
        bare = line.strip()
        if inside or bare.startswith(("Sub ", "Function ")):
            inside = bare not in ("End Sub", "End Function")
        elif bare and not bare.startswith("'") and not FRAME.match(bare):
            call(list(tokens(bare)), bare, registry)


def call(found, line, registry):
    kind, name = found[0]
    commas = [kind for kind, _ in found[2::2]]
    parts = found[1::2]
    if kind != "word" or commas != ["comma"] * (len(parts) - 1):
        raise Wrong(f"no call: {line}")
    kinds, parts = [kind for kind, _ in parts], [value for _, value in parts]
    if name == "WriteValue" and kinds in (["text"] * 3, ["text", "number", "text"]):
        path, data, word = parts
        if (word == "REG_DWORD") != isinstance(data, int):
            raise Wrong(f"{word} of {data!r}: {line}")
        # The last backslash ends the key.
        key, _, value = path.rpartition("\\")
        registry.put(key, value, KINDS[word], data)
    elif name == "RemoveValue" and kinds == ["text"]:
        key, _, value = parts[0].rpartition("\\")
        if not value:
            raise Wrong(f"RegDelete takes the whole key: {line}")
        registry.remove(key, value)
    elif name == "RemoveDefault" and kinds == ["number", "text", "text"]:
        root, hive, key = parts
        if root != {"HKEY_LOCAL_MACHINE": -0x7FFFFFFE, "HKEY_CURRENT_USER": -0x7FFFFFFF}[hive]:
            raise Wrong(f"{root} is not {hive}: {line}")
        registry.remove(f"{hive}\\{key}", "")
    else:
        raise Wrong(f"no call: {line}")


def main():
    registry = Registry()
    for path in sys.argv[1:]:
        with open(path, "rb") as file:
            try:
                run(text_of(file.read()), registry)
            except (Wrong, UnicodeDecodeError) as wrong:
                sys.exit(f"{path}: {wrong}")
        for line in registry.lines():
            print(line)
        print("end")


sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")
main()
