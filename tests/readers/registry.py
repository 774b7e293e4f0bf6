"""A registry in memory, for the readers of scripts: keys and values without regard to case."""


class Registry:
    def __init__(self, denied=()):
        self.keys = {}
        # Keys that nobody may write to, with all below them.
        self.denied = [key.lower() for key in denied]

    @staticmethod
    def path(key):
        for short, full in (("HKLM", "HKEY_LOCAL_MACHINE"), ("HKCU", "HKEY_CURRENT_USER")):
            if key.upper() == full or key.upper().startswith(full + "\\"):
                return short + key[len(full):]
        return key

    def may_write(self, key):
        key = self.path(key).lower()
        return not any(key == it or key.startswith(it + "\\") for it in self.denied)

    def has(self, key, name=None):
        values = self.keys.get(self.path(key).lower())
        return values is not None and (name is None or name.lower() in values)

    def put(self, key, name, kind, data):
        if not self.may_write(key):
            return False
        key = self.path(key)
        self.keys.setdefault(key.lower(), {})[name.lower()] = (key, name, kind, data)
        return True

    def remove(self, key, name):
        if not self.may_write(key) or not self.has(key, name):
            return False
        del self.keys[self.path(key).lower()][name.lower()]
        return True

    def lines(self):
        """`key <tab> name <tab> type <tab> data in hex`, in order."""
        found = [value for values in self.keys.values() for value in values.values()]
        for key, name, kind, data in sorted(found):
            if isinstance(data, str):
                data = (data + "\0").encode("utf-16-le", "surrogatepass")
            elif isinstance(data, int):
                data = (data & 0xFFFFFFFF).to_bytes(4, "little")
            yield f"{escaped(key)}\t{escaped(name)}\t{kind}\t{data.hex()}"


def escaped(text):
    """One field of one line, whatever is in it."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n")
