// SPDX-License-Identifier: BSD-3-Clause
//
// Fault status registers in short-descriptor format.
// Ref: [ARM ARM] DDI 0406C.d, Table B3-23 (encodings), B4.1.51 DFSR, B4.1.96 IFSR.
#pragma once
#include <string_view>

#include "core/base/types.h"

namespace gotee {

/// FS[4:0], that is FSR bit 10 and bits 3:0 (Table B3-23).
enum class FaultStatus : u32 {
  Alignment = 0b00001,
  Debug = 0b00010,
  AccessFlagSection = 0b00011,
  CacheMaintenance = 0b00100,
  TranslationSection = 0b00101,
  AccessFlagPage = 0b00110,
  TranslationPage = 0b00111,
  ExternalAbort = 0b01000,
  DomainSection = 0b01001,
  DomainPage = 0b01011,
  ExternalOnWalkFirst = 0b01100,
  PermissionSection = 0b01101,
  ExternalOnWalkSecond = 0b01110,
  PermissionPage = 0b01111,
  AsynchronousAbort = 0b10110,
};

inline constexpr u32 kStatusWrite = 1u << 11;  // DFSR.WnR: the access was a write

constexpr FaultStatus fault_status(u32 fsr) { return FaultStatus(((fsr >> 6) & 0x10) | (fsr & 0xf)); }
constexpr u32 fsr_of(FaultStatus status, bool write) {
  return ((u32(status) & 0x10) << 6) | (u32(status) & 0xf) | (write ? kStatusWrite : 0);
}

constexpr std::string_view reason(FaultStatus status) {
  switch (status) {
    case FaultStatus::Alignment: return "alignment fault";
    case FaultStatus::Debug: return "debug event";
    case FaultStatus::AccessFlagSection: return "access flag fault, section";
    case FaultStatus::CacheMaintenance: return "fault on cache maintenance";
    case FaultStatus::TranslationSection: return "translation fault, section";
    case FaultStatus::AccessFlagPage: return "access flag fault, page";
    case FaultStatus::TranslationPage: return "translation fault, page";
    case FaultStatus::ExternalAbort: return "synchronous external abort";
    case FaultStatus::DomainSection: return "domain fault, section";
    case FaultStatus::DomainPage: return "domain fault, page";
    case FaultStatus::ExternalOnWalkFirst: return "external abort on table walk, first level";
    case FaultStatus::PermissionSection: return "permission fault, section";
    case FaultStatus::ExternalOnWalkSecond: return "external abort on table walk, second level";
    case FaultStatus::PermissionPage: return "permission fault, page";
    case FaultStatus::AsynchronousAbort: return "asynchronous external abort";
  }
  return "fault of a kind that the manual reserves";
}

}  // namespace gotee
