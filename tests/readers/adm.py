"""Reads an ADM template by its grammar and prints what it offers.

    adm.py FILE VERSION

VERSION is that of the editor: 2 for the poledit of Windows NT 4 and 98, 4 for the Group Policy
editor of Windows XP. One line for each value, in the order of the file:

    class <tab> key <tab> value <tab> what is written

Anything that such an editor would stop at ends the program with a sentence and status 1: a word
that it does not know, a string that is missing or there twice, a text that is too long.
"""

import sys

# The words of each version of the editor, as far as templates of this kind need them.
WORDS = {
    1: {
        "CLASS", "CATEGORY", "KEYNAME", "POLICY", "VALUENAME", "VALUEON", "VALUEOFF", "PART",
        "END", "NUMERIC", "DELETE", "EDITTEXT", "DROPDOWNLIST", "CHECKBOX", "TEXT", "COMBOBOX",
        "LISTBOX", "REQUIRED", "MIN", "MAX", "MAXLEN", "DEFAULT", "ITEMLIST", "NAME", "VALUE",
        "ACTIONLISTON", "ACTIONLISTOFF", "EXPANDABLETEXT",
    },
    3: {"EXPLAIN"},
    4: {"SUPPORTED"},
}
PART_KINDS = {"EDITTEXT", "NUMERIC", "DROPDOWNLIST"}


class Wrong(Exception):
    """What is wrong with the template."""


def text_of(raw, version):
    if raw.startswith(b"\xff\xfe"):
        if version < 3:
            raise Wrong("poledit reads no Unicode")
        return raw[2:].decode("utf-16-le")
    return raw.decode("ascii" if version >= 3 else "cp1252")


def lines_for(text, version):
    """The lines that an editor of this version reads, and the strings."""
    if text.replace("\r\n", "").count("\n"):
        raise Wrong("a line ends without CR LF")
    kept, skipping, in_strings, strings = [], [], False, {}
    for number, line in enumerate(text.split("\r\n"), 1):
        bare = line.strip()
        if bare.startswith("#if"):
            words = bare.split()
            if len(words) != 4 or words[1] != "version" or words[2] not in (">=", "<="):
                raise Wrong(f"line {number}: {bare}")
            wanted = int(words[3])
            skipping.append(version < wanted if words[2] == ">=" else version > wanted)
        elif bare == "#endif":
            skipping.pop()
        elif any(skipping):
            continue
        elif in_strings:
            if not bare or bare.startswith(";"):
                continue
            name, sign, value = bare.partition("=")
            if not sign or not (value.startswith('"') and value.endswith('"') and len(value) > 1):
                raise Wrong(f"line {number}: no string: {bare}")
            if '"' in value[1:-1]:
                raise Wrong(f"line {number}: a quotation mark inside a string")
            if name in strings:
                raise Wrong(f"line {number}: the string {name} is there twice")
            strings[name] = value[1:-1]
        elif bare.lower() == "[strings]":
            in_strings = True
        elif bare and not bare.startswith((";", "//")):
            kept.append((number, bare))
    if skipping:
        raise Wrong("#if without #endif")
    return kept, strings


def tokens_of(lines):
    for number, line in lines:
        at = 0
        while at < len(line):
            if line[at].isspace():
                at += 1
            elif line[at] == '"':
                end = line.find('"', at + 1)
                if end < 0:
                    raise Wrong(f"line {number}: a quotation mark is open")
                yield number, "text", line[at + 1 : end]
                at = end + 1
            elif line[at] == ";":
                break
            else:
                end = at
                while end < len(line) and not line[end].isspace():
                    end += 1
                yield number, "word", line[at:end]
                at = end


class Reader:
    def __init__(self, tokens, strings, version):
        self.tokens, self.at = list(tokens), 0
        self.strings, self.version, self.used = strings, version, set()
        self.known = set().union(*(words for v, words in WORDS.items() if v <= version))
        self.out = []

    def peek(self):
        if self.at < len(self.tokens):
            number, kind, text = self.tokens[self.at]
            return text.upper() if kind == "word" and not text.startswith("!!") else None
        return ""

    def next(self):
        if self.at >= len(self.tokens):
            raise Wrong("the file ends too soon")
        self.at += 1
        return self.tokens[self.at - 1]

    def keyword(self, *allowed):
        number, kind, text = self.next()
        word = text.upper()
        if kind != "word" or word not in self.known:
            raise Wrong(f"line {number}: Unexpected keyword {text}")
        if word not in allowed:
            raise Wrong(f"line {number}: {text} where one of {', '.join(allowed)} belongs")
        return word

    def string(self, longest=255):
        number, kind, text = self.next()
        if kind == "word" and text.startswith("!!"):
            name = text[2:]
            if name not in self.strings:
                raise Wrong(f"line {number}: there is no string {name}")
            self.used.add(name)
            text = self.strings[name]
        elif kind == "word" and text.upper() in self.known:
            raise Wrong(f"line {number}: {text} where a text belongs")
        if len(text) > longest:
            raise Wrong(f"line {number}: a text of {len(text)} characters, of which {longest} fit")
        return text

    def number(self):
        number, kind, text = self.next()
        if kind != "word" or not text.isdigit() or int(text) > 0xFFFFFFFF:
            raise Wrong(f"line {number}: {text} is no number")
        return int(text)

    def data(self):
        """What VALUEON, VALUEOFF and VALUE write."""
        if self.peek() == "NUMERIC":
            self.next()
            return str(self.number())
        if self.peek() == "DELETE":
            self.next()
            return "delete"
        return f'"{self.string()}"'

    def file(self):
        while self.at < len(self.tokens):
            self.keyword("CLASS")
            number, _, name = self.next()
            if name.upper() not in ("MACHINE", "USER"):
                raise Wrong(f"line {number}: no class: {name}")
            while self.peek() == "CATEGORY":
                self.category(name.upper())
        unused = set(self.strings) - self.used
        # What EXPLAIN and SUPPORTED say is there for later editors, too.
        unused = {name for name in unused if not name.endswith(("_explain", "_clients"))}
        if unused:
            raise Wrong(f"strings that nothing uses: {', '.join(sorted(unused))}")

    def category(self, of):
        self.keyword("CATEGORY")
        self.string()
        while self.keyword("POLICY", "END") == "POLICY":
            self.policy(of)
        self.keyword("CATEGORY")

    def policy(self, of):
        title = self.string()
        if not title.strip():
            raise Wrong("a policy without a title")
        key = name = on = off = None
        parts = 0
        while True:
            word = self.keyword(
                "KEYNAME", "VALUENAME", "VALUEON", "VALUEOFF", "EXPLAIN", "SUPPORTED", "PART", "END"
            )
            if word == "KEYNAME":
                key = self.string()
                if key.upper().startswith("HKEY_"):
                    raise Wrong(f"{title}: a key begins below its hive")
            elif word == "VALUENAME":
                name = self.string()
            elif word == "VALUEON":
                on = self.data()
            elif word == "VALUEOFF":
                off = self.data()
            elif word == "EXPLAIN":
                self.string(4096)
            elif word == "SUPPORTED":
                self.string(4096)
            elif word == "PART":
                self.part(of, key)
                parts += 1
            else:
                self.keyword("POLICY")
                break
        if not key:
            raise Wrong(f"{title}: no key")
        if name:
            # Without VALUEON an editor writes 1, without VALUEOFF it removes the value.
            self.out.append((of, key, name, f"on {on or 1}, off {off or 'delete'}"))
        elif not parts:
            raise Wrong(f"{title}: neither a value nor a part")

    def part(self, of, key):
        self.string()
        kind = self.keyword(*PART_KINDS)
        name = default = None
        required, least, most, longest, items = False, None, None, None, []
        while True:
            word = self.keyword(
                "VALUENAME", "REQUIRED", "MIN", "MAX", "MAXLEN", "DEFAULT", "ITEMLIST", "END"
            )
            if word == "VALUENAME":
                name = self.string()
            elif word == "REQUIRED":
                required = True
            elif word == "MIN":
                least = self.number()
            elif word == "MAX":
                most = self.number()
            elif word == "MAXLEN":
                longest = self.number()
            elif word == "DEFAULT":
                default = self.number() if kind == "NUMERIC" else self.string()
            elif word == "ITEMLIST":
                items = self.items()
            else:
                self.keyword("PART")
                break
        if not name or not required:
            raise Wrong(f"a part without a value name, or not required, below {key}")
        if kind == "NUMERIC":
            if default is not None and not least <= default <= most:
                raise Wrong(f"{name}: {default} is not between {least} and {most}")
            what = f"number {least} to {most}, proposed {default}"
        elif kind == "EDITTEXT":
            if longest > 255 and self.version < 3:
                raise Wrong(f"{name}: poledit takes 255 characters")
            if len(default) > longest:
                raise Wrong(f"{name}: the proposal is longer than {longest}")
            what = f"text of {longest}, proposed {default}"
        else:
            proposed = [value for value, is_default in items if is_default]
            if len(proposed) != 1 or not items:
                raise Wrong(f"{name}: {len(proposed)} entries are proposed")
            what = f"one of {' '.join(value for value, _ in items)}, proposed {proposed[0]}"
        self.out.append((of, key, name, what))

    def items(self):
        items = []
        while self.keyword("NAME", "END") == "NAME":
            self.string()
            self.keyword("VALUE")
            value, proposed = self.data(), False
            if self.peek() == "DEFAULT":
                self.next()
                proposed = True
            items.append((value, proposed))
        self.keyword("ITEMLIST")
        return items


def main():
    with open(sys.argv[1], "rb") as file:
        raw = file.read()
    version = int(sys.argv[2])
    try:
        lines, strings = lines_for(text_of(raw, version), version)
        reader = Reader(tokens_of(lines), strings, version)
        reader.file()
    except (Wrong, UnicodeDecodeError) as wrong:
        sys.exit(f"{sys.argv[1]}: {wrong}")
    for line in reader.out:
        print("\t".join(line))


sys.stdout.reconfigure(encoding="utf-8")
main()
