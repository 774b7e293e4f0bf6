"""Reads a Registry.pol with Samba's own parser, says what is in it, and packs it again: the bytes
must be the same.

    pol.py FILE

One line for each entry: key <tab> value <tab> type <tab> data in hexadecimal.
"""

import sys

from samba.dcerpc import preg
from samba.ndr import ndr_pack, ndr_unpack


def raw(entry):
    """The data of an entry as the file holds them."""
    if isinstance(entry.data, bytes):
        return entry.data
    if isinstance(entry.data, int):
        return entry.data.to_bytes(8 if entry.type == 11 else 4, "little")
    return (entry.data + "\0").encode("utf-16-le")


with open(sys.argv[1], "rb") as file:
    bytes_there = file.read()
read = ndr_unpack(preg.file, bytes_there)
if ndr_pack(read) != bytes_there:
    sys.exit(f"{sys.argv[1]}: Samba packs it to other bytes")
for entry in read.entries:
    print(entry.keyname, entry.valuename, entry.type, raw(entry).hex(), sep="\t")
