// SPDX-License-Identifier: BSD-3-Clause
//
// Applet images: their bytes, and what they are called.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "simulator/session.h"

namespace gotee::sim {

/// The image in a file, named after it, or why there is none.
std::variant<AppletImage, std::string> read_image(const std::string& path);

/// A name that none of `others` has: `name` itself, or cut short and with "#2", "#3" and so on.
std::string distinct_name(const std::string& name, const std::vector<AppletImage>& others);

}  // namespace gotee::sim
