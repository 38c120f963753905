// SPDX-License-Identifier: BSD-3-Clause
//
// Files that are whole or not there at all.
#pragma once
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace gotee::sim {

/// Would writing one destroy the other? Links are followed, and neither file need exist. False for devices
/// and pipes, which take what comes.
bool same_file(const std::string& a, const std::string& b);

/// Writes beside `path` and moves into place at commit(); without commit() nothing is left. Devices and
/// pipes, which cannot be moved onto, are written directly.
class OutputFile {
 public:
  explicit OutputFile(std::string path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view text);
  /// Everything is on disk under its name, or the reason why not ("cannot write trace.txt: No space left on
  /// device").
  std::optional<std::string> commit();
  /// The first error so far, so that a long run can end early.
  std::optional<std::string> error() const;

 private:
  void fail();

  std::string path_;
  std::string target_;     // path_ with links followed
  std::string temporary_;  // empty when writing directly
  std::FILE* file_ = nullptr;
  int error_ = 0;
  bool committed_ = false;
};

}  // namespace gotee::sim
