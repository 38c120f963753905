# SPDX-License-Identifier: BSD-3-Clause
#
# What the README shows is what the program prints: every gotee-sim command in a console block is run again.
# Usage: readme_test.py BUILD_DIR SOURCE_DIR
import os
import re
import subprocess
import sys
import unittest

BUILD, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SIM = "build/host/bin/gotee-sim"


def examples():
    """(command, expected output) of each `$ build/host/bin/gotee-sim ...` line."""
    text = open(os.path.join(SOURCE, "README.md"), encoding="utf-8").read()
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            if command.startswith(SIM):
                yield command, output


def shape(text):
    """Addresses, sizes and instruction counts depend on the compiler and on where the build stands; the rest does not."""
    text = re.sub(r"\b(0x)?[0-9a-f]{8}\b", "ADDRESS", text)
    return re.sub(r"size:\d+|(?<=\n) +>? +\d+ ", "NUMBER", text)


class Readme(unittest.TestCase):
    def test_every_shown_command_prints_what_is_shown(self):
        shown = list(examples())
        self.assertGreaterEqual(len(shown), 2)
        for command, expected in shown:
            with self.subTest(command=command):
                words = [w.replace("build/host", BUILD) for w in command.split()]
                done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, cwd=SOURCE)
                self.assertEqual(shape(done.stdout.decode()), shape(expected))

    def test_the_tour_names_every_folder(self):
        text = open(os.path.join(SOURCE, "README.md"), encoding="utf-8").read()
        tracked = subprocess.run(["git", "-C", SOURCE, "ls-files"], capture_output=True, text=True).stdout.split()
        folders = {p.split("/")[0] for p in tracked if "/" in p}
        if not folders:
            self.skipTest("not a git checkout")
        for folder in sorted(folders - {".ci"}):
            self.assertRegex(text, rf"(?m)^ *{re.escape(folder)}/", folder)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
