// SPDX-License-Identifier: BSD-3-Clause
//
// The list of deeds.
#include "tests/contract/deed.h"

#include <vector>

namespace gotee::contract {
namespace {

using Act = Deed::Act;

constexpr u16 list(u32 first, u32 last) { return u16((2u << last) - (1u << first)); }
constexpr u16 kR1 = list(1, 1), kR12 = list(1, 2), kR14 = list(1, 4), kR23 = list(2, 3);
constexpr u32 kSpBase = 13;

constexpr Deed arm(Act act, const char* name, u32 code, u32 size, u32 alignment, u16 registers) {
  return {name, act, false, code, 4, size, alignment, registers, registers == 0, 0, 0, 0};
}
/// `code` as the manual prints it: a halfword, or the first halfword in the high half.
constexpr Deed thumb(Act act, const char* name, u32 code, u32 size, u32 alignment, u16 registers) {
  const bool wide = code > 0xffff;
  return {name,           act,  true,      wide ? code << 16 | code >> 16 : code,
          wide ? 4u : 2u, size, alignment, registers,
          registers == 0, 0,    0,         0};
}
constexpr Deed via(Deed deed, u32 base, i32 offset, i32 write_back) {
  deed.base = base, deed.offset = offset, deed.write_back = write_back;
  return deed;
}
constexpr Deed undefined(const char* name, u32 code) { return arm(Act::Undefined, name, code, 0, 1, 0); }
constexpr Deed thumb_undefined(const char* name, u32 code) {
  return thumb(Act::Undefined, name, code, 0, 1, 0);
}

const std::vector<Deed> kAccesses = {
    // A32. A3.2.1: halfword and word may be unaligned; the rest of the core's forms need words, the
    // exclusives
    // their own size, VLD1 what its :align says.
    arm(Act::Load, "ldrb r1,[r0]", 0xe5d01000, 1, 1, kR1),
    arm(Act::Load, "ldrh r1,[r0]", 0xe1d010b0, 2, 1, kR1),
    arm(Act::Load, "ldr r1,[r0]", 0xe5901000, 4, 1, kR1),
    arm(Act::Load, "ldrt r1,[r0]", 0xe4b01000, 4, 1, kR1),
    via(arm(Act::Load, "ldr r1,[r0],#4", 0xe4901004, 4, 1, kR1), 0, 0, 4),
    via(arm(Act::Load, "ldr r1,[r0,#4]!", 0xe5b01004, 4, 1, kR1), 0, 4, 4),
    arm(Act::Load, "ldrd r2,r3,[r0]", 0xe1c020d0, 8, 4, kR23),
    via(arm(Act::Load, "ldrd r2,r3,[r0],#8", 0xe0c020d8, 8, 4, kR23), 0, 0, 8),
    arm(Act::Load, "ldm r0,{r1-r4}", 0xe890001e, 16, 4, kR14),
    via(arm(Act::Load, "ldm r0!,{r1,r2}", 0xe8b00006, 8, 4, kR12), 0, 0, 8),
    via(arm(Act::Load, "ldmdb r0!,{r1,r2}", 0xe9300006, 8, 4, kR12), 0, -8, -8),
    via(arm(Act::Load, "ldmib r0,{r1,r2}", 0xe9900006, 8, 4, kR12), 0, 4, 0),
    via(arm(Act::Load, "pop {r1,r2}", 0xe8bd0006, 8, 4, kR12), kSpBase, 0, 8),
    arm(Act::Load, "ldrexb r1,[r0]", 0xe1d01f9f, 1, 1, kR1),
    arm(Act::Load, "ldrexh r1,[r0]", 0xe1f01f9f, 2, 2, kR1),
    arm(Act::Load, "ldrex r1,[r0]", 0xe1901f9f, 4, 4, kR1),
    arm(Act::Load, "ldrexd r2,r3,[r0]", 0xe1b02f9f, 8, 8, kR23),
    arm(Act::Load, "vldr s0,[r0]", 0xed900a00, 4, 4, 0),
    arm(Act::Load, "vldr d0,[r0]", 0xed900b00, 8, 4, 0),
    arm(Act::Load, "vldm r0,{d0-d1}", 0xec900b04, 16, 4, 0),
    via(arm(Act::Load, "vldm r0!,{d0-d1}", 0xecb00b04, 16, 4, 0), 0, 0, 16),
    via(arm(Act::Load, "vpop {d0}", 0xecbd0b02, 8, 4, 0), kSpBase, 0, 8),
    arm(Act::Load, "vld1.8 {d0},[r0]", 0xf420070f, 8, 1, 0),
    arm(Act::Load, "vld1.8 {d0},[r0:64]", 0xf420071f, 8, 8, 0),
    arm(Act::Store, "strb r1,[r0]", 0xe5c01000, 1, 1, kR1),
    arm(Act::Store, "strh r1,[r0]", 0xe1c010b0, 2, 1, kR1),
    arm(Act::Store, "str r1,[r0]", 0xe5801000, 4, 1, kR1),
    arm(Act::Store, "strt r1,[r0]", 0xe4a01000, 4, 1, kR1),
    via(arm(Act::Store, "str r1,[r0],#4", 0xe4801004, 4, 1, kR1), 0, 0, 4),
    via(arm(Act::Store, "str r1,[r0,#-4]!", 0xe5201004, 4, 1, kR1), 0, -4, -4),
    arm(Act::Store, "strd r2,r3,[r0]", 0xe1c020f0, 8, 4, kR23),
    via(arm(Act::Store, "strd r2,r3,[r0,#-8]!", 0xe16020f8, 8, 4, kR23), 0, -8, -8),
    arm(Act::Store, "stm r0,{r1-r4}", 0xe880001e, 16, 4, kR14),
    via(arm(Act::Store, "stm r0!,{r1,r2}", 0xe8a00006, 8, 4, kR12), 0, 0, 8),
    via(arm(Act::Store, "stmdb r0!,{r1,r2}", 0xe9200006, 8, 4, kR12), 0, -8, -8),
    via(arm(Act::Store, "push {r1,r2}", 0xe92d0006, 8, 4, kR12), kSpBase, -8, -8),
    arm(Act::Store, "vstr s0,[r0]", 0xed800a00, 4, 4, 0),
    arm(Act::Store, "vstr d0,[r0]", 0xed800b00, 8, 4, 0),
    arm(Act::Store, "vstm r0,{d0-d1}", 0xec800b04, 16, 4, 0),
    via(arm(Act::Store, "vstmdb r0!,{d0-d1}", 0xed200b04, 16, 4, 0), 0, -16, -16),
    via(arm(Act::Store, "vpush {d0}", 0xed2d0b02, 8, 4, 0), kSpBase, -8, -8),
    arm(Act::Store, "vst1.8 {d0},[r0]", 0xf400070f, 8, 1, 0),
    arm(Act::Store, "vst1.8 {d0},[r0:64]", 0xf400071f, 8, 8, 0),
    // T32
    thumb(Act::Load, "thumb ldrb r1,[r0]", 0x7801, 1, 1, kR1),
    thumb(Act::Load, "thumb ldrh r1,[r0]", 0x8801, 2, 1, kR1),
    thumb(Act::Load, "thumb ldr r1,[r0]", 0x6801, 4, 1, kR1),
    thumb(Act::Load, "thumb ldr.w r1,[r0]", 0xf8d01000, 4, 1, kR1),
    via(thumb(Act::Load, "thumb ldr r1,[r0],#4", 0xf8501b04, 4, 1, kR1), 0, 0, 4),
    thumb(Act::Load, "thumb ldrd r2,r3,[r0]", 0xe9d02300, 8, 4, kR23),
    via(thumb(Act::Load, "thumb ldm r0!,{r1,r2}", 0xc806, 8, 4, kR12), 0, 0, 8),
    thumb(Act::Load, "thumb ldm.w r0,{r1-r4}", 0xe890001e, 16, 4, kR14),
    via(thumb(Act::Load, "thumb ldmdb r0!,{r1,r2}", 0xe9300006, 8, 4, kR12), 0, -8, -8),
    via(thumb(Act::Load, "thumb pop {r1,r2}", 0xbc06, 8, 4, kR12), kSpBase, 0, 8),
    thumb(Act::Load, "thumb ldrex r1,[r0]", 0xe8501f00, 4, 4, kR1),
    thumb(Act::Load, "thumb ldrexd r2,r3,[r0]", 0xe8d0237f, 8, 8, kR23),
    thumb(Act::Load, "thumb vldr s0,[r0]", 0xed900a00, 4, 4, 0),
    thumb(Act::Load, "thumb vldr d0,[r0]", 0xed900b00, 8, 4, 0),
    thumb(Act::Load, "thumb vldm r0,{d0-d1}", 0xec900b04, 16, 4, 0),
    thumb(Act::Store, "thumb strb r1,[r0]", 0x7001, 1, 1, kR1),
    thumb(Act::Store, "thumb strh r1,[r0]", 0x8001, 2, 1, kR1),
    thumb(Act::Store, "thumb str r1,[r0]", 0x6001, 4, 1, kR1),
    thumb(Act::Store, "thumb str.w r1,[r0]", 0xf8c01000, 4, 1, kR1),
    via(thumb(Act::Store, "thumb str r1,[r0,#-4]!", 0xf8401d04, 4, 1, kR1), 0, -4, -4),
    thumb(Act::Store, "thumb strd r2,r3,[r0]", 0xe9c02300, 8, 4, kR23),
    via(thumb(Act::Store, "thumb stm r0!,{r1,r2}", 0xc006, 8, 4, kR12), 0, 0, 8),
    thumb(Act::Store, "thumb stm.w r0,{r1-r4}", 0xe880001e, 16, 4, kR14),
    via(thumb(Act::Store, "thumb stmdb r0!,{r1,r2}", 0xe9200006, 8, 4, kR12), 0, -8, -8),
    via(thumb(Act::Store, "thumb push {r1,r2}", 0xb406, 8, 4, kR12), kSpBase, -8, -8),
    thumb(Act::Store, "thumb vstr s0,[r0]", 0xed800a00, 4, 4, 0),
    thumb(Act::Store, "thumb vstr d0,[r0]", 0xed800b00, 8, 4, 0),
    thumb(Act::Store, "thumb vstm r0,{d0-d1}", 0xec800b04, 16, 4, 0),
};

const std::vector<Deed> kUndefined = {
    undefined("udf #0", 0xe7f000f0),
    undefined("smc #0", 0xe1600070),          // A8/B9.3.14: UNDEFINED in User mode
    undefined("mcr p15, SCTLR", 0xee010f10),  // B4.1: PL1 only, as all below
    undefined("mrc p15, MIDR", 0xee101f10),
    undefined("mcr p15, TTBR0", 0xee020f10),
    undefined("mrc p15, TTBR0", 0xee121f10),
    undefined("mcr p15, DACR", 0xee030f10),
    undefined("mcr p15, TLBIALL", 0xee080f17),
    undefined("mcr p15, VBAR", 0xee0c0f10),
    undefined("vmsr fpexc, r0", 0xeee80a10),
    undefined("vmrs r1, fpexc", 0xeef81a10),
    thumb_undefined("thumb udf #0", 0xde00),
    thumb_undefined("thumb udf.w #0", 0xf7f0a000),
    thumb_undefined("thumb mcr p15, SCTLR", 0xee010f10),
};

}  // namespace

std::span<const Deed> accesses() { return kAccesses; }
std::span<const Deed> undefined_deeds() { return kUndefined; }

constexpr Deed kLoadWord = arm(Act::Load, "ldr r1,[r0]", 0xe5901000, 4, 1, kR1);
constexpr Deed kStoreWord = arm(Act::Store, "str r1,[r0]", 0xe5801000, 4, 1, kR1);
constexpr Deed kJump = arm(Act::Jump, "bx r0", 0xe12fff10, 4, 4, 0);
constexpr Deed kThumbJump = thumb(Act::Jump, "thumb bx r0", 0x4700, 2, 2, 0);
constexpr Deed kCall = arm(Act::SupervisorCall, "svc #0", 0xef000000, 0, 1, 0);
constexpr Deed kCallWithNumber = arm(Act::SupervisorCall, "svc #0xabcdef", 0xefabcdef, 0, 1, 0);
constexpr Deed kThumbCall = thumb(Act::SupervisorCall, "thumb svc #0", 0xdf00, 0, 1, 0);
constexpr Deed kBreakpoint = arm(Act::Breakpoint, "bkpt #0", 0xe1200070, 0, 1, 0);
constexpr Deed kThumbBreakpoint = thumb(Act::Breakpoint, "thumb bkpt #0", 0xbe00, 0, 1, 0);
constexpr Deed kEndless = arm(Act::Endless, "add r1,r1,#1; b .-4", 0xe2811001, 0, 1, 0);

}  // namespace gotee::contract
