// SPDX-License-Identifier: BSD-3-Clause
//
// The bus of the unit tests: which model an address belongs to.
#include "tests/unit/imx6ul/register_model.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace gotee::imx6ul {
namespace {

std::vector<RegisterModel*>& models() {
  static std::vector<RegisterModel*> all;
  return all;
}

RegisterModel* find(u32 address) {
  const auto holds = [&](const RegisterModel* m) { return address - m->base < m->size; };
  const auto at = std::find_if(models().begin(), models().end(), holds);
  return at == models().end() ? nullptr : *at;
}

RegisterModel& must_find(u32 address) {
  if (address % 4 != 0) throw std::out_of_range{"unaligned device access at " + std::to_string(address)};
  if (RegisterModel* model = find(address)) return *model;
  throw std::out_of_range{"external abort at " + std::to_string(address)};
}

}  // namespace

RegisterModel::RegisterModel(u32 where, u32 bytes) : base{where}, size{bytes} { models().push_back(this); }
RegisterModel::~RegisterModel() { std::erase(models(), this); }

u32 load32(u32 address) {
  RegisterModel& model = must_find(address);
  return model.read(address - model.base);
}

void store32(u32 address, u32 value) {
  RegisterModel& model = must_find(address);
  model.stores.push_back({address - model.base, value});
  model.write(address - model.base, value);
}

std::optional<u32> probe32(u32 address) {
  if (find(address) == nullptr) return std::nullopt;
  return load32(address);
}

}  // namespace gotee::imx6ul
