#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""gotee.imx, read as the boot ROM reads it, and as mkimage and dumpimage do.

Ref: [IMX6ULRM] 8.6.1 (image vector table and boot data), 8.6.2 (device configuration data), 8.6.2.2 (valid DCD
addresses).

imx_test.py BUILD_FIRMWARE [NAME]     NAME.imx, NAME.bin and NAME.elf; gotee unless told
"""
import pathlib
import re
import struct
import subprocess
import sys
import unittest

BUILD = pathlib.Path(sys.argv[1])
NAME = sys.argv[2] if len(sys.argv) > 2 else "gotee"

IVT_IN_IMAGE = 0x400  # from the start of the boot device; a file made by mkimage begins here
SUPERVISOR = range(0x90000000, 0x98000000)
GPR9, BYPASS_OFF = 0x020E4024, 1
MMDC = range(0x021B0000, 0x021B4000)
# What the ROM lets a DCD write: IOMUXC, CCM, MMDC, and others that this image has no business with.
DCD_MAY_WRITE = [range(0x020E0000, 0x020E8000), range(0x020C4000, 0x020C8000), MMDC]


class Refused(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Refused(what)


def parse(image):
    """The fields of a version 2 image, or Refused with the first thing that is not as the manual says."""
    try:
        return parse_fields(image)
    except struct.error as error:
        raise Refused("cut short") from error


def parse_fields(image):
    check(len(image) >= 32 + 12, "too short for IVT and boot data")
    tag, length, version = struct.unpack_from(">BHB", image, 0)
    check(tag == 0xD1 and length == 32 and version in (0x40, 0x41), "IVT header")
    entry, reserved1, dcd, boot_data, self_address, csf, reserved2 = struct.unpack_from("<7I", image, 4)
    check(reserved1 == 0 and reserved2 == 0, "IVT reserved words")
    check(boot_data - self_address == 32, "boot data follow the IVT")
    start, size, plugin = struct.unpack_from("<3I", image, boot_data - self_address)
    check(self_address - start == IVT_IN_IMAGE, "the IVT's place in what is loaded")
    check(plugin == 0, "not a plugin")
    check(csf == 0, "not signed")
    check(size == IVT_IN_IMAGE + len(image), "boot data cover the image, and the image is whole")
    check(start <= entry < start + size, "the entry is loaded")
    check(self_address < dcd and dcd - self_address + 4 <= len(image), "the DCD lies in the image")
    at = dcd - self_address
    tag, length, version = struct.unpack_from(">BHB", image, at)
    check(tag == 0xD2 and version in (0x40, 0x41), "DCD header")
    check(entry % 4 == 0, "ARM code")
    check(length <= 1768, "the ROM takes at most 1768 bytes of DCD")
    end = at + length
    check(end <= len(image), "the DCD's length")
    writes, at = [], at + 4
    while at < end:
        tag, length, parameter = struct.unpack_from(">BHB", image, at)
        check(length >= 4 and at + length <= end, "a command's length")
        check(tag == 0xCC and parameter == 4, "a command that writes words")
        check((length - 4) % 8 == 0, "whole pairs of address and value")
        writes += [struct.unpack_from(">2I", image, at + 4 + i) for i in range(0, length - 4, 8)]
        at += length
    check(at == end, "the commands fill the DCD")
    return {"entry": entry, "start": start, "size": size, "self": self_address, "writes": writes}


class Imx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.image = (BUILD / f"{NAME}.imx").read_bytes()
        cls.binary = (BUILD / f"{NAME}.bin").read_bytes()
        cls.fields = parse(cls.image)

    def test_entry_is_that_of_the_elf(self):
        elf = (BUILD / f"{NAME}.elf").read_bytes()
        self.assertEqual(self.fields["entry"], struct.unpack_from("<I", elf, 24)[0])
        self.assertIn(self.fields["entry"], SUPERVISOR)

    def test_payload_is_the_binary_at_the_entry(self):
        at = self.fields["entry"] - self.fields["self"]
        self.assertEqual(self.image[at:at + len(self.binary)], self.binary)
        self.assertGreaterEqual(self.fields["size"], self.fields["entry"] - self.fields["start"] + len(self.binary))

    def test_code_is_loaded_into_the_supervisors_memory(self):
        self.assertIn(self.fields["start"] + self.fields["size"] - 1, SUPERVISOR)
        self.assertLessEqual(SUPERVISOR.start - self.fields["start"], 0x1000, "before it only the headers")

    def test_binary_starts_where_the_elf_loads_first(self):
        elf = (BUILD / f"{NAME}.elf").read_bytes()
        headers, = struct.unpack_from("<I", elf, 28)
        size, count = struct.unpack_from("<2H", elf, 42)
        segments = [struct.unpack_from("<8I", elf, headers + i * size) for i in range(count)]
        loads = [(physical, elf[offset:offset + bytes_]) for kind, offset, _, physical, bytes_, *_ in segments
                 if kind == 1 and bytes_]
        first = min(physical for physical, _ in loads)
        self.assertEqual(first, self.fields["entry"])
        for physical, data in loads:
            self.assertEqual(self.binary[physical - first:physical - first + len(data)], data, hex(physical))

    def test_dcd_writes_only_what_the_rom_allows(self):
        for address, _ in self.fields["writes"]:
            self.assertTrue(any(address in r for r in DCD_MAY_WRITE), hex(address))
            self.assertEqual(address % 4, 0)

    def test_tzasc_leaves_its_bypass_before_dram_is_set_up(self):
        writes = self.fields["writes"]
        self.assertIn((GPR9, BYPASS_OFF), writes)
        first_mmdc = next(i for i, (address, _) in enumerate(writes) if address in MMDC)
        self.assertLess(writes.index((GPR9, BYPASS_OFF)), first_mmdc)
        self.assertEqual([v for a, v in writes if a == GPR9], [BYPASS_OFF], "and nothing puts it back")

    def test_dram_configuration_is_requested_and_ended(self):
        mdscr = [v for a, v in self.fields["writes"] if a == MMDC.start + 0x1C]
        self.assertEqual(mdscr[0], 0x8000, "CON_REQ first")
        self.assertEqual(mdscr[-1], 0, "normal operation last")
        mdctl = [v for a, v in self.fields["writes"] if a == MMDC.start]
        self.assertEqual(mdctl, [0x84180000], "SDE_0, 15 rows, 10 columns, burst 8, 16 bits: 512 MiB on chip select 0")

    def test_mkimage_and_dumpimage_agree(self):
        for tool in ("mkimage", "dumpimage"):
            out = subprocess.run([tool, "-l", str(BUILD / f"{NAME}.imx")], capture_output=True, text=True, check=True).stdout
            self.assertRegex(out, r"Image Ver: +2 \(i\.MX53/6/7 compatible\)")
            self.assertRegex(out, r"Mode: +DCD")
            self.assertEqual(int(re.search(r"Entry Point: +([0-9a-f]+)", out)[1], 16), self.fields["entry"])
            self.assertEqual(int(re.search(r"Data Size: +(\d+) Bytes", out)[1]), self.fields["size"])

    def test_every_truncation_is_noticed(self):
        payload = self.fields["entry"] - self.fields["self"]
        for n in [*range(payload), *range(payload, len(self.image), 4096), len(self.image) - 1]:
            with self.assertRaises(Refused, msg=f"{n} bytes"):
                parse(self.image[:n])

    def test_every_changed_bit_of_the_headers_is_noticed(self):
        """IVT, boot data, and the headers of the DCD and its first command, one bit at a time."""
        for at in range(52):
            for bit in range(8):
                bad = bytearray(self.image)
                bad[at] ^= 1 << bit
                try:
                    fields = parse(bytes(bad))
                except Refused:
                    continue
                other = fields["entry"] != self.fields["entry"]  # another test compares it with the ELF
                version = at in (3, 47) and bad[at] == 0x41  # as good as 0x40
                self.assertTrue(other or version, f"byte {at}, bit {bit}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
