#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The simulator and the firmware agree: the same images, on gotee-sim and in QEMU, end and print the same.

agreement_test.py GOTEE_SIM BUILD_DIR FIRMWARE_DIR SOURCE_DIR [unittest's options]

Compared are the exit code, the console line by line (register dumps among them), and of each fault the sentence, kind,
pc, address and status: the firmware prints them behind its good-bye, gotee-sim reports them.
"""
import concurrent.futures
import dataclasses
import json
import re
import shlex
import subprocess
import sys
import time
import unittest
from pathlib import Path

SIM = BUILD = FIRMWARE = SOURCE = LOGS = None  # set by main
LIMIT = 60  # seconds for each emulator
AT_ONCE = 2
ARCHIVE_AT = 0x90100000  # core/mem/layout.h, embedded images

# ---- what may differ -------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Difference:
    """Where `runs` matches a run's name and `pattern` a line, the first group may differ; without a group, the line
    is the firmware's alone."""
    runs: str
    pattern: str
    why: str


DIFFERENCES = [
    Difference(r".*", r"00:00:00 PL1 machine: .*",
               "design 4.2: the simulator has no board and no devices of which it could say what is there"),
    Difference(r"mississippi", r"00:00:05 +r4:(\w{8}) ",
               "[ARM ARM] B8.1.1: a counter measures time, not instructions. r4 is the low word of the last clock "
               "reading; how long instructions take, the supervisor's among them, is no part of the architecture"),
    Difference(r"cntpct", r"CNTFRQ (\d+)",
               "[ARM ARM] B8.1.1: the counter's frequency is the implementation's. [IMX6ULRM] 45.1: 8 MHz, which "
               "the simulator models; QEMU 7.2 gives each Cortex-A7 62.5 MHz"),
]

SIMULATOR_ONLY = {
    "end_of_time": "sleeps 146 years: the firmware lives through them, at two watchdog services for each second",
    "lockstep_time": "takes the counter to tick every 125 ns, as the simulator's and the chip's do; QEMU's is faster, "
                     "see CNTFRQ above",
}

# ---- what is run -----------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Run:
    images: tuple
    until: str = ""  # never ends: a line that must come, after which QEMU is stopped
    streams: tuple = ()  # lines that match different ones of these may come in any order

    @property
    def name(self):
        return "_with_".join(self.images)


# An applet's memory is 64 MiB, so two are all that the firmware has room for.
TOGETHER = [
    # Preempted at another instruction on each machine, by the nature of time: see DIFFERENCES on r4.
    Run(("compete_a", "compete_b"), streams=(r"PL0 A |task compete_a ", r"PL0 B |task compete_b ")),
    Run(("endless",), until="PL0 about to loop for ever"),
    Run(("endless", "hello"), until=r"PL1 stopped PL0 task hello .* err:exit"),
    Run(("endless", "compete_a"), until=r"PL1 stopped PL0 task compete_a .* err:exit"),
    Run(("endless", "write_text"), until=r"PL1 stopped PL0 task write_text .* err:exception mode ABT"),
    Run(("hello", "read_supervisor")),
    Run(("read_supervisor", "hello")),
    Run(("write_text", "stack_overflow")),  # two faults: two explanations, in the order of the images
    Run(("null", "panic")),  # exit code 3 comes before 4
    Run(("panic", "hello")),  # and 4 before 0
    Run(("execute_data", "deadlock")),
    Run(("bad_syscall", "undefined")),
    Run(("mississippi", "sleepers")),
    Run(("mississippi", "compete_a")),
    Run(("poll", "sleepers")),
    Run(("rpc", "random")),
    Run(("float", "preempt")),
    Run(("coroutines", "thumb")),
]
GUESTS = "normal_"  # for the Normal world: no applets


def image(name):
    found = [f for f in (BUILD / "applets" / f"{name}.elf", BUILD / "tests/applets" / f"{name}.elf") if f.exists()]
    return found[0] if found else sys.exit(f"agreement_test: {name}.elf has not been built")


def all_runs():
    files = [*(BUILD / "applets").glob("*.elf"), *(BUILD / "tests/applets").glob("*.elf")]
    names = sorted(f.stem for f in files if not f.stem.startswith(GUESTS))
    left_out = {run.images[0] for run in TOGETHER if run.until} | set(SIMULATOR_ONLY)
    return [Run((name,)) for name in names if name not in left_out] + TOGETHER


# ---- running ---------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Outcome:
    code: int  # None: stopped by this test, because it does not end by itself
    lines: list
    faults: list = dataclasses.field(default_factory=list)  # (sentence, kind, pc, address, status)


def simulate(run, folder):
    report = folder / "report.json"
    command = [SIM, "--quiet", "--report", report, *map(image, run.images)]
    if run.until:
        command[1:1] = ["--max-instructions", "200000000"]
    process = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT)
    (folder / "sim.command").write_text(shlex.join(map(str, command)) + "\n")
    (folder / "sim.console").write_bytes(process.stdout + process.stderr)
    faults = [tuple(a["fault"][key] for key in ("sentence", "kind", "pc", "address", "status"))
              for a in json.loads(report.read_text())["applets"] if a["outcome"] == "faulted"]
    lines = process.stdout.decode().splitlines()
    if run.until:  # it ran out of its budget, which the firmware does not have, and then said good-bye
        assert process.returncode == 5 or faults, process.returncode
        assert lines.pop().endswith("PL1 says goodbye")
        return Outcome(None, lines)
    return Outcome(process.returncode, lines, faults)


def boot(run, folder):
    """The firmware in QEMU, at the simulator's two nanoseconds for each instruction."""
    archive, console = folder / "images", folder / "qemu.console"
    pack = [sys.executable, "-B", SOURCE / "tools/pack_images.py"]
    subprocess.run([*pack, archive, *map(image, run.images)], check=True)
    command = ["qemu-system-arm", "-M", "mcimx6ul-evk", "-m", "512", "-icount", "shift=1,sleep=off",
               "-display", "none", "-monitor", "none", "-serial", "stdio",
               "-semihosting-config", "enable=on,target=native", "-no-reboot",
               "-kernel", str(FIRMWARE / "gotee-bare.elf"),
               "-device", f"loader,file={archive},addr={ARCHIVE_AT:#x},force-raw=on"]
    (folder / "qemu.command").write_text(shlex.join(command) + "\n")
    with open(console, "wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        try:
            code = watch(process, console, run.until) if run.until else process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            code = f"none: QEMU was stopped after {LIMIT} s"
        finally:
            process.kill()
            process.wait()
    lines = console.read_bytes().decode("utf-8", "backslashreplace").replace("\r", "").splitlines()
    return Outcome(code, *split(lines))


def watch(process, console, until):
    """Until the line has come and the machine has run on for a while; None when it does not end by itself."""
    end = time.monotonic() + LIMIT
    while not re.search(until, console.read_text(errors="replace")):
        if process.poll() is not None or time.monotonic() > end:
            return f"{process.poll()}, and '{until}' did not come"
        time.sleep(0.05)
    time.sleep(0.5)
    return process.poll()


def split(lines):
    """The console, and the firmware's explanations behind its good-bye."""
    end = next((n for n, line in enumerate(lines, 1) if line.endswith("PL1 says goodbye")), len(lines))
    facts = r"  pc:(\w+) address:(\w+) status:(\w+) kind:(\S+)"
    faults = []
    for sentence, line in zip(lines[end::2], lines[end + 1::2] + [""]):
        match = re.fullmatch(facts, line)
        faults.append((sentence, match[4], match[1], match[2], match[3]) if match else (sentence, line))
    return lines[:end], faults


# ---- comparing -------------------------------------------------------------------------------------------------


def mask(pattern, lines):
    """Replaces the first group of `pattern` in `lines`, or takes the matching lines out. What was there."""
    values, kept = [], []
    for line in lines:
        match = re.match(pattern, line)
        if match:
            values.append(match[match.lastindex or 0])
        if not match:
            kept.append(line)
        elif match.lastindex:
            kept.append(line[:match.start(1)] + "(differs)" + line[match.end(1):])
    lines[:] = kept
    return values


class Agreement(unittest.TestCase):
    maxDiff = None
    results = {}  # run -> future of (folder, simulator's Outcome, firmware's)
    seen = set()

    def check(self, run):
        folder, sim, qemu = self.results[run].result()
        kept = f"logs in {folder}"
        self.mask_differences(run, sim, qemu)
        for outcome in (sim, qemu) if run.streams else ():
            self.sort_streams(run, outcome)
        self.assertEqual("\n".join(qemu.lines), "\n".join(sim.lines), f"console of the firmware and gotee-sim; {kept}")
        self.assertEqual(qemu.code, sim.code, f"exit code of the firmware and gotee-sim; {kept}")
        if not run.until:
            self.assertEqual(qemu.faults, sim.faults, f"faults of the firmware and gotee-sim; {kept}")
        dumps = sum(bool(re.search(r" r12:\w+ +sp:\w+ +lr:\w+ +pc:\w+ spsr:\w+", line)) for line in qemu.lines)
        stops = sum("err:exception mode" in line for line in qemu.lines)
        self.assertEqual(dumps, stops, "one register dump for each fault")
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()

    def mask_differences(self, run, sim, qemu):
        """Takes from both what may differ, and notes which differences there were."""
        for difference in DIFFERENCES:
            if not any(re.fullmatch(difference.runs, name) for name in run.images):
                continue
            values = [mask(difference.pattern, outcome.lines) for outcome in (qemu, sim)]
            if values[0] != values[1]:
                self.seen.add(difference)

    def sort_streams(self, run, outcome):
        """By stream, and within each as they came; they must have taken turns."""
        def stream(line):
            return next((n for n, pattern in enumerate(run.streams, 1) if re.search(pattern, line)), 0)

        order = [stream(line) for line in outcome.lines]
        turns = sum(a != b for a, b in zip(order, order[1:]) if a and b)
        self.assertGreater(turns, 2, "they take turns")
        outcome.lines.sort(key=stream)

    def test_zz_every_listed_difference_is_still_there(self):
        self.assertEqual([d.why for d in DIFFERENCES if d not in self.seen], [])


def both(run):
    folder = LOGS / run.name
    folder.mkdir(parents=True, exist_ok=True)
    return folder, simulate(run, folder), boot(run, folder)


def main():
    global SIM, BUILD, FIRMWARE, SOURCE, LOGS
    if len(sys.argv) < 5:
        sys.exit("usage: agreement_test.py GOTEE_SIM BUILD_DIR FIRMWARE_DIR SOURCE_DIR [unittest's options]")
    SIM, BUILD, FIRMWARE, SOURCE = (Path(a).resolve() for a in sys.argv[1:5])
    LOGS = BUILD / "tests/qemu-logs/agreement"
    if not (FIRMWARE / "gotee-bare.elf").exists():
        sys.exit(f"agreement_test: {FIRMWARE}/gotee-bare.elf has not been built (preset firmware)")
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for run in all_runs():
            Agreement.results[run] = pool.submit(both, run)
            setattr(Agreement, f"test_{run.name}", lambda self, run=run: self.check(run))
        unittest.main(argv=[sys.argv[0], *sys.argv[5:]])


if __name__ == "__main__":
    main()
