#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""gotee-sim --normal: guests of the Normal world, and what becomes of the one that spies.

normal_world_test.py GOTEE_SIM BUILD ROOT
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import jsonschema

SIM, BUILD, ROOT = (pathlib.Path(p).resolve() for p in sys.argv[1:4])
APPLETS = BUILD / "applets"
SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text())


def run(*arguments):
    return subprocess.run([SIM, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


class NormalWorld(unittest.TestCase):
    def test_prints_yields_and_keeps_its_registers(self):
        r = run("--normal", APPLETS / "normal_hello.elf", APPLETS / "float.elf")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual([line for line in r.stdout.splitlines() if line.startswith("normal world")],
                         ["normal world says hello"] + ["normal world yields"] * 3 + ["normal world kept its registers"])

    def test_reading_secure_memory_is_stopped_explained_and_traced(self):
        with tempfile.TemporaryDirectory() as directory:
            report = pathlib.Path(directory) / "report.json"
            trace = pathlib.Path(directory) / "trace.jsonl"
            r = run("--report", report, "--trace", trace, "--normal", APPLETS / "normal_spy.elf")
            self.assertEqual(r.returncode, 3)
            data = json.loads(report.read_text())
            last = json.loads(trace.read_text().splitlines()[-1])
        jsonschema.validate(data, SCHEMA)
        guest, = data["applets"]
        self.assertEqual((guest["name"], guest["world"], guest["outcome"]), ("normal_spy", "normal", "faulted"))
        fault = guest["fault"]
        self.assertEqual({k: fault[k] for k in ("kind", "access", "size", "address", "status", "owner", "rights", "function")},
                         {"kind": "data-abort", "access": "read", "size": 4, "address": "0x90010000",
                          "status": "0x00000008",  # Table B3-23: synchronous external abort
                          "owner": "supervisor", "rights": "---", "function": "read_secret"})
        self.assertEqual(last["pc"], fault["pc"])
        self.assertEqual(fault["trace"][-1]["pc"], fault["pc"])
        self.assertIn("normal world about to read secure memory", r.stdout)
        self.assertNotIn("normal world read", r.stdout)
        self.assertIn("the normal world's 'normal_spy' tried to read 4 bytes at 0x90010000, which belongs to the supervisor "
                      "(the normal world has no rights): synchronous external abort, from the TZASC", r.stderr)
        self.assertIn("in read_secret (normal_spy.c:", r.stderr)

    def test_cannot_starve_an_applet(self):
        r = run("--max-time", "0.1", "--normal", APPLETS / "normal_greedy.elf", APPLETS / "float.elf")
        self.assertEqual(r.returncode, 5, "the guest never ends")
        self.assertRegex(r.stdout, r"PL1 stopped PL0 task float .* err:exit\n")
        self.assertIn("the normal world's 'normal_greedy' was still running when its budget ran out", r.stderr)

    def test_two_runs_are_the_same(self):
        arguments = ("--normal", APPLETS / "normal_spy.elf", APPLETS / "random.elf")
        first, second = run(*arguments), run(*arguments)
        self.assertEqual((first.stdout, first.stderr), (second.stdout, second.stderr))

    def test_an_image_of_the_other_world_is_refused(self):
        r = run("--normal", APPLETS / "hello.elf")
        self.assertEqual(r.returncode, 2)
        self.assertIn("expected inside the normal world's memory 0x80000000-0x8fffffff", r.stderr)
        r = run(APPLETS / "normal_hello.elf")
        self.assertEqual(r.returncode, 2)
        self.assertIn("expected inside the applet's region", r.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
