#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# gotee-sim as its user has it: exit codes, transcripts, explanations, files, refusals. Called as
#   cli_test.py GOTEE_SIM BUILD_DIR SOURCE_DIR [unittest's options]
# Expectations come from the contracts (design.md 4.2 and 4.3) and, for faults, from ARM DDI 0406C.d.
import contextlib
import json
import os
import pty
import re
import resource
import select
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import jsonschema

SIM = APPLETS = TEST_APPLETS = SOURCE = VALIDATOR = None  # set by main
TIMEOUT = 60

WELL_BEHAVED = ["hello", "rpc", "random", "float", "containers"]
# DFSR.WnR and FS for data aborts, IFSR.FS for prefetch aborts: B4.1.52, B4.1.96, table B3-23. The rest is what
# each source says about itself.
CRIMES = {  # name: (kind, access, address, status, function)
    "read_supervisor": ("data-abort", "read", 0x90010000, 0x00D, "main"),
    "write_supervisor": ("data-abort", "write", 0x90010000, 0x80D, "main"),
    "execute_supervisor": ("prefetch-abort", "execute", 0x90010000, 0x00D, None),
    "null": ("data-abort", "read", 0, 0x005, "main"),
    "write_text": ("data-abort", "write", None, 0x80F, "main"),
    "execute_data": ("prefetch-abort", "execute", None, 0x00F, None),
    "stack_overflow": ("data-abort", "write", None, 0x80F, "dive"),
    "undefined": ("undefined", None, None, None, "main"),
    "privileged": ("undefined", None, None, None, "main"),
    "bad_syscall": ("bad-syscall", None, None, None, "main"),
    "mississippi": ("data-abort", "read", 0x90010000, 0x00D, "read_secret"),
}


# ---- images by hand: no compiler is needed to test the command line -------------------------------------------

CODE = 0x10010000
EXIT = [0xE3A00000, 0xEF000000]  # mov r0, #0 (EXIT); svc #0
FAULT = [0xE3A00000, 0xE5900000]  # mov r0, #0; ldr r0, [r0]
PANIC = [0xE3A00012, 0xE3A01003, 0xEF000000]  # mov r0, #18 (EXIT_STATUS); mov r1, #3; svc #0
SPIN = [0xEAFFFFFE]  # b .
SLOW_FAULT = [0xE3A01102, 0xE2511001, 0x1AFFFFFD, *FAULT]  # mov r1, #1 << 31; subs r1, r1, #1; bne .-4; FAULT
PRINT = [0xE3A00001, 0xE3A01079, 0xEF000000, 0xEAFFFFFB]  # for (;;) write('y')


def elf(words, **patch):
    """An ELF32 ARM EXEC of one segment. `patch` replaces header fields by their names in the ELF specification."""
    h = dict(EI_CLASS=1, EI_DATA=1, e_type=2, e_machine=40, e_entry=CODE, p_offset=0x1000, p_vaddr=CODE,
             p_filesz=4 * len(words), p_memsz=4 * len(words), p_flags=5)
    unknown = set(patch) - set(h)
    assert not unknown, unknown
    h.update(patch)
    identification = b"\x7fELF" + bytes([h["EI_CLASS"], h["EI_DATA"], 1]) + bytes(9)
    header = identification + struct.pack("<HHIIIIIHHHHHH", h["e_type"], h["e_machine"], 1, h["e_entry"], 52, 0,
                                          0x05000000, 52, 32, 1, 40, 0, 0)
    program = struct.pack("<8I", 1, h["p_offset"], h["p_vaddr"], h["p_vaddr"], h["p_filesz"], h["p_memsz"],
                          h["p_flags"], 0x1000)
    return (header + program).ljust(0x1000, b"\0") + struct.pack(f"<{len(words)}I", *words)


# ---- running ---------------------------------------------------------------------------------------------------


class Result:
    def __init__(self, code, out, err):
        self.code, self.raw_out, self.raw_err = code, out, err
        self.out, self.err = (t.decode("utf-8", "backslashreplace") for t in (out, err))

    def __str__(self):
        return f"exit code {self.code}\n--- stdout\n{self.out}--- stderr\n{self.err}---"


def clean_environment(**extra):
    return {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CLICOLOR_FORCE")} | extra


def run(*args, timeout=TIMEOUT, **popen):
    popen.setdefault("env", clean_environment())
    popen.setdefault("stdout", subprocess.PIPE)
    process = subprocess.run([SIM, *map(os.fspath, args)], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                             timeout=timeout, **popen)
    return Result(process.returncode, process.stdout or b"", process.stderr)


def example(name):
    return APPLETS / f"{name}.elf"


class Case(unittest.TestCase):
    maxDiff = 2000

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="gotee-cli-")
        self.addCleanup(folder.cleanup)
        self.dir = Path(folder.name)

    def image(self, name, words, **patch):
        path = self.dir / f"{name}.elf"
        path.write_bytes(elf(words, **patch))
        return path

    def patched(self, name, *replacements):
        """A copy of an example with byte strings replaced by others of the same length."""
        data = example(name).read_bytes()
        for old, new in replacements:
            self.assertEqual(len(old), len(new))
            self.assertIn(old, data)
            data = data.replace(old, new)
        path = self.dir / f"{name}.elf"
        path.write_bytes(data)
        return path

    def expect(self, code, *args, **options):
        result = run(*args, **options)
        self.assertEqual(result.code, code, f"{args}\n{result}")
        return result

    def report(self, *args, code=None):
        path = self.dir / "report.json"
        result = run("--report", path, *args)
        if code is not None:
            self.assertEqual(result.code, code, f"{args}\n{result}")
        document = json.loads(path.read_text())
        problems = [f"{'/'.join(map(str, e.path))}: {e.message}" for e in VALIDATOR.iter_errors(document)]
        self.assertEqual(problems, [], args)
        self.assertEqual(document["exit_code"], result.code)
        return result, document

    def assert_refused(self, *args, names, hint=False):
        """Exit code 2, no word on stdout but of applets loaded before, one message that names the culprit."""
        result = self.expect(2, *args)
        lines = result.err.splitlines()
        self.assertEqual(len(lines), 2 if hint else 1, result)
        self.assertTrue(lines[0].startswith("gotee-sim: "), result)
        if hint:
            self.assertIn("--help", lines[1])
        for name in [names] if isinstance(names, (str, Path)) else names:
            self.assertIn(str(name), lines[0])
        return lines[0]


# ---- exit codes ------------------------------------------------------------------------------------------------


class ExitCodes(Case):
    def test_0_when_every_applet_exits(self):
        for name in WELL_BEHAVED:
            with self.subTest(name):
                self.expect(0, example(name))

    def test_2_for_bad_usage(self):
        self.expect(2)

    def test_3_for_every_crime(self):
        for name in CRIMES:
            with self.subTest(name):
                self.expect(3, example(name))

    def test_4_when_an_applet_fails_by_its_own_word(self):
        self.expect(4, example("panic"))

    def test_5_when_a_budget_runs_out(self):
        self.expect(5, "--max-instructions", "100000", example("endless"))
        self.expect(5, "--max-time", "0.001", example("endless"))

    def test_5_when_nothing_can_ever_run_again(self):
        result = self.expect(5, TEST_APPLETS / "deadlock.elf")
        self.assertIn("never", result.err)

    def test_6_when_lockstep_contexts_disagree(self):
        result = self.expect(6, "--lockstep=100", example("hello"))
        sentence = next(line for line in result.err.splitlines() if line)
        self.assertRegex(sentence, r"disagree at 0x[0-9a-f]{8}: .+")
        self.assertIn("lockstep", sentence)

    def check_order(self, code, first, second, *options):
        """Whatever the order on the command line."""
        for pair in ((first, second), (second, first)):
            self.expect(code, "--quiet", "--ram", "16M", *options, *pair)

    def test_fault_comes_before_failure_before_budget_before_exit(self):
        fault, panic = self.image("fault", FAULT), self.image("panic", PANIC)
        spin, leave = self.image("spin", SPIN), self.image("exit", EXIT)
        budget = ("--max-instructions", "2000000")
        self.check_order(3, fault, panic)
        self.check_order(3, fault, spin, *budget)
        self.check_order(3, fault, leave)
        self.check_order(4, panic, spin, *budget)
        self.check_order(4, panic, leave)
        self.check_order(5, spin, leave, *budget)

    def find_seed(self, outcomes, *images):
        for seed in range(100):
            _, document = self.report("--quiet", "--ram", "16M", "--lockstep=50", "--seed", str(seed),
                                      "--max-instructions", "2000000", *images)
            if [a["outcome"] for a in document["applets"]] == outcomes:
                return document["exit_code"]
        self.fail(f"no seed below 100 leads to {outcomes}")

    def test_disagreement_comes_after_fault_and_before_failure_and_budget(self):
        fault, panic = self.image("fault", FAULT), self.image("panic", PANIC)
        spin, leave = self.image("spin", SPIN), self.image("exit", EXIT)
        self.assertEqual(self.find_seed(["lockstep", "faulted"], leave, fault), 3)
        self.assertEqual(self.find_seed(["panicked", "lockstep"], panic, leave), 6)
        self.assertEqual(self.find_seed(["budget", "lockstep"], spin, leave), 6)
        self.assertEqual(self.find_seed(["lockstep", "budget"], leave, spin), 6)


# ---- what is printed ---------------------------------------------------------------------------------------------

WORD = "[0-9a-f]{8}"
DUMP = [rf" *{a}:{WORD} +{b}:{WORD} +{c}:{WORD} +{d}:{WORD}" for a, b, c, d in
        (("r0", "r1", "r2", "r3"), ("r4", "r5", "r6", "r7"), ("r8", "r9", "r10", "r11"))] + \
       [rf" *r12:{WORD} +sp:{WORD} +lr:{WORD} +pc:{WORD} spsr:{WORD} \(USR\)"]


def line_of(source, text):
    lines = (SOURCE / source).read_text().splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)


def sections(err):
    """The explanation by its headings."""
    found = {"": []}
    for line in err.splitlines():
        heading = re.match(r"(backtrace|registers|last \d+ instructions|memory around)", line)
        if heading:
            key = heading[1].split()[0]
            found[key] = []
        elif line:
            found[key if len(found) > 1 else ""].append(line)
    return found


class Mississippi(Case):
    def test_transcript_line_by_line(self):
        t0, t5 = "00:00:00 ", "00:00:05 "
        expected = [t0 + rf"PL1 loaded applet addr:0x10000000 size:\d+ entry:0x{WORD}",
                    t0 + "PL1 will sleep until PL0 is done",
                    t0 + rf"PL1 starting PL0 sp:0x{WORD} pc:0x{WORD}",
                    t0 + "PL0 hello from the applet",
                    t0 + "PL0 will sleep for 5 seconds"]
        for second in range(1, 6):
            expected += [f"00:00:0{second} PL{level} says {second} missisipi" for level in (1, 0)]
        expected += [t5 + "PL0 about to read PL1 memory at 0x90010000"]
        expected += [t5 + line for line in DUMP]
        expected += [t5 + rf"PL1 stopped PL0 task sp:0x{WORD} lr:0x{WORD} pc:0x{WORD} err:exception mode ABT",
                     t5 + "PL1 says goodbye"]
        lines = self.expect(3, example("mississippi")).out.splitlines()
        for number, (line, pattern) in enumerate(zip(lines, expected), 1):
            self.assertRegex(line, f"^{pattern}$", f"line {number}")
        self.assertEqual(len(lines), len(expected), lines)

    def test_console_agrees_with_itself(self):
        out = self.expect(3, example("mississippi")).out
        entry = re.search(r"entry:(0x\w+)", out)[1]
        self.assertIn(f"starting PL0 sp:0x14000000 pc:{entry}", out)
        dump = dict(re.findall(rf"\b(\w+):({WORD})\b", out))
        stopped = re.search(r"stopped PL0 task sp:0x(\w+) lr:0x(\w+) pc:0x(\w+)", out)
        self.assertEqual(stopped.groups(), (dump["sp"], dump["lr"], dump["pc"]))
        self.assertIn("90010000", (dump[f"r{i}"] for i in range(13)))

    def test_explanation(self):
        line = line_of("applets/mississippi/mississippi.c", "return *(volatile uint32_t*)secret")
        err = self.expect(3, example("mississippi")).err
        sentence = next(line for line in err.splitlines() if line)
        self.assertEqual(sentence, "applet 'mississippi' tried to read 4 bytes at 0x90010000, which belongs to the "
                                   "supervisor (PL0 has no rights): permission fault, section")
        parts = sections(err)
        where = "\n".join(parts[""])
        self.assertRegex(where, rf"in read_secret \(mississippi\.c:{line}\)  pc 0x{WORD}")
        self.assertRegex(where, r"\bldr\b")
        self.assertIn(f"{line} | __attribute__((noipa)) static uint32_t read_secret", where)
        self.assertRegex(parts["backtrace"][0], rf"#0 +0x{WORD}  read_secret \(mississippi\.c:{line}\)")
        self.assertRegex(parts["backtrace"][1], rf"#1 +0x{WORD}  main \(mississippi\.c:\d+\)")
        self.assertEqual(len(parts["registers"]), 4)
        for text, pattern in zip(parts["registers"], DUMP):
            self.assertRegex(text, f"^{pattern}$")
        self.assertEqual(len(parts["last"]), 16)
        self.assertRegex(parts["last"][-1], r"^ *> *\d+ .*<- stopped here$")
        self.assertFalse([t for t in parts["last"][:-1] if ">" in t.replace("->", "") or "stopped" in t])
        marked = [t for t in parts["memory"] if t.lstrip().startswith(">")]
        self.assertEqual(len(marked), 1, parts["memory"])
        self.assertRegex(marked[0], rf"> 0x90000000-0x900fffff  ---  supervisor")

    def test_is_over_at_once_although_it_sleeps_for_five_seconds(self):
        start = time.monotonic()
        self.expect(3, example("mississippi"))
        self.assertLess(time.monotonic() - start, 4)


class Inlined(Case):
    """Every system call is an inline function of the SDK's header: the line that counts is the user's."""
    SOURCE_LINE = "gotee_getrandom((void*)0x90000000, 4);"

    def setUp(self):
        super().setUp()
        source = "tests/sim/applets/inlined.c"
        self.helper = f"helper (inlined.c:{line_of(source, self.SOURCE_LINE)})"
        self.main = f"main (inlined.c:{line_of(source, '  helper();')})"
        self.result, document = self.report(TEST_APPLETS / "inlined.elf", code=3)
        self.fault = document["applets"][0]["fault"]

    def test_headline_shows_the_innermost_function_and_the_users_own_line(self):
        where = sections(self.result.err)[""]
        self.assertRegex(where[1], rf"^  in gotee_getrandom \(gotee\.h:\d+\)  pc 0x{WORD}$")
        self.assertEqual(where[2:4], ["      svc #0", f"      called from {self.helper}"])
        self.assertIn(f" | {self.SOURCE_LINE}", where[4])

    def test_backtrace_has_a_frame_for_each_inlined_function(self):
        lines = [re.sub(rf"^  #\d +0x{WORD}  ", "", line) for line in sections(self.result.err)["backtrace"]]
        self.assertRegex(lines[0], r"^gotee_getrandom \(gotee\.h:\d+\)  \(inlined\)$")
        self.assertEqual(lines[1:3], [self.helper + "  (inlined)", self.main])
        self.assertIn("_start", lines[3])

    def test_report_says_the_same_and_keeps_its_older_fields(self):
        self.assertEqual((self.fault["function"], self.fault["file"]), ("gotee_getrandom", "gotee.h"))
        user = self.fault["called_from"]
        self.assertEqual(f"{user['function']} ({user['file']}:{user['line']})", self.helper)
        frames = self.fault["backtrace"]
        self.assertEqual([f["function"] for f in frames], ["gotee_getrandom", "helper", "main", "_start"])
        self.assertEqual([f.get("inlined", False) for f in frames], [True, True, False, False])
        self.assertEqual({f["pc"] for f in frames[:3]}, {self.fault["pc"]})

    def test_an_applet_that_waits_is_shown_at_the_users_line(self):
        line = line_of("tests/sim/applets/deadlock.c", "gotee_wait(")
        err = self.expect(5, TEST_APPLETS / "deadlock.elf").err
        self.assertRegex(err, r"in gotee_wait \(gotee\.h:\d+\)")
        self.assertIn(f"called from main (deadlock.c:{line})\n      {line} | gotee_wait(1, GOTEE_FOREVER, &taken);", err)


class Names(Case):
    def test_applets_of_one_name_are_told_apart_everywhere(self):
        path, trace = example("hello"), self.dir / "trace.txt"
        result, document = self.report("--ram", "16M", "--trace", trace, path, path, path, code=0)
        names = ["hello", "hello#2", "hello#3"]
        self.assertEqual([a["name"] for a in document["applets"]], names)
        self.assertEqual(re.findall(r"loaded applet (\S+) ", result.out), names)
        self.assertEqual({line.split()[0] for line in trace.read_text().splitlines()}, set(names))

    def test_long_names_are_told_apart_too(self):
        paths = [self.image("x" * 40 + end, EXIT) for end in "ab"]
        _, document = self.report("--ram", "16M", *paths, code=0)
        self.assertEqual([a["name"] for a in document["applets"]], ["x" * 32, "x" * 30 + "#2"])

    def test_a_file_that_is_called_like_that_already(self):
        paths = [self.image(name, EXIT) for name in ("x", "x#2", "x")]
        _, document = self.report("--ram", "16M", *paths, code=0)
        self.assertEqual([a["name"] for a in document["applets"]], ["x", "x#2", "x#3"])


class Replay(Case):
    """The run is repeated for the last instructions; that must not keep anybody from anything."""

    def start(self, *args):
        process = subprocess.Popen([SIM, *map(os.fspath, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        return process

    def test_can_be_interrupted_and_the_rest_is_explained(self):
        report = self.dir / "report.json"
        process = self.start("--report", report, self.image("slow", SLOW_FAULT))
        while b"goodbye" not in process.stdout.readline():
            pass
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=TIMEOUT)
        self.assertLess(time.monotonic() - start, 2)
        self.assertEqual(process.returncode, 3, err)
        self.assertIn(b"applet 'slow' tried to read 4 bytes at 0x00000000", err)
        self.assertIn(b"last instructions: not collected, their replay was interrupted\n", err)
        document = json.loads(report.read_text())
        self.assertEqual(list(VALIDATOR.iter_errors(document)), [])
        fault = document["applets"][0]["fault"]
        self.assertEqual((fault["trace"], fault["trace_interrupted"]), ([], True))

    def test_shows_its_progress(self):
        seen = []

        def interrupt(text):
            if not seen and b"replaying: " in text and text.endswith(b"virtual time 00:00:00"):
                seen.append(process.send_signal(signal.SIGINT))

        with terminal(self.image("slow", SLOW_FAULT), TERM="xterm") as (process, master):
            text = read_until_end(master, on_data=interrupt)
        self.assertRegex(text, rb"replaying: \d+ M instructions, \d+ MIPS, virtual time 00:00:\d\d\r\x1b\[K\r\n")

    def test_is_one_for_all_applets(self):
        images = [self.image(f"fault{i}", [0xE3A04000 + i, *FAULT]) for i in range(3)]  # mov r4, #i
        result, document = self.report("--verbose", "--ram", "16M", *images, code=3)
        self.assertEqual(result.err.count("replaying for the last 16 instructions"), 1, result)
        for i, applet in enumerate(document["applets"]):
            trace = applet["fault"]["trace"]
            self.assertEqual([e["n"] for e in trace], [0, 1, 2])
            self.assertEqual(trace[0]["text"], f"mov r4, #{i}")
            self.assertEqual(trace[-1]["pc"], applet["fault"]["pc"])

    def test_of_applets_that_end_at_different_times_ends_each_with_its_own_end(self):
        slow = self.image("slow", [0xE3A01601, *SLOW_FAULT[1:]])  # mov r1, #1 << 20
        early, late = self.image("early", FAULT), self.image("late", [0xE3A01501, *SLOW_FAULT[1:]])
        _, document = self.report("--ram", "16M", slow, early, late, code=3)
        for applet in document["applets"]:
            self.assertEqual(applet["fault"]["trace"][-1]["n"], applet["instructions"], applet["name"])

    def test_is_not_cut_short_by_the_interrupt_that_ended_the_run(self):
        process = self.start("--verbose", "--ram", "16M", self.image("fault", FAULT), example("endless"))
        process.stderr.readline()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, 3, err)
        self.assertIn(b"last 2 instructions", err)
        self.assertIn(b"applet 'endless' was still running when it was interrupted", err)


class Options(Case):
    def test_help_has_examples_and_every_exit_code(self):
        result = self.expect(0, "--help")
        self.assertIn("Examples:", result.out)
        for text in ("--trace", "--report", "--lockstep", "--max-instructions", "--seed", "Exit codes:"):
            self.assertIn(text, result.out)
        self.assertEqual(result.err, "")

    def test_version_names_the_engines(self):
        result = self.expect(0, "--version")
        self.assertRegex(result.out, r"^gotee-sim \d+\.\d+\.\d+ \(Unicorn \d+\.\d+\.\d+, Capstone \d+\.\d+\)\n$")

    def test_quiet_is_silent_about_a_crime(self):
        loud, quiet = self.expect(3, example("null")), self.expect(3, "--quiet", example("null"))
        self.assertEqual(quiet.err, "")
        self.assertEqual(quiet.out, loud.out)

    def test_quiet_still_reports_errors(self):
        self.assert_refused("--quiet", self.dir / "missing.elf", names="missing.elf")

    def test_verbose_says_more_and_changes_nothing(self):
        plain, verbose = self.expect(0, example("hello")), self.expect(0, "--verbose", example("hello"))
        self.assertEqual(plain.err, "")
        self.assertRegex(verbose.err, r"0x10010000-0x\w+ r-x")
        self.assertRegex(verbose.err, r"\d+ instructions, virtual time \d+ ns, exit code 0")
        self.assertEqual(verbose.out, plain.out)

    def test_last_gives_as_many_instructions_as_asked_for(self):
        for count in (0, 1, 5, 100):
            with self.subTest(count):
                result, document = self.report("--last", str(count), example("null"), code=3)
                self.assertEqual(len(document["applets"][0]["fault"]["trace"]), count)
                self.assertEqual(len(sections(result.err).get("last", [])), count)

    def test_last_gives_what_there_is_when_there_is_less(self):
        _, document = self.report("--last", "100", self.image("fault", FAULT), code=3)
        self.assertEqual([e["n"] for e in document["applets"][0]["fault"]["trace"]], [0, 1])

    def test_max_instructions_is_exact(self):
        for count in (1, 999, 100000):
            _, document = self.report("--max-instructions", str(count), example("endless"), code=5)
            self.assertEqual(document["applets"][0]["instructions"], count)

    def test_a_budget_that_suffices_is_not_noticed(self):
        _, document = self.report(example("hello"), code=0)
        needed = document["applets"][0]["instructions"]
        self.expect(0, "--max-instructions", str(needed), example("hello"))
        self.expect(5, "--max-instructions", str(needed - 1), example("hello"))

    def test_max_time_ends_at_that_time(self):
        _, document = self.report("--max-time", "2.5", example("mississippi"), code=5)
        self.assertAlmostEqual(document["virtual_ns"] / 1e9, 2.5, delta=0.01)

    def test_unfinished_applet_is_explained(self):
        line = line_of("applets/crimes/endless.c", "for (;;)")
        result = self.expect(5, "--max-instructions", "100000", example("endless"))
        self.assertIn("applet 'endless' was still running when its budget ran out", result.err)
        self.assertIn(f"in main (endless.c:{line})", result.err)

    def test_a_waiting_applet_is_shown_at_its_system_call_everywhere(self):
        result = self.expect(5, TEST_APPLETS / "deadlock.elf")
        shown = re.search(rf"\)  pc (0x{WORD})", result.err)[1]
        top = re.search(rf"#0 +(0x{WORD})", result.err)[1]
        self.assertEqual(shown, top, result.err)

    def test_seed_changes_the_random_numbers_only(self):
        a, b = self.expect(0, example("random")), self.expect(0, "--seed", "7", example("random"))
        self.assertNotEqual(a.out, b.out)
        without = [re.sub(r"got \w+", "", r.out) for r in (a, b)]
        self.assertEqual(*without)

    def test_realtime_follows_the_wall_clock(self):
        start = time.monotonic()
        self.expect(5, "--realtime", "--max-time", "0.5", example("endless"))
        elapsed = time.monotonic() - start
        self.assertGreater(elapsed, 0.45)
        self.assertLess(elapsed, 1.5)

    def test_several_applets_are_told_apart(self):
        result = self.expect(0, "--ram", "16M", example("hello"), example("random"))
        self.assertRegex(result.out, r"loaded applet hello addr")
        self.assertRegex(result.out, r"loaded applet random addr")

    def test_eight_applets_of_16M_fit(self):
        self.expect(0, "--ram", "16M", *[example("hello")] * 8)

    def test_sizes_have_units(self):
        self.assertIn("sp:0x11000000", self.expect(0, "--ram", "16M", example("hello")).out)
        self.assertIn("sp:0x11000000", self.expect(0, "--ram", "16384K", example("hello")).out)
        for size in ("3M", "3m", "3MB", "3 MiB", "3145728"):
            self.assertIn("sp:0x10300000", self.expect(0, "--ram", size, self.image("exit", EXIT)).out, size)


class Lockstep(Case):
    def test_console_is_the_same_as_without(self):
        for name in [*WELL_BEHAVED, "mississippi"]:
            with self.subTest(name):
                alone, pair = run(example(name)), run("--lockstep", example(name))
                if name == "mississippi":  # its registers hold nanoseconds, of which two runs take more
                    for result in (alone, pair):
                        result.out = re.sub(rf"\b(r\d+):{WORD}", r"\1", result.out)
                self.assertEqual((pair.code, pair.out), (alone.code, alone.out))

    def test_a_crime_is_the_same_crime(self):
        _, alone = self.report(example("null"), code=3)
        _, pair = self.report("--lockstep", example("null"), code=3)
        for key in ("kind", "access", "address", "pc", "status", "reason", "registers", "function"):
            self.assertEqual(pair["applets"][0]["fault"][key], alone["applets"][0]["fault"][key], key)

    def test_injection_is_found_and_the_difference_named(self):
        for seed in range(3):
            result, document = self.report("--lockstep=100", "--seed", str(seed), example("hello"), code=6)
            fault = document["applets"][0]["fault"]
            self.assertEqual(fault["kind"], "lockstep")
            self.assertIn(fault["reason"], result.err)
            self.assertRegex(fault["reason"], r"shadow|differ")

    def test_percentage_0_injects_nothing(self):
        self.expect(0, "--lockstep=0", example("hello"))


# ---- report, trace, determinism -----------------------------------------------------------------------------------


class Report(Case):
    def test_of_every_crime_agrees_with_the_terminal(self):
        for name, (kind, access, address, status, function) in CRIMES.items():
            with self.subTest(name):
                result, document = self.report(example(name), code=3)
                applet = document["applets"][0]
                self.assertEqual((applet["name"], applet["image"], applet["outcome"]),
                                 (name, f"{name}.elf", "faulted"))
                fault = applet["fault"]
                self.assertEqual((fault["kind"], fault.get("access")), (kind, access))
                if address is not None:
                    self.assertEqual(int(fault["address"], 16), address)
                if status is not None:
                    self.assertEqual(int(fault["status"], 16) & 0xC0F, status)
                self.assertEqual(fault.get("function"), function)
                self.assertEqual(len(fault["trace"]), 16)
                numbers = [entry["n"] for entry in fault["trace"]]
                self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 16)))
                self.check_end(name, fault, applet["instructions"])
                self.check_terminal(result, fault)

    def check_end(self, name, fault, instructions):
        last = fault["trace"][-1]
        if fault["kind"] == "prefetch-abort":  # what cannot be fetched cannot be in the trace
            self.assertRegex(last["text"], r"^(blx|bx)\b")
            self.assertEqual(fault["address"], fault["pc"])
            self.assertEqual(last["n"], instructions - 1)
            return
        self.assertEqual(last["pc"], fault["pc"])
        self.assertEqual(last["text"], fault["instruction"]["text"])
        self.assertEqual(last["n"], instructions - (fault["kind"] == "bad-syscall"))

    def check_terminal(self, result, fault):
        sentence = next(line for line in result.err.splitlines() if line)
        self.assertEqual(sentence, fault["sentence"])
        self.assertTrue(sentence.endswith(": " + fault["reason"]), sentence)
        if "access" in fault:
            self.assertIn(f"to {fault['access']}", sentence)
            self.assertIn(f"at {fault['address']}", sentence)
        where = fault["function"] + f" ({fault['file']}:{fault['line']})" if "function" in fault else "?"
        self.assertIn(f"in {where}  pc {fault['pc']}\n", result.err)
        parts = sections(result.err)
        registers = dict(re.findall(rf"(\w+):({WORD})", "\n".join(parts["registers"])))
        for name, value in fault["registers"].items():
            self.assertEqual(registers["spsr" if name == "cpsr" else name], value[2:], name)
        callers = []  # the terminal shows recursion once: "(31 times)"
        for line in parts["backtrace"]:
            times = re.search(r"  \((\d+) times\)$", line)
            callers += [line] * (int(times[1]) if times else 1)
        for line, frame in zip(callers, fault["backtrace"], strict=True):
            self.assertIn(frame["pc"], line)
            self.assertIn(frame.get("function", "?"), line)
        for line, entry in zip(parts["last"], fault["trace"], strict=True):
            self.assertIn(f"{entry['n']}  {entry['pc'][2:]}  ", line)
            self.assertIn(entry["text"], line)
        kind = {"undefined": "UND", "bad-syscall": "SVC"}.get(fault["kind"], "ABT")
        self.assertRegex(result.out, rf"PL1 stopped PL0 task sp:{fault['registers']['sp']} "
                                     rf"lr:{fault['registers']['lr']} pc:{fault['registers']['pc']} "
                                     rf"err:exception mode {kind}\n")

    def test_of_every_other_outcome(self):
        for name in WELL_BEHAVED:
            with self.subTest(name):
                _, document = self.report(example(name), code=0)
                self.assertEqual(document["applets"][0]["outcome"], "exited")
                self.assertEqual(document["applets"][0]["syscalls"].get("exit"), 1)
        _, document = self.report(example("panic"), code=4)
        self.assertEqual((document["applets"][0]["outcome"], document["applets"][0]["exit_status"]), ("panicked", 3))
        _, document = self.report("--max-instructions", "5000", example("endless"), code=5)
        self.assertEqual(document["applets"][0]["outcome"], "budget")
        _, document = self.report(TEST_APPLETS / "deadlock.elf", code=5)
        self.assertEqual(document["applets"][0]["outcome"], "budget")

    def test_of_several_applets_keeps_their_order(self):
        _, document = self.report("--ram", "16M", example("null"), example("hello"), example("panic"), code=3)
        self.assertEqual([(a["name"], a["outcome"]) for a in document["applets"]],
                         [("null", "faulted"), ("hello", "exited"), ("panic", "panicked")])

    def test_counts_system_calls_and_knows_time_and_seed(self):
        result, document = self.report("--seed", "9", example("mississippi"), code=3)
        self.assertEqual(document["seed"], 9)
        self.assertTrue(5e9 <= document["virtual_ns"] < 5.1e9)
        calls = document["applets"][0]["syscalls"]
        own = "".join(line + "\n" for line in result.out.splitlines() if " PL0 " in line[8:13])
        self.assertEqual(calls["write"], len(own))
        self.assertEqual(calls["sleep_until"], 5)
        self.assertEqual(calls["count"], 1)

    def test_of_a_quiet_run_is_the_same(self):
        _, loud = self.report(example("null"))
        _, quiet = self.report("--quiet", example("null"))
        self.assertEqual(loud, quiet)

    def test_of_a_disagreement_ends_with_the_offending_instruction(self):
        _, document = self.report("--lockstep=100", example("hello"), code=6)
        fault = document["applets"][0]["fault"]
        self.assertEqual(fault["trace"][-1]["pc"], fault["pc"])

    def test_names_are_valid_text_whatever_the_file_is_called(self):
        for name in (b"quo\"te\\.elf", b"control\x1b[31m\n.elf", b"latin\xff1.elf", "täst.elf".encode(), b".elf"):
            with self.subTest(name):
                path = os.fsencode(self.dir) + b"/" + name
                Path(os.fsdecode(path)).write_bytes(elf(FAULT))
                result, _ = self.report(path, code=3)
                self.assertNotIn(b"\x1b", result.raw_err + result.raw_out)


TEXT_LINE = re.compile(r"^(?:\w+ )? *(\d+)  ([0-9a-f]{8})  (?:[0-9a-f]{4}    |[0-9a-f]{8})  (\S.*)$")


class Trace(Case):
    def traces(self, *args):
        text, lines = self.dir / "trace.txt", self.dir / "trace.jsonl"
        run("--quiet", "--trace", text, *args)
        _, document = self.report("--quiet", "--trace", lines, *args)
        entries = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
        return text.read_text(errors="replace").splitlines(), entries, document

    def check_entries(self, entries):
        schema = VALIDATOR.schema
        entry_validator = type(VALIDATOR)({"$defs": schema["$defs"], "$ref": "#/$defs/trace_entry"})
        seen = set()
        for entry in entries:
            shape = json.dumps([entry["text"].split()[0], sorted(entry["writes"]),
                                [(m["op"], m["size"]) for m in entry["memory"]]])
            if shape not in seen:  # thousands are alike, and jsonschema is slow
                seen.add(shape)
                entry_validator.validate(entry)
            for m in entry["memory"]:
                self.assertEqual(len(m["value"]), 2 + 2 * m["size"], entry)

    def test_holds_every_instruction_once(self):
        for name in ("hello", "mississippi", "null", "bad_syscall", "execute_data", "panic", "rpc"):
            with self.subTest(name):
                text, entries, document = self.traces(example(name))
                applet = document["applets"][0]
                unfinished = applet.get("fault", {}).get("kind") in ("data-abort", "undefined")
                self.assertEqual([e["n"] for e in entries], list(range(applet["instructions"] + unfinished)))
                self.assertEqual(entries[0]["pc"], applet["entry"])
                self.check_entries(entries)
                matches = [TEXT_LINE.match(line) for line in text]
                self.assertNotIn(None, matches)
                self.assertEqual([(int(m[1]), "0x" + m[2]) for m in matches], [(e["n"], e["pc"]) for e in entries])
                for match, entry in zip(matches, entries):
                    self.assertTrue(match[3].startswith(entry["text"]), (match[0], entry))
                if "fault" in applet:
                    self.assertEqual(entries[-16:], applet["fault"]["trace"])

    def test_shows_what_changed(self):
        code = [0xE3A01007, 0xE52D1004, 0xE49D2004, 0xE1530003, *EXIT]  # mov r1, #7; push r1; pop r2; cmp r3, r3
        text, entries, _ = self.traces(self.image("stack", code))
        self.assertEqual(entries[0]["writes"], {"r1": "0x00000007"})
        self.assertEqual(entries[1]["writes"], {"sp": "0x13fffffc"})
        self.assertEqual(entries[1]["memory"],
                         [{"op": "write", "address": "0x13fffffc", "size": 4, "value": "0x00000007"}])
        self.assertEqual(entries[2]["writes"], {"r2": "0x00000007", "sp": "0x14000000"})
        self.assertEqual(entries[2]["memory"],
                         [{"op": "read", "address": "0x13fffffc", "size": 4, "value": "0x00000007"}])
        self.assertEqual(list(entries[3]["writes"]), ["cpsr"])
        self.assertIn("[13fffffc]<-00000007  sp=13fffffc", text[1])

    def test_says_which_instructions_were_skipped(self):
        # cmp r3, r3; movne r4, #1; moveq r4, #1; movhi r4, #2; strne r4, [sp, #-4]
        code = [0xE1530003, 0x13A04001, 0x03A04001, 0x83A04002, 0x150D4004, *EXIT]
        text, entries, _ = self.traces(self.image("conditions", code))
        self.assertEqual([e.get("executed", True) for e in entries[:5]], [True, False, True, False, False])
        self.assertEqual(["condition failed" in line for line in text[:5]], [False, True, False, True, True])
        self.assertEqual(entries[4]["memory"], [])

    def test_registers_follow_from_one_another(self):
        """Replaying the writes of the whole trace ends in the registers of the report."""
        _, entries, document = self.traces(example("null"))
        registers = {}
        for entry in entries:
            registers.update(entry["writes"])
        final = document["applets"][0]["fault"]["registers"]
        for name, value in registers.items():
            if name in final:
                self.assertEqual(final[name], value, name)

    def test_of_several_applets_says_whose_each_line_is(self):
        _, entries, document = self.traces("--ram", "16M", example("hello"), example("null"))
        for applet in document["applets"]:
            own = [e["n"] for e in entries if e["applet"] == applet["name"]]
            self.assertEqual(own, list(range(applet["instructions"] + ("fault" in applet))))

    def test_of_applets_with_odd_names_is_valid_json(self):
        for name in (b"latin\xff.elf", b"tab\t.elf", b"quote\".elf", "é".encode() * 40 + b".elf"):
            with self.subTest(name):
                path = Path(os.fsdecode(os.fsencode(self.dir) + b"/" + name))
                path.write_bytes(elf(EXIT))
                self.traces("--ram", "16M", path, path)


class Determinism(Case):
    def everything(self, folder, *args):
        folder.mkdir()
        result = run("--trace", folder / "trace.txt", "--report", folder / "report.json", *args)
        return (result.code, result.raw_out, result.raw_err, (folder / "trace.txt").read_bytes(),
                (folder / "report.json").read_bytes())

    def check_twice(self, *args):
        with self.subTest(args):
            with tempfile.TemporaryDirectory(dir=self.dir) as folder:
                first, second = (self.everything(Path(folder) / n, *args) for n in ("a", "b"))
                for what, x, y in zip(("exit code", "stdout", "stderr", "trace", "report"), first, second):
                    self.assertTrue(x == y, f"{what} differs")

    def test_same_images_options_and_seed_give_the_same_bytes(self):
        for name in ("hello", "mississippi", "random", "rpc", "null", "containers"):
            self.check_twice(example(name))
        self.check_twice("--seed", "7", example("random"))
        self.check_twice("--quantum", "100", "--ram", "16M", example("hello"), example("random"))
        self.check_twice("--lockstep", example("random"))
        self.check_twice("--lockstep=50", "--seed", "7", "--ram", "16M", example("hello"), example("null"))
        self.check_twice("--max-instructions", "12345", example("endless"))

    def test_observing_changes_nothing(self):
        for name in ("mississippi", "random", "cntpct"):
            path = example(name) if example(name).exists() else TEST_APPLETS / f"{name}.elf"
            plain = run(path)
            observed = run("--trace", self.dir / "t", "--report", self.dir / "r", path)
            self.assertEqual((plain.code, plain.raw_out, plain.raw_err),
                             (observed.code, observed.raw_out, observed.raw_err))


# ---- refusals --------------------------------------------------------------------------------------------------


class Refusals(Case):
    def test_missing_file(self):
        self.assert_refused(self.dir / "missing.elf", names=["missing.elf", "No such file"])

    def test_empty_name(self):
        self.assert_refused("", names="No such file")

    def test_directory(self):
        self.assert_refused(self.dir, names=[self.dir, "directory"])

    def test_unreadable_file(self):
        path = self.image("secret", EXIT)
        path.chmod(0)
        if os.access(path, os.R_OK):
            self.skipTest("this user may read everything")
        self.assert_refused(path, names=[path, "Permission denied"])

    def test_empty_file(self):
        path = self.dir / "empty.elf"
        path.touch()
        self.assert_refused(path, names=[path, "empty"])

    def test_text_file(self):
        path = self.dir / "text.elf"
        path.write_text("#!/bin/sh\necho no applet\n" * 10)
        self.assert_refused(path, names=[path, "not an ELF file"])

    def test_program_of_the_host(self):
        self.assert_refused("/bin/true", names=["/bin/true", "EI_CLASS"])

    def test_truncated_applet(self):
        data = example("hello").read_bytes()
        for size in (3, 51, 60, 5000, 20000):
            with self.subTest(size):
                path = self.dir / "cut.elf"
                path.write_bytes(data[:size])
                self.assert_refused(path, names=path)

    def test_wrong_class_byte_order_machine_and_type(self):
        for field, value, text in (("EI_CLASS", 2, "64-bit"), ("EI_DATA", 2, "big-endian"),
                                   ("e_machine", 3, "x86"), ("e_type", 3, "ET_DYN"), ("e_type", 1, "ET_REL")):
            with self.subTest(field):
                self.assert_refused(self.image("wrong", EXIT, **{field: value}), names=["wrong.elf", field, text])

    def test_entry_outside_the_code(self):
        self.assert_refused(self.image("lost", EXIT, e_entry=0x10020000), names=["lost.elf", "e_entry"])

    def test_writable_and_executable_segment(self):
        path = self.image("wx", EXIT, p_flags=7)
        self.assert_refused(path, names=[path, "p_flags"])
        result = self.expect(0, "--allow-wx", path)
        self.assertEqual(len(result.err.splitlines()), 1)
        self.assertIn("writable and executable", result.err)
        self.assertIn(str(path), result.err)

    def test_address_0(self):
        path = self.image("zero", EXIT, p_vaddr=0, e_entry=0)
        self.assert_refused(path, names=[path, "p_vaddr"])

    def test_overlap_with_the_supervisor(self):
        path = self.image("intruder", EXIT, p_vaddr=0x90010000, e_entry=0x90010000)
        self.assert_refused(path, names=[path, "p_vaddr", "0x90010000"])

    def test_segment_larger_than_the_memory(self):
        path = self.image("huge", EXIT, p_memsz=0xF0000000)
        self.assert_refused(path, names=path)

    def test_too_many_applets_for_the_memory(self):
        message = self.assert_refused(*[example("hello")] * 3, names=["hello.elf", "64 MiB"])
        self.assertIn("smaller", message)
        self.assertIn("(--ram)", message)

    def test_names_with_control_characters_do_not_reach_the_terminal(self):
        result = self.expect(2, os.fspath(self.dir) + "/\x1b[31mred.elf")
        self.assertNotIn(b"\x1b", result.raw_err)

    def test_bad_options(self):
        image = example("hello")
        for args in (["--quantm", "5"], ["--quantum", "0"], ["--quantum", "-1"], ["--quantum", "abc"],
                     ["--quantum", "1.5"], ["--ram", "65K"], ["--ram", "1G"], ["--ram", "0"], ["--ram", "-1"],
                     ["--ram", "x"], ["--ram", "129M"], ["--lockstep=101"], ["--lockstep=x"], ["--lockstep=-1"],
                     ["--lockstep=5%"], ["--last", "-1"], ["--max-instructions", "0"],
                     ["--max-instructions", "-5"], ["--max-time", "0"], ["--max-time", "-1"],
                     ["--max-time", "soon"], ["--seed", "x"]):
            with self.subTest(args):
                self.assert_refused(*args, image, names=args[0].split("=")[0], hint=True)

    def test_options_whose_values_make_no_sense(self):
        image = example("hello")
        for args in (["--seed", "-1"], ["--seed", "99999999999999999999"], ["--max-time", "nan"], ["--lockstep="],
                     ["--report", ""], ["--trace", ""]):
            with self.subTest(args):
                self.assert_refused(*args, image, names=args[0].split("=")[0], hint=True)

    def test_memory_sizes_are_refused_in_the_words_they_were_given(self):
        for size in ("-5", "1.5M", "0", "1", "65K", "1G", "129M", "x", "M", "99999999999999999999", "4MM", "4KM",
                     "3145728T"):
            with self.subTest(size):
                message = self.assert_refused("--ram", size, example("hello"), names="--ram", hint=True)
                self.assertIn(f"'{size}' is not a size from 1M to 128M in whole MiB, as in 16M", message)

    def test_a_percentage_that_stands_apart_is_shown_where_it_belongs(self):
        message = self.assert_refused("--lockstep", "50", example("hello"), names="--lockstep=50", hint=True)
        self.assertIn("=", message)

    def test_too_many_applets_for_the_address_spaces_are_not_sent_to_ram(self):
        message = self.assert_refused("--ram", "1M", *[self.image("exit", EXIT)] * 9, names="eight address spaces")
        self.assertNotIn("--ram", message)

    def test_messages_are_short(self):
        result = self.expect(2, "--max-instructions", "0", example("hello"))
        self.assertLess(len(result.err.splitlines()[0]), 120)

    def test_contradiction(self):
        self.assert_refused("--quiet", "--verbose", example("hello"), names="--quiet", hint=True)

    def test_no_applet(self):
        self.assert_refused(names="APPLET", hint=True)


# ---- output that cannot be written ---------------------------------------------------------------------------------


def limit_file_size():
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


class Output(Case):
    def test_file_in_a_missing_folder(self):
        for option in ("--report", "--trace"):
            with self.subTest(option):
                path = self.dir / "missing" / "file"
                message = self.expect(2, option, path, example("hello")).err
                self.assertEqual(message, f"gotee-sim: cannot write {path}: No such file or directory\n")

    def test_file_that_is_a_folder(self):
        for option in ("--report", "--trace"):
            with self.subTest(option):
                self.assert_refused(option, self.dir, example("hello"), names=self.dir)

    def test_full_device_directly_and_through_a_link(self):
        link = self.dir / "link"
        link.symlink_to("/dev/full")
        for option in ("--report", "--trace"):
            for path in ("/dev/full", link):
                with self.subTest(option=option, path=path):
                    self.assert_refused(option, path, example("hello"), names=[path, "No space left"])
        self.assertEqual(os.listdir(self.dir), ["link"])

    def test_failure_leaves_the_old_file_and_no_temporary(self):
        for option in ("--report", "--trace"):
            for ignored in (True, False):  # does the parent ignore SIGXFSZ? A shell does not.
                with self.subTest(option=option, ignored=ignored):
                    path = self.dir / "file"
                    path.write_text("old\n")
                    result = run(option, path, example("null"), preexec_fn=limit_file_size,
                                 restore_signals=not ignored)
                    left = sorted(os.listdir(self.dir))
                    for name in left:
                        if name != "file":
                            os.unlink(self.dir / name)
                    self.assertEqual(path.read_text(), "old\n")
                    self.assertEqual(left, ["file"], result)
                    self.assertEqual(result.code, 2, result)
                    self.assertIn(f"cannot write {path}", result.err)

    def test_success_replaces_the_old_file_and_leaves_no_temporary(self):
        path = self.dir / "file"
        path.write_text("old\n" * 10000)
        self.expect(0, "--report", path, example("hello"))
        self.assertEqual(os.listdir(self.dir), ["file"])
        self.assertEqual(json.loads(path.read_text())["exit_code"], 0)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o400, 0o400)

    def test_link_to_a_file_is_written_through(self):
        target, link = self.dir / "target", self.dir / "link"
        target.write_text("old\n")
        link.symlink_to("target")
        self.expect(0, "--report", link, example("hello"))
        self.assertTrue(link.is_symlink())
        self.assertEqual(json.loads(target.read_text())["exit_code"], 0)

    def test_link_to_nothing_yet_is_written_through(self):
        (self.dir / "folder").mkdir()
        target, link, outer = self.dir / "folder" / "target", self.dir / "folder" / "link", self.dir / "outer"
        link.symlink_to("target")
        outer.symlink_to("folder/link")
        self.expect(0, "--report", outer, example("hello"))
        self.assertTrue(outer.is_symlink() and link.is_symlink())
        self.assertFalse(target.is_symlink())
        self.assertEqual(json.loads(target.read_text())["exit_code"], 0)

    def test_link_that_leads_in_circles(self):
        link = self.dir / "link"
        link.symlink_to("link")
        self.assert_refused("--report", link, example("hello"), names=[link, "symbolic links"])
        self.assertTrue(link.is_symlink())

    def test_one_file_for_trace_and_report(self):
        old, link = self.dir / "old", self.dir / "link"
        old.write_text("old\n")
        link.symlink_to("new")
        for trace, report in ((self.dir / "new", self.dir / "new"), (old, old), (link, self.dir / "new"),
                              (self.dir / "new", f"{self.dir}/./new")):
            with self.subTest(trace=trace, report=report):
                self.assert_refused("--trace", trace, "--report", report, example("hello"),
                                    names=["--trace", "--report", report], hint=True)
        self.assertEqual(old.read_text(), "old\n")
        self.assertFalse((self.dir / "new").exists())
        self.expect(0, "--trace", "/dev/null", "--report", "/dev/null", example("hello"))

    def test_output_that_is_an_applet(self):
        path, link = self.image("applet", EXIT), self.dir / "link"
        link.symlink_to(path)
        before = path.read_bytes()
        for option in ("--trace", "--report"):
            for output in (path, link):
                with self.subTest(option=option, output=output):
                    self.assert_refused(option, output, path, names=[option, output], hint=True)
        self.assertEqual(path.read_bytes(), before)

    def test_pipe_is_written_as_it_is(self):
        fifo = self.dir / "fifo"
        os.mkfifo(fifo)
        reader = subprocess.Popen(["cat", fifo], stdout=subprocess.PIPE)
        self.addCleanup(reader.kill)
        self.expect(0, "--report", fifo, example("hello"))
        out, _ = reader.communicate(timeout=TIMEOUT)
        self.assertEqual(json.loads(out)["exit_code"], 0)

    def test_broken_trace_does_not_cost_the_report(self):
        path = self.dir / "report.json"
        self.expect(2, "--trace", "/dev/full", "--report", path, example("hello"))
        self.assertTrue(path.exists())

    def test_broken_trace_ends_an_endless_run(self):
        """Soon after it broke, and at once where it can never be written."""
        for path in ("/dev/full", self.dir / "missing" / "file"):
            with self.subTest(path):
                try:
                    self.expect(2, "--trace", path, example("endless"), timeout=2)
                except subprocess.TimeoutExpired:
                    self.fail("it goes on running")

    def test_report_that_can_never_be_written_is_refused_before_an_endless_run(self):
        try:
            self.expect(2, "--report", self.dir / "missing" / "file", example("endless"), timeout=2)
        except subprocess.TimeoutExpired:
            self.fail("it runs first")

    def test_stdout_closed(self):
        result = self.expect(2, example("hello"), preexec_fn=lambda: os.close(1))
        self.assertEqual(len(result.err.splitlines()), 1, result)
        self.assertIn("standard output", result.err)

    def test_stdout_closed_does_not_leak_the_console_into_files(self):
        """A file opened as descriptor 1 must not receive what applets print."""
        path = self.dir / "report.json"
        run("--report", path, "--trace", self.dir / "t.jsonl", example("hello"), preexec_fn=lambda: os.close(1))
        for file in self.dir.iterdir():
            self.assertNotIn("PL1 loaded", file.read_text(), file)

    def test_stdout_full(self):
        with open("/dev/full", "wb") as full:
            result = self.expect(2, example("hello"), stdout=full)
        self.assertEqual(result.err, "gotee-sim: cannot write to standard output: No space left on device\n")

    def check_unwritable_stderr(self, **popen):
        report = self.dir / "report.json"
        process = subprocess.run([SIM, "--report", report, example("null")], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, timeout=TIMEOUT, **popen)
        self.assertEqual(process.returncode, 3)
        self.assertIn(b"PL1 says goodbye", process.stdout)
        self.assertEqual(json.loads(report.read_text())["exit_code"], 3)

    def test_stderr_full(self):
        with open("/dev/full", "wb") as full:
            self.check_unwritable_stderr(stderr=full)

    def test_stderr_closed(self):
        self.check_unwritable_stderr(stderr=subprocess.DEVNULL, preexec_fn=lambda: os.close(2))

    def test_stderr_whose_reader_is_gone(self):
        reader, writer = os.pipe()
        os.close(reader)
        self.addCleanup(os.close, writer)
        self.check_unwritable_stderr(stderr=writer)

    def test_report_is_written_before_the_explanation(self):
        """Whoever reads the explanation slowly, or not at all, has the report."""
        reader, writer = os.pipe()
        report = self.dir / "report.json"
        process = subprocess.Popen([SIM, "--report", report, "--last", "10000", example("mississippi")],
                                   stdout=subprocess.DEVNULL, stderr=writer)  # more than a pipe holds
        self.addCleanup(process.wait)
        self.addCleanup(os.close, reader)  # which ends it
        os.close(writer)
        select.select([reader], [], [], TIMEOUT)
        self.assertIsNone(process.poll())
        self.assertEqual(json.loads(report.read_text())["exit_code"], 3)

    def test_what_an_endless_applet_prints_comes_through_a_pipe_at_once(self):
        process = subprocess.Popen([SIM, example("endless")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        seen = b""
        deadline = time.monotonic() + 10
        while b"about to loop for ever" not in seen:
            self.assertGreater(deadline, time.monotonic(), "nothing comes while it runs")
            if select.select([process.stdout], [], [], 1)[0]:
                seen += os.read(process.stdout.fileno(), 65536)

    def test_reader_that_goes_away_ends_an_endless_run(self):
        process = subprocess.Popen([SIM, self.image("print", PRINT)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        process.stdout.close()
        err = process.stderr.read().decode()
        self.assertEqual(process.wait(TIMEOUT), 2)
        self.assertIn("gotee-sim: cannot write to standard output: Broken pipe\n", err)

    def test_help_and_version_that_cannot_be_written(self):
        for option in ("--help", "--version"):
            with self.subTest(option), open("/dev/full", "wb") as full:
                result = self.expect(2, option, stdout=full)
                self.assertIn("standard output", result.err)

    def test_interrupt_ends_a_run_and_explains_it(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                report = self.dir / "report.json"
                process = subprocess.Popen([SIM, "--verbose", "--report", report, example("endless")],
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                self.addCleanup(process.kill)
                process.stderr.readline()  # by now it knows what to do with a signal
                time.sleep(0.3)
                process.send_signal(number)
                start = time.monotonic()
                out, err = process.communicate(timeout=TIMEOUT)
                self.assertLess(time.monotonic() - start, 2)
                self.assertEqual(process.returncode, 5, err)
                self.assertIn(b"applet 'endless' was still running when it was interrupted", err)
                self.assertIn(b"main (endless.c:", err)
                self.assertIn(b"about to loop for ever", out)
                self.assertEqual(json.loads(report.read_text())["applets"][0]["outcome"], "budget")

    def test_interrupt_of_a_run_that_sleeps_in_real_time(self):
        process = subprocess.Popen([SIM, "--verbose", "--realtime", TEST_APPLETS / "sleepers.elf"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        process.stderr.readline()
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=2)
        except subprocess.TimeoutExpired:
            self.fail("an applet that sleeps for an hour of real time cannot be interrupted")
        self.assertEqual(process.returncode, 5)


# ---- terminals ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def terminal(*args, stdout=subprocess.DEVNULL, **environment):
    """gotee-sim with a terminal for its standard error: (process, master)."""
    master, slave = pty.openpty()
    process = subprocess.Popen([SIM, *map(os.fspath, args)], stdin=subprocess.DEVNULL,
                               stdout=slave if stdout is None else stdout, stderr=slave,
                               env=clean_environment(**environment))
    os.close(slave)
    try:
        yield process, master
    finally:
        process.kill()
        process.wait()
        os.close(master)


def read_until_end(master, seen=b"", on_data=lambda text: None):
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if not select.select([master], [], [], 1)[0]:
            continue
        try:
            piece = os.read(master, 65536)
        except OSError:  # EIO: the last writer is gone
            return seen
        if not piece:
            return seen
        seen += piece
        on_data(seen)
    raise TimeoutError


class Terminal(Case):
    def test_colour_on_a_terminal(self):
        with terminal(example("null"), TERM="xterm") as (_, master):
            text = read_until_end(master)
        self.assertIn(b"\x1b[1;31mapplet 'null' tried to read", text)
        plain = re.sub(rb"\x1b\[[0-9;]*m", b"", text).replace(b"\r\n", b"\n")
        self.assertEqual(plain, run(example("null")).raw_err)

    def test_no_color_is_respected(self):
        with terminal(example("null"), TERM="xterm", NO_COLOR="1") as (_, master):
            self.assertNotIn(b"\x1b", read_until_end(master))
        with terminal(self.dir / "missing.elf", TERM="xterm", NO_COLOR="1") as (_, master):
            self.assertNotIn(b"\x1b", read_until_end(master))

    def test_an_empty_no_color_is_none(self):
        """https://no-color.org: present and not an empty string."""
        with terminal(example("null"), TERM="xterm", NO_COLOR="") as (_, master):
            self.assertIn(b"\x1b[", read_until_end(master))

    def test_no_escape_bytes_without_a_terminal(self):
        for args in ([example("null")], ["--verbose", example("rpc")], [self.dir / "missing.elf"], ["--help"]):
            result = run(*args, env=clean_environment(TERM="xterm"))
            self.assertNotIn(b"\x1b", result.raw_out + result.raw_err)

    def test_progress_of_a_long_run_is_shown_and_removed(self):
        sent = []

        def interrupt(text):
            if not sent and text.count(b"MIPS") >= 2:
                sent.append(process.send_signal(signal.SIGINT))

        start = time.monotonic()
        with terminal(example("endless"), TERM="xterm") as (process, master):
            text = read_until_end(master, on_data=interrupt)
            self.assertEqual(process.wait(TIMEOUT), 5)
        self.assertGreater(time.monotonic() - start, 2)
        self.assertRegex(text, rb"\d+ M instructions, \d+ MIPS, virtual time 00:00:\d\d")
        after = text[text.rindex(b"MIPS"):]
        self.assertRegex(after, rb"^MIPS, virtual time [0-9:]+\r\x1b\[K\r\n")
        self.assertIn(b"applet 'endless' was still running", after)

    def test_quiet_shows_no_progress(self):
        with terminal("--quiet", example("endless"), TERM="xterm") as (process, master):
            self.assertEqual(select.select([master], [], [], 2.6)[0], [])
            process.send_signal(signal.SIGINT)
            self.assertEqual(read_until_end(master), b"")

    def test_short_run_shows_no_progress(self):
        with terminal(example("hello")) as (_, master):
            self.assertEqual(read_until_end(master), b"")


class HostileNames(Case):
    def check_no_controls(self, path):
        result, _ = self.report(path, code=3)
        bad = [b for b in result.raw_err if (b < 0x20 and b != 0x0A) or b == 0x7F]
        self.assertEqual(bad, [], result)
        return result

    def test_control_characters_in_function_names(self):
        result = self.check_no_controls(self.patched("mississippi", (b"read_secret\0", b"re\x1b[31ms\x07\x7f\n\0")))
        self.assertNotIn("read_secret (", result.err)
        self.assertIn("?[31m", result.err)

    def test_control_characters_in_file_names(self):
        self.check_no_controls(self.patched("mississippi", (b"mississippi.c\0", b"m\x1b]0;x\x07ssip.c\0")))

    def test_c1_control_characters(self):
        """U+0080 to U+009F are controls too: terminals take U+009B for ESC [."""
        path = self.patched("mississippi", (b"read_secret\0", b"rea\xc2\x9b31mse\xc2\0"))
        result, _ = self.report(path, code=3)
        self.assertNotIn(b"\xc2\x9b", result.raw_err)

    def test_source_name_that_is_a_device_is_not_read(self):
        source = os.fsencode(SOURCE / "applets/mississippi/mississippi.c")
        data = example("mississippi").read_bytes()
        if source not in data:
            self.skipTest("the examples were not compiled under their absolute names")
        path = self.dir / "zero.elf"
        path.write_bytes(data.replace(source + b"\0", b"/dev/zero".ljust(len(source), b"\0") + b"\0"))
        try:
            result = run(path, timeout=10)
        except subprocess.TimeoutExpired:
            self.fail("it reads /dev/zero")
        self.assertEqual(result.code, 3, result)


def main():
    global SIM, APPLETS, TEST_APPLETS, SOURCE, VALIDATOR
    if len(sys.argv) < 4:
        sys.exit("usage: cli_test.py GOTEE_SIM BUILD_DIR SOURCE_DIR [unittest's options]")
    SIM, build, SOURCE = (Path(a).resolve() for a in sys.argv[1:4])
    SIM = str(SIM)
    APPLETS, TEST_APPLETS = build / "applets", build / "tests" / "applets"
    schema = json.loads((SOURCE / "docs" / "report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    VALIDATOR = jsonschema.Draft202012Validator(schema)
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])


if __name__ == "__main__":
    main()
