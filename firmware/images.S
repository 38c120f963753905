// SPDX-License-Identifier: BSD-3-Clause
//
// The images that this firmware carries, packed by tools/pack_images.py.
        .section .images, "a", %progbits
        .balign 16
        .incbin GOTEE_ARCHIVE
