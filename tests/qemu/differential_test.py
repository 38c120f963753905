#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Generated programs end alike on the simulator and on QEMU (differential.cpp says what "alike" covers).

differential_test.py DIFFERENTIAL_SIM DIFFERENTIAL_QEMU BUILD_DIR [--seed N] [--count N] [--first N]
"""
import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SEED, COUNT = 4, 2000  # a seed that meets the known deviation, too
LIMIT = 120  # seconds for each of the two
SHOWN = 5  # differing cases that are spelled out

# ---- where QEMU is known to deviate from the architecture --------------------------------------------------------


def only_128_bits_are_checked(sim, qemu):
    """[ARM ARM] A8.8.320 and its kin: an address that is not a multiple of what :256 says is an Alignment fault.
    QEMU before MO_ALIGN_32 (10.1) enforces only 128 bits of it; its source says so at pow2_align()."""
    address = re.search(r"aligned to 32 at (\w+)", sim["description"])
    return address and int(address[1], 16) % 32 == 16 and sim["trap"] == "data-abort" and sim["far"] == address[1] \
        and int(sim["fsr"], 16) & ~0x800 == 0x001


DEVIATIONS = [only_128_bits_are_checked]

# ---- what the set must contain, lest it prove nothing -------------------------------------------------------------

LEAST = {  # of a thousand cases
    "trap:data-abort": 250,
    "trap:prefetch-abort": 100,
    "trap:supervisor-call": 250,
    "| arm ": 400,
    "| thumb ": 400,
    "fsr:00000001": 10,  # alignment
    "fsr:00000801": 10,
    "fsr:00000005": 20,  # translation, section and page
    "fsr:00000007": 5,
    "fsr:0000000d": 20,  # permission, section and page
    "fsr:0000000f": 40,
    "fsr:0000080f": 30,
}


def parse(line):
    number, description, code, end = line.split(" | ")
    facts = dict(fact.split(":", 1) for fact in end.split())
    start, code = code.split(":")
    return dict(facts, number=number.removeprefix("case:"), description=description, start=start, code=code)


def disassemble(case):
    """The program, with > at the instruction where it stopped."""
    thumb = case["description"].startswith("thumb")
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(bytes.fromhex(case["code"]))
        file.flush()
        command = ["arm-none-eabi-objdump", "-D", "-b", "binary", "-m", "arm", f"--adjust-vma=0x{case['start']}",
                   *(["-M", "force-thumb"] if thumb else []), file.name]
        try:
            text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            return f"    {case['start']}: {case['code']}  ({error})"
    lines = [line for line in text.splitlines() if re.match(r"\s*[0-9a-f]+:\t", line)]
    return "\n".join(("  > " if line.strip().startswith(case["pc"] + ":") else "    ") + line.strip() for line in lines)


def spell_out(sim, qemu):
    print(f"case {sim['number']}: {sim['description']}")
    print(disassemble(sim))
    for key in sim:
        if sim[key] != qemu.get(key):
            print(f"    {key:>8}: {sim[key]} on the simulator, {qemu.get(key)} on QEMU")
    print(f"    the simulator: {' '.join(f'{k}:{v}' for k, v in sim.items() if k not in ('code', 'description'))}\n")


def run_one(program, arguments, log):
    """One after the other: QEMU's side alone keeps two processors busy."""
    with open(log, "w") as out:
        process = subprocess.Popen([program, *arguments], stdin=subprocess.DEVNULL, stdout=out)
        try:
            code = process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            code = f"nothing: it was stopped after {LIMIT} s"
        finally:
            process.kill()  # its QEMU ends with it
            process.wait()
    return log.read_text().splitlines(), [f"{program} ended with {code}"] if code != 0 else []


def compare(sim_lines, qemu_lines):
    """The differing cases; how many are known deviations."""
    differing, deviating = [], 0
    for sim_line, qemu_line in zip(sim_lines, qemu_lines):
        if sim_line == qemu_line:
            continue
        sim, qemu = parse(sim_line), parse(qemu_line)
        same_program = all(sim[key] == qemu[key] for key in ("number", "description", "start", "code"))
        if same_program and any(is_known(sim, qemu) for is_known in DEVIATIONS):
            deviating += 1
        else:
            differing.append((sim, qemu))
    return differing, deviating


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sim")
    parser.add_argument("qemu")
    parser.add_argument("build", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    numbers = [str(n) for n in (arguments.seed, arguments.count, arguments.first)]
    logs = arguments.build / "tests/qemu-logs/differential"
    logs.mkdir(parents=True, exist_ok=True)
    sim, problems = run_one(arguments.sim, numbers, logs / "sim.txt")
    qemu, more_problems = run_one(arguments.qemu, numbers, logs / "qemu.txt")
    problems += more_problems
    for name, lines in (("sim", sim), ("qemu", qemu)):
        if len(lines) != arguments.count:
            problems.append(f"{name} printed {len(lines)} lines, expected {arguments.count}")
    if arguments.count >= 500:
        for text, least in LEAST.items():
            found = sum(text in line for line in qemu)
            if found * 1000 < least * len(qemu):
                problems.append(f"only {found} cases with '{text}', expected {least} of a thousand")
    differing, deviating = compare(sim, qemu)
    for pair in differing[:SHOWN]:
        spell_out(*pair)
    if differing:
        problems.append(f"{len(differing)} cases differ; run one with: {arguments.sim} {arguments.seed} 1 NUMBER")
    print(f"{arguments.count} cases of seed {arguments.seed}: {len(differing)} differ, and {deviating} where QEMU is "
          "known to deviate")
    if problems:
        sys.exit("\n".join([*problems, f"all lines are in {logs}"]))
    for log in logs.iterdir():
        log.unlink()
    logs.rmdir()


if __name__ == "__main__":
    main()
