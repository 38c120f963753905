// SPDX-License-Identifier: BSD-3-Clause
//
// Whole files or none.
#include "simulator/output_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace gotee::sim {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;  // as the kernel follows

/// The file that writing to `path` writes, whether it exists or not: a link is followed even where it leads
/// to nothing yet.
std::string behind_links(const std::string& path) {
  fs::path at{path};
  std::error_code error;
  for (int i = 0; i < kMostLinks && fs::is_symlink(fs::symlink_status(at, error)); ++i) {
    const fs::path next = fs::read_symlink(at, error);
    if (error) break;
    at = at.parent_path() / next;  // of an absolute `next`, that alone
  }
  return at.string();
}

bool special(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status);
}

bool leads_in_circles(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 && errno == ELOOP;
}

}  // namespace

bool same_file(const std::string& a, const std::string& b) {
  if (special(a) || special(b)) return false;
  std::error_code error;
  if (fs::equivalent(a, b, error)) return true;
  const fs::path first = fs::weakly_canonical(fs::absolute(behind_links(a), error), error);
  const fs::path second = fs::weakly_canonical(fs::absolute(behind_links(b), error), error);
  return !first.empty() && first == second;
}

OutputFile::OutputFile(std::string path) : path_{std::move(path)}, target_{behind_links(path_)} {
  if (leads_in_circles(path_)) {
    fail();
    return;
  }
  if (special(path_)) {
    file_ = std::fopen(path_.c_str(), "wb");
  } else {
    temporary_ = target_ + ".XXXXXX";
    const int fd = ::mkstemp(temporary_.data());
    if (fd >= 0) {
      const mode_t mask = ::umask(0);  // mkstemp makes a private file; this one is like any other
      ::umask(mask);
      ::fchmod(fd, 0666 & ~mask);
      file_ = ::fdopen(fd, "wb");
    } else {
      temporary_.clear();
    }
  }
  if (file_ == nullptr) {
    fail();
  } else {
    std::setvbuf(file_, nullptr, _IOFBF, 1 << 20);
  }
}

OutputFile::~OutputFile() {
  if (file_ != nullptr) std::fclose(file_);
  if (!committed_ && !temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::fail() {
  if (error_ == 0) error_ = errno != 0 ? errno : EIO;
}

void OutputFile::write(std::string_view text) {
  if (error_ == 0 && std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail();
}

std::optional<std::string> OutputFile::error() const {
  if (error_ == 0) return std::nullopt;
  return "cannot write " + path_ + ": " + std::strerror(error_);
}

std::optional<std::string> OutputFile::commit() {
  if (file_ != nullptr) {
    if (std::fflush(file_) != 0) fail();
    if (std::fclose(file_) != 0) fail();
    file_ = nullptr;
  }
  if (error_ == 0 && !temporary_.empty() && std::rename(temporary_.c_str(), target_.c_str()) != 0) fail();
  committed_ = error_ == 0;
  return error();
}

}  // namespace gotee::sim
