// SPDX-License-Identifier: BSD-3-Clause
//
// Whole files or none.
#include "simulator/output_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace gotee::sim {

OutputFile::OutputFile(std::string path) : path_{std::move(path)}, target_{path_} {
  // A link is written through, like the file it points to.
  if (char* real = ::realpath(path_.c_str(), nullptr); real != nullptr) {
    target_ = real;
    std::free(real);
  }
  struct stat status {};
  const bool special = ::stat(path_.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
  if (special) {
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
