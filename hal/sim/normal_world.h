// SPDX-License-Identifier: BSD-3-Clause
//
// What the Normal world's privileged code may do on the engine's processor by itself. That processor runs
// with the engine's MMU and tables, which are what keeps the guest in its memory; the guest must neither see
// nor change them.
#pragma once
#include "hal/sim/blocks.h"

namespace gotee::sim {

/// False for an access to a system register, but for identification, operations on caches and TLBs, barriers,
/// VBAR, and the thread and context IDs. `code` as the manual draws it.
bool left_to_processor(u32 code);

/// The first instruction of a block that is not left to the processor; the number of them when there is none.
/// An IT block is one with its IT, because nothing can stop inside.
u32 first_guarded(const Block& block, bool thumb, const FetchCode& fetch);

}  // namespace gotee::sim
