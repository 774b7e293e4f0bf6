"""Checks an ADMX template and its ADML texts as the schema wants them, and prints what they offer.

    admx.py FILE.admx FILE.adml

Prints the same lines as adm.py. What the Group Policy editor would refuse ends the program with
a sentence and status 1: a child that is missing or out of order, an attribute that does not
exist, a name with a sign that is not allowed, a reference that leads nowhere, a text that
nothing uses.
"""

import re
import sys
import xml.etree.ElementTree as tree

NAMESPACE = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"
NAME = re.compile(r"[A-Za-z0-9_]+\Z")
REFERENCE = re.compile(r"\$\((string|presentation)\.([A-Za-z0-9_]+)\)\Z")
REVISION = re.compile(r"[0-9]{1,4}\.[0-9]{1,5}\Z")

# Children in the order of the schema; ! must be there, * may be there more than once.
CHILDREN = {
    "policyDefinitions": ["policyNamespaces!", "supersededAdm*", "annotation*", "resources!",
                          "supportedOn", "categories", "policies"],
    "policyNamespaces": ["target!", "using*"],
    "supportedOn": ["products", "definitions"],
    "definitions": ["definition*"],
    "categories": ["category*"],
    "policies": ["policy*"],
    "policy": ["parentCategory!", "seeAlso*", "keywords", "supportedOn!", "enabledValue",
               "disabledValue", "enabledList", "disabledList", "elements"],
    "enabledValue": ["decimal", "string", "delete"],
    "disabledValue": ["decimal", "string", "delete"],
    "enum": ["item*"],
    "item": ["value!", "valueList"],
    "value": ["decimal", "string", "delete"],
    "policyDefinitionResources": ["displayName!", "description!", "annotation*", "resources!"],
    "stringTable": ["string*"],
    "presentationTable": ["presentation*"],
}
# Attributes: ! must be there.
ATTRIBUTES = {
    "policyDefinitions": ["revision!", "schemaVersion!"],
    "target": ["prefix!", "namespace!"],
    "using": ["prefix!", "namespace!"],
    "definition": ["name!", "displayName!"],
    "category": ["name!", "displayName!", "explainText"],
    "policy": ["name!", "class!", "displayName!", "explainText", "presentation", "key!",
               "valueName"],
    "parentCategory": ["ref!"],
    "policyDefinitionResources": ["revision!", "schemaVersion!"],
    "string": ["id!"],
    "presentation": ["id!"],
    "text": ["id!", "key", "valueName!", "required", "maxLength", "expandable", "soft"],
    "item": ["displayName!"],
}


class Wrong(Exception):
    """What is wrong with the files."""


def word(element):
    if not element.tag.startswith(NAMESPACE):
        raise Wrong(f"{element.tag} is of another namespace")
    return element.tag[len(NAMESPACE):]


def children(element):
    """The children, after a look whether they are those of the schema and in its order."""
    found, of = list(element), word(element)
    if of in CHILDREN:
        at = 0
        allowed = CHILDREN[of]
        seen = [word(child) for child in found]
        for name in seen:
            while at < len(allowed) and allowed[at].rstrip("!*") != name:
                at += 1
            if at == len(allowed):
                raise Wrong(f"{of}: {name} is not allowed, or not here, among {', '.join(seen)}")
            if not allowed[at].endswith("*"):
                at += 1
        for name in allowed:
            if name.endswith("!") and name[:-1] not in seen:
                raise Wrong(f"{of} lacks {name[:-1]}")
    return found


def attributes(element, of=None):
    of = of or word(element)
    if of in ATTRIBUTES:
        allowed = ATTRIBUTES[of]
        for name in element.attrib:
            if name not in (it.rstrip("!") for it in allowed):
                raise Wrong(f"{of} has no attribute {name}")
        for name in allowed:
            if name.endswith("!") and name[:-1] not in element.attrib:
                raise Wrong(f"{of} lacks the attribute {name[:-1]}")
    return element.attrib


def child(element, name):
    found = [it for it in children(element) if word(it) == name]
    return found[0] if found else None


def value(element):
    """`1`, `"text"` or `delete` of an element that holds one value."""
    held = children(element)
    if len(held) != 1:
        raise Wrong(f"{word(element)} holds {len(held)} values")
    only = held[0]
    return {
        "decimal": lambda: str(int(only.attrib["value"])),
        "string": lambda: f'"{only.text or ""}"',
        "delete": lambda: "delete",
    }[word(only)]()


def unique(names, what):
    for name in names:
        if not NAME.match(name):
            raise Wrong(f"the {what} {name} has a sign that is not allowed")
    if len(set(names)) != len(names):
        raise Wrong(f"two {what}s have one name")
    return set(names)


class Files:
    def __init__(self, admx, adml):
        self.admx, self.adml = tree.parse(admx).getroot(), tree.parse(adml).getroot()
        self.out, self.used = [], {"string": set(), "presentation": set()}
        self.texts()

    def texts(self):
        root = self.adml
        if word(root) != "policyDefinitionResources":
            raise Wrong(f"the texts begin with {word(root)}")
        if not all(REVISION.match(text) for text in attributes(root).values()):
            raise Wrong("a revision is digits.digits")
        children(root)
        resources = child(root, "resources")
        tables = {word(table): table for table in resources}
        if list(tables) not in (["stringTable"], ["stringTable", "presentationTable"]):
            raise Wrong(f"the texts hold {list(tables)}")
        strings = children(tables["stringTable"])
        unique([attributes(it)["id"] for it in strings], "string")
        self.strings = {it.attrib["id"]: it.text or "" for it in strings}
        shown = children(tables["presentationTable"]) if len(tables) > 1 else []
        unique([attributes(it)["id"] for it in shown], "presentation")
        self.presentations = {it.attrib["id"]: list(it) for it in shown}

    def reference(self, text, table):
        found = REFERENCE.match(text)
        if not found or found[1] != table:
            raise Wrong(f"{text} is no reference to a {table}")
        if found[2] not in (self.strings if table == "string" else self.presentations):
            raise Wrong(f"{text} leads nowhere")
        self.used[table].add(found[2])
        return found[2]

    def read(self):
        root = self.admx
        if word(root) != "policyDefinitions":
            raise Wrong(f"the template begins with {word(root)}")
        if not all(REVISION.match(text) for text in attributes(root).values()):
            raise Wrong("a revision is digits.digits")
        children(root)
        spaces = [attributes(it) for it in children(child(root, "policyNamespaces"))]
        if len({it["prefix"] for it in spaces}) != len(spaces):
            raise Wrong("two namespaces have one prefix")
        if not REVISION.match(child(root, "resources").attrib["minRequiredRevision"]):
            raise Wrong("a revision is digits.digits")
        supported = self.named(root, "supportedOn", "definitions")
        categories = self.named(root, "categories")
        policies = children(child(root, "policies"))
        unique([attributes(it)["name"] for it in policies], "policy")
        ids = []
        for policy in policies:
            ids += self.policy(policy, supported, categories)
        for table, there in (("string", self.strings), ("presentation", self.presentations)):
            unused = set(there) - self.used[table]
            if unused:
                raise Wrong(f"nothing uses the {table} {', '.join(sorted(unused))}")

    def named(self, root, outer, inner=None):
        element = child(root, outer)
        if inner:
            element = child(element, inner)
        found = children(element)
        for it in found:
            self.reference(attributes(it)["displayName"], "string")
        return unique([it.attrib["name"] for it in found], outer)

    def policy(self, policy, supported, categories):
        said = attributes(policy)
        name, of = said["name"], said["class"]
        if of not in ("Machine", "User", "Both"):
            raise Wrong(f"{name}: no class {of}")
        if said["key"].upper().startswith("HK"):
            raise Wrong(f"{name}: a key begins below its hive")
        self.reference(said["displayName"], "string")
        self.reference(said["explainText"], "string")
        if child(policy, "parentCategory").attrib["ref"] not in categories:
            raise Wrong(f"{name} is of no category")
        if child(policy, "supportedOn").attrib["ref"] not in supported:
            raise Wrong(f"{name}: supportedOn leads nowhere")
        elements = child(policy, "elements")
        ids = []
        if "valueName" in said:
            on, off = child(policy, "enabledValue"), child(policy, "disabledValue")
            on, off = value(on) if on is not None else "1", value(off) if off is not None else "delete"
            self.out.append((of.upper(), said["key"], said["valueName"], f"on {on}, off {off}"))
        elif elements is None:
            raise Wrong(f"{name} writes nothing")
        shown = {}
        if elements is not None:
            shown = self.shown(self.reference(said["presentation"], "presentation"))
            for element in elements:
                ids.append(element.attrib["id"])
                self.element(of.upper(), said["key"], element, shown.pop(element.attrib["id"], None))
        if shown:
            raise Wrong(f"{name} shows what it does not have: {', '.join(shown)}")
        unique(ids, "element")
        return ids

    def shown(self, presentation):
        parts = self.presentations[presentation]
        return {part.attrib["refId"]: part for part in parts}

    def element(self, of, key, element, shown):
        name, kind = element.attrib["valueName"], word(element)
        if shown is None:
            raise Wrong(f"{name} is not shown")
        if element.attrib.get("required") != "true":
            raise Wrong(f"{name} may be left empty")
        fits = {"decimal": "decimalTextBox", "text": "textBox", "enum": "dropdownList"}
        if word(shown) != fits[kind]:
            raise Wrong(f"{name}: {word(shown)} does not show a {kind}")
        if kind == "decimal":
            least, most = element.attrib["minValue"], element.attrib["maxValue"]
            default = shown.attrib.get("defaultValue")
            what = f"number {least} to {most}, proposed {default}"
        elif kind == "text":
            attributes(element, "text")
            label, default = (shown.find(NAMESPACE + it) for it in ("label", "defaultValue"))
            if label is None or not label.text:
                raise Wrong(f"{name} has no label")
            text = default.text if default is not None else ""
            what = f"text of {element.attrib['maxLength']}, proposed {text}"
        else:
            items = children(element)
            for item in items:
                self.reference(attributes(item)["displayName"], "string")
            values = [value(child(item, "value")) for item in items]
            chosen = int(shown.attrib["defaultItem"])
            what = f"one of {' '.join(values)}, proposed {values[chosen]}"
        self.out.append((of, key, name, what))


def main():
    try:
        files = Files(sys.argv[1], sys.argv[2])
        files.read()
    except (Wrong, tree.ParseError, KeyError, AttributeError) as wrong:
        sys.exit(f"{sys.argv[1]}: {wrong!r}")
    for line in files.out:
        print("\t".join(line))


sys.stdout.reconfigure(encoding="utf-8")
main()
