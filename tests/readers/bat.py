"""Runs batch files as cmd.exe reads them, on a registry in memory.

    bat.py [--deny KEY]... FILE...

The files run one after the other. After each one the registry is printed, one value a line, then
`exit N` and what the file said, a line each after `said `. Only the commands that our files use
are known; any other one ends the reader with a sentence and status 1.
"""

import sys

from registry import Registry

LONGEST = 8191


class Wrong(Exception):
    """What cmd.exe would make of the line that its author did not mean."""


def expanded(line, variables):
    """Percent signs, before anything else is read: quotation marks do not matter to them."""
    out, at = "", 0
    while at < len(line):
        if line[at] != "%":
            out += line[at]
            at += 1
        elif line.startswith("%%", at):
            out += "%"
            at += 2
        else:
            end = line.find("%", at + 1)
            if end < 0:
                at += 1
            else:
                out += variables.get(line[at + 1 : end].lower(), "")
                at = end + 1
    return out


def tokens(line):
    """Operators and words; a word keeps its quotation marks. `^` takes the next sign as it is."""
    found, word, quoted, at = [], "", False, 0

    def end():
        nonlocal word
        if word:
            found.append(("word", word))
        word = ""

    while at < len(line):
        sign = line[at]
        if sign == '"':
            quoted = not quoted
            word += sign
        elif quoted:
            word += sign
        elif sign == "^":
            at += 1
            word += line[at : at + 1]
        elif sign in " \t":
            end()
            found.append(("blank", sign))
        elif sign in "&|":
            end()
            twice = line.startswith(sign * 2, at)
            found.append(("op", sign * 2 if twice else sign))
            at += twice
        elif sign in "()":
            end()
            found.append(("op", sign))
        elif sign in "<>":
            handle = word if word in ("1", "2") else None
            if handle is None:
                end()
            word = ""
            to = at + 1
            if line.startswith("&", to):
                to += 2
            else:
                while to < len(line) and line[to] not in ' \t&|)<>"':
                    to += 1
            found.append(("redirect", (handle or "1", line[at + 1 : to])))
            at = to - 1
        else:
            word += sign
        at += 1
    if quoted:
        raise Wrong(f"a quotation mark is open: {line}")
    end()
    return found


def arguments(words):
    """As programs of Windows split their command line: \\" is a quotation mark."""
    text = "".join(text for _, text in words)
    found, word, inside, quoted, at = [], "", False, False, 0
    while at < len(text):
        slashes = 0
        while text[at : at + 1] == "\\":
            slashes += 1
            at += 1
        if slashes:
            inside = True
            if text[at : at + 1] == '"':
                word += "\\" * (slashes // 2)
                if slashes % 2:
                    word += '"'
                    at += 1
                    continue
            else:
                word += "\\" * slashes
                continue
        sign = text[at : at + 1]
        if sign == '"':
            quoted, inside = not quoted, True
        elif sign in (" ", "\t") and not quoted:
            if inside:
                found.append(word)
            word, inside = "", False
        else:
            word, inside = word + sign, True
        at += 1
    if inside:
        found.append(word)
    return found


class Exit(Exception):
    def __init__(self, status):
        super().__init__()
        self.status = status


class Shell:
    def __init__(self, registry):
        self.registry, self.variables, self.said = registry, {}, []

    def run(self, text):
        if text.replace("\r\n", "").count("\n"):
            raise Wrong("a line ends without CR LF")
        try:
            for line in text.split("\r\n"):
                if len(line) > LONGEST:
                    raise Wrong(f"a line of {len(line)} characters")
                bare = line.strip()
                if bare.lower().startswith("rem ") or bare.lower() == "rem" or not bare:
                    if any(sign in bare for sign in "%^&|<>"):
                        raise Wrong(f"cmd.exe acts on a sign of this remark: {bare}")
                    continue
                found = tokens(expanded(line.lstrip("@"), self.variables))
                at, _ = self.sequence(found, 0, True)
                if at != len(found):
                    raise Wrong(f"something is left of: {line}")
        except Exit as done:
            return done.status
        return 0

    def skip(self, found, at):
        while at < len(found) and found[at][0] == "blank":
            at += 1
        return at

    def operator(self, found, at):
        at = self.skip(found, at)
        return (found[at][1], at + 1) if at < len(found) and found[at][0] == "op" else (None, at)

    def sequence(self, found, at, live):
        at, well = self.either(found, at, live)
        while True:
            operator, after = self.operator(found, at)
            if operator != "&":
                return at, well
            at, well = self.either(found, after, live)

    def either(self, found, at, live):
        at, well = self.both(found, at, live)
        while True:
            operator, after = self.operator(found, at)
            if operator != "||":
                return at, well
            at, other = self.both(found, after, live and not well)
            well = well or other

    def both(self, found, at, live):
        at, well = self.one(found, at, live)
        while True:
            operator, after = self.operator(found, at)
            if operator != "&&":
                return at, well
            at, other = self.one(found, after, live and well)
            well = well and other

    def one(self, found, at, live):
        operator, after = self.operator(found, at)
        if operator == "(":
            at, well = self.sequence(found, after, live)
            operator, after = self.operator(found, at)
            if operator != ")":
                raise Wrong("a bracket is open")
            return after, well
        if operator:
            raise Wrong(f"{operator} stands where a command belongs")
        at = self.skip(found, at)
        words = []
        while at < len(found) and found[at][0] != "op":
            if found[at][0] != "redirect":
                words.append(found[at])
            elif found[at][1][1] not in ("nul", "&1", "&2"):
                raise Wrong(f"something is written to {found[at][1][1]}")
            at += 1
        return at, self.command(words) if live else False

    def command(self, words):
        if not words:
            raise Wrong("a command is empty")
        name = words[0][1].lower()
        rest = "".join(text for _, text in words[1:]).strip()
        if name == "echo":
            if rest.lower() != "off":
                self.said.append(rest)
            return True
        if name == "setlocal":
            return rest == "DisableDelayedExpansion"
        if name == "set":
            variable, _, value = rest.partition("=")
            self.variables[variable.lower()] = value
            return True
        if name == "exit":
            raise Exit(int(rest.split()[-1]))
        if name == "reg":
            return self.reg(arguments(words[1:]))
        raise Wrong(f"cmd.exe looks for a program {words[0][1]}")

    def reg(self, words):
        order, key, options = words[0].lower(), words[1], words[2:]
        if order == "query" and key == "HKCU" and not options:
            return True
        if not key.startswith(("HKLM\\", "HKCU\\")) or key.endswith("\\"):
            raise Wrong(f"reg takes {key} for no key")
        name = kind = data = None
        forced = False
        while options:
            option = options.pop(0).lower()
            if option == "/ve":
                name = ""
            elif option == "/f":
                forced = True
            elif option in ("/v", "/t", "/d"):
                value = options.pop(0)
                name, kind, data = {
                    "/v": (value, kind, data),
                    "/t": (name, value, data),
                    "/d": (name, kind, value),
                }[option]
            else:
                raise Wrong(f"reg knows no {option}")
        if order == "query":
            return self.registry.has(key, name)
        if not forced or name is None:
            raise Wrong("reg would ask")
        if order == "delete":
            return self.registry.remove(key, name)
        if order != "add":
            raise Wrong(f"reg knows no {order}")
        number = {None: 1, "REG_SZ": 1, "REG_EXPAND_SZ": 2, "REG_BINARY": 3, "REG_DWORD": 4}[kind]
        if number == 4:
            data = int(data)
        elif number == 3:
            data = bytes.fromhex(data)
        return self.registry.put(key, name, number, "" if data is None else data)


def main():
    files, denied, words = [], [], sys.argv[1:]
    while words:
        word = words.pop(0)
        if word == "--deny":
            denied.append(words.pop(0))
        else:
            files.append(word)
    registry = Registry(denied)
    for path in files:
        with open(path, "rb") as file:
            shell = Shell(registry)
            try:
                status = shell.run(file.read().decode("ascii"))
            except (Wrong, UnicodeDecodeError) as wrong:
                sys.exit(f"{path}: {wrong}")
        for line in registry.lines():
            print(line)
        print(f"exit {status}")
        for line in shell.said:
            print(f"said {line}")


sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")
main()
