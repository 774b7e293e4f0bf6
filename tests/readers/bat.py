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
        self.errorlevel = 0

    def run(self, text):
        if text.replace("\r\n", "").count("\n"):
            raise Wrong("a line ends without CR LF")
        lines = text.split("\r\n")
        labels = [line[1:].strip().lower() for line in lines if line.startswith(":")]
        if len(labels) != len(set(labels)):
            raise Wrong("a label is there twice")
        at = 0
        try:
            while at < len(lines):
                line = lines[at]
                at += 1
                if len(line) > LONGEST:
                    raise Wrong(f"a line of {len(line)} characters")
                bare = line.strip()
                if not bare or bare.startswith(":"):
                    continue
                if bare.lower().startswith("rem ") or bare.lower() == "rem":
                    if any(sign in bare for sign in "%^&|<>"):
                        raise Wrong(f"cmd.exe acts on a sign of this remark: {bare}")
                    continue
                label = self.line(tokens(expanded(line.lstrip("@"), self.variables)))
                if label:
                    # Looked for from here on, and then from the start.
                    places = [it for it, line in enumerate(lines) if line.lower() == f":{label}"]
                    if not places:
                        raise Wrong(f"there is no label {label}")
                    at = places[0] + 1
        except Exit as done:
            return done.status
        return 0

    def line(self, found):
        """One command, or one that hangs on how the last one ended; the label to go to, if any."""
        if any(kind == "op" for kind, _ in found):
            raise Wrong("a sign that joins commands stands outside of quotation marks")
        words = []
        for kind, text in found:
            if kind != "redirect":
                words.append((kind, text))
            elif text[1] not in ("nul", "&1", "&2"):
                raise Wrong(f"something is written to {text[1]}")
        while words and words[0][0] == "blank":
            words.pop(0)
        if words and words[0][1].lower() == "if":
            plain = [text.lower() for kind, text in words if kind == "word"]
            wanted = plain[1] != "not"
            if plain[2 - wanted : 4 - wanted] != ["errorlevel", "1"]:
                raise Wrong(f"no condition that is known: {plain}")
            skip = 3 + (not wanted)
            while skip:
                skip -= words.pop(0)[0] == "word"
            while words[0][0] == "blank":
                words.pop(0)
            if (self.errorlevel >= 1) != wanted:
                return None
        name = words[0][1].lower()
        if name == "goto":
            return "".join(text for kind, text in words[1:] if kind == "word").lower()
        well = self.command(words)
        # In a batch file these two leave it as it was.
        if name not in ("echo", "set"):
            self.errorlevel = 0 if well else 1
        return None

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
        if order == "query" and key == "HKCU\\Software" and not options:
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
