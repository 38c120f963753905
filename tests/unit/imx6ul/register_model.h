// SPDX-License-Identifier: BSD-3-Clause
//
// Peripherals as a driver's test sees them: the driver's loads and stores arrive here, in order.
#pragma once
#include <map>
#include <vector>

#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

/// A block of registers at a physical address, for as long as the object lives. By itself it is plain memory
/// that reads what was last written (0 at first); a test overrides read() and write() where the reference
/// manual says that the block does more. An access where no model stands throws std::out_of_range, as the
/// hardware would abort; probe32 finds nothing there.
class RegisterModel {
 public:
  RegisterModel(u32 base, u32 size);
  virtual ~RegisterModel();
  RegisterModel(const RegisterModel&) = delete;
  RegisterModel& operator=(const RegisterModel&) = delete;

  virtual u32 read(u32 offset) { return values[offset]; }
  virtual void write(u32 offset, u32 value) { values[offset] = value; }

  struct Store {
    u32 offset, value;
    bool operator==(const Store&) const = default;
  };
  std::map<u32, u32> values;  // by byte offset
  std::vector<Store> stores;  // every store, in order

  const u32 base, size;
};

}  // namespace gotee::imx6ul
