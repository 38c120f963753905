#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# The installed package as its user has it: a project of one's own, built and run with nothing but the prefix.
# Called as
#   package_test.py BUILD_DIR SOURCE_DIR [unittest's options]
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BUILD = SOURCE = None  # set by main
TIMEOUT = 120

# What README.md shows.
CMAKE_LISTS = """\
cmake_minimum_required(VERSION 3.20)
project(mine NONE)

find_package(gotee REQUIRED)
gotee_add_applet(mine SOURCES mine.c)
"""

MINE = """\
#include <stdio.h>

#include "gotee/gotee.h"

int main(void) {
  printf("%s\\n", GREETING);
  gotee_log("PL0 is mine");
  return 0;
}
"""

VECTOR = """\
#include <algorithm>
#include <cstdio>
#include <vector>

#include "gotee/gotee.h"

struct Early {
  std::vector<int> numbers{3, 1, 2};
} early;

int main() {
  std::vector<int> v = early.numbers;
  for (int i = 100; i-- > 4;) v.push_back(i);
  std::sort(v.begin(), v.end());
  std::printf("%u sorted, from %d to %d\\n", unsigned(v.size()), v.front(), v.back());
  return 0;
}
"""

THUMB = """\
#include "gotee/gotee.h"

#ifndef __thumb__
#error "not compiled to Thumb"
#endif

__attribute__((noipa)) static int peek(volatile int* p) { return *p; }

int main(void) {
  gotee_log("PL0 in Thumb");
  return peek((volatile int*)0x90010000);
}
"""


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="gotee-package-")
        cls.addClassCleanup(folder.cleanup)
        cls.prefix, cls.work = Path(folder.name) / "prefix", Path(folder.name)
        cls.call("cmake", "--install", BUILD, "--prefix", cls.prefix)
        cls.sim = cls.prefix / "bin" / "gotee-sim"

    @classmethod
    def call(cls, *command, code=0, **options):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("CMAKE_", "gotee_", "NINJA_"))}
        result = subprocess.run([os.fspath(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT, env=environment, **options)
        if result.returncode != code:
            raise AssertionError(f"{command}: exit code {result.returncode}, expected {code}\n{result.stdout}")
        return result.stdout

    def project(self, name, cmake_lists, **files):
        folder = self.work / name
        folder.mkdir()
        (folder / "CMakeLists.txt").write_text(cmake_lists)
        for file, text in files.items():
            (folder / file.replace("__", ".")).write_text(text)
        return folder

    def configure(self, folder, *options, code=0):
        return self.call("cmake", "-G", "Ninja", "-S", folder, "-B", folder / "build",
                         f"-DCMAKE_PREFIX_PATH={self.prefix}", *options, code=code)

    def build(self, folder):
        return self.call("cmake", "--build", folder / "build")

    def run_applet(self, folder, name, code=0):
        return self.call(self.sim, folder / "build" / f"{name}.elf", code=code)

    def test_own_project_is_built_run_changed_and_run_again(self):
        self.assertLessEqual(CMAKE_LISTS.count("\n"), 10)
        folder = self.project("mine", CMAKE_LISTS, mine__c=MINE.replace("GREETING", '"hello from mine"'))
        self.configure(folder)
        self.build(folder)
        out = self.run_applet(folder, "mine")
        self.assertIn("\nhello from mine\n00:00:00 PL0 is mine\n", out)
        self.assertIn("err:exit\n", out)

        self.assertIn("no work to do", self.build(folder))
        (folder / "mine.c").write_text('#include "greeting.h"\n' + MINE)
        (folder / "greeting.h").write_text('#define GREETING "changed"\n')
        self.build(folder)
        self.assertIn("\nchanged\n", self.run_applet(folder, "mine"))
        (folder / "greeting.h").write_text('#define GREETING "changed again"\n')
        self.build(folder)  # a header is noticed too
        self.assertIn("\nchanged again\n", self.run_applet(folder, "mine"))

    def test_cpp_with_containers(self):
        folder = self.project("cpp", CMAKE_LISTS.replace("mine.c", "mine.cpp"), mine__cpp=VECTOR)
        self.configure(folder)
        self.build(folder)
        self.assertIn("\n99 sorted, from 1 to 99\n", self.run_applet(folder, "mine"))

    def test_thumb(self):
        folder = self.project("thumb", CMAKE_LISTS.replace("mine.c", "mine.c THUMB"), mine__c=THUMB)
        self.configure(folder)
        self.build(folder)
        out = self.run_applet(folder, "mine", code=3)
        self.assertIn("PL0 in Thumb\n", out)
        self.assertIn("applet 'mine' tried to read 4 bytes at 0x90010000", out)
        self.assertRegex(out, r"in peek \(mine\.c:7\)  pc 0x[0-9a-f]{8} \(Thumb\)")

    def test_region_and_stack_of_ones_own(self):
        folder = self.project("small", CMAKE_LISTS.replace("mine.c", "mine.c RAM 2M STACK 64K"),
                              mine__c=MINE.replace("GREETING", '"small"'))
        self.configure(folder)
        self.build(folder)
        out = self.call(self.sim, "--ram", "2M", folder / "build" / "mine.elf")
        self.assertIn("starting PL0 sp:0x10200000 ", out)
        self.assertIn("\nsmall\n", out)

    def test_project_for_the_host_keeps_its_own_compiler(self):
        """A program of the host and an applet side by side, and the simulator as the applet's test."""
        folder = self.project("both", """\
cmake_minimum_required(VERSION 3.20)
project(both C)
find_package(gotee REQUIRED)
gotee_add_applet(mine SOURCES mine.c)
add_executable(host host.c)
enable_testing()
add_test(NAME mine COMMAND ${gotee_SIM} ${CMAKE_CURRENT_BINARY_DIR}/mine.elf)
""", mine__c=MINE.replace("GREETING", '"both"'), host__c="int main(void) { return 0; }\n")
        self.configure(folder)
        self.build(folder)
        self.call(folder / "build" / "host")
        self.assertIn("100% tests passed", self.call("ctest", "--test-dir", folder / "build"))

    def test_missing_compiler_is_named(self):
        folder = self.project("bare", CMAKE_LISTS, mine__c=MINE)
        out = self.configure(folder, f"-DCMAKE_MAKE_PROGRAM={shutil.which('ninja')}",
                             "-DCMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH=OFF", "-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF",
                             code=1)
        self.assertIn("arm-none-eabi-gcc", out)
        self.assertIn("apt install gcc-arm-none-eabi", " ".join(out.split()))

    def test_version_is_checked(self):
        folder = self.project("future", CMAKE_LISTS.replace("gotee REQUIRED", "gotee 99 REQUIRED"), mine__c=MINE)
        self.assertIn("gotee", self.configure(folder, code=1))

    def test_nothing_installed_points_to_where_it_was_built(self):
        roots = [os.fsencode(SOURCE), os.fsencode(BUILD)]
        for path in self.prefix.rglob("*"):
            if path.is_file() and path.suffix in (".cmake", ".h", ".ld", ".S", ".c", ".json", ".md", ".txt"):
                data = path.read_bytes()
                for root in roots:
                    self.assertNotIn(root, data, path)

    def test_prefix_can_be_moved(self):
        moved = self.work / "moved"
        shutil.copytree(self.prefix, moved, symlinks=True)
        folder = self.project("after_move", CMAKE_LISTS, mine__c=MINE.replace("GREETING", '"moved"'))
        self.call("cmake", "-G", "Ninja", "-S", folder, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={moved}")
        self.build(folder)
        self.assertIn("\nmoved\n", self.call(moved / "bin" / "gotee-sim", folder / "build" / "mine.elf"))

    def test_what_is_installed(self):
        files = {str(p.relative_to(self.prefix)) for p in self.prefix.rglob("*") if p.is_file()}
        self.assertLessEqual({"bin/gotee-sim", "include/gotee/abi.h", "include/gotee/gotee.h",
                              "share/gotee/cmake/gotee-config.cmake", "share/gotee/cmake/gotee-config-version.cmake",
                              "share/gotee/sdk/applet.ld"}, files)


def main():
    global BUILD, SOURCE
    if len(sys.argv) < 3:
        sys.exit("usage: package_test.py BUILD_DIR SOURCE_DIR [unittest's options]")
    BUILD, SOURCE = (Path(a).resolve() for a in sys.argv[1:3])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])


if __name__ == "__main__":
    main()
