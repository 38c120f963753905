// SPDX-License-Identifier: BSD-3-Clause
//
// Names out of images, made fit to be shown.
#pragma once
#include <string>
#include <string_view>

namespace gotee::sim {

/// At most 256 bytes of well-formed UTF-8: control characters, characters that turn the direction of text,
/// and bytes that are no UTF-8 become `?`.
std::string clean(std::string_view text);

/// The name in the form of the source, for C++ and for Rust's legacy mangling, whose hash is dropped.
/// Anything else, and what could grow without bound, comes back as it is.
std::string demangle(std::string_view name);

}  // namespace gotee::sim
