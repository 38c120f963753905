#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The firmware as its users have it: booting, the demo, the Normal world, images that are refused, gdb.

firmware_test.py ROOT BUILD_FIRMWARE LOGS

Every QEMU ends by itself or is ended at its limit; the console of one that failed stays in LOGS.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

ROOT, BUILD, LOGS = (pathlib.Path(p).resolve() for p in sys.argv[1:4])
APPLETS, GUESTS = BUILD / "applets", BUILD / "guests"
LIMIT = 60  # seconds for one QEMU

QEMU = ["qemu-system-arm", "-M", "mcimx6ul-evk", "-m", "512", "-display", "none", "-monitor", "none", "-serial",
        "stdio", "-semihosting-config", "enable=on,target=native", "-no-reboot"]


class Firmware(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="gotee-test-"))
        self.addCleanup(shutil.rmtree, self.directory)

    def run_command(self, command, until=None):
        """Exit code and console lines. What is endless is ended when a line matches `until`, or at the limit: the
        exit code is then None."""
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        limit = threading.Timer(LIMIT, process.kill)
        limit.start()
        output = b""
        for line in process.stdout:
            output += line
            if until and re.search(until, line.decode(errors="replace")):
                process.kill()
        code = process.wait()
        limit.cancel()
        process.stdout.close()
        code = code if code >= 0 else None
        text = output.decode(errors="replace").replace("\r", "")
        LOGS.mkdir(parents=True, exist_ok=True)
        log = LOGS / f"{self.id().split('.')[-1]}.log"
        log.write_text(" ".join(map(str, command)) + f"\nexit code {code}\n{text}")
        self.addCleanup(lambda: None if self.failed() else log.unlink(missing_ok=True))
        return code, text.splitlines()

    def failed(self):
        return any(error for _, error in self._outcome.errors) if hasattr(self._outcome, "errors") else \
            bool(self._outcome.result.failures or self._outcome.result.errors)

    def pack(self, *images, normal=None):
        archive = self.directory / "images"
        command = [sys.executable, str(ROOT / "tools" / "pack_images.py"), str(archive), *map(str, images)]
        subprocess.run(command + ([f"--normal={normal}"] if normal else []), check=True)
        return ["-device", f"loader,file={archive},addr=0x90100000,force-raw=on"]

    def boot(self, *images, normal=None, options=(), until=None):
        return self.run_command([*QEMU, "-kernel", str(BUILD / "gotee-bare.elf"), *self.pack(*images, normal=normal),
                                 *options], until)

    def assert_has(self, lines, pattern):
        self.assertTrue(any(re.search(pattern, line) for line in lines), f"{pattern!r} in\n" + "\n".join(lines))

    # --- Booting -----------------------------------------------------------------------------------------

    def test_the_embedded_demo_is_the_mississippi_transcript(self):
        code, lines = self.run_command([*QEMU, "-kernel", str(BUILD / "gotee.elf")])
        self.assertEqual(code, 3)
        counting = [line[9:] for line in lines if "missisipi" in line]
        self.assertEqual(counting, [f"PL{p} says {n} missisipi" for n in range(1, 6) for p in (1, 0)])
        stamps = [int(line[6:8]) for line in lines if "missisipi" in line]
        self.assertEqual(stamps, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5], "and they were seconds")
        self.assert_has(lines, r"^00:00:00 PL1 loaded applet addr:0x10000000 size:\d+ entry:0x[0-9a-f]{8}$")
        self.assert_has(lines, r"^00:00:00 PL1 will sleep until PL0 is done$")
        self.assert_has(lines, r"^00:00:00 PL1 starting PL0 sp:0x[0-9a-f]{8} pc:0x[0-9a-f]{8}$")
        self.assert_has(lines, r"^00:00:05 PL0 about to read PL1 memory at 0x90010000$")
        self.assert_has(lines, r"^00:00:05    r0:[0-9a-f]{8} ")
        self.assert_has(lines, r"^00:00:05 PL1 stopped PL0 task sp:0x\w{8} lr:0x\w{8} pc:0x\w{8} err:exception mode ABT$")
        self.assert_has(lines, r"^00:00:05 PL1 says goodbye$")
        self.assert_has(lines, r"^  pc:0x\w{8} address:0x90010000 status:0x0000000d kind:data-abort$")

    def test_a_boot_loader_may_leave_mmu_and_caches_on(self):
        code, lines = self.run_command([*QEMU, "-kernel", str(GUESTS / "loader.elf"), "-device",
                                        f"loader,file={BUILD / 'gotee-bare.elf'}", *self.pack(APPLETS / "hello.elf")])
        self.assertEqual(code, 0)
        self.assert_has(lines, r"PL0 hello from the applet$")

    def test_what_the_machine_lacks_is_said_aloud(self):
        _, lines = self.boot(APPLETS / "hello.elf")
        for block in ("OCOTP absent", "SNVS absent", "TZASC absent", "CSU absent",
                      r"\*\*\* INSECURE TEST ENTROPY: every random number is known to everybody \*\*\*"):
            self.assert_has(lines, rf"^00:00:00 PL1 machine: {block}")

    def test_a_firmware_without_images_says_so(self):
        code, lines = self.run_command([*QEMU, "-kernel", str(BUILD / "gotee-bare.elf")])
        self.assertEqual(code, 2)
        self.assert_has(lines, r"^00:00:00 PL1 there are no images in this firmware")

    def test_an_image_that_lies_is_refused_and_the_others_run(self):
        bad = self.directory / "bad.elf"
        bad.write_bytes((APPLETS / "hello.elf").read_bytes()[:40])
        code, lines = self.boot(bad, APPLETS / "hello.elf")
        self.assertEqual(code, 2)
        self.assert_has(lines, r"^00:00:00 PL1 refused bad: .*expected")
        self.assert_has(lines, r"PL0 hello from the applet$")

    def test_an_endless_applet_does_not_keep_the_processor(self):
        code, lines = self.boot(APPLETS / "endless.elf", APPLETS / "hello.elf", until=r"stopped PL0 task hello")
        self.assertIsNone(code, "it is endless")
        self.assert_has(lines, r"PL1 stopped PL0 task hello .* err:exit$")

    # --- The Normal world --------------------------------------------------------------------------------

    def test_normal_world_prints_yields_and_keeps_its_registers(self):
        code, lines = self.boot(APPLETS / "float.elf", normal=APPLETS / "normal_hello.elf")
        self.assertEqual(code, 0)
        self.assertEqual([line for line in lines if line.startswith("normal world")],
                         ["normal world says hello"] + ["normal world yields"] * 3 + ["normal world kept its registers"])
        self.assert_has(lines, r"PL1 stopped normal world normal_hello .* err:exit$")

    def test_a_guest_built_for_gotee_finds_what_it_expects(self):
        code, lines = self.boot(normal=GUESTS / "gotee_os.elf")
        self.assertEqual(code, 0)
        self.assertIn("GoTEE guest: entered as expected, VFP, CCM, WDOG1 and DIGPROG at hand", lines)

    def test_reading_secure_memory_is_reported_as_not_protected(self):
        code, lines = self.boot(normal=APPLETS / "normal_spy.elf")
        self.assertEqual(code, 0, "QEMU has no TZASC, and nothing is claimed")
        self.assert_has(lines, r"^00:00:00 PL1 WARNING secure memory is not protected by this machine")
        self.assert_has(lines, r"^normal world read 0x[0-9a-f]{8}: not protected by this machine$")

    def test_a_greedy_normal_world_cannot_starve_the_applets(self):
        code, lines = self.boot(APPLETS / "mississippi.elf", normal=APPLETS / "normal_greedy.elf",
                                until=r"stopped PL0 task mississippi")
        self.assertIsNone(code, "the guest never ends")
        self.assert_has(lines, r"^00:00:05 PL0 says 5 missisipi$")
        self.assert_has(lines, r"PL1 stopped PL0 task mississippi .* err:exception mode ABT$")

    def test_a_guest_outside_its_world_is_refused(self):
        code, lines = self.boot(normal=APPLETS / "hello.elf")
        self.assertEqual(code, 2)
        self.assert_has(lines, r"^00:00:00 PL1 refused hello: .*expected inside the normal world's memory 0x80000000-0x8fffffff$")

    # --- tools/run --qemu ----------------------------------------------------------------------------------

    def test_the_tool_hands_on_exit_codes(self):
        tool = [sys.executable, str(ROOT / "tools" / "qemu"), f"--build={BUILD}"]
        for image, code in (("hello", 0), ("null", 3), ("panic", 4)):
            self.assertEqual(self.run_command([*tool, str(APPLETS / f"{image}.elf")])[0], code, image)
        code, lines = self.run_command([*tool, "missing.elf"])
        self.assertEqual((code, lines), (2, ["tools/qemu: missing.elf: cannot be opened: no such file"]))

    def test_gdb_stops_in_the_applets_main_with_its_symbols(self):
        port = 20000 + (hash(str(self.directory)) % 20000)
        server = subprocess.Popen([sys.executable, str(ROOT / "tools" / "qemu"), f"--build={BUILD}", "--gdb",
                                   f"--port={port}", str(APPLETS / "hello.elf")], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            script = None
            while script is None:
                line = server.stderr.readline()
                self.assertNotEqual(line, "", "tools/qemu ended early")
                found = re.search(r"gdb-multiarch -x (\S+)", line)
                script = found and found[1]
            commands = self.directory / "commands"
            commands.write_text("hbreak main\ncontinue\nbacktrace\nkill\n")
            _, lines = self.run_command(["gdb-multiarch", "-q", "-batch", "-x", script, "-x", str(commands)])
        finally:
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            server.stderr.close()
        self.assert_has(lines, r"main \(\) at .*hello\.c:\d+")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
