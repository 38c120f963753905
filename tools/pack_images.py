#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Packs ELF images into the archive that a firmware image carries (core/loader/archive.h).

pack_images.py OUT [--normal GUEST.elf] APPLET.elf...
"""
import argparse
import pathlib
import struct
import sys

MAGIC, MAX_IMAGES, APPLET, NORMAL_WORLD = b"GTAR", 16, 1, 2


def pack(images):
    """images: (name, kind, bytes) each. Every image starts at a multiple of 16."""
    head_size = 8 + 44 * len(images)
    head_size += -head_size % 16
    head, bodies = MAGIC + struct.pack("<I", len(images)), b""
    for name, kind, data in images:
        bodies += bytes(-len(bodies) % 16)
        head += name.encode()[:32].ljust(32, b"\0")
        head += struct.pack("<3I", kind, head_size + len(bodies), len(data))
        bodies += data
    return head.ljust(head_size, b"\0") + bodies


def main():
    parser = argparse.ArgumentParser(description="Pack ELF images for the gotee firmware.")
    parser.add_argument("out", metavar="OUT")
    parser.add_argument("--normal", metavar="GUEST", help="the Normal world's image")
    parser.add_argument("applets", metavar="APPLET", nargs="*")
    arguments = parser.parse_intermixed_args()
    paths = [(p, APPLET) for p in arguments.applets]
    if arguments.normal:
        paths.append((arguments.normal, NORMAL_WORLD))
    if len(paths) > MAX_IMAGES:
        sys.exit(f"pack_images: {len(paths)} images, expected at most {MAX_IMAGES}")
    images = []
    for path, kind in paths:
        try:
            images.append((pathlib.Path(path).stem, kind, pathlib.Path(path).read_bytes()))
        except OSError as error:
            sys.exit(f"pack_images: {path}: {error.strerror}")
    try:
        pathlib.Path(arguments.out).write_bytes(pack(images))
    except OSError as error:
        sys.exit(f"pack_images: {arguments.out}: {error.strerror}")


if __name__ == "__main__":
    main()
