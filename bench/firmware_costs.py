#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What the firmware costs, in instructions, beside the figures measured for GoTEE and OP-TEE.

firmware_costs.py BUILD_FIRMWARE [--json FILE]

QEMU's `-icount shift=0` makes one instruction one nanosecond, so the counter that applets read counts instructions,
16 of them to a tick. The figures do not depend on this computer.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

TICK = 16  # instructions: 1 GHz over QEMU's CNTFRQ of 62.5 MHz
LIMIT = 120  # seconds for one QEMU

# name in the applets' output, what it is, goal, GoTEE, OP-TEE (measured the same way on the same machine)
ROWS = [
    ("nanotime", "system call round trip (NANOTIME)", 200, 2292, 1007),
    ("yield_alone", "yield with nobody else ready", None, None, None),
    ("context_switch", "context switch between applets, VFP included", 400, None, None),
    ("monitor_call", "Normal world SMC round trip", 400, 2300, None),
    ("getrandom_16", "GETRANDOM, 16 bytes (insecure test source)", 1000, 15400, 14978),
    ("getrandom_4096", "GETRANDOM, 4096 bytes (insecure test source)", None, 434000, None),
    ("rpc_echo", "RPC echo, request to end of file", 10000, 85000, None),
    ("preemption", "interrupt entry to the other applet running", None, None, None),
    ("reset_to_applet", "reset to the first applet instruction", None, None, None),
]


def run(build, images, normal=None):
    pack = pathlib.Path(__file__).resolve().parent.parent / "tools" / "pack_images.py"
    with tempfile.TemporaryDirectory() as directory:
        archive = pathlib.Path(directory) / "images"
        command = [sys.executable, str(pack), str(archive), *map(str, images)]
        subprocess.run(command + ([f"--normal={normal}"] if normal else []), check=True)
        qemu = ["qemu-system-arm", "-M", "mcimx6ul-evk", "-m", "512", "-display", "none", "-monitor", "none",
                "-serial", "stdio", "-semihosting-config", "enable=on,target=native", "-no-reboot",
                "-icount", "shift=0,sleep=off", "-kernel", str(build / "gotee-bare.elf"),
                "-device", f"loader,file={archive},addr=0x90100000,force-raw=on"]
        result = subprocess.run(qemu, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT, check=False)
    text = result.stdout.decode(errors="replace")
    if result.returncode != 0:
        sys.exit(f"firmware_costs: QEMU ended with {result.returncode}\n{text}{result.stderr.decode()}")
    costs = {}
    for name, milliticks in re.findall(r"cost (\w+) (\d+)", text):
        costs.setdefault(name, []).append(int(milliticks) * TICK / 1000)
    return {name: sum(values) / len(values) for name, values in costs.items()}


def image_size(build):
    """Bytes of text and data, without applets."""
    out = subprocess.run(["arm-none-eabi-size", str(build / "gotee-bare.elf")], capture_output=True, text=True,
                         check=True).stdout.split("\n")[1].split()
    return int(out[0]) + int(out[1])


def main():
    parser = argparse.ArgumentParser(description="What the firmware costs, in instructions.")
    parser.add_argument("build", type=pathlib.Path, help="the build folder of preset firmware")
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON, too")
    arguments = parser.parse_args()
    bench = arguments.build / "bench"
    costs = run(arguments.build, [bench / "costs.elf"])
    costs |= run(arguments.build, [bench / "switch.elf", bench / "switch.elf"])
    costs |= run(arguments.build, [bench / "preempt.elf", bench / "preempt.elf"])
    costs |= run(arguments.build, [], bench / "monitor_call.elf")
    loop = costs.pop("empty_loop")

    def cell(value):
        return f"{value:>12,.0f}" if value is not None else f"{'-':>12}"

    print(f"{'instructions, -icount shift=0':48}{'gotee':>12}{'goal':>12}{'GoTEE':>12}{'OP-TEE':>12}")
    figures = []
    for name, what, goal, gotee, optee in ROWS:
        looped = name not in ("reset_to_applet", "preemption")
        value = costs[name] - (loop if looped else 0)
        print(f"{what:48}{cell(value)}{cell(goal)}{cell(gotee)}{cell(optee)}")
        figures.append({"name": name, "what": what, "instructions": round(value, 1), "goal": goal,
                        "GoTEE": gotee, "OP-TEE": optee})
    size = image_size(arguments.build)
    print(f"{'image without applets, bytes of text and data':48}{cell(size)}{cell(98304)}{cell(11.2e6)}{cell(420432)}")
    figures.append({"name": "image_size", "bytes": size, "goal": 98304, "GoTEE": 11200000, "OP-TEE": 420432})
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
