// SPDX-License-Identifier: BSD-3-Clause
//
// What a tracer hears from an engine. It observes everything and changes nothing.
#pragma once
#include "core/exec/context.h"

namespace gotee::sim {

class Engine;

class Observer {
 public:
  virtual ~Observer() = default;
  /// The instruction at `pc` is about to execute; it is the engine's `number`-th (from 0). `executed` is
  /// false for an instruction of an IT block whose condition failed.
  virtual void instruction(const Engine& engine, u64 number, u32 pc, u32 size, bool executed) = 0;
  /// A load, with the value it will get, or a store.
  virtual void memory(bool write, u32 address, u32 size, u64 value) = 0;
  /// The engine stopped: what the last instruction did is now in `context`.
  virtual void stopped(const Engine& engine, const Context& context) = 0;
};

}  // namespace gotee::sim
