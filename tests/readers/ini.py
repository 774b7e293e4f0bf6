"""Reads an .ins file as the ini file that it is.

    ini.py FILE

One line for each entry, in the order of the alphabet: section <tab> name <tab> value.
"""

import configparser
import sys

parser = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=(";",), strict=True)
parser.optionxform = str
with open(sys.argv[1], encoding="cp1252", newline="") as file:
    text = file.read()
if text.replace("\r\n", "").count("\n"):
    sys.exit(f"{sys.argv[1]}: a line ends without CR LF")
parser.read_string(text.replace("\r\n", "\n"))
for section in parser.sections():
    for name, value in sorted(parser.items(section)):
        print(section, name, value, sep="\t")
